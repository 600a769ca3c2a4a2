package velocity

import (
	"compress/gzip"
	"encoding/csv"
	"errors"
	"io"
	"math"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"octroi/risk"
)

// rows reads a gzipped CSV file with a header line; the path comes from the environment, the data never from the tree.
func rows(t *testing.T, variable string, each func(row []string)) {
	t.Helper()
	path := os.Getenv(variable)
	if path == "" {
		t.Skip(variable + " is not set: the windows were not compared with the Handbook's")
	}
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	r := csv.NewReader(z)
	r.ReuseRecord = true
	if _, err := r.Read(); err != nil {
		t.Fatal(err)
	}
	for {
		row, err := r.Read()
		if errors.Is(err, io.EOF) {
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		each(row)
	}
}

// handbookWindows are the twelve figures the Handbook computed for one payment.
type handbookWindows [12]float64

// windowsOf computes them from a history in which the terminal stands as the device. The delay until a fraud is known
// is seven days; a count with a delay is the difference of two counts.
func windowsOf(h *Histories) (out handbookWindows, saturated bool) {
	const day, delay = 24 * time.Hour, 7 * 24 * time.Hour
	made, fraud := risk.Event{Kind: risk.EventAttempt}, risk.Event{Kind: risk.EventChargeback}
	known := h.Count(risk.EntityDevice, made, delay)
	for i, w := range []time.Duration{day, 7 * day, 30 * day} {
		n, sum := h.Count(risk.EntityCustomer, made, w), h.Sum(risk.EntityCustomer, made, w)
		all, rate := h.Count(risk.EntityDevice, made, delay+w), h.Rate(risk.EntityDevice, fraud, w, delay)
		out[2*i], out[2*i+1] = n.Value, sum.Value/n.Value/100
		out[6+2*i], out[7+2*i] = all.Value-known.Value, rate.Value
		saturated = saturated || n.Saturated || sum.Saturated || all.Saturated || rate.Saturated
	}
	return out, saturated
}

func TestWindowsAreThoseOfTheFraudDetectionHandbook(t *testing.T) {
	want := map[string]handbookWindows{}
	rows(t, "OCTROI_HANDBOOK_WINDOWS", func(row []string) {
		var w handbookWindows
		for i := range w {
			w[i], _ = strconv.ParseFloat(row[i+1], 64)
		}
		want[strings.Clone(row[0])] = w
	})
	var caps Caps
	for e := range caps {
		caps[e] = 512
	}
	m := NewMemory(caps, 0)
	compared, different := 0, 0
	rows(t, "OCTROI_HANDBOOK", func(row []string) {
		seconds, _ := strconv.ParseInt(row[1], 10, 64)
		euros, _ := strconv.ParseFloat(row[4], 64)
		rec := risk.Record{ID: strings.Clone(row[0]), At: time.Unix(seconds, 0), Amount: int64(math.Round(euros * 100))}
		rec.Keys[risk.EntityCustomer], rec.Keys[risk.EntityDevice] = row[2], row[3]
		h, err := m.Observe("handbook", rec)
		if err != nil {
			t.Fatal(err)
		}
		got, saturated := windowsOf(h) // good until the next record
		if row[5] == "1" {
			rec.Kind = risk.EventChargeback
			if err := m.Append("handbook", rec); err != nil {
				t.Fatal(err)
			}
		}
		expected, asked := want[row[0]]
		if !asked {
			return
		}
		compared++
		same := !saturated
		for i := range got {
			same = same && math.Abs(got[i]-expected[i]) < 1e-6 // the Handbook's figures are rounded to six decimals
		}
		if !same {
			if different++; different < 10 {
				t.Errorf("payment %s: %v (saturated %v), the Handbook has %v", row[0], got, saturated, expected)
			}
		}
	})
	if compared != len(want) || different > 0 {
		t.Errorf("%d of %d payments compared, %d differ", compared, len(want), different)
	}
	t.Logf("%d payments compared in twelve windows, %d differ", compared, different)
}
