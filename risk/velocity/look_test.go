package velocity

import (
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"

	"octroi/risk"
)

// onMini is a store on a Redis of its own.
func onMini(t *testing.T) (*Store, *miniredis.Miniredis) {
	t.Helper()
	server := miniredis.RunT(t)
	rdb, err := Dial("redis://" + server.Addr())
	if err != nil {
		t.Fatal(err)
	}
	return newStore(t, rdb, nil), server
}

// named is the attempt again, now that its card has a name.
func named(rec risk.Record, card string) risk.Record {
	rec.Code, rec.Keys[risk.EntityCard] = risk.AttemptNamed, card
	return rec
}

func TestACardThatIsNamedLateHasItsAttempts(t *testing.T) {
	s, _ := onMini(t)
	attempts := risk.Event{Kind: risk.EventAttempt}
	for i := range 3 {
		rec := unnamed(i)
		h, err := s.Observe(t.Context(), "shop", rec)
		if err != nil {
			t.Fatal(err)
		}
		if got := h.Count(risk.EntityCard, attempts, time.Hour); !got.Missing {
			t.Fatalf("before it is named: %+v", got)
		}
		h, err = s.Observe(t.Context(), "shop", named(rec, "the card"))
		if err != nil {
			t.Fatal(err)
		}
		want := float64(i + 1)
		if got := h.Count(risk.EntityCard, attempts, time.Hour); got != (risk.Fold{Value: want}) {
			t.Errorf("attempts of the card: %+v, want %v", got, want)
		}
		if got := h.Count(risk.EntityEmail, attempts, time.Hour); got != (risk.Fold{Value: want}) {
			t.Errorf("attempts of the e-mail: %+v, want %v", got, want)
		}
		if got := h.Distinct(risk.EntityEmail, risk.EntityCard, time.Hour); got != (risk.Fold{Value: 1}) {
			t.Errorf("cards of the e-mail: %+v", got)
		}
		if got := h.Distinct(risk.EntityCard, risk.EntityEmail, time.Hour); got != (risk.Fold{Value: 1}) {
			t.Errorf("e-mails of the card: %+v", got)
		}
	}
}

// unnamed is the i-th attempt of one buyer whose card is not known.
func unnamed(i int) risk.Record {
	rec := risk.Record{ID: "pay_" + string(rune('a'+i)), At: epoch().Add(time.Duration(i) * time.Second), Kind: risk.EventAttempt, Currency: "EUR"}
	rec.Keys[risk.EntityEmail] = "buyer@example.org"
	return rec
}

func TestALookAddsNothing(t *testing.T) {
	s, server := onMini(t)
	rec := unnamed(0)
	if _, err := s.Observe(t.Context(), "shop", rec); err != nil {
		t.Fatal(err)
	}
	before := server.Dump()
	asked := unnamed(1)
	asked.Keys[risk.EntityCard] = "never seen"
	for range 2 {
		h, err := s.Look(t.Context(), "shop", asked)
		if err != nil {
			t.Fatal(err)
		}
		if got := h.Count(risk.EntityEmail, risk.Event{Kind: risk.EventAttempt}, time.Hour); got != (risk.Fold{Value: 1}) {
			t.Errorf("the e-mail: %+v", got)
		}
		if got := h.Count(risk.EntityCard, risk.Event{Kind: risk.EventAttempt}, time.Hour); !got.Missing {
			t.Errorf("a card that was never seen: %+v", got)
		}
	}
	if after := server.Dump(); after != before {
		t.Errorf("a look left something:\n%s", after)
	}
	server.Close()
	h, err := s.Look(t.Context(), "shop", asked)
	if err == nil || h.Available() {
		t.Errorf("without Redis: %v, available %v", err, h.Available())
	}
}

func TestWrongCodesAreCountedOneByOneAndByOrder(t *testing.T) {
	s, _ := onMini(t)
	for i := range 2 {
		rec := unnamed(i)
		if _, err := s.Observe(t.Context(), "shop", rec); err != nil {
			t.Fatal(err)
		}
		rec.Kind = risk.EventCodeFailed
		for try := 1; try <= 3-i; try++ {
			rec.Code = risk.CodeTry(try)
			if err := s.Append(t.Context(), "shop", rec, rec); err != nil { // told twice, as after a crash
				t.Fatal(err)
			}
		}
	}
	h, err := s.Look(t.Context(), "shop", unnamed(9))
	if err != nil {
		t.Fatal(err)
	}
	for code, want := range map[string]float64{"": 2, "1": 2, "2": 2, "3": 1} {
		if got := h.Count(risk.EntityEmail, risk.Event{Kind: risk.EventCodeFailed, Code: code}, time.Hour); got.Value != want {
			t.Errorf("code_failed %q: %+v, want %v", code, got, want)
		}
	}
}

// lateCard is a card that is only named after the attempt.
const lateCard = "card9"

// nameCard records the one attempt of an order again, whose card has got a name; rec is given back when there is none.
func nameCard(of []risk.Record, rec risk.Record) risk.Record {
	records := map[string]int{}
	for _, old := range of {
		records[old.ID]++
	}
	for _, old := range of {
		if old.Kind == risk.EventAttempt && old.Keys[risk.EntityCard] == "" && records[old.ID] == 1 {
			old.Code, old.Keys[risk.EntityCard] = risk.AttemptNamed, lateCard
			return old
		}
	}
	return rec
}
