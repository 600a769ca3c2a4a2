package traffic

import (
	"fmt"
	"strings"
)

// Markdown is the table as it stands in README.md.
func (t Table) Markdown() string {
	var b strings.Builder
	b.WriteString("| scenario | orders | approved | challenged | held | declined | caught | reached the provider | after the first 200 | lost, of money asked |\n")
	b.WriteString("|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|\n")
	for _, r := range t.Rows {
		caught, lost := percent(r.Caught()), fmt.Sprintf("%s of %s EUR", euros(r.Lost), euros(r.Asked))
		if strings.HasPrefix(r.Scenario, Honest) {
			caught, lost = "insulted "+percent(r.Insulted()), "-"
		}
		fmt.Fprintf(&b, "| %s | %d | %s | %s | %s | %s | %s | %d | %s | %s |\n", r.Scenario, r.Orders, percent(r.share(r.Approved)),
			percent(r.share(r.Challenged)), percent(r.share(r.Held)), percent(r.share(r.Declined)), caught, r.Reached,
			late(*r), lost)
	}
	return b.String()
}

// percent shows small shares with two digits after the point, since the bounds for honest trade are as small.
func percent(share float64) string {
	if share > 0 && share < 0.1 {
		return fmt.Sprintf("%.2f %%", 100*share)
	}
	return fmt.Sprintf("%.1f %%", 100*share)
}

// late is the share of the orders after the free ones that reached the provider.
func late(r Row) string {
	if r.Orders <= FreeTries {
		return "-"
	}
	return percent(r.LateShare())
}

func euros(minor int64) string {
	s := fmt.Sprint((minor + 50) / 100)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + " " + s[i:]
	}
	return s
}
