package adyen

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"octroi/providers"
)

// verifier knows the given hexadecimal keys.
func verifier(t *testing.T, keys ...providers.Secret) *Adyen {
	t.Helper()
	a, err := New(Config{Endpoint: "https://checkout-test.adyen.com/v71", APIKey: "k", Account: testAccount, Accounts: map[string]string{"other": "OtherMerchant"}, HMACKeys: keys, Clock: clock})
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// item decodes a notification item as Adyen would send it.
func item(t *testing.T, text string) object {
	t.Helper()
	o, ok := decode([]byte(text))
	if !ok {
		t.Fatalf("not an object: %s", text)
	}
	return o
}

func TestSignatureVectorsOfAdyensDocumentation(t *testing.T) {
	for _, c := range []struct{ key, signature, fields string }{
		{"44782DEF547AAA06C910C43932B1EB0C71FC68D9D0C057550C48EC2ACF6BA056", "coqCmt/IZ4E3CzPvMY8zTjQVL5hYJUiBRg8UU+iCWo0=",
			`"pspReference":"7914073381342284","merchantAccountCode":"TestMerchant","merchantReference":"TestPayment-1407325143704",
			"amount":{"value":1130,"currency":"EUR"},"eventCode":"AUTHORISATION","success":"true"`},
		{"DFB1EB5485895CFA84146406857104ABB4CBCABDC8AAF103A624C8F6A3EAAB00", "ipnxGCaUZ4l8TUW75a71/ghd2Fe5ffvX0pV4TLTntIc=",
			`"pspReference":"pspReference","originalReference":"originalReference","merchantAccountCode":"merchantAccount",
			"merchantReference":"reference","amount":{"value":1000,"currency":"EUR"},"eventCode":"EVENT","success":"true"`},
	} {
		o := item(t, `{"additionalData":{"hmacSignature":"`+c.signature+`"},`+c.fields+`}`)
		if !verifier(t, providers.Secret(c.key)).signed(o) {
			t.Errorf("%v is not verified", o)
		}
		if verifier(t, "00112233445566778899AABBCCDDEEFF").signed(o) || verifier(t).signed(o) {
			t.Errorf("%v is verified by another key, or by none", o)
		}
		if !verifier(t, "00112233445566778899AABBCCDDEEFF", providers.Secret(c.key)).signed(o) {
			t.Errorf("%v is not verified while its key is being replaced", o)
		}
	}
}

// These items were signed by Adyen itself (published with the tests of its Python and .NET libraries).
func TestAwkwardReferencesAreSignedUnescaped(t *testing.T) {
	a, err := New(Config{Endpoint: "https://checkout-test.adyen.com/v71", APIKey: "k", Account: "AntoniStroinski", Clock: clock,
		HMACKeys: []providers.Secret{"74F490DD33F7327BAECC88B2947C011FC02D014A473AAA33A8EC93E4DC069174"}})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ reference, psp, signature string }{
		{`\\\\slashes are fun`, "T7FD4VM4D3RZNN82", "nIgT81gaB5oJpn2jPXupDq68iRo2wUlBsuYjtYfwKqo="},
		{`:slashes are fun`, "M8NB66SBZSGLNK82", "2EQYm7YJpKO4EtHSPu55SQTyWf8dkW5u2nD1tJFpViA="},
		{`//slashes are fun`, "X3GWNS6KJ8NKGK82", "9Z0xdpG9Xi3zcmXv14t/BvMBut77O/Xq9D4CQXSDUi4="},
		{`\\:/\\/slashes are fun`, "ZVWN7D3WSMK2WN82", "CZErGCNQaSsxbaQfZaJlakqo7KPP+mIa8a+wx3yNs9A="},
	} {
		body := `{"notificationItems":[{"NotificationRequestItem":{"additionalData":{"expiryDate":"03/2030","refusalReasonRaw":"AUTHORISED",
			"hmacSignature":"` + c.signature + `"},"amount":{"currency":"EUR","value":1000},"eventCode":"AUTHORISATION",
			"eventDate":"2023-01-10T13:40:54+01:00","merchantAccountCode":"AntoniStroinski","merchantReference":"` + c.reference + `",
			"paymentMethod":"visa","pspReference":"` + c.psp + `","success":"true"}}]}`
		ns, err := a.Notifications([]byte(body))
		if err != nil || !ns[0].Success || ns[0].PaymentReference != c.psp || ns[0].Result.Brand != "visa" {
			t.Errorf("%s: %+v, %v", c.reference, ns, err)
		}
	}
}

