package adyen

import (
	"slices"
	"strings"
	"testing"

	"octroi/providers"
)

// reader is an adapter that only reads.
func reader(f *testing.F) *Adyen {
	f.Helper()
	a, err := New(Config{Endpoint: "https://checkout-test.adyen.com/v71", APIKey: testKey, Account: testAccount, HMACKeys: []providers.Secret{testHMAC}, Clock: clock})
	if err != nil {
		f.Fatal(err)
	}
	return a
}

// FuzzNotifications holds that no body makes the reader panic, and that nothing unsigned is ever read.
func FuzzNotifications(f *testing.F) {
	a := reader(f)
	f.Fuzz(func(t *testing.T, body []byte) {
		ns, err := a.Notifications(body)
		if err == nil && !strings.Contains(string(body), "hmacSignature") && !strings.Contains(string(body), `\u`) {
			t.Fatalf("read without a signature: %+v", ns)
		}
		if err != nil && misreadWebhook(a, body, nil) != "" {
			t.Fatal(misreadWebhook(a, body, nil))
		}
	})
}

// FuzzNotificationItem reads items as if they were signed: see misreadItem.
func FuzzNotificationItem(f *testing.F) {
	a := reader(f)
	for _, it := range reports() {
		f.Add([]byte(it))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		if wrong := misreadItem(a, body); wrong != "" {
			t.Fatal(wrong)
		}
	})
}

// FuzzAnswer reads answers to payments and to their details: see misreadAnswer.
func FuzzAnswer(f *testing.F) {
	a := reader(f)
	for _, body := range truths {
		f.Add(200, []byte(body))
	}
	f.Fuzz(func(t *testing.T, status int, body []byte) {
		for _, named := range []bool{false, true} {
			if wrong := misreadAnswer(a, status, body, named); wrong != "" {
				t.Fatal(wrong)
			}
		}
	})
}

// FuzzReceipt reads answers to modifications: see misreadReceipt.
func FuzzReceipt(f *testing.F) {
	f.Fuzz(func(t *testing.T, status int, body []byte) {
		if wrong := misreadReceipt(status, body); wrong != "" {
			t.Fatal(wrong)
		}
	})
}

// FuzzAction holds that a buyer is only sent to a safe address, and only told of steps that a checkout knows.
func FuzzAction(f *testing.F) {
	f.Fuzz(func(t *testing.T, body []byte, code string) {
		o, _ := decode(body)
		act := readAction(o, code, false)
		if act == nil {
			return
		}
		switch {
		case !slices.Contains([]string{"redirect", "threeds2_fingerprint", "threeds2_challenge"}, act.Type):
			t.Fatalf("a step %q", act.Type)
		case act.URL != "" && !strings.HasPrefix(act.URL, "https://"), act.URL == "" && act.Type == "redirect":
			t.Fatalf("a buyer sent to %q", act.URL)
		case act.Type != "redirect" && act.Data["token"] == "":
			t.Fatalf("a step without its token: %+v", act)
		}
	})
}
