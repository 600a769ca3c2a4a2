package storefront

import (
	"slices"
	"strings"
	"testing"
)

// TestNoTwoChoicesShareACard matters because a refusal for good is remembered of the card: the next choice would be declined.
func TestNoTwoChoicesShareACard(t *testing.T) {
	var seen []string
	for _, m := range menu {
		if m.Method != "card" {
			continue
		}
		if slices.Contains(seen, m.Number) {
			t.Errorf("%s has a card that another choice has", m.ID)
		}
		seen = append(seen, m.Number)
		for lang, words := range texts {
			if !strings.Contains(words["means_"+m.ID], "•••• "+m.Last4()) {
				t.Errorf("%s in %s does not name the card's last digits %s", m.ID, lang, m.Last4())
			}
		}
	}
}
