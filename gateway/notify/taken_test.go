package notify

import (
	"strings"
	"testing"

	"octroi/gateway/notify/wording"
	"octroi/gateway/store"
)

func TestNoMailAboutTakenMoneySpeaksOfAReservationOrACard(t *testing.T) {
	for _, template := range Templates() {
		for _, language := range wording.Languages() {
			m := sample(template, language)
			if template == store.MailRefused || template == store.MailDeclined || template == store.MailReleased {
				continue // nothing is said there of where the money is
			}
			m.Taken, m.Message = true, "…"
			out, err := render(m)
			if err != nil {
				t.Fatalf("%s in %s: %v", template, language, err)
			}
			for _, wrong := range []string{"set aside", "not charged", "charged yet", "holder", "released", "somme réservée", "a réservé", "débité", "prélevé", "titulaire", "libérée"} {
				if strings.Contains(out.Text, wrong) || strings.Contains(out.Subject, wrong) {
					t.Errorf("%s in %s says %q:\n%s\n%s", template, language, wrong, out.Subject, out.Text)
				}
			}
		}
	}
}
