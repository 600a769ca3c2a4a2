package flow

import (
	"fmt"
	"strings"
	"time"

	"octroi/gateway/hold"
	"octroi/gateway/payment"
	"octroi/gateway/store"
	"octroi/providers"
	"octroi/risk"
	"octroi/risk/policy"
)

// explainLimit is how many refusals a day a card, an e-mail and an IP address may each have before their reason is no
// longer told: exact refusals are an oracle for card testers.
const explainLimit = 3

// codeChallengeHeld says in the decision that a challenge was carried out as a hold.
const codeChallengeHeld = "CHALLENGE_HELD"

// outcome collects what is to be written of a payment whose outcome has just become known.
type outcome struct {
	f *Flow
	p payment.Payment
	s scored
	w store.Writes
}

// declined is a payment that the policy refused: the provider never hears of it.
func (f *Flow) declined(p payment.Payment, s scored) (store.Writes, error) {
	o := f.outcome(p, s)
	if err := o.become(payment.Declined, "declined by the policy"); err != nil {
		return store.Writes{}, err
	}
	o.record(risk.EventDeclined, "")
	o.webhook("payment.declined")
	return o.done(), nil
}

// abandoned is a payment that was sent once, without an answer, and that the policy would not send again: whatever the
// provider has authorised is cancelled by reference, and its word on that decides.
func (f *Flow) abandoned(p payment.Payment, s scored) (store.Writes, error) {
	o := f.outcome(p, s)
	o.audit("payment.pending", "declined by the policy on a retry: cancelled by reference")
	if running(p.Operations, payment.OpCancel) {
		return o.done(), nil
	}
	if err := o.operate(payment.OpCancel, providers.Amount{}, "declined by the policy on a retry"); err != nil {
		return store.Writes{}, err
	}
	o.w.Outbox[0].Kind = store.KindCancelReference
	w := o.done()
	w.Lease = sweepLease
	return w, nil
}

// pending is a payment whose outcome at the provider is not known: the retry, the notification or the sweeper settles it.
func (f *Flow) pending(p payment.Payment, s scored, why string) store.Writes {
	o := f.outcome(p, s)
	o.audit("payment.pending", why)
	return o.done()
}

// failed is a payment that certainly did not happen, for a reason that is neither the issuer's nor the policy's.
func (f *Flow) failed(p payment.Payment, s scored, why error) (store.Writes, error) {
	o := f.outcome(p, s)
	if err := o.become(payment.Failed, why.Error()); err != nil {
		return store.Writes{}, err
	}
	return o.done(), nil
}

// settle says what a provider's answer makes of a payment. It is used alike for the answer to the checkout's own call
// and for one that arrives later by notification.
func (f *Flow) settle(p payment.Payment, s scored, res providers.Result, typed payment.Typed) (store.Writes, error) {
	learn(&p, f.Provider.Name(), res)
	if res.Status == providers.StatusAuthorised || res.Status == providers.StatusRefused {
		s.review(p, res)
	}
	o := f.outcome(p, s)
	if err := o.answered(res, typed); err != nil {
		return store.Writes{}, err
	}
	return o.done(), nil
}

// answered carries out what the answer says.
func (o *outcome) answered(res providers.Result, typed payment.Typed) error {
	switch res.Status {
	case providers.StatusAuthorised:
		return o.authorised(res)
	case providers.StatusRefused:
		return o.refused(res.Refusal, typed)
	case providers.StatusCancelled:
		o.webhook("payment.cancelled")
		return o.become(payment.Cancelled, "cancelled at the provider")
	case providers.StatusActionRequired:
		o.p.Action = res.Action
		return o.become(payment.ActionRequired, "")
	default: // pending, unknown: never a yes, never a no
		o.audit("payment.pending", "the provider's answer is not final")
		return nil
	}
}

// learn takes over what the provider says of card and authorisation.
func learn(p *payment.Payment, provider string, res providers.Result) {
	card := payment.Card{}
	if p.Card != nil {
		card = *p.Card
	}
	for _, f := range []struct {
		to   *string
		from string
	}{{&card.Brand, res.Brand}, {&card.BIN, res.BIN}, {&card.Last4, res.Last4}, {&card.IssuerCountry, res.IssuerCountry},
		{&card.Funding, res.Funding}} {
		// A BIN typed in full is better than the six digits a provider may give back.
		if f.from != "" && len(f.from) >= len(*f.to) {
			*f.to = f.from
		}
	}
	p.Card = &card
	if res.Reference != "" {
		p.Authorisation = &payment.Authorisation{Provider: provider, Reference: res.Reference, AVS: res.AVS, CVC: res.CVC,
			ThreeDS: res.ThreeDS, ExpiresAt: res.ExpiresAt.UTC().Truncate(time.Microsecond)}
	}
}

