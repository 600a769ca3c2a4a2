package velocity

import (
	"fmt"
	"sort"
	"testing"
	"time"

	"pgregory.net/rapid"

	"octroi/risk"
)

// reference answers the questions of risk.Histories from whole records, slowly and by their definitions: it knows
// nothing of lists, hashes or caps.
type reference struct {
	now risk.Record
	all []risk.Record // in order of arrival, now among them
}

func (r reference) at(x risk.Record) time.Time {
	if x.At.After(r.now.At) {
		return r.now.At
	}
	return x.At
}

// events gives, for each order of the entity, its events by kind and code with the time of the first to arrive.
func (r reference) events(e risk.Entity) map[string]map[risk.Event]risk.Record {
	out := map[string]map[risk.Event]risk.Record{}
	for _, x := range r.all {
		if x.Keys[e] != r.now.Keys[e] {
			continue
		}
		if out[x.ID] == nil {
			out[x.ID] = map[risk.Event]risk.Record{}
		}
		k := risk.Event{Kind: x.Kind, Code: x.Code}
		if _, seen := out[x.ID][k]; !seen {
			x.At = r.at(x)
			out[x.ID][k] = x
		}
	}
	return out
}

// matching are the order's events that ev asks for.
func matching(events map[risk.Event]risk.Record, ev risk.Event) []risk.Record {
	var out []risk.Record
	for k, x := range events {
		if k.Kind == ev.Kind && (ev.Code == "" || ev.Code == k.Code) {
			out = append(out, x)
		}
	}
	return out
}

func attemptOf(events map[risk.Event]risk.Record) (risk.Record, bool) {
	x := matching(events, risk.Event{Kind: risk.EventAttempt})
	if len(x) == 0 {
		return risk.Record{}, false
	}
	return x[0], true
}

func (r reference) inLast(x risk.Record, window time.Duration) bool {
	return x.At.After(r.now.At.Add(-window)) && !x.At.After(r.now.At)
}

func (r reference) countAndSum(e risk.Entity, ev risk.Event, window time.Duration) (count, sum float64, unknown bool) {
	for _, events := range r.events(e) {
		hit := false
		for _, x := range matching(events, ev) {
			hit = hit || r.inLast(x, window)
		}
		if !hit {
			continue
		}
		count++
		if a, ok := attemptOf(events); !ok {
			unknown = true
		} else if a.Currency == r.now.Currency {
			sum += float64(a.Amount)
		}
	}
	return count, sum, unknown
}

func (r reference) distinct(e, of risk.Entity, window time.Duration) float64 {
	values := map[string]bool{}
	for _, events := range r.events(e) {
		for _, a := range matching(events, risk.Event{Kind: risk.EventAttempt}) {
			if r.inLast(a, window) && a.Keys[of] != "" {
				values[a.Keys[of]] = true
			}
		}
	}
	return float64(len(values))
}

func (r reference) rate(e risk.Entity, ev risk.Event, window, delay time.Duration) float64 {
	to := r.now.At.Add(-delay)
	attempts, with := 0.0, 0.0
	for _, events := range r.events(e) {
		a, ok := attemptOf(events)
		if !ok || !a.At.After(to.Add(-window)) || a.At.After(to) {
			continue
		}
		attempts++
		if len(matching(events, ev)) > 0 {
			with++
		}
	}
	if attempts == 0 {
		return 0
	}
	return with / attempts
}

func seconds(d time.Duration) float64 { return float64(d.Milliseconds()) / 1000 }

func (r reference) age(e risk.Entity) risk.Fold {
	f := risk.Fold{Missing: true}
	for id, events := range r.events(e) {
		a, ok := attemptOf(events)
		if age := seconds(r.now.At.Sub(a.At)); ok && id != r.now.ID && (f.Missing || age > f.Value) {
			f = risk.Fold{Value: age}
		}
	}
	return f
}

func (r reference) since(e risk.Entity, ev risk.Event) risk.Fold {
	f := risk.Fold{Missing: true}
	for id, events := range r.events(e) {
		for _, x := range matching(events, ev) {
			if d := seconds(r.now.At.Sub(x.At)); id != r.now.ID && (f.Missing || d < f.Value) {
				f = risk.Fold{Value: d}
			}
		}
	}
	return f
}

