package hold_test

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"octroi/gateway/hold"
	"octroi/gateway/payment"
)

// coded is a case whose authorisation's statement carries a code.
func coded() hold.Case {
	p := held("visa", t0.AddDate(0, 0, 28))
	p.Detail.StatementCode = true
	return hold.Open(p, t0, hold.DefaultTerms(), hold.Elsewhere{}, "statement_code")
}

// guessed is such a case after wrong codes.
func guessed(t *testing.T, wrong int) hold.Case {
	c := coded()
	for range wrong {
		c = must(t)(c.TryCode(false, hold.Elsewhere{}, nil, hold.DefaultTerms(), t0))
	}
	return c
}

func TestTheRightCodeSatisfiesTheCaseWithoutAPerson(t *testing.T) {
	c := must(t)(guessed(t, 2).TryCode(true, hold.Elsewhere{}, []string{"ADDRESS_OTHER_CITY"}, hold.DefaultTerms(), t0))
	if c.Status != hold.Approved || c.Proof.Code != hold.CodePassed || c.Events[len(c.Events)-1].Actor != hold.ActorPolicy {
		t.Errorf("%s, code %s, %+v", c.Status, c.Proof.Code, c.Events)
	}
}

func TestARightCodeStillNeedsAPersonWhereOneIsWanted(t *testing.T) {
	more := func(change func(*hold.Terms)) hold.Terms {
		terms := hold.DefaultTerms()
		change(&terms)
		return terms
	}
	p := held("visa", t0.AddDate(0, 0, 28))
	p.Detail.StatementCode = true
	documents := must(t)(hold.Open(p, t0, hold.DefaultTerms(), hold.Elsewhere{}, "statement_code", "identity").Receive(hold.Document{ID: "doc_1", Kind: hold.Identity}, t0))
	for name, c := range map[string]struct {
		of    hold.Case
		terms hold.Terms
		want  hold.Status
	}{
		"four eyes":            {coded(), more(func(t *hold.Terms) { t.FourEyesFrom = 12990 }), hold.AwaitingReview},
		"a reason":             {coded(), more(func(t *hold.Terms) { t.NeedsPerson = []string{"TAKEOVER"} }), hold.AwaitingReview},
		"another reason":       {coded(), more(func(t *hold.Terms) { t.NeedsPerson = []string{"OTHER"} }), hold.Approved},
		"documents are there":  {documents, hold.DefaultTerms(), hold.AwaitingReview},
		"one has approved yet": {must(t)(coded().Approve("ana", "", true, t0)), hold.DefaultTerms(), hold.AwaitingSecond},
	} {
		got := must(t)(c.of.TryCode(true, hold.Elsewhere{}, []string{"TAKEOVER"}, c.terms, t0))
		if got.Status != c.want || got.Proof.Code != hold.CodePassed {
			t.Errorf("%s: %s, code %s", name, got.Status, got.Proof.Code)
		}
	}
}

func TestThreeWrongCodesAreAllThereAre(t *testing.T) {
	if c := guessed(t, 2); c.Proof.Code != hold.CodeOffered || c.CodeTriesLeft() != 1 || c.Status != hold.AwaitingProof {
		t.Errorf("after two: code %s, %d left, %s", c.Proof.Code, c.CodeTriesLeft(), c.Status)
	}
	c := guessed(t, 3)
	if c.Proof.Code != hold.CodeFailed || c.CodeTriesLeft() != 0 || c.Status != hold.AwaitingReview {
		t.Errorf("after three: code %s, %d left, %s", c.Proof.Code, c.CodeTriesLeft(), c.Status)
	}
	if _, err := c.TryCode(true, hold.Elsewhere{}, nil, hold.DefaultTerms(), t0); payment.CodeOf(err) != payment.CodeWrongState {
		t.Errorf("a fourth try: %v", err)
	}
	p := held("visa", t0.AddDate(0, 0, 28))
	p.Detail.StatementCode = true
	both := hold.Open(p, t0, hold.DefaultTerms(), hold.Elsewhere{}, "statement_code", "identity")
	for range hold.MaxCodeTries {
		both = must(t)(both.TryCode(false, hold.Elsewhere{}, nil, hold.DefaultTerms(), t0))
	}
	if both.Status != hold.AwaitingProof {
		t.Errorf("the buyer could still send a document, and the case is %s", both.Status)
	}
	if _, err := opened().TryCode(true, hold.Elsewhere{}, nil, hold.DefaultTerms(), t0); payment.CodeOf(err) != payment.CodeWrongState {
		t.Errorf("a code that was never offered: %v", err)
	}
}

