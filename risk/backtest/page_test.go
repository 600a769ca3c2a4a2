package backtest

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"
	"testing"

	"octroi/risk"
)

func reported(t *testing.T) *Report {
	t.Helper()
	var s tale
	for i := range 400 {
		s.order(fmt.Sprint(i), at(1, i/4), fmt.Sprint(i%50), int64(i*i))
		if i%20 == 0 {
			s.event(fmt.Sprint(i), at(1, i/4), risk.EventChargeback)
		}
	}
	return tested(t, options("2026-03-01..2026-03-05"), s)
}

func page1(t *testing.T, r *Report) string {
	t.Helper()
	var b bytes.Buffer
	if err := r.WriteHTML(&b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

var elsewhere = regexp.MustCompile(`(?i)<script|<link|<img|@import|url\(|(src|href)=|https?:`)

func TestThePageNeedsNothingFromElsewhere(t *testing.T) {
	r := reported(t)
	r.Against = reported(t)
	page := page1(t, r)
	if found := elsewhere.FindString(page); found != "" {
		t.Errorf("the page has %q", found)
	}
	for _, want := range []string{"reporting", "2026-03-01..2026-03-05, UTC: 400 orders, 20 of them fraud", "AUC ROC", "REPORTED",
		"prefers-color-scheme:dark", `class="curve c1"`} {
		if !strings.Contains(page, want) {
			t.Errorf("the page has no %q", want)
		}
	}
	if n := strings.Count(page, "<svg"); n != 6 {
		t.Errorf("the page has %d drawings, want 6", n)
	}
}

func TestEveryDrawingIsWellFormedAndHasOnlyNumbers(t *testing.T) {
	for _, r := range []*Report{reported(t), tested(t, options("2026-03-01"), nil)} {
		for _, drawing := range regexp.MustCompile(`(?s)<svg.*?</svg>`).FindAllString(page1(t, r), -1) {
			d := xml.NewDecoder(strings.NewReader(drawing))
			for {
				if _, err := d.Token(); errors.Is(err, io.EOF) {
					break
				} else if err != nil {
					t.Fatalf("%v: %s", err, drawing)
				}
			}
			if bad := regexp.MustCompile(`NaN|Inf|%!`).FindString(drawing); bad != "" {
				t.Errorf("the drawing has %s: %s", bad, drawing)
			}
		}
	}
}

func TestWhatAFileSaysIsEscaped(t *testing.T) {
	r := reported(t)
	r.Per, r.Money[0].Currency = "<b>", "<script>"
	if page := page1(t, r); strings.Contains(page, "<script>") || strings.Contains(page, "<b>") {
		t.Error("the page repeats markup")
	}
}

func TestAmountsAreShownAsPeopleReadThem(t *testing.T) {
	r := &Report{}
	if got := r.money(1234567, "EUR"); got != "1\u202f234\u202f567 EUR minor units" {
		t.Error(got)
	}
	r.decimals = func(c string) (int, bool) { return map[string]int{"EUR": 2, "JPY": 0}[c], c != "QQQ" }
	for _, c := range []struct {
		v              int64
		currency, want string
	}{{5, "EUR", "0.05 EUR"}, {123456789, "EUR", "1\u202f234\u202f567.89 EUR"}, {1000, "JPY", "1\u202f000 JPY"}, {0, "QQQ", "0 QQQ minor units"}} {
		if got := r.money(c.v, c.currency); got != c.want {
			t.Errorf("%q, want %q", got, c.want)
		}
	}
}
