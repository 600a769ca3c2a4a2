package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/redis/go-redis/v9"

	"octroi/gateway/store"
	"octroi/risk/velocity"
)

// canaryCard is one of Adyen's documented test cards that nothing else in this test uses; its code is the documented one.
const canaryCard = "4166676667666746"

// canaries are what must never be written down: the card in the forms it takes on its way, and every credential.
func canaries(t *testing.T, dir string) map[string]string {
	k := must[demoSecrets](t)(readDemoSecrets(dir))
	out := map[string]string{"card number": canaryCard, "spaced card number": "4166 6766 6766 6746", "encrypted card number": "test_" + canaryCard,
		"encrypted security code": "test_737", "API key": demoAPIKey, "analyst's token": demoToken, "Adyen's API key": k.AdyenAPIKey,
		"Adyen's HMAC key": k.AdyenHMACKey, "documents identity": k.Identity}
	for name, key := range k.Keys {
		out["key "+name] = key
	}
	for _, u := range demoUsers {
		out["password of "+u.Name] = demoPassword + u.Name
	}
	return out
}

// securityCode finds a code under any of the names it goes by.
var securityCode = regexp.MustCompile(`(?i)(cvc|cvv|cvc2|security_?code)["'\\]*\s*[:=]\s*["'\\]*\d{3,4}`)

func TestNoSecretIsEverWrittenDown(t *testing.T) {
	onEverySetup(t, func(t *testing.T, o demoOptions) {
		w := open(t, o)
		everyWay(w)
		report := map[string][]byte{"/metrics": w.ops("/metrics").is(200).body, "standard error": []byte(w.stderr.String())}
		report["what SQL keeps packed"] = unpacked(w)
		report["what Redis holds"] = inRedis(w)
		known := canaries(t, o.Dir)
		w.shut()
		folders := []string{o.Dir}
		if o.Database != "" {
			_, socket, _ := strings.Cut(o.Database, "host=")
			folders = append(folders, socket)
		}
		for _, folder := range folders {
			readAll(t, folder, report)
		}
		if len(report) < 12 {
			t.Errorf("only %d places were looked at", len(report))
		}
		for place, text := range report {
			for name, canary := range known {
				if bytes.Contains(text, []byte(canary)) {
					t.Errorf("%s holds the %s", place, name)
				}
			}
			if found := securityCode.Find(text); found != nil {
				t.Errorf("%s holds a security code: %q", place, found)
			}
		}
	})
}

// everyWay sends the canaries through all that takes a card: approved, held, refused, declined, replayed, malformed,
// with an unknown key, scored alone, and listed.
func everyWay(w *world) {
	t := w.t
	order := purchase{reference: "C-1", email: "canary@example.org", number: canaryCard}
	w.becomes(w.pay(order).is(201).at("id"), "captured")
	w.pay(order).is(200)
	away := order
	away.reference, away.elsewhere, away.email = "C-2", true, "canary2@example.org"
	held := w.pay(away).is(201)
	w.letter("canary2@example.org", "C-2")
	for i, holder := range []string{"CARD_EXPIRED", "NOT_ENOUGH_BALANCE", "FRAUD", "PENDING"} {
		refused := order
		refused.reference, refused.holder = fmt.Sprint("C-3", i), holder
		if a := w.pay(refused); a.status != 201 && a.status != 202 {
			t.Errorf("%s answered %d", holder, a.status)
		}
	}
	body := order.body(t)
	headers := map[string]string{"Idempotency-Key": "spoilt"}
	for _, spoilt := range []string{strings.Replace(body, `"EUR"`, `"EUX"`, 1), strings.Replace(body, `"cvc"`, `"cvv"`, 1), body[:len(body)-2],
		strings.Replace(body, canaryCard, canaryCard[:15]+"7", 1)} {
		if a := w.call("POST", "/v1/payments", demoAPIKey, spoilt, headers); bytes.Contains(a.body, []byte(canaryCard)) {
			t.Errorf("an answer repeats the card number: %d %s", a.status, a.body)
		}
	}
	w.call("POST", "/v1/payments", "sk_"+canaryCard, body, headers).is(401)
	encrypted := strings.NewReplacer(`"number":"`, `"encrypted_number":"test_`, `"expiry_month":"`, `"encrypted_expiry_month":"test_`,
		`"expiry_year":"`, `"encrypted_expiry_year":"test_`, `"cvc":"`, `"encrypted_cvc":"test_`, "C-1", "C-4").Replace(body)
	w.call("POST", "/v1/payments", demoAPIKey, encrypted, map[string]string{"Idempotency-Key": "encrypted"}).is(201)
	w.shop("POST", "/v1/assessments", `{"order": {"reference": "C-5"}, "amount": {"value": 1, "currency": "EUR"}, "buyer": {"email": "c@example.org"},
		"card": {"number": "`+canaryCard+`"}}`).is(200)
	w.analyst("POST", "/v1/cases/"+held.at("case.id")+"/reject", `{"reason": "canary"}`).is(200)
	w.becomes(held.at("id"), "cancelled")
}

// unpacked is what the database keeps compressed, where a search of its files would find nothing.
func unpacked(w *world) []byte {
	var out bytes.Buffer
	page, _, err := w.demo.store.Payments(w.t.Context(), store.PaymentFilter{Limit: 100})
	if err != nil || len(page) == 0 {
		w.t.Fatalf("%d payments, %v", len(page), err)
	}
	for _, p := range page {
		decisions, err := w.demo.store.Decisions(w.t.Context(), p.Payment.ID)
		if err != nil {
			w.t.Fatal(err)
		}
		if err := json.NewEncoder(&out).Encode([]any{p, decisions}); err != nil {
			w.t.Fatal(err)
		}
	}
	return out.Bytes()
}

// inRedis is every key with its value.
func inRedis(w *world) []byte {
	var out bytes.Buffer
	address := w.demo.cfg.Redis
	rdb := must[redis.UniversalClient](w.t)(velocity.Dial(address))
	defer rdb.Close()
	keys := must[[]string](w.t)(rdb.Keys(w.t.Context(), "*").Result())
	for _, k := range keys {
		out.WriteString(k + "\n")
		for _, read := range []redis.Cmder{rdb.LRange(w.t.Context(), k, 0, -1), rdb.HGetAll(w.t.Context(), k), rdb.Get(w.t.Context(), k)} {
			if read.Err() == nil {
				fmt.Fprintln(&out, read)
			}
		}
	}
	if len(keys) == 0 {
		w.t.Error("Redis holds nothing")
	}
	return out.Bytes()
}

// readAll adds every file of a folder but the one where the demo's own secrets belong.
func readAll(t *testing.T, folder string, to map[string][]byte) {
	err := filepath.WalkDir(folder, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() || d.Name() == demoKeys {
			return err
		}
		to[path], err = os.ReadFile(path)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}
