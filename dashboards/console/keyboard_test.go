package console

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"octroi/gateway/hold"
)

// listed are the keys that the page's own list of shortcuts names.
const listed = `[...document.querySelectorAll("#keys dl.keys div")].map(d => [...d.querySelectorAll("kbd")].map(k => k.textContent).join(" ")).join(",")`

func TestEveryKeyThatIsListedDoesWhatItSays(t *testing.T) {
	if testing.Short() {
		t.Skip("a browser takes seconds")
	}
	o := opened(t, nil)
	ctx := browserFor(t, 3*time.Minute)
	p, q := o.reviewed(1), o.reviewed(2)
	o.sends(p, hold.BankStatement)
	docs := o.caseOf(p).Proof.Documents
	page := "/cases/" + p.Case.ID
	document := page + "/documents/" + docs[0].ID
	o.signs(ctx, "adm")
	becomes := func(script, what string) {
		t.Helper()
		for range 200 { // an error is a page that is on its way out
			if yes, err := chromedp.Run(ctx, chromedp.Evaluate[bool](script)); err == nil && yes {
				return
			}
			time.Sleep(50 * time.Millisecond)
		}
		t.Error(what)
	}
	at := func(path string) string {
		return `location.pathname === "` + path + `" && document.readyState === "complete"`
	}
	focus := func(id string) string { return `document.activeElement.id === "` + id + `"` }
	unfolds := func(id string) string { return focus(id) + ` && document.activeElement.closest("details").open` }
	works := map[string]struct{ from, keys, then string }{
		"g q": {page, "gq", at("/")}, "g p": {page, "gp", at("/payments")}, "g l": {page, "gl", at("/lists")}, "g t": {page, "gt", at("/trials")}, "g o": {page, "go", at("/office")},
		"/": {page, "/", focus("q")}, "j k": {"/", "jjk", `document.activeElement === document.querySelector("tr.go a")`}, "o": {"/", "jo", `location.pathname.startsWith("/cases/")`},
		"d": {document, "d", at(page + "/documents/" + docs[1].ID)}, "v": {document, "v", `document.activeElement.form.action.endsWith("/accept")`},
		"b": {document, "b", unfolds("unreadable")}, "f": {document, "f", unfolds("refuse")}, "s": {document, "s", unfolds("card_data")},
		"a": {page, "a", unfolds("approve")}, "x": {page, "x", unfolds("ready")}, "p": {page, "p", `document.activeElement.name === "kind"`}, "m": {page, "m", focus("reply")},
		"e": {page, "e", unfolds("note")}, "u": {document, "u", at(page)},
		// These two change something: last, and told apart below.
		"c": {}, "n": {},
	}
	check(t, chromedp.Do(ctx, chromedp.Navigate(o.url+page)))
	names, err := chromedp.Run(ctx, chromedp.Evaluate[string](listed))
	check(t, err)
	for _, name := range strings.Split(names, ",") {
		w, known := works[name]
		delete(works, name)
		if !known {
			t.Errorf("%q is listed, and not tried", name)
		}
		if w.keys == "" {
			continue
		}
		check(t, chromedp.Do(ctx, chromedp.Navigate(o.url+w.from)))
		for _, k := range w.keys {
			check(t, chromedp.Do(ctx, chromedp.KeyEvent(string(k))))
		}
		becomes(w.then, name+" does not do what it says")
	}
	if len(works) > 0 {
		t.Errorf("not listed: %v", works)
	}
	if k := o.caseOf(p); !k.Status.Open() || k.Assignee != "" || slices.ContainsFunc(k.Proof.Documents, func(d hold.Document) bool { return d.Verdict != "" }) {
		t.Errorf("a key decided by itself: %s, %v", k.Status, k.Proof.Documents)
	}
	check(t, chromedp.Do(ctx, chromedp.Navigate(o.url+page), chromedp.KeyEvent("c"), chromedp.WaitVisible(".flash")))
	check(t, chromedp.Do(ctx, chromedp.Navigate(o.url+"/"), chromedp.KeyEvent("n"), chromedp.WaitVisible(".flash")))
	for _, of := range []string{p.Case.ID, q.Case.ID} {
		if snap, err := o.store.Case(t.Context(), of); err != nil || snap.Case.Assignee != "adm" {
			t.Errorf("%s was not claimed by a key: %v", of, err)
		}
	}
	// A field is left by Escape, and typing in one is typing.
	check(t, chromedp.Do(ctx, chromedp.Navigate(o.url+page), chromedp.Focus("#reply"), chromedp.KeyEvent("x"), chromedp.KeyEvent(kb.Escape)))
	becomes(`document.querySelector("#reply").value === "x" && document.activeElement === document.body && !document.querySelector("details[open]")`, "typing is taken for a shortcut")
}
