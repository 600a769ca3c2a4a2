package velocity

import (
	"context"
	"encoding/hex"
	"fmt"
	"reflect"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"pgregory.net/rapid"

	"octroi/risk"
)

// tally counts what a window of a counted entity holds, from whole records: an attempt once for each order, anything
// else as often as it came.
func (r reference) tally(e risk.Entity, ev risk.Event, window, delay time.Duration) (n float64, ok bool) {
	bucket, ok := risk.CountedWindow(window, delay)
	if !ok || e == risk.EntityIssuerCountry && r.now.IssuerCountry == "" {
		return 0, false
	}
	number := func(at time.Time) time.Duration { return time.Duration(at.UnixMilli() / bucket.Milliseconds()) }
	seen := map[string]bool{}
	for _, x := range r.all {
		if x.Kind == risk.EventAttempt && x.Code != "" {
			continue
		}
		if x.Kind == risk.EventAttempt {
			if seen[x.ID] && x.Keys != ([risk.EntityCount]string{}) {
				continue
			}
			seen[x.ID] = true
		}
		ago := (number(r.now.At) - number(x.At)) * bucket
		within := ago >= 0 && ago <= window+delay && (delay == 0 || ago > delay)
		mine := e == risk.EntityShop || x.IssuerCountry == r.now.IssuerCountry
		is := x.Kind == ev.Kind && (ev.Code == x.Code || ev.Code == "" && x.Code != risk.RefusedNeverRetry)
		if within && mine && is {
			n++
		}
	}
	return n, true
}

// countedEvents are those asked about in the tests.
func countedEvents() []risk.Event {
	return []risk.Event{{Kind: risk.EventAttempt}, {Kind: risk.EventAuthorised}, {Kind: risk.EventRefused}, {Kind: risk.EventHeld},
		{Kind: risk.EventRefused, Code: "expiry_incorrect"}, {Kind: risk.EventRefused, Code: risk.RefusedNeverRetry}}
}

// countedTallies are every question of countQuestions.
func countedTallies() []risk.Tally {
	var out []risk.Tally
	for _, e := range risk.CountedEntities() {
		for _, ev := range countedEvents() {
			for _, w := range [][2]time.Duration{{5 * time.Minute, 0}, {10 * time.Minute, 5 * time.Minute}, {time.Hour, time.Hour}, {2 * time.Hour, 0},
				{3 * time.Hour, 0}, {12 * time.Hour, 12 * time.Hour}, {24 * time.Hour, 0}} {
				out = append(out, risk.Tally{Entity: e, Event: ev, Window: w[0], Delay: w[1]})
			}
		}
	}
	return out
}

func countQuestions(h risk.Histories, r reference, check func(name string, got, want risk.Fold)) {
	for _, q := range countedTallies() {
		n, ok := r.tally(q.Entity, q.Event, q.Window, q.Delay)
		all, _ := r.tally(q.Entity, risk.Event{Kind: risk.EventAttempt}, q.Window, q.Delay)
		rate := risk.Fold{Missing: !ok}
		if all > 0 {
			rate.Value = min(1, n/all)
		}
		check(fmt.Sprint("rate ", q), h.Rate(q.Entity, q.Event, q.Window, q.Delay), rate)
		if q.Delay == 0 {
			check(fmt.Sprint("count ", q), h.Count(q.Entity, q.Event, q.Window), risk.Fold{Value: n, Missing: !ok})
		}
	}
}

// drawDays are records over hours or days, so that windows end between them.
func drawDays(t *rapid.T, least, most int) []risk.Record {
	recs := drawRecords(t, least, most)
	slow := time.Duration(rapid.SampledFrom([]int{1, 10, 200}).Draw(t, "slow"))
	for i := range recs {
		recs[i].At = epoch().Add(recs[i].At.Sub(epoch()) * slow)
	}
	return recs
}

func inMemory(t rapid.TB, m *Memory, recs []risk.Record) *Histories {
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
	return h
}

func TestEveryCountAgreesWithItsDefinition(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		recs := drawDays(t, 1, 60)
		for _, asked := range []bool{false, true} {
			m := NewMemory(Caps{}, 0)
			if asked {
				m.Tallies(countedTallies()...)
			}
			countQuestions(inMemory(t, m, recs), reference{recs[len(recs)-1], recs}, func(name string, got, want risk.Fold) {
				if got != want {
					t.Fatalf("%s = %+v, want %+v", name, got, want)
				}
			})
		}
	})
}

func TestACountedEntityAnswersNothingElse(t *testing.T) {
	m := NewMemory(Caps{}, 0)
	rec := attempt("pay_1", "a", epoch())
	rec.IssuerCountry = "FR"
	h := inMemory(t, m, []risk.Record{rec})
	made := risk.Event{Kind: risk.EventAttempt}
	for _, e := range risk.CountedEntities() {
		if got := h.Count(e, made, time.Hour); got != (risk.Fold{Value: 1}) {
			t.Errorf("the first attempt of the %s: %+v", e, got)
		}
		for name, got := range map[string]risk.Fold{
			"sum": h.Sum(e, made, time.Hour), "distinct": h.Distinct(e, risk.EntityCard, time.Hour), "age": h.Age(e),
			"distinct of it": h.Distinct(risk.EntityCard, e, time.Hour), "since": h.Since(e, made), "streak": h.Streak(e, made),
			"odd window": h.Count(e, made, 7*time.Minute), "long window": h.Count(e, made, 25*time.Hour),
			"late event": h.Count(e, risk.Event{Kind: risk.EventChargeback}, time.Hour),
			"below 0":    h.Rate(e, made, time.Hour, -time.Hour), "overflowing": h.Rate(e, made, 1<<62, 1<<62),
		} {
			if !got.Missing {
				t.Errorf("%s of the %s is %+v", name, e, got)
			}
		}
	}
	m.Tallies(risk.Tally{Entity: risk.EntityShop, Event: made, Window: 10 * time.Minute})
	if h, _ = m.Observe("shop", rec); h.Count(risk.EntityShop, made, 15*time.Minute) != missing || h.Count(risk.EntityIssuerCountry, made, 5*time.Minute) != missing {
		t.Error("what no policy asked about was answered")
	}
	if got := h.Count(risk.EntityShop, made, 5*time.Minute); got.Value != 1 {
		t.Errorf("a shorter window than the one asked about: %+v", got)
	}
}

