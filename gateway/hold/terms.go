package hold

import (
	"slices"
	"time"

	"octroi/gateway/payment"
)

// Terms are a shop's rules for its cases.
type Terms struct {
	Profile Profile
	Ask     []Rung        // the shop's ladder: what its cases may begin with
	Respond time.Duration // how long the buyer has to answer; 72 h by default
	// Window is how long after the authorisation a case must be decided, by card brand or other means of payment; "" is
	// the default.
	Window map[string]time.Duration
	// FourEyesFrom is the amount in minor units from which two people must approve; 0 never.
	FourEyesFrom int64
	// NeedsPerson are reason codes that keep a right statement code from deciding: a person must.
	NeedsPerson []string
	// AtDeadline is what happens to a case that nobody decided in time; "" is DeadlineCancel.
	AtDeadline AtDeadline
	// ReleaseBelow is the score under which DeadlineRelease lets an order go.
	ReleaseBelow int
}

// AtDeadline is what the policy does when the authorisation's time runs out and nobody has decided.
type AtDeadline string

// What it can do. A release is for shops that would rather lose to a fraud of small score than a sale: it never happens
// from ReleaseBelow on, nor against any sign that a person should have looked.
const (
	DeadlineCancel  AtDeadline = "cancel"
	DeadlineRelease AtDeadline = "release"
)

// Valid reports whether a names something that can be done, or nothing.
func (a AtDeadline) Valid() bool {
	return slices.Contains([]AtDeadline{"", DeadlineCancel, DeadlineRelease}, a)
}

// DefaultTerms are those of a French shop: every rung of the ladder that the law allows, an answer within 72 hours, and
// a decision by day 6 (day 11 for Cartes Bancaires, day 2 for PayPal), each at least a day before the scheme lets the
// authorisation lapse.
func DefaultTerms() Terms {
	return Terms{Profile: ProfileFR, Ask: []Rung{RungChallenge, RungStatementCode, Rung(Identity), Rung(AddressProof), Rung(BankStatement)},
		Respond: 3 * day, Window: map[string]time.Duration{"": 6 * day, "cartebancaire": 11 * day, "paypal": 2 * day}}
}

// fourEyes reports whether two people must approve the amount.
func (t Terms) fourEyes(minor int64) bool { return t.FourEyesFrom > 0 && minor >= t.FourEyesFrom }

// wantsPerson reports whether the shop wants a person to decide for one of the reasons.
func (t Terms) wantsPerson(reasons []string) bool {
	return slices.ContainsFunc(reasons, func(r string) bool { return slices.Contains(t.NeedsPerson, r) })
}

// decideBy is the moment by which the case of a payment must be decided: the scheme's window, and never later than a
// day before the provider says that the authorisation ends.
func (t Terms) decideBy(p payment.Payment, now time.Time) time.Time {
	kind := string(p.Method.Type)
	if p.Method.Type.IsCard() {
		kind = ""
		if p.Card != nil {
			kind = p.Card.Brand
		}
	}
	w, ok := t.Window[kind]
	if !ok {
		w = t.Window[""]
	}
	by := now.Add(w)
	if p.Authorisation != nil && !p.Authorisation.ExpiresAt.IsZero() {
		by = earliest(by, p.Authorisation.ExpiresAt.Add(-day))
	}
	return by
}