func (r reference) streak(e risk.Entity, ev risk.Event) float64 {
	byID := r.events(e)
	var ids []string // in order of arrival
	for _, x := range r.all {
		if x.Keys[e] == r.now.Keys[e] && x.ID != r.now.ID && !contains(ids, x.ID) {
			ids = append(ids, x.ID)
		}
	}
	made := map[string]time.Time{}
	for _, id := range ids {
		if a, ok := attemptOf(byID[id]); ok {
			made[id] = a.At
			continue
		}
		for _, x := range byID[id] {
			if t, ok := made[id]; !ok || x.At.Before(t) {
				made[id] = x.At
			}
		}
	}
	sort.SliceStable(ids, func(i, j int) bool { return made[ids[i]].Before(made[ids[j]]) })
	n := 0.0
	for i := len(ids) - 1; i >= 0; i-- {
		finished := false
		for k := range byID[ids[i]] {
			finished = finished || k.Kind != risk.EventAttempt && k.Kind != risk.EventHeld
		}
		if !finished {
			continue
		}
		if len(matching(byID[ids[i]], ev)) == 0 {
			break
		}
		n++
	}
	return n
}

func contains(s []string, v string) bool {
	for _, x := range s {
		if x == v {
			return true
		}
	}
	return false
}

// questions are asked of every history in the property tests.
func questions(h risk.Histories, r reference, check func(name string, got, want risk.Fold)) {
	windows := []time.Duration{0, time.Second, 10 * time.Second, time.Minute, time.Hour}
	events := []risk.Event{{Kind: risk.EventAttempt}, {Kind: risk.EventRefused}, {Kind: risk.EventRefused, Code: "expiry_incorrect"},
		{Kind: risk.EventHeld}, {Kind: risk.EventChargeback}}
	for _, e := range []risk.Entity{risk.EntityCard, risk.EntityIP, risk.EntityBIN} {
		if r.now.Keys[e] == "" {
			check(fmt.Sprint("missing ", e), h.Count(e, events[0], time.Hour), risk.Fold{Missing: true})
			continue
		}
		check(fmt.Sprint("age ", e), h.Age(e), r.age(e))
		for _, ev := range events {
			check(fmt.Sprint("since ", e, ev), h.Since(e, ev), r.since(e, ev))
			check(fmt.Sprint("streak ", e, ev), h.Streak(e, ev), risk.Fold{Value: r.streak(e, ev)})
			for i, w := range windows {
				name := fmt.Sprint(e, " ", ev, " ", w)
				count, sum, unknown := r.countAndSum(e, ev, w)
				check("count "+name, h.Count(e, ev, w), risk.Fold{Value: count})
				check("sum "+name, h.Sum(e, ev, w), risk.Fold{Value: sum, Saturated: unknown})
				d := windows[(i+1)%len(windows)]
				check("rate "+name, h.Rate(e, ev, w, d), risk.Fold{Value: r.rate(e, ev, w, d)})
			}
		}
		for _, w := range windows {
			check(fmt.Sprint("distinct ", e, w), h.Distinct(e, risk.EntityIP, w), risk.Fold{Value: r.distinct(e, risk.EntityIP, w)})
			check(fmt.Sprint("distinct ", e, w), h.Distinct(e, risk.EntityEmail, w), risk.Fold{Value: r.distinct(e, risk.EntityEmail, w)})
		}
	}
}

// epoch is the day on which all tests take place.
func epoch() time.Time { return time.Date(2026, 5, 4, 12, 0, 0, 0, time.UTC) }