func TestARecordingFromBeforeThereWereCountsIsReadAsEver(t *testing.T) {
	raw, err := hex.DecodeString("010180a8e0adbe67b22d01030000c0fed8adbe6700fe26b22dff01000102030405060702a8c20100000000c0a90701fe26b22dff010001" +
		"020304050607ff010302020203020202030202020302020203020202030202020302020203020202")
	if err != nil {
		t.Fatal(err)
	}
	h, err := Decode(raw)
	if err != nil {
		t.Fatal(err)
	}
	if got := h.Count(risk.EntityCard, risk.Event{Kind: risk.EventRefused, Code: "expiry_incorrect"}, time.Hour); got != (risk.Fold{Value: 1}) {
		t.Errorf("refusals of the card: %+v", got)
	}
	if got := h.Count(risk.EntityShop, risk.Event{}, time.Hour); got != missing {
		t.Errorf("attempts in the shop: %+v", got)
	}
	if again, _ := h.MarshalBinary(); hex.EncodeToString(again) != hex.EncodeToString(raw) {
		t.Errorf("recorded again it is %x", again)
	}
}

func counting(c *Config) { c.Tallies = func(string) []risk.Tally { return countedTallies() } }

func storeCounts(t *testing.T, rdb redis.UniversalClient) {
	s := newStore(t, rdb, counting)
	for i := range 6 {
		wipe(t, rdb)
		recs := rapid.Custom(func(t *rapid.T) []risk.Record { return drawDays(t, 30, 60) }).Example(i)
		if s.scattered { // what is observed again may count again
			seen := map[string]bool{}
			for n, r := range recs {
				if r.Kind == risk.EventAttempt && seen[r.ID] {
					recs[n].ID = fmt.Sprint(r.ID, " ", n)
				}
				seen[r.ID] = seen[r.ID] || r.Kind == risk.EventAttempt
			}
		}
		h := feed(t, s, recs)
		countQuestions(h, reference{recs[len(recs)-1], recs}, func(name string, got, want risk.Fold) {
			if got != want {
				t.Errorf("example %d: %s = %+v, want %+v", i, name, got, want)
			}
		})
		m := NewMemory(Caps{}, 0)
		m.Tallies(countedTallies()...)
		if want := inMemory(t, m, recs); !reflect.DeepEqual(h.counts, want.counts) {
			t.Errorf("example %d: Redis counts %v, Memory %v", i, h.counts, want.counts)
		}
	}
}

func storeRebuildsCounts(t *testing.T, rdb redis.UniversalClient) {
	wipe(t, rdb)
	s := newStore(t, rdb, counting)
	seen := map[string]bool{}
	var recs []risk.Record
	for _, r := range rapid.Custom(func(t *rapid.T) []risk.Record { return drawDays(t, 150, 200) }).Example(3) {
		if k := fmt.Sprint(r.ID, r.Kind, r.Code); !seen[k] || r.Kind == risk.EventAttempt && len(recs) == 199 {
			seen[k] = true
			recs = append(recs, r)
		}
	}
	now := attempt("pay_now", "now", recs[len(recs)-1].At)
	now.IssuerCountry = "FR"
	feed(t, s, recs[len(recs)/2:]) // what came in since Redis was lost
	for range 2 {
		if _, err := s.Rebuild(context.Background(), "shop", journal(recs)); err != nil {
			t.Fatal(err)
		}
	}
	countQuestions(feed(t, s, []risk.Record{now}), reference{now, append(recs, now)}, func(name string, got, want risk.Fold) {
		if got != want {
			t.Errorf("%s = %+v, want %+v", name, got, want)
		}
	})
}

func storeCountsExpire(t *testing.T, rdb redis.UniversalClient) {
	s := newStore(t, rdb, counting)
	rec := attempt("pay_1", "a", epoch())
	for name, write := range map[string]func() error{
		"Observe": func() error { _, err := s.Observe(context.Background(), "shop", rec); return err },
		"Append":  func() error { return s.Append(context.Background(), "shop", rec) },
		"Rebuild": func() error {
			_, err := s.Rebuild(context.Background(), "shop", journal([]risk.Record{rec}))
			return err
		},
	} {
		wipe(t, rdb)
		s.living = living{}
		if err := write(); err != nil {
			t.Fatal(err)
		}
		c, _ := s.counterOf(s.namer.name("shop", &rec), &rec, true)
		for _, key := range c.keys {
			if d := rdb.PTTL(context.Background(), key).Val(); d <= 17*time.Hour || d > 60*time.Hour {
				t.Errorf("after %s the counts under %s live %s", name, key, d)
			}
		}
	}
}
