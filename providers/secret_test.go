package providers

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"log/slog"
	"strings"
	"testing"
)

const (
	pan = "4111111111111111" // Adyen's documented test card
	hid = "[redacted]"
)

func TestSecretIsRedactedByEveryVerb(t *testing.T) {
	card := Card{Number: pan, CVC: "737", EncryptedNumber: "enc-" + pan}
	au := Authorisation{PaymentID: "pay_1", Card: card}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%c", "%U", "%b", "%o", "%t", "%e", "% x", "%#x", "%10.3s", "%-30v", "%!", "%z"} {
		for _, v := range []any{Secret(pan), []Secret{pan}, map[string]Secret{"k": pan}, card, &card, au, &au, struct{ A *Authorisation }{&au}, struct{ A []*Authorisation }{[]*Authorisation{&au}}, struct{ S *Card }{&card}, []any{Secret(pan)}} {
			got := fmt.Sprintf(verb, v)
			if strings.Contains(got, pan) || strings.Contains(got, fmt.Sprintf("%x", pan)) || strings.Contains(got, "737") {
				t.Errorf("%s of %T shows the secret: %s", verb, v, got)
			}
		}
	}
	if got := fmt.Sprintf("%v|%v", Secret(pan), Secret("")); got != hid+"|" {
		t.Errorf("Sprintf gives %q", got)
	}
	if got := fmt.Sprintf("%+v", au); !strings.Contains(got, "PaymentID:pay_1") {
		t.Errorf("the rest of an authorisation does not show: %s", got)
	}
	if got := fmt.Errorf("card %w %v", fmt.Errorf("%v", Secret(pan)), Secret(pan)).Error(); got != "card "+hid+" "+hid {
		t.Errorf("an error gives %q", got)
	}
}

func TestSecretIsRedactedByEveryEncoding(t *testing.T) {
	card := Card{Number: pan, CVC: "737"}
	j, err := json.Marshal(map[string]any{"card": card, "secret": Secret(pan), "list": []*Card{&card}})
	if err != nil || strings.Contains(string(j), pan) || strings.Contains(string(j), "737") {
		t.Errorf("JSON: %s, %v", j, err)
	}
	x, err := xml.Marshal(card)
	if err != nil || strings.Contains(string(x), pan) || strings.Contains(string(x), "737") {
		t.Errorf("XML: %s, %v", x, err)
	}
}

func TestSecretIsRedactedByEveryLog(t *testing.T) {
	var b bytes.Buffer
	for _, h := range []slog.Handler{slog.NewJSONHandler(&b, nil), slog.NewTextHandler(&b, nil)} {
		card := Card{Number: pan, CVC: "737"}
		slog.New(h).Info("x", "secret", Secret(pan), "card", card, "pointer", &card, "list", []Secret{pan}, slog.Group("g", "s", Secret(pan)))
		slog.New(h).With("secret", Secret(pan)).Error("x", "error", fmt.Errorf("%v", card))
	}
	if got := b.String(); strings.Contains(got, pan) || strings.Contains(got, `"737"`) || !strings.Contains(got, hid) {
		t.Errorf("a log shows the secret: %s", got)
	}
}

func TestSecretIsRevealedAndComparedOnPurposeOnly(t *testing.T) {
	if Secret(pan).Reveal() != pan || !Secret("a").Equal("a") || Secret("a").Equal("b") || Secret("a").Equal("aa") || Secret("a").Equal("") {
		t.Error("Reveal or Equal is wrong")
	}
}
