package flow_test

import (
	"testing"
	"time"

	"octroi/gateway/flow"
	"octroi/gateway/payment"
	"octroi/gateway/store"
)

var admin = store.User{Name: "ada", Role: store.RoleAdmin}

func TestOnlyAnAdminReplaysWebhooksAndItIsWrittenDown(t *testing.T) {
	w := begin(t, func(c *flow.Config) {
		shop := c.Shops["demo"]
		shop.Webhooks = true
		c.Shops["demo"] = shop
	})
	p := w.pay(order(1))
	var told store.Message
	w.eventually("the webhook waits", func() bool {
		got, err := w.store.Claim(t.Context(), []store.Kind{store.KindWebhook}, 1, time.Minute)
		check(t, err)
		if len(got) == 1 {
			told = got[0]
		}
		return len(got) == 1
	})
	check(t, w.store.Bury(t.Context(), told.ID, "the shop answered 410"))
	for name, act := range map[string]func(store.User) error{
		"replay": func(u store.User) error { return w.flow.ReplayWebhook(t.Context(), u, told.ID) },
		"revive": func(u store.User) error { return w.flow.ReviveMessage(t.Context(), u, told.ID) },
		"enable": func(u store.User) error { _, err := w.flow.EnableWebhooks(t.Context(), u, "demo"); return err },
	} {
		for _, who := range []store.User{analyst, {Name: "seb", Role: store.RoleSenior}, {Name: "ada", Role: store.RoleAdmin, Disabled: true}} {
			if err := act(who); payment.CodeOf(err) != payment.CodeForbidden {
				t.Errorf("%s by %s (disabled %v): %v", name, who.Role, who.Disabled, err)
			}
		}
	}
	check(t, w.store.CloseEndpoint(t.Context(), store.ClosedEndpoint{Shop: "demo", URLHash: []byte{1}, ClosedAt: w.now(), Reason: "answered 410"}))
	if n, err := w.flow.EnableWebhooks(t.Context(), admin, "demo"); err != nil || n < 1 {
		t.Fatalf("revived %d, %v", n, err)
	}
	got, err := w.store.Claim(t.Context(), []store.Kind{store.KindWebhook}, 1, time.Minute)
	check(t, err)
	if len(got) != 1 || got[0].ID != told.ID || got[0].PaymentID != p.ID {
		t.Fatalf("claimed %+v", got)
	}
	check(t, w.store.Done(t.Context(), told.ID))
	check(t, w.flow.ReplayWebhook(t.Context(), admin, told.ID))
	if err := w.flow.ReviveMessage(t.Context(), admin, told.ID); payment.CodeOf(err) != payment.CodeNotFound {
		t.Errorf("reviving what is not buried: %v", err)
	}
	if _, err := w.flow.EnableWebhooks(t.Context(), admin, "nobody"); payment.CodeOf(err) != payment.CodeNotFound {
		t.Errorf("enabling an unknown shop: %v", err)
	}
	trail, err := w.store.AuditTrail(t.Context(), "", 100)
	check(t, err)
	found := map[string]int{}
	for _, a := range trail {
		if a.Actor == admin.Name {
			found[a.Action]++
		}
	}
	if found["webhook.enabled"] != 1 || found["webhook.revived"] != 1 || found["webhook.replayed"] != 1 || len(found) != 3 {
		t.Errorf("the audit log says %v", found)
	}
}
