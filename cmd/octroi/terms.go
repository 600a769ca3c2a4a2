package main

import (
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"

	"octroi/gateway/hold"
	"octroi/gateway/payment"
)

// terms are the shop's, over the defaults of a French shop.
func (r *reader) terms(key string, s shopSection) hold.Terms {
	t := hold.DefaultTerms()
	if s.Profile != "" {
		t.Profile = hold.Profile(s.Profile)
	}
	if !t.Profile.Valid() {
		r.bad(key+".profile", "must be fr, eu or standard")
	}
	t.Ask = r.ladder(key, s.Ask, t)
	if s.RespondWithin < 0 || s.FourEyesFrom < 0 {
		r.bad(key, "respond_within and four_eyes_from must not be negative")
	}
	if s.RespondWithin > 0 {
		t.Respond = time.Duration(s.RespondWithin)
	}
	t.FourEyesFrom = s.FourEyesFrom
	t.Window = maps.Clone(t.Window)
	for brand, within := range s.DecideWithin {
		if within <= 0 {
			r.bad(key+".decide_within", "%s must be longer than nothing", brand)
		}
		switch {
		case brand == "default":
			brand = ""
		case !payment.KnownBrand(brand) && !payment.Means(brand).Valid():
			r.bad(key+".decide_within", "there is no brand %q: it is default, a means of payment such as paypal, or Adyen's name of a card brand, one of %s",
				brand, strings.Join(payment.Brands(), ", "))
		}
		t.Window[brand] = time.Duration(within)
	}
	r.deadline(key, s, &t)
	return t
}

// ladder reads what a held buyer may be asked for. Its order does not matter: the cheapest for the buyer comes first.
func (r *reader) ladder(key string, ask []string, t hold.Terms) []hold.Rung {
	if len(ask) == 0 {
		return t.Ask
	}
	var out []hold.Rung
	for _, name := range ask {
		rung := hold.Rung(name)
		kind, document := rung.Document()
		switch {
		case !slices.Contains(hold.Ladder(), rung):
			r.bad(key+".ask", "there is no rung %q: it is one of %v", name, hold.Ladder())
		case document && !slices.Contains(t.Profile.Kinds(), kind):
			r.bad(key+".ask", "%s may not be asked for under the profile %s", name, t.Profile)
		case slices.Contains(out, rung):
			r.bad(key+".ask", "%s is named twice", name)
		default:
			out = append(out, rung)
		}
	}
	return out
}

// reasonCode is the form of a reason's code, as policies write it.
var reasonCode = regexp.MustCompile(`^[A-Z][A-Z0-9_]{1,56}$`)

// deadline reads what the policy may decide without a person, and what happens when nobody decides.
func (r *reader) deadline(key string, s shopSection, t *hold.Terms) {
	for _, code := range s.NeedsPerson {
		if !reasonCode.MatchString(code) {
			r.bad(key+".needs_person", "%q is not the code of a reason, such as TAKEOVER_SIGNS", code)
		}
	}
	t.NeedsPerson = s.NeedsPerson
	t.AtDeadline, t.ReleaseBelow = hold.AtDeadline(s.AtDeadline), s.ReleaseBelow
	switch release := t.AtDeadline == hold.DeadlineRelease; {
	case !t.AtDeadline.Valid():
		r.bad(key+".at_deadline", "must be cancel or release")
	case release && s.ReleaseBelow <= 0:
		r.bad(key+".release_below", "is needed with at_deadline: release, a score above 0")
	case !release && s.ReleaseBelow != 0:
		r.bad(key+".release_below", "has no meaning without at_deadline: release")
	}
}
