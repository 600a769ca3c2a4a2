package console

import (
	"net/http"
	"net/netip"
	"strings"
	"testing"
)

// lines counts what the audit log says of a document, by action.
func (o *office) lines(document string) map[string]int {
	o.t.Helper()
	trail, err := o.store.AuditTrail(o.t.Context(), document, 1000)
	check(o.t, err)
	all := map[string]int{}
	for _, a := range trail {
		all[a.Action]++
	}
	return all
}

func TestTheFileOfADocumentLeavesOnlyWithThePasswordOfWhoeverAsks(t *testing.T) {
	o := opened(t, nil)
	p := o.reviewed(1)
	path, ana := documentPath(o, p)+"/original", o.as("ana")
	document := o.caseOf(p).Proof.Documents[0].ID
	for _, wrong := range []string{"", "wrong", passwordOf("zoe")} {
		a := ana.post(path, "password", wrong)
		if a.status != http.StatusForbidden || strings.HasPrefix(a.body, "\x89PNG") {
			t.Errorf("with %q: %d", wrong, a.status)
		}
		a.shows(t, "That is not your password", `<details class="original" open>`)
		if wrong != "" {
			a.hides(t, wrong+`"`)
		}
	}
	if n := o.lines(document); n["document.kept_back"] != 3 || n["document.handed_out"] != 0 {
		t.Errorf("the audit log says %v", n)
	}
	a := ana.post(path, "password", passwordOf("ana"))
	if a.status != http.StatusOK || !strings.HasPrefix(a.body, "\x89PNG") || !strings.HasPrefix(a.header.Get("Content-Disposition"), "attachment;") ||
		!strings.HasPrefix(a.header.Get("Content-Security-Policy"), "sandbox;") {
		t.Errorf("%d, %v", a.status, a.header)
	}
	if n := o.lines(document); n["document.handed_out"] != 1 {
		t.Errorf("the audit log says %v", n)
	}
	if a := ana.get(path); a.status != http.StatusMethodNotAllowed && a.status != http.StatusNotFound {
		t.Errorf("by its address alone: %d", a.status)
	}
}

func TestFilesAreNotCarriedAwayByTheDozen(t *testing.T) {
	o := opened(t, nil)
	p := o.reviewed(1)
	path, ana, zoe := documentPath(o, p)+"/original", o.as("ana"), o.as("zoe")
	for range maxHanded {
		o.desk.handed.add("ana")
	}
	a := ana.post(path, "password", passwordOf("ana"))
	if a.status != http.StatusTooManyRequests || a.header.Get("Retry-After") == "" {
		t.Errorf("one more: %d", a.status)
	}
	a.shows(t, "as many files as one person may")
	if a := zoe.post(path, "password", passwordOf("zoe")); a.status != http.StatusOK {
		t.Errorf("somebody else: %d", a.status)
	}
	o.later(handedWindow)
	if a := o.as("ana").post(path, "password", passwordOf("ana")); a.status != http.StatusOK {
		t.Errorf("an hour later: %d", a.status)
	}
}

func TestPasswordsForADocumentAreGuessedNoMoreOftenThanAtTheDoor(t *testing.T) {
	o := opened(t, nil)
	p := o.reviewed(1)
	path, ana := documentPath(o, p)+"/original", o.as("ana")
	for range 10 { // as many as the store allows a name
		ana.post(path, "password", "guess")
	}
	if a := ana.post(path, "password", passwordOf("ana")); a.status != http.StatusForbidden {
		t.Errorf("after ten guesses the right one: %d", a.status)
	}
	for range maxGuesses {
		o.desk.guesses.add(netip.MustParsePrefix("127.0.0.1/32"))
	}
	a := o.as("zoe").post(path, "password", passwordOf("zoe"))
	if a.status != http.StatusTooManyRequests {
		t.Errorf("a colleague from the same network: %d", a.status)
	}
	a.shows(t, "Trop de connexions refusées")
}
