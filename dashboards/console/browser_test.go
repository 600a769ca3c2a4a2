package console

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"octroi/gateway/flow"
	"octroi/gateway/hold"
)

// browser starts a headless Chromium that talks to nothing but this machine, for a minute.
func browser(t *testing.T) context.Context { t.Helper(); return browserFor(t, time.Minute) }

func browserFor(t *testing.T, limit time.Duration) context.Context {
	t.Helper()
	path := installed(t, "chromium")
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(path), chromedp.NoSandbox, chromedp.DisableGPU,
		chromedp.Flag("disable-background-networking", true), chromedp.NoFirstRun, chromedp.UserDataDir(t.TempDir()),
		chromedp.Flag("host-resolver-rules", "MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"))
	ctx, cancel := chromedp.NewExecAllocator(t.Context(), options...)
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewContext(ctx)
	t.Cleanup(cancel)
	// The first call starts the browser, and must not carry a limit of its own.
	check(t, chromedp.Do(ctx, chromedp.Navigate("about:blank")))
	ctx, cancel = context.WithTimeout(ctx, limit)
	t.Cleanup(cancel)
	return ctx
}

func TestAnAnalystSignsInLooksAndApprovesInABrowser(t *testing.T) {
	if testing.Short() {
		t.Skip("a browser takes seconds")
	}
	o := opened(t, nil)
	ctx := browser(t)
	p := o.reviewed(1)
	complaints := make(chan string, 100)
	check(t, chromedp.Listen(ctx, func(event any) {
		if e, ok := event.(*runtime.EventExceptionThrown); ok {
			complaints <- e.ExceptionDetails.Text
		}
	}))
	reads := func(selector string, want string, steps ...chromedp.Action[chromedp.Void]) {
		t.Helper()
		check(t, chromedp.Do(ctx, append(steps, chromedp.WaitVisible(selector))...))
		got, err := chromedp.Run(ctx, chromedp.Text(selector))
		check(t, err)
		if !strings.Contains(got, want) {
			t.Fatalf("%s reads %q, want %q", selector, got, want)
		}
	}
	check(t, chromedp.Do(ctx, chromedp.Navigate(o.url+"/cases/"+p.Case.ID), chromedp.WaitVisible("#password")))
	reads("main h1", p.OrderReference, // signing in leads back to where the session was missed
		chromedp.SendKeys("#name", "ana"), chromedp.SendKeys("#password", passwordOf("ana")), chromedp.Submit("#password"), chromedp.WaitVisible("#decide"))
	reads(".flash", "The case is yours", chromedp.KeyEvent("c"))
	reads("#h-document", "Identity", chromedp.KeyEvent("d"), chromedp.WaitVisible(".opened img"))
	_, err := chromedp.Run(ctx, chromedp.Poll[bool](`document.querySelector(".opened img").naturalWidth === 480`))
	check(t, err)
	check(t, chromedp.Do(ctx, chromedp.KeyEvent("u"), chromedp.WaitNotPresent(".opened"), chromedp.KeyEvent("x"), chromedp.WaitVisible("#ready")))
	focused, err := chromedp.Run(ctx, chromedp.Evaluate[string]("document.activeElement.id"))
	check(t, err)
	if focused != "ready" {
		t.Errorf("the key for rejecting leads to %q", focused)
	}
	check(t, chromedp.Do(ctx, chromedp.KeyEvent(kb.Escape), chromedp.KeyEvent("a"), chromedp.WaitVisible("#approve")))
	reads(".flash", "Approved: the payment goes on", chromedp.SendKeys("#approve", "identity matches the holder"), chromedp.Click(".yes button"))
	if len(complaints) > 0 {
		t.Errorf("the script complained: %s", <-complaints)
	}
	if k := o.caseOf(p); k.Status != hold.Approved || k.Assignee != "ana" {
		t.Errorf("the case is %s with %q", k.Status, k.Assignee)
	}
}

// TestPagesAreDrawnAndNoneIsWiderThanItsWindow draws every page to look at, into the folder OCTROI_SCREENSHOTS names, and holds that no page is wider than its window.
func TestPagesAreDrawnAndNoneIsWiderThanItsWindow(t *testing.T) {
	if testing.Short() {
		t.Skip("a browser takes seconds")
	}
	o := opened(t, func(c *flow.Config) { lively(c); c.Intake = drawing(t) })
	ctx := browserFor(t, 3*time.Minute)
	paths := o.believable()
	check(t, chromedp.Do(ctx, chromedp.Navigate(o.url+"/signin"), chromedp.SendKeys("#name", "adm"),
		chromedp.SendKeys("#password", passwordOf("adm")), chromedp.Submit("#password"), chromedp.WaitVisible("table.queue")))
	for _, look := range []struct {
		name          string
		width, height int64
		scheme        string
	}{{"light", 1440, 900, "light"}, {"dark", 1440, 900, "dark"}, {"narrow", 390, 1400, "light"}, {"half", 1024, 900, "dark"}, {"halflight", 1024, 900, "light"}} {
		for name, path := range paths {
			check(t, chromedp.Do(ctx, chromedp.EmulateViewport(look.width, look.height), prefers(look.scheme),
				chromedp.Navigate(o.url+path)))
			wide, err := chromedp.Run(ctx, chromedp.Evaluate[int64]("document.documentElement.scrollWidth"))
			check(t, err)
			if wide > look.width {
				t.Errorf("%s at %d pixels is %d wide", name, look.width, wide)
			}
			if dir := os.Getenv("OCTROI_SCREENSHOTS"); dir != "" {
				shot, err := chromedp.Run(ctx, chromedp.CaptureScreenshot())
				check(t, err)
				check(t, os.WriteFile(filepath.Join(dir, fmt.Sprintf("%s-%s.png", name, look.name)), shot, 0o600))
			}
		}
	}
}

// prefers makes the browser ask for a light or dark page.
func prefers(scheme string) chromedp.Action[chromedp.Void] {
	return func(ctx context.Context, t *chromedp.Target) (chromedp.Void, error) {
		_, err := cdp.Call(ctx, t, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
			Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}}})
		return chromedp.Void{}, err
	}
}