func TestEveryStatementCodeIsAsLikelyAsAnyOther(t *testing.T) {
	const n = 200_000
	key := []byte(strings.Repeat("k", 32))
	var seen [10_000]float64
	for i := range n {
		code := hold.StatementCode(key, fmt.Sprintf("pay_%d", i), 1)
		v := 0
		if _, err := fmt.Sscanf(code, "%d", &v); err != nil || len(code) != 4 {
			t.Fatalf("%q is not four digits", code)
		}
		seen[v]++
	}
	chi := 0.0
	for _, have := range seen {
		chi += (have - n/10_000.) * (have - n/10_000.) / (n / 10_000.)
	}
	// Chi-square with 9,999 degrees of freedom: 9,999 with a deviation of 141. Six of them leave nothing to chance.
	if math.Abs(chi-9_999) > 6*141 {
		t.Errorf("chi-square %.0f", chi)
	}
}

func TestACodeBelongsToItsAttemptItsPaymentAndItsKey(t *testing.T) {
	key, other := []byte(strings.Repeat("k", 32)), []byte(strings.Repeat("o", 32))
	same := 0
	for i := range 1_000 {
		id := fmt.Sprintf("pay_%d", i)
		code := hold.StatementCode(key, id, 1)
		if code != hold.StatementCode(key, id, 1) {
			t.Fatal("the same code comes out otherwise")
		}
		for _, foreign := range []string{hold.StatementCode(key, id, 2), hold.StatementCode(other, id, 1), hold.StatementCode(key, id+"x", 1)} {
			if foreign == code {
				same++
			}
		}
	}
	if same > 5 { // 0.3 are expected by chance
		t.Errorf("%d of 3,000 foreign codes are the same", same)
	}
}

func TestTheStatementLineFitsWhatBanksCarry(t *testing.T) {
	for shop, want := range map[string]string{
		"Atelier Mémoire": "ATELIER MEMOIRE 4821",
		"L’Œuf & la Poule de Saint-Germain-en-Laye": "L'OEUF LA POULE D 4821",
		"Straße Żubrów": "STRASSE ZUBROW 4821",
		"東京":            "4821",
		"":              "4821",
	} {
		got := hold.StatementLine(shop, "4821")
		if got != want || len(got) > 22 {
			t.Errorf("%s: %q (%d), want %q", shop, got, len(got), want)
		}
	}
}

func TestWhatCannotBeACodeIsNoTry(t *testing.T) {
	for _, typed := range []string{"", "482", "48211", "48a1", "４８２１", "-482", "4821\x00"} {
		if code, err := hold.CodeForm(typed); payment.CodeOf(err) != payment.CodeInvalid || code != "" {
			t.Errorf("%q: %q, %v", typed, code, err)
		}
	}
	if code, err := hold.CodeForm(" 48 21\n"); err != nil || code != "4821" {
		t.Errorf("%q, %v", code, err)
	}
	if hold.SameCode("4821", "4822") || hold.SameCode("4821", "") || !hold.SameCode("4821", "4821") {
		t.Error("codes are compared wrongly")
	}
}

func TestWrongCodesOfOtherOrdersCountAsThisOnes(t *testing.T) {
	p := held("visa", t0.AddDate(0, 0, 28))
	p.Detail.StatementCode = true
	for wrong, left := range map[int]int{0: 3, 1: 2, 2: 1, 3: 0, 9: 0} {
		if got := hold.Open(p, t0, hold.DefaultTerms(), hold.Elsewhere{Wrong: wrong}, "statement_code", "identity").CodeTriesLeft(); got != left {
			t.Errorf("after %d elsewhere %d tries are left, want %d", wrong, got, left)
		}
	}
	c := must(t)(coded().TryCode(true, hold.Elsewhere{Wrong: 3}, nil, hold.DefaultTerms(), t0))
	if c.Proof.Code != hold.CodeFailed || c.Status == hold.Approved || c.Marks.CodeTries != 0 {
		t.Errorf("the right code without a try left: %+v %s", c.Proof, c.Status)
	}
	c = must(t)(coded().TryCode(false, hold.Elsewhere{Wrong: 2}, nil, hold.DefaultTerms(), t0))
	if c.Proof.Code != hold.CodeFailed {
		t.Errorf("the third wrong code in all: %+v", c.Proof)
	}
	c = must(t)(coded().TryCode(true, hold.Elsewhere{Unknown: true}, nil, hold.DefaultTerms(), t0))
	if c.Proof.Code != hold.CodePassed || c.Status != hold.AwaitingReview {
		t.Errorf("the right code while nobody can tell: %+v %s", c.Proof, c.Status)
	}
}
