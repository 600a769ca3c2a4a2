package main

import (
	"context"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// walker is a buyer in a headless Chromium, in front of the demo's pretend shop.
type walker struct {
	t   *testing.T
	w   *world
	ctx context.Context
}

// walk starts the demo and a browser with a phone's window that talks to nothing but this machine.
func walk(t *testing.T) *walker {
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
	w := open(t, options(t.TempDir()))
	ctx, cancel := chromedp.NewExecAllocator(t.Context(), append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(path),
		chromedp.NoSandbox, chromedp.DisableGPU, chromedp.Flag("disable-background-networking", true), chromedp.NoFirstRun,
		chromedp.UserDataDir(t.TempDir()), chromedp.Flag("host-resolver-rules", "MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"))...)
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewContext(ctx)
	t.Cleanup(cancel)
	k := &walker{t: t, w: w, ctx: ctx}
	k.do(chromedp.Navigate("about:blank")) // starts the browser, and must not carry a limit of its own
	k.ctx, cancel = context.WithTimeout(ctx, 90*time.Second)
	t.Cleanup(cancel)
	k.do(chromedp.EmulateViewport(390, 844))
	return k
}

func (k *walker) do(steps ...chromedp.Action[chromedp.Void]) {
	k.t.Helper()
	if err := chromedp.Do(k.ctx, steps...); err != nil {
		k.look("stuck")
		k.t.Fatal(err)
	}
}

// look keeps a picture of the page among the test's artefacts, or in the folder that OCTROI_SCREENSHOTS names.
func (k *walker) look(name string) {
	k.t.Helper()
	dir := os.Getenv("OCTROI_SCREENSHOTS")
	if dir == "" {
		dir = k.t.ArtifactDir()
	}
	shot, err := chromedp.Run(k.ctx, chromedp.CaptureScreenshot())
	if err != nil {
		k.t.Logf("no picture of %s: %v", name, err)
		return
	}
	file := strings.ReplaceAll(k.t.Name(), "/", "-") + "-" + name + ".png"
	if err := os.WriteFile(filepath.Join(dir, file), shot, 0o600); err != nil {
		k.t.Error(err)
	}
}

// order buys with a means of payment, for a place, in English.
func (k *walker) order(means, place string) {
	k.t.Helper()
	k.orderIn("en", means, place)
}

// orderIn is order in a language.
func (k *walker) orderIn(lang, means, place string) {
	k.t.Helper()
	k.do(chromedp.Navigate(k.w.demo.shop.url()+"/?lang="+lang), chromedp.WaitVisible("#pay"), chromedp.Click("#means-"+means), chromedp.Click("#place-"+place))
	k.look("checkout")
	k.do(chromedp.Click("#pay"))
}

// ends loads the order's page again until it shows a status.
func (k *walker) ends(status string) {
	k.t.Helper()
	k.do(chromedp.WaitVisible("#status"))
	var got string
	eventually(k.t, "the order to be "+status, func() bool {
		k.do(chromedp.Reload(), chromedp.WaitVisible("#status"))
		text, err := chromedp.Run(k.ctx, chromedp.Text("#status"))
		if err != nil {
			k.t.Fatal(err)
		}
		got = text
		return got == status
	})
	k.look(status)
}

func TestBuyerConfirmsOnTheBanksPageAndTheOrderIsCaptured(t *testing.T) {
	k := walk(t)
	k.order("challenge", "home")
	k.do(chromedp.WaitVisible("#code"))
	k.look("bank")
	k.do(chromedp.SendKeys("#code", "1234"), chromedp.Click(`button[value="pay"]`))
	k.ends("captured")
	// A buyer who goes back and comes again with the same answer of the bank's finds the order as it stands.
	k.do(chromedp.Navigate(k.w.demo.shop.url() + "/events"))
	eventually(t, "the shop to hear of the capture", func() bool {
		k.do(chromedp.Reload(), chromedp.WaitVisible("main"))
		text, err := chromedp.Run(k.ctx, chromedp.Text("main"))
		return err == nil && strings.Contains(text, "payment.captured")
	})
	k.look("events")
}

func TestBuyerConfirmsInTheShopsOwnPageAndTheOrderIsCaptured(t *testing.T) {
	k := walk(t)
	k.order("native", "home")
	k.do(chromedp.WaitVisible("iframe#issuer:not(.unseen)"))
	frames, err := chromedp.Run(k.ctx, chromedp.Nodes("iframe#issuer"))
	if err != nil || len(frames) != 1 {
		t.Fatalf("%d frames, %v", len(frames), err)
	}
	inside := chromedp.FromNode(frames[0])
	k.do(chromedp.WaitVisible("#code", inside))
	k.look("frame")
	k.do(chromedp.SendKeys("#code", "1234", inside), chromedp.Click(`button[value="pay"]`, inside))
	k.ends("captured")
}

func TestBuyerWhoFailsToConfirmIsRefusedAndMayPayOtherwise(t *testing.T) {
	k := walk(t)
	k.order("challenge", "home")
	k.do(chromedp.WaitVisible("#code"), chromedp.Click(`button[value="refuse"]`))
	k.ends("refused")
	k.do(chromedp.Click("#again"), chromedp.WaitVisible("#pay"), chromedp.Click("#means-good"), chromedp.Click("#pay"))
	k.ends("captured")
}

func TestBuyerPaysWithPayPal(t *testing.T) {
	k := walk(t)
	k.order("paypal", "home")
	k.do(chromedp.WaitVisible(`button[value="pay"]`))
	k.look("paypal")
	k.do(chromedp.Click(`button[value="pay"]`))
	k.ends("captured")
}

func TestShopTakesNoWebhookThatIsNotSigned(t *testing.T) {
	w := open(t, options(t.TempDir()))
	for name, header := range map[string]string{"none": "", "wrong": "v1,AAAA"} {
		a := w.request("POST", w.demo.shop.url()+"/webhooks", map[string]string{"webhook-id": "m", "webhook-timestamp": "1", "webhook-signature": header}, "{}")
		if a.status != http.StatusUnauthorized {
			t.Errorf("%s: %d", name, a.status)
		}
	}
}