// review lets the policy look again now that the issuer has spoken.
func (s *scored) review(p payment.Payment, res providers.Result) {
	card := s.facts.Card
	card.IssuerCountry, card.Funding, card.Brand = p.Card.IssuerCountry, p.Card.Funding, p.Card.Brand
	s.card = &card
	r := &risk.Review{Status: string(res.Status), AVS: res.AVS, CVC: res.CVC, ThreeDS: res.ThreeDS}
	if res.Refusal != nil {
		r.Refusal = string(res.Refusal.Code)
	}
	s.facts.Review = r
	after := s.facts
	after.Card = card
	s.decision = s.policy.Review(s.decision, after, s.histories, s.lists)
}

func (f *Flow) outcome(p payment.Payment, s scored) *outcome {
	o := &outcome{f: f, p: p, s: s}
	o.p.UpdatedAt = f.now()
	o.w.History = []store.History{{Shop: p.Shop, Record: s.facts.Attempt(), Applied: s.observed}}
	return o
}

// done gives the writes, with the decision and the inputs it can be replayed from.
func (o *outcome) done() store.Writes {
	d := o.s.shown()
	o.p.Decision = &d
	stage := "decide"
	if o.s.facts.Review != nil {
		stage = "review"
	}
	// One decision is written with each version of the payment at most, so that its id need not be random.
	id := fmt.Sprintf("dec_%s_%d", strings.TrimPrefix(o.p.ID, payment.PrefixPayment), o.p.Version)
	o.w.Decision = &store.Decision{ID: id, PaymentID: o.p.ID, Stage: stage, At: o.s.facts.At, Recorded: o.s.record()}
	o.w.Payment = &o.p
	// Webhooks show the payment as it ends up, so their bodies are made last.
	for i, m := range o.w.Outbox {
		if m.Kind == store.KindWebhook {
			o.w.Outbox[i].Payload = o.f.webhookBody(string(m.Payload), store.Snapshot{Payment: o.p, Case: o.w.Case})
		}
	}
	return o.w
}

// become moves the payment on. A transition that the table of states forbids is an error, and nothing is written.
func (o *outcome) become(next payment.Status, why string) error {
	if !o.p.Status.MayBecome(next) {
		return payment.Errorf(payment.CodeWrongState, "A %s payment cannot become %s.", o.p.Status, next)
	}
	o.p.Status = next
	o.audit("payment."+string(next), why)
	return nil
}

func (o *outcome) audit(action, detail string) {
	o.w.Audit = append(o.w.Audit, store.Audit{At: o.p.UpdatedAt, Actor: hold.ActorPolicy, Action: action, Subject: o.p.ID, Detail: bound(detail)})
}

func (o *outcome) record(kind risk.EventKind, code string) {
	r := o.s.facts.Attempt()
	r.Kind, r.Code = kind, code
	o.w.History = append(o.w.History, store.History{Shop: o.p.Shop, Record: r})
}

// webhook notes an event for the shop; done fills its body in.
func (o *outcome) webhook(event string) {
	if o.f.Shops[o.p.Shop].Webhooks {
		o.w.Outbox = append(o.w.Outbox, store.Message{Kind: store.KindWebhook, Shop: o.p.Shop, PaymentID: o.p.ID, Payload: []byte(event)})
	}
}