// drawRecords makes a small crowded world: few cards, addresses and orders, clocks that run a little apart, retries,
// cards that are named late, outcomes of orders that are known and of some that are not. The last record is an attempt.
func drawRecords(t *rapid.T, least, most int) []risk.Record {
	pick := func(kind string, n int) string {
		if i := rapid.IntRange(0, n).Draw(t, kind); i > 0 {
			return fmt.Sprint(kind, i)
		}
		return ""
	}
	n := rapid.IntRange(least, most).Draw(t, "records")
	out := make([]risk.Record, 0, n)
	at := epoch()
	for i := range n {
		at = at.Add(time.Duration(rapid.IntRange(-2000, 20_000).Draw(t, "step")) * time.Millisecond)
		kind := risk.EventAttempt
		if i < n-1 && len(out) > 0 && rapid.IntRange(0, 2).Draw(t, "attempt") > 0 {
			kind = risk.EventKind(rapid.IntRange(0, int(risk.EventKindCount)-1).Draw(t, "kind"))
		}
		rec := risk.Record{ID: fmt.Sprint("pay_", i), At: at, Kind: kind, Currency: rapid.SampledFrom([]string{"EUR", "CHF"}).Draw(t, "currency"),
			Amount: int64(rapid.IntRange(0, 1000).Draw(t, "amount"))}
		rec.Keys[risk.EntityCard], rec.Keys[risk.EntityIP] = pick("card", 3), pick("ip", 3)
		rec.IssuerCountry = rapid.SampledFrom([]string{"FR", "DE", ""}).Draw(t, "country")
		rec.Keys[risk.EntityEmail], rec.Keys[risk.EntityBIN] = pick("email", 3), pick("bin", 2)
		if len(out) > 0 && rapid.IntRange(0, 9).Draw(t, "again") > 0 && (kind != risk.EventAttempt || rapid.IntRange(0, 3).Draw(t, "retry") == 0) {
			old := out[rapid.IntRange(0, len(out)-1).Draw(t, "which")]
			rec.ID, rec.Keys, rec.Amount, rec.Currency, rec.IssuerCountry = old.ID, old.Keys, old.Amount, old.Currency, old.IssuerCountry
			if kind == risk.EventAttempt && rapid.Bool().Draw(t, "same time") {
				rec.At = old.At
			}
			if kind == risk.EventAttempt && rec.Keys[risk.EntityCard] == lateCard {
				rec.Code = risk.AttemptNamed
			}
			if rec.Code != "" && i == n-1 {
				rec.ID, rec.Code = fmt.Sprint("pay_", i), ""
			}
		}
		if named := i < n-1 && rapid.IntRange(0, 5).Draw(t, "named") == 0; named {
			rec = nameCard(out, rec)
		}
		if rec.Kind == risk.EventRefused {
			rec.Code = rapid.SampledFrom([]string{"expiry_incorrect", "insufficient_funds", risk.RefusedNeverRetry, ""}).Draw(t, "code")
		}
		out = append(out, rec)
	}
	return out
}

func TestEveryFoldAgreesWithItsDefinition(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		recs := drawRecords(t, 1, 40)
		now := recs[len(recs)-1]
		h, err := Build(now, recs[:len(recs)-1])
		if err != nil {
			t.Fatal(err)
		}
		questions(h, reference{now, recs}, func(name string, got, want risk.Fold) {
			if got != want {
				t.Fatalf("%s = %+v, want %+v", name, got, want)
			}
		})
	})
}

// steady gives every delivery of one event the time of its first. An order that comes again with another time after
// its first attempt was cut is taken for new: that cannot be told from the list.
func steady(recs []risk.Record) []risk.Record {
	type key struct {
		id   string
		kind risk.EventKind
		code string
	}
	first := map[key]time.Time{}
	for i, r := range recs {
		k := key{r.ID, r.Kind, r.Code}
		if at, ok := first[k]; ok {
			recs[i].At = at
		} else {
			first[k] = r.At
		}
	}
	return recs
}

func TestACutListNeverClaimsToKnowWhatItDropped(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		recs := steady(drawRecords(t, 1, 150))
		now := recs[len(recs)-1]
		var caps Caps
		for e := range caps {
			caps[e] = 2
		}
		retention := rapid.SampledFrom([]time.Duration{time.Minute, 24 * time.Hour}).Draw(t, "retention")
		m := NewMemory(caps, retention)
		var h *Histories
		for _, r := range recs {
			var err error
			if r.Kind == risk.EventAttempt {
				h, err = m.Observe("shop", r)
			} else {
				err = m.Append("shop", r)
			}
			if err != nil {
				t.Fatal(err)
			}
		}
		for _, r := range recs {
			if r.At.After(now.At.Add(2 * time.Second)) {
				return // a retry from long ago: what is past its retention for the others is not yet for it
			}
		}
		ref := reference{now, recs}
		for _, e := range []risk.Entity{risk.EntityCard, risk.EntityIP, risk.EntityBIN} {
			if now.Keys[e] == "" {
				continue
			}
			if all := h.Count(e, risk.Event{}, time.Hour); all.Saturated && all.Value < 2 && retention > time.Hour {
				t.Fatalf("%s: a saturated count of %v is below the cap", e, all.Value)
			}
			for _, w := range []time.Duration{time.Second, 10 * time.Second, 50 * time.Second} {
				for _, ev := range []risk.Event{{Kind: risk.EventAttempt}, {Kind: risk.EventRefused}} {
					count, _, _ := ref.countAndSum(e, ev, w)
					got := h.Count(e, ev, w)
					if !got.Saturated && got.Value != count || got.Value > count {
						t.Fatalf("count %s %v %s = %+v, true value %v", e, ev, w, got, count)
					}
				}
				if got, want := h.Distinct(e, risk.EntityEmail, w), ref.distinct(e, risk.EntityEmail, w); !got.Saturated && got.Value != want || got.Value > want {
					t.Fatalf("distinct %s %s = %+v, true value %v", e, w, got, want)
				}
			}
		}
	})
}
