package adyen

import (
	"fmt"
	"strings"
	"testing"

	"octroi/providers"
)

func TestTheCardsAliasIsReadFromAnswersAlone(t *testing.T) {
	const refused = `{"pspReference":"X","resultCode":"Refused","refusalReasonCode":"12","additionalData":{"alias":"H167852639363479"}}`
	for body, want := range map[string]providers.Secret{
		approved(`,"additionalData":{"alias":"H167852639363479","aliasType":"Default"}`): "H167852639363479",
		approved(`,"additionalData":{"alias":"H167852639363479","aliasType":"Other"}`):   "",
		approved(`,"additionalData":{"alias":"4111111111111111"}`):                       "",
		approved(`,"additionalData":{"alias":"` + strings.Repeat("H", 65) + `"}`):        "",
		approved(`,"additionalData":{"alias":"a b"}`):                                    "",
		approved(``): "",
		refused:      "H167852639363479",
	} {
		r := paid(t, body)
		if r.Alias != want {
			t.Errorf("%s: %q, want %q", body, r.Alias.Reveal(), want.Reveal())
		}
		if want != "" && strings.Contains(fmt.Sprintf("%+v", r), want.Reveal()) {
			t.Error("a result that is printed shows the card's alias")
		}
	}
	if r := describe(additional("alias", "H167852639363479"), providers.Card{}); r.Alias != "" {
		t.Error("a notification, whose data nobody signed, names a card")
	}
}