// authorised carries out what the policy makes of reserved money: release, hold, or give it back.
func (o *outcome) authorised(res providers.Result) error {
	o.record(risk.EventAuthorised, "")
	switch {
	case running(o.p.Operations, payment.OpCancel):
		// The sweeper has given this payment up, and its cancel may be carried out at any moment.
		o.webhook("payment.cancelled")
		return o.giveUp(payment.Cancelled, "given up before its answer came")
	case res.Authorised.Value != 0 && res.Authorised != o.p.Amount:
		return o.giveUp(payment.Failed, "the issuer authorised "+res.Authorised.String()+" only")
	case o.s.shown().Outcome == risk.Decline:
		o.record(risk.EventDeclined, "")
		o.webhook("payment.declined")
		return o.giveUp(payment.Declined, "declined after the authorisation")
	case o.s.shown().Outcome != risk.Approve:
		return o.hold()
	}
	o.webhook("payment.authorised")
	if err := o.become(payment.Authorised, ""); err != nil || o.p.Detail.Capture != payment.CaptureAutomatic {
		return err
	}
	return o.operate(payment.OpCapture, o.p.Amount, "")
}

// giveUp ends a payment whose money is reserved, and has it given back.
func (o *outcome) giveUp(next payment.Status, why string) error {
	if err := o.become(next, why); err != nil {
		return err
	}
	return o.operate(payment.OpCancel, providers.Amount{}, why)
}

// hold opens the case and asks the buyer for proof.
func (o *outcome) hold() error {
	if o.s.shown().Outcome == risk.Challenge {
		o.s.added = append(o.s.added, risk.Reason{Code: codeChallengeHeld,
			Detail:   "3-D Secure is not available: the challenge is carried out as a hold",
			DetailFR: "3-D Secure n'est pas disponible : l'authentification est remplacée par une mise en attente"})
	}
	d := o.s.shown()
	o.p.Decision = &d
	c := hold.Open(o.p, o.p.UpdatedAt, o.f.Shops[o.p.Shop].Terms)
	var err error
	if c.ID, err = o.f.id(payment.PrefixCase); err != nil {
		return err
	}
	c.TokenHash = tokenHash(o.f.proofToken(c.ID))
	if err := o.become(payment.Held, ""); err != nil {
		return err
	}
	o.record(risk.EventHeld, "")
	o.w.Case = &c
	o.w.Outbox = append(o.w.Outbox, o.f.mail(store.MailProofRequest, o.p, &c, ""))
	o.webhook("payment.held")
	return nil
}

// refused keeps the issuer's no and tells the buyer as much of it as is safe.
func (o *outcome) refused(r *providers.Refusal, typed payment.Typed) error {
	if r == nil {
		r = &providers.Refusal{Code: providers.Refused, Retry: providers.RetryOtherMethod}
	}
	explain := o.s.explainable()
	typed.Brand, typed.Last4 = o.p.Card.Brand, o.p.Card.Last4
	lang := payment.Language(o.p.Detail.Buyer.Locale)
	o.p.Refusal = &payment.Refusal{Code: r.Code, Retry: r.Retry, Raw: r.Raw,
		BuyerMessage: payment.BuyerMessage(r.Code, lang, explain, typed)}
	if err := o.become(payment.Refused, string(r.Code)); err != nil {
		return err
	}
	o.record(risk.EventRefused, string(r.Code))
	if r.Retry == providers.RetryNever {
		o.record(risk.EventRefused, policy.RefusedNeverRetry)
	}
	if explain {
		o.w.Outbox = append(o.w.Outbox, o.f.mail(store.MailRefused, o.p, nil, o.p.Refusal.BuyerMessage))
	}
	o.webhook("payment.refused")
	o.f.metrics.refused(r.Code)
	return nil
}

// explainable reports whether the reason of a refusal may be told: below the hold threshold, and within a small daily
// number per card, e-mail and IP address. Without histories nothing is told.
func (s scored) explainable() bool {
	if s.decision.Outcome.Severity() >= risk.Hold.Severity() || !s.histories.Available() {
		return false
	}
	for _, e := range []risk.Entity{risk.EntityCard, risk.EntityEmail, risk.EntityIP} {
		if f := s.histories.Count(e, risk.Event{Kind: risk.EventRefused}, dayWindow); f.Value >= explainLimit {
			return false
		}
	}
	return true
}

// operate adds an operation of our own and the message that carries it out.
func (o *outcome) operate(kind payment.OperationType, amount providers.Amount, reason string) error {
	op, msg, err := o.f.operation(o.p, kind, amount, reason, hold.ActorPolicy)
	if err != nil {
		return err
	}
	o.p.Operations = append(o.p.Operations, op)
	o.w.Operations = append(o.w.Operations, op)
	o.w.Outbox = append(o.w.Outbox, msg)
	return nil
}
