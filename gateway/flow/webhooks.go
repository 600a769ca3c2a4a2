package flow

import (
	"context"
	"strconv"

	"octroi/gateway/payment"
	"octroi/gateway/store"
)

// ReplayWebhook sends a webhook once more that the shop had, or that was given up on: the same body under the same
// webhook-id. An admin's act. CodeNotFound when there is none, or it is on its way already.
func (f *Flow) ReplayWebhook(ctx context.Context, who store.User, id int64) error {
	if err := mustBeAdmin(who); err != nil {
		return err
	}
	return f.Store.Replay(ctx, id, f.line(who, "webhook.replayed", strconv.FormatInt(id, 10)))
}

// ReviveMessage tries a message again that was given up on, a mail for example. An admin's act.
func (f *Flow) ReviveMessage(ctx context.Context, who store.User, id int64) error {
	if err := mustBeAdmin(who); err != nil {
		return err
	}
	return f.Store.Revive(ctx, id, f.line(who, "outbox.revived", strconv.FormatInt(id, 10)))
}

// EnableWebhooks opens a shop's webhook endpoint again, if it was closed, and puts back every webhook of the shop that
// was given up on; it returns how many. It may be repeated: after a failure half-way it does the rest. An admin's act.
func (f *Flow) EnableWebhooks(ctx context.Context, who store.User, shop string) (revived int, err error) {
	if err := mustBeAdmin(who); err != nil {
		return 0, err
	}
	if _, known := f.Shop(shop); !known {
		return 0, payment.Errorf(payment.CodeNotFound, "There is no such shop.")
	}
	if _, err := f.Store.OpenEndpoint(ctx, shop, f.line(who, "webhook.enabled", shop)); err != nil {
		return 0, err
	}
	return f.Store.ReviveWebhooks(ctx, shop, f.line(who, "webhook.revived", shop))
}

// line is an audit line of what a person did.
func (f *Flow) line(who store.User, action, subject string) store.Audit {
	return store.Audit{At: f.now(), Actor: who.Name, Action: action, Subject: subject}
}

// mustBeAdmin refuses what only admins do.
func mustBeAdmin(who store.User) error {
	if !who.Role.Includes(store.RoleAdmin) || who.Disabled {
		return payment.Errorf(payment.CodeForbidden, "This needs the role admin.")
	}
	return nil
}
