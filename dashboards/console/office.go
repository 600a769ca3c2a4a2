package console

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"octroi/gateway/payment"
	"octroi/gateway/store"
	"octroi/risk"
)

// Part is how one part of the gateway does.
type Part struct {
	Name   string // database, velocity, policies, notify
	Status string // ok, degraded, away
	Detail []string
}

// buriedShown is how many messages that were given up on a page lists.
const buriedShown = 50

// officeBody is what the office's page is rendered from.
type officeBody struct {
	Parts    []Part
	Policies []policyInForce
	Lists    []store.ListSize
	Outbox   []lot
	Reports  int // of the provider, not settled
	History  int // events that the histories do not have
	Closed   []closedEndpoint
	Buried   []store.Message
	Shops    []named
}

// policyInForce is a shop's policy as it is in force.
type policyInForce struct {
	Shop   string
	Ref    risk.PolicyRef
	Rules  int
	Shadow int             // rules among them that only look on
	Trial  *risk.PolicyRef // the policy on trial; nil for none
}

// lot is the outbox's messages of one kind.
type lot struct {
	Kind    store.Kind
	Waiting int
	Oldest  time.Time
	Buried  int
}

// closedEndpoint is a shop's webhook endpoint that wants no more.
type closedEndpoint struct {
	store.ClosedEndpoint
	Name string
}

// office shows how the gateway does, and what somebody has to look after.
func (c *Console) office(w http.ResponseWriter, r *http.Request, v visit) error {
	ctx, now := r.Context(), c.Clock()
	b := officeBody{Parts: c.Parts(ctx), Policies: c.policies(), Shops: c.shops()}
	counts, err := c.Store.Counts(ctx)
	if err != nil {
		return err
	}
	oldest, err := c.Store.OldestWaiting(ctx)
	if err != nil {
		return err
	}
	for _, k := range store.OutboxKinds() {
		b.Outbox = append(b.Outbox, lot{k, counts.Outbox[k], oldest[k], counts.Buried[k]})
	}
	b.Reports, b.History = counts.Notifications, counts.History
	if b.Lists, err = c.Store.ListSizes(ctx, now); err != nil {
		return err
	}
	if b.Closed, err = c.closed(ctx); err != nil {
		return err
	}
	if b.Buried, err = c.Store.Buried(ctx, buriedShown); err != nil {
		return err
	}
	return c.render(w, r, v, http.StatusOK, "office", "office.title", b)
}

// policies are the shops' policies.
func (c *Console) policies() (all []policyInForce) {
	for _, shop := range c.shops() {
		live := c.Flow.Policy(shop.ID)
		p := policyInForce{Shop: shop.Name, Ref: live.Ref()}
		for _, rule := range live.Rules() {
			p.Rules++
			if rule.Shadow {
				p.Shadow++
			}
		}
		if c.Flow.Shadow != nil {
			if trial := c.Flow.Shadow(shop.ID); trial != nil {
				ref := trial.Ref()
				p.Trial = &ref
			}
		}
		all = append(all, p)
	}
	return all
}

func (c *Console) closed(ctx context.Context) (all []closedEndpoint, err error) {
	kept, err := c.Store.ClosedEndpoints(ctx)
	for _, e := range kept {
		one := closedEndpoint{e, e.Shop}
		if s, ok := c.Flow.Shop(e.Shop); ok {
			one.Name = s.Name
		}
		all = append(all, one)
	}
	return all, err
}

// revive tries a message again that was given up on.
func (c *Console) revive(w http.ResponseWriter, r *http.Request, v visit) error {
	id, err := strconv.ParseInt(r.PostForm.Get("id"), 10, 64)
	if err == nil {
		err = c.Flow.ReviveMessage(r.Context(), v.user, id)
	} else {
		err = payment.Errorf(payment.CodeNotFound, "There is no such message.")
	}
	return c.putBack(w, r, "/office", "revived", err)
}

// enable opens a shop's webhook endpoint again and sends what was given up on.
func (c *Console) enable(w http.ResponseWriter, r *http.Request, v visit) error {
	_, err := c.Flow.EnableWebhooks(r.Context(), v.user, r.PostForm.Get("shop"))
	return c.putBack(w, r, "/office", "enabled", err)
}

// replay sends a webhook once more.
func (c *Console) replay(w http.ResponseWriter, r *http.Request, v visit) error {
	f := webhooksFilterOf(r.PostForm)
	id, err := strconv.ParseInt(r.PostForm.Get("id"), 10, 64)
	if err == nil {
		err = c.Flow.ReplayWebhook(r.Context(), v.user, id)
	} else {
		err = payment.Errorf(payment.CodeNotFound, "There is no such webhook.")
	}
	return c.putBack(w, r, f.With("", ""), "replayed", err)
}

// putBack leads back to the page of a message that waits again. One that a colleague has put back already, or that has
// gone meanwhile, is said, and is no page of its own.
func (c *Console) putBack(w http.ResponseWriter, r *http.Request, to, done string, err error) error {
	if payment.CodeOf(err) == payment.CodeNotFound {
		done, err = "gone", nil
	}
	if err != nil {
		return err
	}
	sign := "?"
	if strings.Contains(to, "?") {
		sign = "&"
	}
	http.Redirect(w, r, to+sign+"done="+done, http.StatusSeeOther)
	return nil
}

// webhooksFilter is which webhooks are looked at.
type webhooksFilter struct {
	Shop    string
	Payment string
	State   store.WebhookState
}

// webhookStates are what can be looked for; "" is both.
var webhookStates = []store.WebhookState{"", store.WebhookDelivered, store.WebhookBuried}

func webhooksFilterOf(q url.Values) webhooksFilter {
	f := webhooksFilter{Shop: q.Get("shop"), Payment: q.Get("payment"), State: store.WebhookState(q.Get("state"))}
	if !slices.Contains(webhookStates, f.State) {
		f.State = ""
	}
	return f
}

// With is the address of the webhooks with one thing looked at otherwise; "" for nothing.
func (f webhooksFilter) With(name, value string) string {
	q := url.Values{}
	for k, v := range map[string]string{"shop": f.Shop, "payment": f.Payment, "state": string(f.State), name: value} {
		if k != "" && v != "" {
			q.Set(k, v)
		}
	}
	return "/webhooks?" + q.Encode()
}

// webhooksBody is what the webhooks are rendered from.
type webhooksBody struct {
	Filter webhooksFilter
	Shops  []named
	States []store.WebhookState
	Rows   []store.Webhook
	Next   string
	Later  bool
}

// webhooks lists what shops were told, or were to be told.
func (c *Console) webhooks(w http.ResponseWriter, r *http.Request, v visit) error {
	q := r.URL.Query()
	f := webhooksFilterOf(q)
	b := webhooksBody{Shops: c.shops(), States: webhookStates, Later: q.Get("cursor") != ""}
	if f.Shop == "" && f.Payment == "" && len(b.Shops) > 0 {
		f.Shop = b.Shops[0].ID
	}
	b.Filter = f
	var next string
	var err error
	if b.Rows, next, err = c.Store.Webhooks(r.Context(), store.WebhookFilter{Shop: f.Shop, PaymentID: f.Payment, State: f.State,
		Limit: paymentsPage, Cursor: q.Get("cursor")}); err != nil {
		return err
	}
	if next != "" {
		b.Next = f.With("cursor", next)
	}
	return c.render(w, r, v, http.StatusOK, "webhooks", "webhooks.title", b)
}
