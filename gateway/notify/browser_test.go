package notify

import (
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"

	"octroi/gateway/notify/mailbox"
	"octroi/gateway/notify/wording"
	"octroi/gateway/payment"
	"octroi/gateway/store"
)

// phone starts a headless Chromium the size of a phone that reaches nothing but this machine.
func phone(t *testing.T) context.Context {
	t.Helper()
	if testing.Short() {
		t.Skip("a browser takes seconds")
	}
	path, err := exec.LookPath("chromium")
	if err != nil {
		if os.Getenv("OCTROI_REQUIRE_SERVERS") == "1" {
			t.Fatal("chromium is not installed, and OCTROI_REQUIRE_SERVERS=1 forbids skipping")
		}
		t.Skip("chromium is not installed; with OCTROI_REQUIRE_SERVERS=1 this would fail")
	}
	ctx, cancel := chromedp.NewExecAllocator(t.Context(), append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(path),
		chromedp.NoSandbox, chromedp.DisableGPU, chromedp.NoFirstRun, chromedp.UserDataDir(t.TempDir()),
		chromedp.Flag("host-resolver-rules", "MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"))...)
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewContext(ctx)
	t.Cleanup(cancel)
	do(t, ctx, chromedp.Navigate("about:blank")) // starts the browser: without a limit of its own
	ctx, cancel = context.WithTimeout(ctx, 2*time.Minute)
	t.Cleanup(cancel)
	do(t, ctx, chromedp.EmulateViewport(390, 844))
	return ctx
}

func do(t *testing.T, ctx context.Context, steps ...chromedp.Action[chromedp.Void]) {
	t.Helper()
	if err := chromedp.Do(ctx, steps...); err != nil {
		t.Fatal(err)
	}
}

func look[T any](t *testing.T, ctx context.Context, step chromedp.Action[T]) T {
	t.Helper()
	v, err := chromedp.Run(ctx, step)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// complaints is what a phone's reader would complain of, worked out in the page: text narrower than the screen shows,
// contrast under WCAG's 4.5 (1.4.3), a button under 44 pixels high, anything loaded from anywhere.
const complaints = `(() => {
  const out = [];
  if (document.documentElement.scrollWidth > innerWidth) out.push("is " + document.documentElement.scrollWidth + " pixels wide");
  if (!document.documentElement.lang || !document.title) out.push("has no language or no title");
  if (performance.getEntriesByType("resource").length) out.push("loads something");
  const parse = c => (c.match(/[\d.]+/g) || [0,0,0,0]).map(Number);
  const lum = c => { const [r,g,b] = c.slice(0,3).map(v => (v/=255) <= .04045 ? v/12.92 : ((v+.055)/1.055)**2.4); return .2126*r+.7152*g+.0722*b; };
  const behind = e => { for (; e; e = e.parentElement) { const c = parse(getComputedStyle(e).backgroundColor); if (c.length < 4 || c[3] > 0) return c; } return [255,255,255]; };
  for (const e of document.querySelectorAll("body *")) {
    if (![...e.childNodes].some(n => n.nodeType === 3 && n.data.trim())) continue;
    const a = lum(parse(getComputedStyle(e).color)), b = lum(behind(e));
    const ratio = (Math.max(a,b)+.05)/(Math.min(a,b)+.05);
    if (ratio < 4.5) out.push("contrast " + ratio.toFixed(2) + " of " + e.textContent.trim().slice(0,30));
    if (parseFloat(getComputedStyle(e).fontSize) < 14) out.push("small print: " + e.textContent.trim().slice(0,30));
  }
  for (const e of document.querySelectorAll("a.button")) if (e.getBoundingClientRect().height < 44) out.push("a button of " + e.getBoundingClientRect().height + " pixels");
  return out;
})()`

// prefers makes the browser ask for light or dark pages.
func prefers(scheme string) chromedp.Action[chromedp.Void] {
	return func(ctx context.Context, t *chromedp.Target) (chromedp.Void, error) {
		_, err := cdp.Call(ctx, t, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
			Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}}})
		return chromedp.Void{}, err
	}
}

func TestEveryMailCanBeReadOnAPhoneByDayAndByNight(t *testing.T) {
	ctx := phone(t)
	pages := map[string]string{}
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_, _ = w.Write([]byte(pages[strings.TrimPrefix(r.URL.Path, "/")]))
	}))
	t.Cleanup(s.Close)
	for _, template := range Templates() {
		for _, language := range wording.Languages() {
			got, err := render(sample(template, language))
			if err != nil {
				t.Fatal(err)
			}
			pages[string(template)+"."+language] = strings.Replace(got.HTML, "<head>", `<head><link rel="icon" href="data:,">`, 1)
		}
	}
	for name := range pages {
		for _, scheme := range []string{"light", "dark"} {
			do(t, ctx, prefers(scheme), chromedp.Navigate(s.URL+"/"+name))
			for _, complaint := range look(t, ctx, chromedp.Evaluate[[]string](complaints)) {
				t.Errorf("%s, %s: %s", name, scheme, complaint)
			}
			shot := look(t, ctx, chromedp.FullScreenshot(100))
			if err := os.WriteFile(filepath.Join(t.ArtifactDir(), name+"."+scheme+".png"), shot, 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
}

func TestMailsOfTheFolderAreReadInTheMailbox(t *testing.T) {
	b := newBench(t)
	h, err := mailbox.Handler(b.cfg.Mailer.(Folder).dir, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	s := httptest.NewServer(http.StripPrefix("/mailbox", h))
	t.Cleanup(s.Close)
	b.put(mailMessage(t, sample(store.MailReleased, payment.French)))
	b.pass(time.Minute)
	b.put(mailMessage(t, sample(store.MailProofRequest, payment.French)))
	b.deliver(b.notifier(), 2)
	ctx := phone(t)
	do(t, ctx, chromedp.Navigate(s.URL+"/mailbox/"), chromedp.WaitVisible(".letters"))
	subjects := look(t, ctx, chromedp.Evaluate[[]string](`[...document.querySelectorAll(".subject")].map(e => e.textContent)`))
	if want := []string{"Votre commande A-1001\u00a0: une vérification avant l’envoi", "Votre commande A-1001 est confirmée"}; !slices.Equal(subjects, want) {
		t.Errorf("the list shows %q", subjects)
	}
	do(t, ctx, chromedp.Click(".letters a"), chromedp.WaitVisible("iframe"))
	link := look(t, ctx, chromedp.Evaluate[string](`document.querySelector("#text a").href`))
	if want := sample(store.MailProofRequest, payment.French).Link; link != want {
		t.Errorf("the link is %q, want %q", link, want)
	}
	for _, complaint := range look(t, ctx, chromedp.Evaluate[[]string](strings.Replace(complaints, `performance.getEntriesByType("resource").length`, "false", 1))) {
		t.Errorf("the mailbox: %s", complaint)
	}
	look(t, ctx, chromedp.Poll[bool](`performance.getEntriesByType("resource").some(e => e.initiatorType === "iframe" && e.responseEnd > 0)`))
	shot := look(t, ctx, chromedp.FullScreenshot(100))
	if err := os.WriteFile(filepath.Join(t.ArtifactDir(), "mailbox.png"), shot, 0o600); err != nil {
		t.Fatal(err)
	}
}