// hook signs items and puts them in an envelope.
func hook(t *testing.T, items ...string) []byte {
	t.Helper()
	key, _ := hex.DecodeString(testHMAC)
	var wrapped []string
	for _, it := range items {
		o := item(t, it)
		mac := hmac.New(sha256.New, key)
		text, _ := signedText(o)
		mac.Write([]byte(text))
		data := o.object("additionalData")
		if data == nil {
			data = object{}
		}
		data["hmacSignature"], _ = json.Marshal(base64.StdEncoding.EncodeToString(mac.Sum(nil)))
		o["additionalData"], _ = json.Marshal(data)
		b, _ := json.Marshal(o)
		wrapped = append(wrapped, `{"NotificationRequestItem":`+string(b)+`}`)
	}
	return []byte(`{"live":"false","notificationItems":[` + strings.Join(wrapped, ",") + `]}`)
}

const event = `{"eventCode":"%s","success":"%v","pspReference":"MOD","originalReference":"PSP","merchantReference":"ref_1",
	"merchantAccountCode":"TestMerchant","amount":{"value":100,"currency":"EUR"},"eventDate":"2026-05-04T11:00:00+02:00","reason":""}`

func TestReferencesOfAPaymentAndOfAModificationAreToldApart(t *testing.T) {
	read := func(it string) providers.Notification {
		ns, err := verifier(t, testHMAC).Notifications(hook(t, it))
		if err != nil {
			t.Fatal(err)
		}
		return ns[0]
	}
	n := read(fmt.Sprintf(event, "CAPTURE", true))
	if n.OperationID != "ref_1" || n.ModificationReference != "MOD" || n.PaymentReference != "PSP" || n.PaymentID != "" || n.Account != "TestMerchant" {
		t.Errorf("capture: %+v", n)
	}
	if n.Amount != (providers.Amount{Value: 100, Currency: "EUR"}) || !n.At.Equal(time.Date(2026, 5, 4, 9, 0, 0, 0, time.UTC)) {
		t.Errorf("amount and date: %+v", n)
	}
	n = read(fmt.Sprintf(event, "CHARGEBACK", true))
	if n.PaymentID != "ref_1" || n.PaymentReference != "PSP" || n.OperationID != "" {
		t.Errorf("chargeback: %+v", n)
	}
	n = read(strings.Replace(fmt.Sprintf(event, "AUTHORISATION", true), `"originalReference":"PSP",`, "", 1))
	if n.PaymentID != "ref_1" || n.PaymentReference != "MOD" || n.Result == nil || n.Result.Reference != "MOD" || n.Result.Authorised.Value != 100 || !n.Result.ExpiresAt.Equal(n.At.AddDate(0, 0, 28)) {
		t.Errorf("authorisation: %+v %+v", n, n.Result)
	}
}

func TestRefusedAuthorisationReportsItsReason(t *testing.T) {
	it := strings.Replace(fmt.Sprintf(event, "AUTHORISATION", false), `"reason":""`, `"reason":"Expired Card","additionalData":{"expiryDate":"4/2026","cardSummary":"1111"}`, 1)
	ns, err := verifier(t, testHMAC).Notifications(hook(t, it))
	if err != nil || spelled(ns[0].Result.Refusal) != "card_expired correct_details" || ns[0].Result.Status != providers.StatusRefused || ns[0].Result.Last4 != "1111" {
		t.Errorf("%+v, %v", ns, err)
	}
}

func TestBatchGivesEachItemOnce(t *testing.T) {
	ns, err := verifier(t, testHMAC).Notifications(hook(t, fmt.Sprintf(event, "CAPTURE", true), fmt.Sprintf(event, "REFUND", true), fmt.Sprintf(event, "CAPTURE", false)))
	if err != nil || len(ns) != 3 || ns[0].Kind != "capture" || ns[1].Kind != "refund" || ns[2].Kind != "capture_failed" {
		t.Errorf("%+v, %v", ns, err)
	}
}

