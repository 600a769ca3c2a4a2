package store_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"octroi/gateway/store"
	"octroi/risk"
)

// tried is a recorded decision with what was on trial beside it.
func tried(live, trial risk.Outcome, liveCodes, trialCodes, rules []string) store.Recorded {
	decision := func(policy string, o risk.Outcome, codes []string) risk.Decision {
		d := risk.Decision{Outcome: o, Score: 10 * o.Severity(), Policy: risk.PolicyRef{Name: policy, Version: "sha256:" + policy}, Reasons: []risk.Reason{}}
		for _, c := range codes {
			d.Reasons = append(d.Reasons, risk.Reason{Code: c})
		}
		return d
	}
	would := decision("trial", trial, trialCodes)
	r := store.Recorded{Facts: risk.Facts{Shop: "memory"}, Decision: decision("live", live, liveCodes), Shadow: &store.Shadow{Decision: &would}}
	if rules != nil {
		r.Shadow.Rules = &store.Verdict{Outcome: risk.Hold, Score: 20}
		for _, c := range rules {
			r.Shadow.Reasons = append(r.Shadow.Reasons, risk.Reason{Code: c})
		}
	}
	return r
}

func (b bench) try(t testing.TB, paymentID, decisionID string, at time.Time, r store.Recorded) {
	t.Helper()
	b.commit(t, store.Writes{Decision: &store.Decision{ID: decisionID, PaymentID: paymentID, Stage: "decide", At: at, Recorded: r}})
}

func TestTrialsAreSummedUpByWhatWouldHaveBeenDone(t *testing.T) {
	each(t, func(t *testing.T, b bench) {
		for _, name := range []string{"live", "trial"} {
			if err := b.SavePolicy(t.Context(), name, "sha256:"+name, []byte(name)); err != nil {
				t.Fatal(err)
			}
		}
		var ids []string
		for n := range 4 {
			ids = append(ids, b.begun(t, n).ID)
		}
		b.try(t, ids[0], "dec_0", day0, tried(risk.Approve, risk.Approve, []string{"BOTH"}, []string{"BOTH"}, nil))
		b.try(t, ids[1], "dec_1", day0.Add(time.Hour), tried(risk.Approve, risk.Hold, []string{"BOTH", "OLD"}, []string{"BOTH", "NEW"}, []string{"TRIED", "TRIED"}))
		// Decided, then reviewed: the review takes the decision's place.
		b.try(t, ids[2], "dec_2", day0.Add(2*time.Hour), tried(risk.Approve, risk.Decline, nil, []string{"NEVER"}, nil))
		b.try(t, ids[2], "dec_3", day0.Add(2*time.Hour), tried(risk.Hold, risk.Approve, []string{"OLD"}, []string{"NEW"}, []string{}))
		b.try(t, ids[3], "dec_4", day0.Add(-time.Hour), tried(risk.Approve, risk.Decline, nil, nil, nil)) // before the window
		asked := tried(risk.Hold, risk.Approve, nil, []string{"NEW"}, nil)
		if err := b.SaveAssessments(t.Context(), []store.Assessment{{ID: "asm_1", Shop: "memory", At: day0.Add(3 * time.Hour), Recorded: asked}}); err != nil {
			t.Fatal(err)
		}
		f := store.TrialFilter{Shop: "memory", Kind: store.TrialPolicy, Since: day0}
		all, cut, err := b.Trials(t.Context(), f)
		if err != nil || cut || len(all) != 1 {
			t.Fatalf("%+v, %v, %v", all, cut, err)
		}
		got := all[0]
		if got.Live != (risk.PolicyRef{Name: "live", Version: "sha256:live"}) || got.Trial.Name != "trial" || got.Orders != 4 || got.Differ() != 3 ||
			!got.First.Equal(day0) || !got.Last.Equal(day0.Add(3*time.Hour)) {
			t.Errorf("%+v", got)
		}
		for o, want := range map[store.TrialOutcome]int{{Live: risk.Approve, Trial: risk.Approve}: 1, {Live: risk.Approve, Trial: risk.Hold}: 1, {Live: risk.Hold, Trial: risk.Approve}: 2} {
			if got.Outcomes[o] != want {
				t.Errorf("%v: %d, want %d", o, got.Outcomes[o], want)
			}
		}
		if want := []store.TrialCode{{Code: "NEW", Added: 3, Differ: 3}, {Code: "OLD", Dropped: 2, Differ: 2}}; !slices.Equal(got.Codes, want) {
			t.Errorf("codes %+v", got.Codes)
		}
		orders, err := b.TriedOrders(t.Context(), f, got.Live.Version, got.Trial.Version, 2)
		if err != nil || len(orders) != 2 || orders[0].ID != "asm_1" || orders[1].ID != ids[2] || orders[1].LiveScore != 20 || orders[1].TrialScore != 0 ||
			!slices.Equal(orders[1].Added, []string{"NEW"}) || !slices.Equal(orders[1].Dropped, []string{"OLD"}) {
			t.Errorf("%+v, %v", orders, err)
		}
		f.Kind = store.TrialRules
		all, _, err = b.Trials(t.Context(), f)
		if err != nil || len(all) != 1 || all[0].Trial.Version != all[0].Live.Version || all[0].Orders != 2 || all[0].Differ() != 1 ||
			!slices.Equal(all[0].Codes, []store.TrialCode{{Code: "TRIED", Added: 1, Differ: 1}}) {
			t.Errorf("rules: %+v, %v", all, err)
		}
		f.Shop = "another"
		if all, cut, err := b.Trials(t.Context(), f); err != nil || cut || len(all) != 0 {
			t.Errorf("of another shop: %+v, %v", all, err)
		}
	})
}

// BenchmarkTrials sums up as many orders as are ever read, no two of which were told alike.
func BenchmarkTrials(b *testing.B) {
	for name, url := range urls(b) {
		b.Run(name, func(b *testing.B) {
			db := open(b, url(b), &clock{at: day0})
			for n := 0; n < 51_000; n += 1000 {
				batch := make([]store.Assessment, 1000)
				for i := range batch {
					r := tried(risk.Approve, risk.Outcomes()[i%4], []string{fmt.Sprintf("OLD_%d", (n+i)%211)}, []string{fmt.Sprintf("NEW_%d", (n+i)%241)}, nil)
					batch[i] = store.Assessment{ID: fmt.Sprintf("asm_%06d", n+i), Shop: "memory", At: day0.Add(time.Duration(n+i) * time.Second), Recorded: r}
				}
				if err := db.SaveAssessments(b.Context(), batch); err != nil {
					b.Fatal(err)
				}
			}
			f := store.TrialFilter{Shop: "memory", Kind: store.TrialPolicy, Since: day0}
			for b.Loop() {
				all, cut, err := db.Trials(b.Context(), f)
				if err != nil || len(all) != 1 || !cut {
					b.Fatalf("%d sums, cut %v: %v", len(all), cut, err)
				}
			}
		})
	}
}
