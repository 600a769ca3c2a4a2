package hold_test

import (
	"fmt"
	"slices"
	"testing"

	"octroi/gateway/hold"
	"octroi/gateway/payment"
)

// everything are the names of all rungs.
func everything() []string {
	var all []string
	for _, r := range hold.Ladder() {
		all = append(all, string(r))
	}
	return all
}

func profiles() []hold.Profile {
	return []hold.Profile{hold.ProfileFR, hold.ProfileEU, hold.ProfileStandard, "unheard-of"}
}

// TestNoDoorOffersWhatTheLawForbids tries every way in which a kind of proof can come to be asked for.
func TestNoDoorOffersWhatTheLawForbids(t *testing.T) {
	for _, profile := range profiles() {
		lawful := profile == hold.ProfileStandard
		for _, shopAsks := range []bool{false, true} {
			for _, policyOpens := range [][]string{nil, {"card_copy"}, everything(), {"threeds"}, {"no_such_rung"}} {
				name := fmt.Sprintf("%s, shop asks %v, policy opens %v", profile, shopAsks, policyOpens)
				terms := hold.DefaultTerms()
				terms.Profile = profile
				if shopAsks {
					terms.Ask = hold.Ladder()
				}
				c := hold.Open(held("visa", t0.AddDate(0, 0, 28)), t0, terms, hold.Elsewhere{}, policyOpens...)
				offered := slices.Contains(c.Proof.Requested, hold.CardCopy)
				if offered && !(lawful && shopAsks) {
					t.Errorf("%s: a copy of the card is asked for", name)
				}
				_, asked := c.RequestProof("ana", []hold.Kind{hold.CardCopy}, "", terms, t0)
				if (asked == nil) != lawful {
					t.Errorf("%s: the analyst's question: %v", name, asked)
				}
				_, sent := c.Receive(hold.Document{ID: "doc_1", Kind: hold.CardCopy}, t0)
				if (sent == nil) != offered {
					t.Errorf("%s: the document was taken: %v", name, sent)
				}
			}
		}
	}
	if c := must(t)(mustCopy(t).Judge("ana", "doc_1", hold.VerdictUnreadable, "", hold.DefaultTerms(), t0)); len(c.Proof.Requested) != 0 || c.Status != hold.AwaitingReview {
		t.Errorf("a shop that came under another law asks for %v again, %s", c.Proof.Requested, c.Status)
	}
}

// mustCopy is a case with a copy of the card, from under the profile that allows it.
func mustCopy(t *testing.T) hold.Case {
	terms := hold.DefaultTerms()
	terms.Profile, terms.Ask = hold.ProfileStandard, hold.Ladder()
	return must(t)(hold.Open(held("visa", t0.AddDate(0, 0, 28)), t0, terms, hold.Elsewhere{}, "card_copy").Receive(hold.Document{ID: "doc_1", Kind: hold.CardCopy}, t0))
}

func TestACaseOffersWhatThePolicyOpensOfTheShopsLadder(t *testing.T) {
	p := held("visa", t0.AddDate(0, 0, 28))
	for name, c := range map[string]struct {
		coded bool
		ask   []hold.Rung
		opens []string
		code  hold.CodeStatus
		want  []hold.Kind
	}{
		"in the ladder's order":                             {true, hold.Ladder(), []string{"bank_statement", "address", "statement_code"}, hold.CodeOffered, []hold.Kind{hold.AddressProof, hold.BankStatement}},
		"only what the shop asks for":                       {true, []hold.Rung{hold.RungStatementCode, "identity"}, []string{"statement_code", "address"}, hold.CodeOffered, nil},
		"the shop's when nothing opens":                     {true, []hold.Rung{"identity", "address"}, nil, "", []hold.Kind{hold.Identity, hold.AddressProof}},
		"the shop's when nothing is left":                   {true, []hold.Rung{"identity"}, []string{"bank_statement"}, "", []hold.Kind{hold.Identity}},
		"the shop's when only the bank's challenge is open": {true, []hold.Rung{hold.RungChallenge, "identity"}, []string{"threeds"}, "", []hold.Kind{hold.Identity}},
		"no code that no statement carries":                 {false, hold.Ladder(), []string{"statement_code", "identity"}, "", []hold.Kind{hold.Identity}},
	} {
		terms := hold.DefaultTerms()
		terms.Ask, p.Detail.StatementCode = c.ask, c.coded
		got := hold.Open(p, t0, terms, hold.Elsewhere{}, c.opens...)
		if got.Proof.Code != c.code || !slices.Equal(got.Proof.Requested, c.want) || got.Proof.Requested == nil || got.Status != hold.AwaitingProof {
			t.Errorf("%s: code %q, %v, %s", name, got.Proof.Code, got.Proof.Requested, got.Status)
		}
	}
}

func TestACaseThatNothingCanBeAskedForGoesToAPersonAtOnce(t *testing.T) {
	terms := hold.DefaultTerms()
	terms.Ask = []hold.Rung{hold.RungStatementCode} // and the payment has no statement of its own
	c := hold.Open(held("", t0.AddDate(0, 0, 28)), t0, terms, hold.Elsewhere{}, "statement_code")
	if c.Status != hold.AwaitingReview || !c.ReviewSince.Equal(t0) || !c.RespondBy.IsZero() || c.Due(t0.Add(24*hour)) != hold.DueAlarm {
		t.Errorf("%+v", c)
	}
}

func TestTheBanksChallengeIsTheFirstRung(t *testing.T) {
	terms := hold.DefaultTerms()
	if !terms.Challenges(nil) || !terms.Challenges([]string{"threeds", "identity"}) || terms.Challenges([]string{"identity"}) {
		t.Error("the challenge follows neither policy nor shop")
	}
	terms.Ask = []hold.Rung{"identity"}
	if terms.Challenges([]string{"threeds"}) {
		t.Error("a shop without the rung challenges")
	}
}

func TestEveryProfileAndRungHasItsWordsInBothLanguages(t *testing.T) {
	full := func(name string, w hold.Words) {
		if w.EN == "" || w.FR == "" || w.In(payment.French) != w.FR || w.In(payment.English) != w.EN || w.EN == w.FR {
			t.Errorf("%s: %+v", name, w)
		}
	}
	for _, p := range profiles() {
		c := p.Charter()
		full(string(p)+" never", c.Never)
		full(string(p)+" law", c.Law)
		if len(c.Sources) == 0 || len(c.Documents) == 0 {
			t.Errorf("%s: %+v", p, c)
		}
		c.Documents[0] = hold.CardCopy
		if p.Charter().Documents[0] == hold.CardCopy {
			t.Errorf("%s: the law can be changed", p)
		}
	}
	for _, r := range hold.Ladder() {
		if r == hold.RungChallenge {
			continue
		}
		e := r.Errand()
		full(string(r)+" title", e.Title)
		full(string(r)+" what", e.What)
		for _, w := range append(e.Show, e.Cover...) {
			full(string(r), w)
		}
		if _, document := r.Document(); document && (len(e.Show) == 0 || len(e.Cover) == 0) {
			t.Errorf("%s: no word on what to show and what to cover", r)
		}
	}
}
