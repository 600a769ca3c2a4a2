package console

import (
	"slices"

	"octroi/gateway/hold"
	"octroi/gateway/payment"
)

// rung is a step of the ladder as an analyst sees it.
type rung struct {
	Name  hold.Rung
	State string // key: none, offered, look, again, refused, passed, failed, aside
	Tries int    // left at the statement code; 0 where that says nothing
}

// ladderOf is where every rung of the shop's ladder stands, and every other one that something came of. What the code
// is, nobody here could tell: it is kept nowhere.
func ladderOf(k hold.Case, p payment.Payment, t hold.Terms) (all []rung) {
	for _, name := range hold.Ladder() {
		r := rung{Name: name, State: "none"}
		kind, document := name.Document()
		switch {
		case document:
			r.State = documentState(k, kind)
		case name == hold.RungChallenge:
			r.State = challengeState(p)
		case k.Proof.Code != "":
			r.State, r.Tries = string(k.Proof.Code), k.CodeTriesLeft()
		}
		if r.State != "none" || t.Has(name) && (document || p.Method.Type.IsCard()) {
			all = append(all, r)
		}
	}
	return all
}

// challengeState is what the bank's challenge came to.
func challengeState(p payment.Payment) string {
	if p.Authorisation == nil {
		return "none"
	}
	switch p.Authorisation.ThreeDS {
	case "authenticated":
		return "passed"
	case "failed":
		return "failed"
	case "attempted", "not_enrolled":
		return "aside"
	}
	return "none"
}

// documentState is what the documents of a kind came to: the best of them counts.
func documentState(k hold.Case, kind hold.Kind) string {
	state := "none"
	if slices.Contains(k.Proof.Requested, kind) {
		state = "offered"
	}
	rank := []string{"none", "offered", "refused", "again", "look", "passed"}
	for _, d := range k.Proof.Documents {
		if d.Kind != kind {
			continue
		}
		if s := documentRung(d); slices.Index(rank, s) > slices.Index(rank, state) {
			state = s
		}
	}
	return state
}

// documentRung is what one document makes of its rung.
func documentRung(d hold.Document) string {
	switch d.Verdict {
	case hold.VerdictAccepted:
		return "passed"
	case hold.VerdictRefused:
		return "refused"
	case hold.VerdictUnreadable, hold.VerdictCardData:
		return "again"
	}
	if d.Status == hold.DocumentReceived {
		return "look"
	}
	return "none"
}
