package policy

import (
	"slices"
	"testing"
	"time"

	"octroi/risk"
)

func TestTalliesAreWhatIsAskedOfCountedEntities(t *testing.T) {
	p := small(t, `code: AA, when: 'count("shop", "refused", "10m") > 5 && count("card", "refused", "1h") > 1', points: 1`,
		`code: BB, when: 'rate("issuer_country", "refused.cvc_incorrect", "1h", "0m") > 0.5 && count("shop", "refused", "10m") > 9', points: 1`)
	wrong := risk.Event{Kind: risk.EventRefused, Code: "cvc_incorrect"}
	want := []risk.Tally{{Entity: risk.EntityShop, Event: risk.Event{Kind: risk.EventRefused}, Window: 10 * time.Minute},
		{Entity: risk.EntityIssuerCountry, Event: wrong, Window: time.Hour},
		{Entity: risk.EntityIssuerCountry, Event: risk.Event{Kind: risk.EventAttempt}, Window: time.Hour}}
	if got := p.Tallies(); !slices.Equal(got, want) {
		t.Errorf("tallies %v, want %v", got, want)
	}
	if h := p.Horizon(); len(h) == 0 || h[risk.EntityShop] != 0 || h[risk.EntityIssuerCountry] != 0 {
		t.Errorf("counted entities are in the horizon of the lists: %v", h)
	}
	if got := small(t, `code: AA, when: 'amount > 1', points: 1`).Tallies(); len(got) != 0 {
		t.Errorf("a policy that asks nothing has tallies %v", got)
	}
}
