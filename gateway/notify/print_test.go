package notify

import (
	"regexp"
	"strings"
	"testing"

	"octroi/gateway/notify/wording"
	"octroi/gateway/payment"
	"octroi/gateway/store"
)

func TestNobodyIsToldToWriteWithoutBeingToldWhere(t *testing.T) {
	shipped, err := wording.Shipped()
	if err != nil {
		t.Fatal(err)
	}
	for _, template := range Templates() {
		for language, verb := range map[string]string{payment.English: "write to Mémoire", payment.French: "écrivez à Mémoire"} {
			m := sample(template, language)
			without, err := Render(shipped, m, "", nil)
			if err != nil {
				t.Fatal(err)
			}
			if strings.Contains(without.Text, verb) {
				t.Errorf("%s %s says %q to a shop without an address:\n%s", template, language, verb, without.Text)
			}
			with, err := render(m)
			if err != nil {
				t.Fatal(err)
			}
			if strings.Contains(with.Text, verb) && !strings.Contains(with.Text, verb+" & Cie (clients@shop.example)") {
				t.Errorf("%s %s says %q without the address:\n%s", template, language, verb, with.Text)
			}
		}
	}
}

func TestMailsAreSetAsInPrintButForWhatPeopleWrote(t *testing.T) {
	for _, template := range Templates() {
		for _, language := range wording.Languages() {
			m := sample(template, language)
			m.ToName = "Jean d'Ormesson"
			if template == store.MailMessage {
				m.Message = "C'est \"bon\" : merci"
			}
			got, err := render(m)
			if err != nil {
				t.Fatal(err)
			}
			text := got.Subject + "\n" + got.Text
			for _, theirs := range []string{m.ToName, "> C'est \"bon\" : merci\n"} {
				if theirs == m.ToName || template == store.MailMessage {
					if !strings.Contains(text, theirs) {
						t.Errorf("%s %s changed %q:\n%s", template, language, theirs, text)
					}
				}
				text = strings.ReplaceAll(text, theirs, "")
			}
			if found := loose.FindString(text); found != "" {
				t.Errorf("%s %s holds %q:\n%s", template, language, found, text)
			}
		}
	}
}

// loose are signs as keyboards have them.
var loose = regexp.MustCompile(`\pL'| [;:?!»]|« |"`)
