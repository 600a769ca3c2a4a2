package console

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"

	"octroi/gateway/hold"
	"octroi/gateway/payment"
	"octroi/gateway/store"
	"octroi/providers"
)

// browser starts a headless Chromium that talks to nothing but this machine.
func browser(t *testing.T) context.Context {
	t.Helper()
	path, err := exec.LookPath("chromium")
	if err != nil {
		if os.Getenv("OCTROI_REQUIRE_SERVERS") == "1" {
			t.Fatal("chromium is not installed, and OCTROI_REQUIRE_SERVERS=1 forbids skipping")
		}
		t.Skip("chromium is not installed; with OCTROI_REQUIRE_SERVERS=1 this would fail")
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(path), chromedp.NoSandbox, chromedp.DisableGPU,
		chromedp.Flag("disable-background-networking", true), chromedp.NoFirstRun, chromedp.UserDataDir(t.TempDir()),
		chromedp.Flag("host-resolver-rules", "MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"))
	ctx, cancel := chromedp.NewExecAllocator(t.Context(), options...)
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewContext(ctx)
	t.Cleanup(cancel)
	// The first call starts the browser, and must not carry a limit of its own.
	check(t, chromedp.Do(ctx, chromedp.Navigate("about:blank")))
	ctx, cancel = context.WithTimeout(ctx, 60*time.Second)
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
	reads("main h1", "Identity", chromedp.KeyEvent("d"), chromedp.WaitVisible(".document img"))
	_, err := chromedp.Run(ctx, chromedp.Poll[bool](`document.querySelector(".document img").naturalWidth === 480`))
	check(t, err)
	check(t, chromedp.Do(ctx, chromedp.KeyEvent("u"), chromedp.WaitVisible("#approve"), chromedp.KeyEvent("x")))
	focused, err := chromedp.Run(ctx, chromedp.Evaluate[string]("document.activeElement.id"))
	check(t, err)
	if focused != "ready" {
		t.Errorf("the key for rejecting leads to %q", focused)
	}
	reads(".verdict", "Approved",
		chromedp.SendKeys("#approve", "identity matches the holder"), chromedp.Click(".approve button"))
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
	o := opened(t, nil)
	ctx := browser(t)
	paths := o.believable()
	check(t, chromedp.Do(ctx, chromedp.Navigate(o.url+"/signin"), chromedp.SendKeys("#name", "sam"),
		chromedp.SendKeys("#password", passwordOf("sam")), chromedp.Submit("#password"), chromedp.WaitVisible("table.queue")))
	for _, look := range []struct {
		name          string
		width, height int64
		scheme        string
	}{{"light", 1440, 900, "light"}, {"dark", 1440, 900, "dark"}, {"narrow", 390, 1400, "light"}, {"half", 960, 900, "dark"}} {
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

// believable fills the office with orders such as a day brings, and names the pages worth looking at.
func (o *office) believable() map[string]string {
	names := []string{"Inès Moreau", "Hugo Lefèvre", "Léa Fontaine", "Noah Girard", "Zélie Marchand", "Adam Roussel", "Rose Barbier", "Malo Renard", "Jade Colin"}
	goods := []payment.Item{{Name: "DDR5 32 GB kit", Category: "memory", Quantity: 2, UnitAmount: 11990}, {Name: "Mechanical keyboard", Category: "gaming", Quantity: 1, UnitAmount: 14950},
		{Name: "Ink cartridge XL, black", Category: "ink", Quantity: 4, UnitAmount: 2490}, {Name: "Graphics card 16 GB", Category: "gaming", Quantity: 1, UnitAmount: 74900}}
	cities := []payment.Address{{Lines: []string{"3 quai du Modèle", "bât B"}, PostalCode: "13001", City: "Marseille", Country: "FR"},
		{Lines: []string{"18 rue Exemple"}, PostalCode: "69003", City: "Lyon", Country: "FR"}, {Lines: []string{"7 Musterstraße"}, PostalCode: "10115", City: "Berlin", Country: "DE"}}
	o.offset = -70 * time.Hour
	var all []payment.Payment
	for i, name := range names {
		r := risky(i)
		r.Billing.Name, r.Method.HolderName, r.Order.Delivery.Recipient = name, name, names[(i*i+1)%len(names)]
		r.Order.Items = []payment.Item{goods[i%len(goods)], goods[(i+2)%len(goods)]}
		r.Amount.Value = r.Order.Items[0].UnitAmount*r.Order.Items[0].Quantity + r.Order.Items[1].UnitAmount*r.Order.Items[1].Quantity
		r.Order.Delivery.Address = cities[i%len(cities)]
		r.Buyer.UserAgent = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
		r.Buyer.AccountCreatedAt = o.now().Add(-time.Duration(i*i*70+3) * time.Hour)
		all = append(all, o.held(r))
		o.later(7 * time.Hour)
	}
	o.mu.Lock()
	o.offset = 0
	o.mu.Unlock()
	ctx, sam := o.t.Context(), people[2]
	for _, i := range []int{0, 2, 3, 5} {
		o.sends(all[i], hold.Identity)
	}
	check(o.t, o.flow.BuyerSays(ctx, tokenOf(all[2]), "Bonjour, c'est un cadeau pour ma sœur qui habite à Marseille. Faut-il aussi un justificatif de domicile ?"))
	do := func(_ store.Snapshot, err error) { o.t.Helper(); check(o.t, err) }
	do(o.flow.Claim(ctx, sam, all[2].Case.ID))
	do(o.flow.Reply(ctx, sam, all[2].Case.ID, "Bonjour, merci. La pièce d'identité suffit, nous revenons vers vous aujourd'hui."))
	do(o.flow.Claim(ctx, people[0], all[3].Case.ID))
	do(o.flow.Approve(ctx, people[0], all[0].Case.ID, "Identity matches the holder."))
	do(o.flow.Reject(ctx, sam, all[5].Case.ID, "The documents do not match the order or the card holder."))
	check(o.t, o.flow.PutListEntry(ctx, sam, store.ListEntry{List: "blocked_emails", Value: "drop@example.org", Note: "three stolen cards in May"}))
	refused := risky(40)
	refused.Order.Delivery.Address, refused.Method.HolderName = paris(), "NOT_ENOUGH_BALANCE"
	refused.Order.Reference = all[2].OrderReference + "-2"
	refused.Amount = providers.Amount{Value: 4990, Currency: "EUR"}
	no, _, err := o.flow.Authorise(ctx, call("refused"), refused)
	check(o.t, err)
	doc := o.caseOf(all[2]).Proof.Documents[0].ID
	return map[string]string{"queue": "/", "case": "/cases/" + all[2].Case.ID, "closed": "/cases/" + all[5].Case.ID, "document": "/cases/" + all[2].Case.ID + "/documents/" + doc,
		"payments": "/payments", "refused": "/payments/" + no.ID, "lists": "/lists", "theirs": "/cases/" + all[3].Case.ID, "empty": "/?status=awaiting_second", "missing": "/cases/case_nothing"}
}
