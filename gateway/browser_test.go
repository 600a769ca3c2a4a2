package gateway

import (
	"context"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
)

// axeVersion is the pinned version of axe-core (MPL 2.0), which only tests use and npm fetches.
const axeVersion = "4.14.1"

// missing ends a test that needs what this machine does not have.
func missing(t *testing.T, required bool, what string) {
	t.Helper()
	if required {
		t.Fatal(what + ", and the environment forbids skipping")
	}
	t.Skip(what + "; with CI=true this would fail")
}

// phone is a headless Chromium with a phone's window that reaches nothing but this machine.
type phone struct {
	t   *testing.T
	ctx context.Context
}

func newPhone(t *testing.T, limit time.Duration) *phone {
	t.Helper()
	if testing.Short() {
		t.Skip("a browser takes seconds")
	}
	path, err := exec.LookPath("chromium")
	if err != nil {
		missing(t, os.Getenv("OCTROI_REQUIRE_SERVERS") == "1" || os.Getenv("CI") == "true", "chromium is not installed")
	}
	ctx, cancel := chromedp.NewExecAllocator(t.Context(), append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(path), chromedp.NoSandbox,
		chromedp.DisableGPU, chromedp.NoFirstRun, chromedp.UserDataDir(t.TempDir()), chromedp.Flag("disable-background-networking", true),
		chromedp.Flag("host-resolver-rules", "MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"))...)
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewContext(ctx)
	t.Cleanup(cancel)
	p := &phone{t: t, ctx: ctx}
	p.do(chromedp.Navigate("about:blank")) // starts the browser: without a limit of its own
	p.ctx, cancel = context.WithTimeout(ctx, limit)
	t.Cleanup(cancel)
	p.size(360, 740)
	return p
}

func (p *phone) do(steps ...chromedp.Action[chromedp.Void]) {
	p.t.Helper()
	if err := chromedp.Do(p.ctx, steps...); err != nil {
		if shot, serr := chromedp.Run(p.ctx, chromedp.CaptureScreenshot()); serr == nil {
			_ = os.WriteFile(filepath.Join(p.t.ArtifactDir(), "stuck.png"), shot, 0o600)
		}
		p.t.Fatal(err)
	}
}

// eval evaluates an expression in the page.
func eval[T any](p *phone, expression string) T {
	p.t.Helper()
	v, err := chromedp.Run(p.ctx, chromedp.Evaluate[T](expression, chromedp.EvalAwaitPromise))
	if err != nil {
		p.t.Fatalf("%.120s: %v", expression, err)
	}
	return v
}

// until waits for an expression to hold in the page.
func (p *phone) until(expression string) {
	p.t.Helper()
	if _, err := chromedp.Run(p.ctx, chromedp.Poll[bool](expression)); err != nil {
		p.t.Fatalf("never: %s: %v", expression, err)
	}
}

// size makes the window that of a phone with a finger for a pointer.
func (p *phone) size(width, height int64) {
	p.t.Helper()
	p.do(chromedp.EmulateViewport(width, height, chromedp.EmulateMobile, chromedp.EmulateTouch))
}

// prefers makes the browser ask for light or dark pages.
func (p *phone) prefers(scheme string) {
	p.t.Helper()
	_, err := chromedp.Run(p.ctx, func(ctx context.Context, t *chromedp.Target) (chromedp.Void, error) {
		_, err := cdp.Call(ctx, t, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
			Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}}})
		return chromedp.Void{}, err
	})
	if err != nil {
		p.t.Fatal(err)
	}
}

// withoutScript makes the browser one that runs no scripts.
func (p *phone) withoutScript() {
	p.t.Helper()
	_, err := chromedp.Run(p.ctx, func(ctx context.Context, t *chromedp.Target) (chromedp.Void, error) {
		_, err := cdp.Call(ctx, t, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true})
		return chromedp.Void{}, err
	})
	if err != nil {
		p.t.Fatal(err)
	}
}

// look keeps a picture of the whole page among the test's artefacts.
func (p *phone) look(name string) {
	p.t.Helper()
	eval[bool](p, `new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => done(true))))`) // laid out as it now is
	shot, err := chromedp.Run(p.ctx, chromedp.FullScreenshot(100))
	if err == nil {
		err = os.WriteFile(filepath.Join(p.t.ArtifactDir(), strings.ReplaceAll(name, " ", "-")+".png"), shot, 0o600)
	}
	if err != nil {
		p.t.Errorf("no picture of %s: %v", name, err)
	}
}

// axe is the source of axe-core, fetched once per test.
func axe(t *testing.T) string {
	t.Helper()
	required := os.Getenv("CI") == "true"
	if _, err := exec.LookPath("npm"); err != nil {
		missing(t, required, "npm is not installed, and axe-core comes by it")
	}
	dir := t.TempDir()
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, "npm", "install", "--prefix", dir, "--ignore-scripts", "--no-audit", "--no-fund", "--no-save", "--loglevel=error", "axe-core@"+axeVersion)
	if out, err := cmd.CombinedOutput(); err != nil {
		missing(t, required, "npm cannot fetch axe-core: "+err.Error()+": "+string(out))
	}
	return string(got[[]byte](t)(os.ReadFile(filepath.Join(dir, "node_modules", "axe-core", "axe.min.js"))))
}

// violations are what axe finds on the page: the rules of WCAG 2.0 to 2.2, levels A and AA, and its own good practices.
func (p *phone) violations(source string) []string {
	p.t.Helper()
	eval[bool](p, "if (!window.axe) {"+source+"}; true")
	found := eval[string](p, `axe.run(document, {runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"], resultTypes: ["violations"]})
		.then(r => JSON.stringify(r.violations.flatMap(v => v.nodes.map(n => v.id + ": " + n.target.join(" ") + ": " + n.failureSummary))))`)
	var out []string
	if err := json.Unmarshal([]byte(found), &out); err != nil {
		p.t.Fatal(err)
	}
	return out
}

// strained is what axe does not see: text that leaves the window, targets under 24 pixels (WCAG 2.5.8), small print, and
// anything that comes from elsewhere. Links inside a sentence are not held to a target's size, nor are the covers on a
// picture, which buttons of full size move as well.
const strained = `(() => {
  const out = [];
  if (document.documentElement.scrollWidth > document.documentElement.clientWidth) out.push("is " + document.documentElement.scrollWidth + " pixels wide");
  for (const e of document.querySelectorAll("a, button, summary, input:not([type=hidden]), textarea")) {
    const r = e.getBoundingClientRect();
    if (!r.width || e.closest(".skip, .cover, p a, li a")) continue;
    if (r.height < 24 || r.width < 24) out.push("target of " + r.width + " by " + r.height + ": " + (e.id || e.textContent));
  }
  for (const e of document.querySelectorAll("body *"))
    if (e.getBoundingClientRect().width && !e.closest("svg") && [...e.childNodes].some(n => n.nodeType === 3 && n.data.trim()) && parseFloat(getComputedStyle(e).fontSize) < 14)
      out.push("small print: " + e.textContent.trim().slice(0, 40));
  for (const e of performance.getEntriesByType("resource")) if (!e.name.startsWith(location.origin + "/proof/")) out.push("loads " + e.name);
  return out;
})()`
