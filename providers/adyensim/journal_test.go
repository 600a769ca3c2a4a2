package adyensim

import (
	"bytes"
	"encoding/json"
	"fmt"
	mathrand "math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"
)

func TestLedgerNoticesADoubleAuthorisation(t *testing.T) {
	r := start(t, "", "")
	r.pay("pay_1")
	r.pay("pay_2")
	r.post("/v71/payments", "", body("pay_2", "Jean Dupont", "DECLINED"))
	if l := r.sim.Ledger(); len(l.DoubleAuthorisations) != 0 || !slices.Equal(l.DoubleOrders, []string{"order-1"}) {
		t.Errorf("%+v", l)
	}
	r.pay("pay_2", "order-1", "order-2")
	resp, err := http.Get(r.url + "/ledger")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	var l Ledger
	if err := json.NewDecoder(resp.Body).Decode(&l); err != nil || l.Authorisations["pay_2"] != 2 || !slices.Equal(l.DoubleAuthorisations, []string{"pay_2"}) {
		t.Errorf("%+v, %v", l, err)
	}
}

func TestSecondStartOnTheJournalFindsEverything(t *testing.T) {
	journal := filepath.Join(t.TempDir(), "ledger.jsonl")
	first := start(t, journal, "")
	_, a, _ := first.post("/v71/payments", "key", body("pay_1"))
	psp := a["pspReference"].(string)
	first.modify(psp, Captures, 700)
	before := first.sim.Ledger()
	if err := first.sim.Close(); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(journal)
	if err != nil || bytes.Contains(text, []byte("4111111111111111")) || bytes.Contains(text, []byte("737")) || bytes.Contains(text, []byte("Dupont")) || bytes.Contains(text, []byte("2030")) {
		t.Fatalf("the journal keeps what it must not: %v %s", err, text)
	}
	if err := os.WriteFile(journal, append(text, []byte(`{"key":"torn by a cra`)...), 0o600); err != nil {
		t.Fatal(err)
	}
	b, url := mailbox(t, 0)
	second := start(t, journal, url)
	if got := second.sim.Ledger(); fmt.Sprint(got) != fmt.Sprint(before) || got.PendingWebhooks != 2 {
		t.Errorf("found %+v, want %+v", got, before)
	}
	if _, again, _ := second.post("/v71/payments", "key", body("pay_1")); again["pspReference"] != psp {
		t.Errorf("the idempotency answer is lost: %v", again)
	}
	second.run()
	if got := b.events(t, 2); !slices.Equal(got, []string{"AUTHORISATION", "CAPTURE"}) {
		t.Errorf("%v", got)
	}
	if status, _ := second.modify(psp, Captures, 300); status != 201 || second.payment("pay_1").Captured != 1000 {
		t.Errorf("%d %+v", status, second.payment("pay_1"))
	}
}

func TestUnreadableJournalIsNotOverwritten(t *testing.T) {
	journal := filepath.Join(t.TempDir(), "ledger.jsonl")
	if err := os.WriteFile(journal, []byte("not a journal\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := New(Config{Journal: journal, Clock: time.Now, Rand: mathrand.NewChaCha8([32]byte{})})
	if text, _ := os.ReadFile(journal); err == nil || string(text) != "not a journal\n" {
		t.Errorf("%v, %q", err, text)
	}
}

func TestLongJournalIsWrittenAnewWithTheSameMeaning(t *testing.T) {
	journal := filepath.Join(t.TempDir(), "ledger.jsonl")
	first := start(t, journal, "")
	act := first.begun("RedirectShopper", "4111111111111111", enrolled, `"returnUrl"`, always)
	result := first.choose(act, "pay", "1234")
	first.post("/v71/payments", "key", body("pay_2"))
	psp := first.payment("pay_2").PSPReference
	for range 50 {
		first.modify(psp, Captures, 10)
	}
	before, _ := json.Marshal(first.sim.Ledger())
	if err := first.sim.Close(); err != nil {
		t.Fatal(err)
	}
	long, err := os.Stat(journal)
	if err != nil {
		t.Fatal(err)
	}
	b := newBook(1000)
	f, err := openJournal(journal, b, 1)
	if err != nil {
		t.Fatal(err)
	}
	if short, err := f.Stat(); err != nil || short.Size() > long.Size()/5 {
		t.Errorf("%d bytes have become %d, %v", long.Size(), short.Size(), err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	second := start(t, journal, "")
	if after, _ := json.Marshal(second.sim.Ledger()); string(after) != string(before) {
		t.Errorf("%s\nwas\n%s", after, before)
	}
	_, again, _ := second.post("/v71/payments", "key", body("pay_9"))
	if status, a := second.finish(quoted("redirectResult", result)); again["pspReference"] != psp || status != 200 || a["resultCode"] != "Authorised" {
		t.Errorf("%v, %d %v", again, status, a)
	}
}
