package velocity

import (
	"bytes"
	"errors"
	"testing"
	"time"

	"pgregory.net/rapid"

	"octroi/risk"
)

// everyFold asks a history everything a policy could, and gives the answers.
func everyFold(h risk.Histories) []risk.Fold {
	var out []risk.Fold
	windows := []time.Duration{time.Second, time.Minute, time.Hour}
	for e := range risk.EntityCount {
		out = append(out, h.Age(e))
		for k := range risk.EventKindCount {
			ev := risk.Event{Kind: k}
			out = append(out, h.Since(e, ev), h.Streak(e, ev))
			for _, w := range windows {
				out = append(out, h.Count(e, ev, w), h.Sum(e, ev, w), h.Rate(e, ev, w, time.Second))
			}
		}
		ev := risk.Event{Kind: risk.EventRefused, Code: "expiry_incorrect"}
		out = append(out, h.Count(e, ev, time.Hour), h.Since(e, ev))
		for of := range risk.EntityCount {
			out = append(out, h.Distinct(e, of, time.Minute), h.Distinct(e, of, time.Hour))
		}
	}
	for _, e := range risk.CountedEntities() {
		out = append(out, h.Age(e), h.Sum(e, risk.Event{}, time.Hour), h.Distinct(e, risk.EntityCard, time.Hour), h.Distinct(risk.EntityCard, e, time.Hour))
		for k := range risk.EventKindCount {
			for _, w := range []time.Duration{time.Minute, 5 * time.Minute, 2 * time.Hour, 24 * time.Hour} {
				ev := risk.Event{Kind: k}
				out = append(out, h.Count(e, ev, w), h.Rate(e, ev, w, 0), h.Rate(e, ev, w, time.Hour))
			}
		}
		out = append(out, h.Count(e, risk.Event{Kind: risk.EventRefused, Code: "expiry_incorrect"}, time.Hour))
	}
	return out
}

// damage gives histories their lists as Redis holds them, with something at the end of the card's that is no record.
func damage(h *Histories, end string) {
	for e := range risk.EntityCount {
		h.lists[e] = h.list(e)
	}
	h.memory = nil
	h.lists[risk.EntityCard] += end
}

func TestARecordingAnswersEveryFoldAsTheOriginal(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		recs := drawRecords(t, 1, 60)
		var caps Caps
		for e := range caps {
			caps[e] = rapid.IntRange(1, 40).Draw(t, "cap")
		}
		m := NewMemory(caps, 0)
		var h *Histories
		for _, r := range recs {
			if r.Kind != risk.EventAttempt {
				_ = m.Append("shop", r)
			} else {
				h, _ = m.Observe("shop", r)
			}
		}
		if rapid.IntRange(0, 9).Draw(t, "damage") == 0 {
			damage(h, "\x12half a rec")
		}
		raw, err := h.MarshalBinary()
		if err != nil {
			t.Fatal(err)
		}
		back, err := Decode(raw)
		if err != nil {
			t.Fatal(err)
		}
		got, want := everyFold(back), everyFold(h)
		for i := range want {
			if got[i] != want[i] {
				t.Fatalf("fold %d = %+v, originally %+v", i, got[i], want[i])
			}
		}
		if again, _ := back.MarshalBinary(); !bytes.Equal(again, raw) {
			t.Fatalf("recorded again it is %x, not %x", again, raw)
		}
	})
}

func TestMemoryAnswersEveryFoldAsItsListsReadAnewDo(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var caps Caps
		for e := range caps {
			caps[e] = rapid.IntRange(1, 6).Draw(t, "cap")
		}
		m := NewMemory(caps, rapid.SampledFrom([]time.Duration{time.Minute, 10 * time.Minute, 0}).Draw(t, "retention"))
		for i, r := range drawRecords(t, 1, 120) {
			if r.Kind != risk.EventAttempt {
				if err := m.Append("shop", r); err != nil {
					t.Fatal(err)
				}
				continue
			}
			kept, err := m.Observe("shop", r)
			if err != nil {
				t.Fatal(err)
			}
			read := newHistories(record{id: kept.id, at: kept.now, currency: kept.currency}, [risk.EntityCount]string{})
			for e := range risk.EntityCount {
				read.lists[e] = kept.list(e)
			}
			read.counts, read.whole = kept.counts, kept.whole
			got, want := everyFold(kept), everyFold(read)
			for n := range want {
				if got[n] != want[n] {
					t.Fatalf("record %d: fold %d = %+v, read anew %+v", i, n, got[n], want[n])
				}
			}
		}
	})
}

func TestUnavailableHistoriesAreMissingThroughoutAndRecordedSo(t *testing.T) {
	raw, err := Unavailable().MarshalBinary()
	if err != nil {
		t.Fatal(err)
	}
	h, err := Decode(raw)
	if err != nil || h.Available() {
		t.Fatal(h.Available(), err)
	}
	for _, f := range everyFold(h) {
		if !f.Missing || f.Value != 0 {
			t.Fatalf("a fold of unavailable histories is %+v", f)
		}
	}
}

func TestDamageInAListIsSaturationNeverSilence(t *testing.T) {
	h, err := Build(attempt("pay_1", "a", epoch()), nil)
	if err != nil {
		t.Fatal(err)
	}
	damage(h, "\x00\x00")
	if got := h.Count(risk.EntityCard, risk.Event{}, time.Second); got != (risk.Fold{Value: 1, Saturated: true}) {
		t.Errorf("count over a damaged list = %+v", got)
	}
}

func TestCodesOfThePublicContractDifferInTheRecord(t *testing.T) {
	seen := map[uint16]string{0: ""}
	for _, code := range []string{"expiry_incorrect", "card_expired", "insufficient_funds", "issuer_blocked", "cvc_incorrect",
		"number_incorrect", "limit_exceeded", "authentication_required", "authentication_failed", "not_permitted",
		"issuer_unavailable", "suspected_fraud", "refused", "never_retry"} {
		if other, taken := seen[codeHash(code)]; taken {
			t.Errorf("%q and %q are one code in the record", code, other)
		}
		seen[codeHash(code)] = code
	}
}

func FuzzDecode(f *testing.F) {
	f.Add([]byte{recordingVersion, 0})
	for i := range 8 {
		recs := rapid.Custom(func(t *rapid.T) []risk.Record { return drawRecords(t, 1, 12) }).Example(i)
		if h, err := Build(recs[len(recs)-1], recs[:len(recs)-1]); err == nil {
			raw, _ := h.MarshalBinary()
			f.Add(raw)
		}
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		h, err := Decode(raw)
		if err != nil {
			if !errors.Is(err, ErrRecording) {
				t.Fatal(err)
			}
			return
		}
		folds := everyFold(h)
		again, _ := h.MarshalBinary()
		back, err := Decode(again)
		if err != nil {
			t.Fatalf("what was decoded cannot be recorded: %v", err)
		}
		for i, f := range everyFold(back) {
			if f != folds[i] && f == f {
				t.Fatalf("fold %d = %+v, then %+v", i, folds[i], f)
			}
		}
	})
}

func FuzzListsOfAnyBytesAreFolded(f *testing.F) {
	f.Add([]byte("\x12\xff\x00\x00"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		h := newHistories(record{at: epoch().UnixMilli()}, [risk.EntityCount]string{string(raw)})
		everyFold(h)
		if len(raw) > 0 {
			l := limitsFor(record{at: epoch().UnixMilli()}, 1, time.Hour)
			l.view(string(raw))
			l.cut(string(raw))
		}
	})
}
