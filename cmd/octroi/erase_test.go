package main

import (
	"path/filepath"
	"strings"
	"testing"

	"octroi/gateway/store"
)

func TestEraseTellsFirstAndForgetsOnlyWhenItIsTold(t *testing.T) {
	const email = "forgotten@example.org"
	dir := filepath.Join(t.TempDir(), "demo")
	w := open(t, options(dir))
	waiting, _ := w.held("E-1", email, "5555444433331111")
	paid := w.pay(purchase{reference: "E-2", email: email, number: "4111111111111111", ip: "203.0.113.51"}).is(201)
	w.becomes(paid.at("id"), "captured")
	assessed := w.shop("POST", "/v1/assessments", `{"order":{"reference":"E-3"},"amount":{"value":100,"currency":"EUR"},"card":{},"buyer":{"email":"`+email+`"}}`).is(200)
	w.shut()
	for _, line := range []string{"erase --shop demo", "erase --email " + email, "erase --shop nobody --email " + email} {
		if code, _, _ := command(t, append(strings.Fields(line), "--dir", dir)...); code == 0 {
			t.Errorf("octroi %s did something", line)
		}
	}
	buyer := func(id string) string {
		return must[store.Snapshot](t)(database(t, dir).Payment(t.Context(), "", id)).Payment.Detail.Buyer.Email
	}
	line := []string{"erase", "--shop", "demo", "--email", strings.ToUpper(email), "--dir", dir}
	code, out, errs := command(t, line...)
	for _, want := range []string{waiting.at("id"), paid.at("id"), "contact now", "when it has its outcome", "2 payments, 0 documents and 1 assessments would be erased"} {
		if code != 0 || !strings.Contains(out, want) {
			t.Errorf("%q is missing: %d %s%s", want, code, out, errs)
		}
	}
	if buyer(paid.at("id")) != email {
		t.Fatal("telling what would be erased erased it")
	}
	if code, out, errs := command(t, append(line, "--yes")...); code != 0 || !strings.Contains(out, "1 assessments are erased") {
		t.Fatalf("%d %s%s", code, out, errs)
	}
	if buyer(paid.at("id")) != "" || buyer(waiting.at("id")) != email {
		t.Error("a payment that is over keeps its buyer, or one under way has lost theirs")
	}
	if code, _, errs := command(t, "replay", paid.at("id"), "--dir", dir); code != 1 || !strings.Contains(errs, "kept no longer") {
		t.Errorf("replay of what was emptied: %d %s", code, errs)
	}
	if code, _, errs := command(t, "replay", assessed.at("id"), "--dir", dir); code != 1 || !strings.Contains(errs, "no decision is recorded") {
		t.Errorf("replay of an erased assessment: %d %s", code, errs)
	}
	if code, out, errs := command(t, "policy", "backtest", "default", "--since", "240h", "--dir", dir, "--json"); code != 0 || !strings.Contains(out, `"orders": 1`) {
		t.Errorf("a backtest over what is left: %d %.300s%s", code, out, errs)
	}
	if code, _, errs := command(t, "audit", "verify", "--dir", dir); code != 0 {
		t.Errorf("the audit log: %s", errs)
	}
}

func TestWebhooksAreListedAndSentAgainByCommands(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "demo")
	w := open(t, options(dir))
	a, _ := w.held("W-1", "told@example.org", "5555444433331111")
	listed := func() string {
		t.Helper()
		code, out, errs := command(t, "outbox", "webhooks", "--payment", a.at("id"), "--dir", dir)
		if code != 0 {
			t.Fatal(errs)
		}
		return out
	}
	eventually(t, "the webhook to be delivered", func() bool { return strings.Contains(listed(), "payment.held  delivered") })
	id := strings.Fields(listed())[0]
	if code, _, errs := command(t, "outbox", "replay", id, "--dir", dir); code != 0 {
		t.Fatal(errs)
	}
	eventually(t, "it to be delivered again", func() bool { return strings.Contains(listed(), "payment.held  delivered") })
	for _, line := range []string{"outbox replay 99999", "outbox replay x", "outbox webhooks", "webhook enable --shop nobody"} {
		if code, _, _ := command(t, append(strings.Fields(line), "--dir", dir)...); code == 0 {
			t.Errorf("octroi %s did something", line)
		}
	}
	if code, out, errs := command(t, "webhook", "enable", "--shop", "demo", "--dir", dir); code != 0 || !strings.Contains(out, "was open already; 0 webhooks") {
		t.Errorf("%d %s%s", code, out, errs)
	}
	trail, err := database(t, dir).AuditTrail(t.Context(), id, 10)
	if err != nil || len(trail) != 1 || trail[0].Action != "webhook.replayed" || trail[0].Actor != operator {
		t.Errorf("the audit log says %+v, %v", trail, err)
	}
}
