package backtest

import (
	_ "embed"
	"fmt"
	"html/template"
	"io"
	"strings"

	"octroi/risk"
)

//go:embed page.html
var pageText string

func bandNames() []risk.Outcome { return []risk.Outcome{risk.Challenge, risk.Hold, risk.Decline} }

// page is what the template is given.
type page struct {
	Reports []*Report
	Two     bool
	ROC, PR template.HTML
	Figures []Figures
}

// Figures is one line of the table of figures, a value for each report.
type Figures struct {
	Name, Note string
	Values     []string
}

// WriteHTML writes the report, and the one it is set against, as one page that needs nothing else: no script, no font,
// no picture from anywhere. It follows the reader's choice of light or dark.
func (r *Report) WriteHTML(w io.Writer) error {
	t, err := template.New("page").Funcs(template.FuncMap{"share": share}).Parse(pageText)
	if err != nil {
		return fmt.Errorf("page of the report: %w", err)
	}
	p := page{Reports: r.both(), Two: r.Against != nil}
	p.ROC = curves("ROC curve", "good orders at or above the score", "fraud at or above the score", p.Reports, (*Report).roc, true)
	p.PR = curves("Precision and recall", "recall", "precision", p.Reports, (*Report).precisionRecall, false)
	p.Figures = r.Figures()
	return t.Execute(w, p)
}

// both are the report and the one it is set against, if there is one.
func (r *Report) both() []*Report {
	if r.Against == nil {
		return []*Report{r}
	}
	return []*Report{r, r.Against}
}

// Histogram and Daily are drawings for the page's template.
func (r *Report) Histogram() template.HTML { return r.histogram() }

// Daily is the drawing of the days.
func (r *Report) Daily() template.HTML { return r.daily() }

// share is a share as people read it; a dash for none.
func share(p *float64) string {
	if p == nil {
		return "–"
	}
	return fmt.Sprintf("%.3f", *p)
}

// money is an amount as people read it: in minor units, and said so, where the decimals of its currency are not known.
func (r *Report) money(v int64, currency string) string {
	decimals, known := 0, false
	if r.decimals != nil {
		decimals, known = r.decimals(currency)
	}
	s := fmt.Sprintf("%0*d", decimals+1, v)
	whole, part := s[:len(s)-decimals], s[len(s)-decimals:]
	for i := len(whole) - 3; i > 0; i -= 3 {
		whole = whole[:i] + "\u202f" + whole[i:]
	}
	if part != "" {
		whole += "." + part
	}
	if !known {
		currency += " minor units"
	}
	return whole + " " + strings.TrimSpace(currency)
}

// Figures are the report's figures for people, in the order they ask for them, beside those of the report it is set
// against.
func (r *Report) Figures() []Figures {
	var out []Figures
	reports := r.both()
	line := func(name, note string, value func(*Report) string) {
		f := Figures{Name: name, Note: note}
		for _, r := range reports {
			f.Values = append(f.Values, value(r))
		}
		out = append(out, f)
	}
	line("AUC ROC", "chance that a fraud scores above a good order", func(r *Report) string { return share(r.AUC) })
	line("Average precision", "area under precision over recall", func(r *Report) string { return share(r.AveragePrecision) })
	line(fmt.Sprintf("Card precision@%d", reports[0].Top), "per "+reports[0].Per+" and day, found ones left out later",
		func(r *Report) string { return share(&r.CardPrecision) })
	for i, name := range []string{"approved", "challenged", "held", "declined"} {
		line("Fraud "+name, "", func(r *Report) string { return of(*r.outcomes(true)[i], r.Fraud) })
	}
	for i, name := range []string{"approved", "challenged", "held", "declined"} {
		line("Good "+name, "", func(r *Report) string { return of(*r.outcomes(false)[i], r.Orders-r.Fraud) })
	}
	line("Held a day", "", func(r *Report) string { return fmt.Sprintf("%.1f", r.HeldPerDay) })
	line("Analyst hours", fmt.Sprintf("%g minutes a case", reports[0].MinutesPerCase),
		func(r *Report) string { return fmt.Sprintf("%.1f", r.AnalystHours) })
	line("Would lapse", "held authorisations that analysts do not get to in time",
		func(r *Report) string { return fmt.Sprint(r.Lapsed) })
	for i, m := range reports[0].Money {
		at := func(pick func(Money) int64) func(*Report) string {
			return func(r *Report) string { return r.money(pick(r.Money[i]), m.Currency) }
		}
		line("Money stopped", "fraud held or declined", at(func(m Money) int64 { return m.Stopped }))
		line("Money missed", "fraud approved or challenged", at(func(m Money) int64 { return m.Missed }))
		line("Good money insulted", "good orders held or declined", at(func(m Money) int64 { return m.Insulted }))
		line("… of it declined", "", at(func(m Money) int64 { return m.Lost }))
	}
	return out
}

// of is a count with its share of all.
func of(n, all int) string {
	if all == 0 {
		return fmt.Sprint(n)
	}
	return fmt.Sprintf("%d (%.2f %%)", n, 100*float64(n)/float64(all))
}