func TestTolerantOfWhatIsNotSigned(t *testing.T) {
	for _, change := range [][2]string{{`"eventDate":"2026-05-04T11:00:00+02:00"`, `"eventDate":""`}, {`"eventDate":"2026-05-04T11:00:00+02:00"`, `"eventDate":[1]`},
		{`"success":"true"`, `"success":true`}, {`"reason":""`, `"reason":{"a":1}`}, {`"reason":""`, `"operations":"x","paymentMethod":7`}, {`"value":100`, `"value":"100"`}} {
		ns, err := verifier(t, testHMAC).Notifications(hook(t, strings.Replace(fmt.Sprintf(event, "CAPTURE", true), change[0], change[1], 1)))
		if err != nil || ns[0].Kind != "capture" || !ns[0].Success || ns[0].Amount.Value != 100 || ns[0].At.IsZero() {
			t.Errorf("%s: %+v, %v", change[1], ns, err)
		}
	}
}

func TestUnsignedAndForgedNotificationsAreRefused(t *testing.T) {
	good := string(hook(t, fmt.Sprintf(event, "CAPTURE", true)))
	plain := fmt.Sprintf(event, "CAPTURE", true)
	for name, body := range map[string]string{
		"no additionalData":   `{"notificationItems":[{"NotificationRequestItem":` + plain + `}]}`,
		"null additionalData": `{"notificationItems":[{"NotificationRequestItem":` + strings.Replace(plain, `"reason":""`, `"additionalData":null`, 1) + `}]}`,
		"empty signature":     `{"notificationItems":[{"NotificationRequestItem":` + strings.Replace(plain, `"reason":""`, `"additionalData":{"hmacSignature":""}`, 1) + `}]}`,
		"not base64":          `{"notificationItems":[{"NotificationRequestItem":` + strings.Replace(plain, `"reason":""`, `"additionalData":{"hmacSignature":"!"}`, 1) + `}]}`,
		"other amount":        strings.Replace(good, `"value":100`, `"value":900`, 1),
		"other reference":     strings.Replace(good, "ref_1", "ref_2", 1),
		"other event":         strings.Replace(good, "CAPTURE", "REFUND", 1),
		"other account":       strings.Replace(good, "TestMerchant", "Other", 1),
		"one of two forged":   `{"notificationItems":[` + good[strings.Index(good, `[`)+1:len(good)-2] + `,{"NotificationRequestItem":` + plain + `}]}`,
	} {
		if ns, err := verifier(t, testHMAC).Notifications([]byte(body)); !errors.Is(err, ErrSignature) || ns != nil {
			t.Errorf("%s: %+v, %v", name, ns, err)
		}
	}
	if _, err := verifier(t).Notifications([]byte(good)); !errors.Is(err, ErrSignature) {
		t.Errorf("without any key: %v", err)
	}
}

func TestMalformedNotificationsAreToldFromForgedOnes(t *testing.T) {
	many := make([]string, maxItems+1)
	for i := range many {
		many[i] = fmt.Sprintf(event, "CAPTURE", true)
	}
	for _, body := range []string{"", "null", "{}", "[]", "7", "<html>", `{"notificationItems":[]}`, `{"notificationItems":[null]}`, `{"notificationItems":[{}]}`,
		`{"notificationItems":[{"NotificationRequestItem":[]}]}`, `{"notificationItems":"x"}`, string(hook(t, many...)), strings.Repeat(" ", maxNotification+1)} {
		if _, err := verifier(t, testHMAC).Notifications([]byte(body)); !errors.Is(err, ErrMalformed) {
			t.Errorf("%.60q: %v", body, err)
		}
	}
}

func TestReasonIsBoundedAndMasked(t *testing.T) {
	it := strings.Replace(fmt.Sprintf(event, "AUTHORISATION", true), `"reason":""`, `"reason":"033899:1111:03/2030 4111 1111 1111 1111`+strings.Repeat("x", 5000)+`"`, 1)
	ns, err := verifier(t, testHMAC).Notifications(hook(t, it))
	if err != nil || len(ns[0].Reason) > 200 || strings.Contains(ns[0].Reason, "111") || !strings.HasPrefix(ns[0].Reason, "***:***:03/***") {
		t.Errorf("%+v, %v", ns, err)
	}
}
