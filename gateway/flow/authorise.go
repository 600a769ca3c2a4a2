package flow

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"time"

	"octroi/gateway/hold"
	"octroi/gateway/payment"
	"octroi/gateway/store"
	"octroi/providers"
	"octroi/risk"
)

// Call is one request under an idempotency key.
type Call struct {
	Shop string
	Key  string
	Body []byte // as received; a retry must say the same
}

// bodyHash names the content of a request: keyed, since the body may hold a card number, and over the canonical form,
// so that a retry may order its fields otherwise.
func (f *Flow) bodyHash(route string, body []byte) []byte {
	var v any
	d := json.NewDecoder(bytes.NewReader(body))
	d.UseNumber()
	m := hmac.New(sha256.New, f.Keys.Body)
	m.Write([]byte(route + "\x00"))
	if err := d.Decode(&v); err == nil {
		_ = json.NewEncoder(m).Encode(v) // maps are written with sorted keys; a hash takes every write
	} else {
		m.Write(body)
	}
	return m.Sum(nil)
}

// Authorise takes an order from the checkout's call to its answer. The request has been checked. replayed is true when
// the key's payment already had its outcome. Errors are *payment.Error: a key in flight or reused, an order that has a
// live payment, or no durable store, in which case the provider was not called.
func (f *Flow) Authorise(ctx context.Context, call Call, r payment.Request) (p payment.Payment, replayed bool, err error) {
	p, err = f.newPayment(call.Shop, r)
	if err != nil {
		return p, false, err
	}
	begun, snap, err := f.Store.Begin(ctx, store.Begin{Payment: p, Key: call.Key, BodyHash: f.bodyHash("payments", call.Body),
		Lease: f.lease()})
	if err != nil {
		return p, false, err
	}
	if begun == store.BegunReplay {
		return f.View(snap), true, nil
	}
	// From here on the payment exists: it is carried to an outcome even if the caller has gone.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), f.ProviderBudget+15*time.Second)
	defer cancel()
	p = snap.Payment
	if begun == store.BegunResume && len(p.Steps) > 0 {
		// The provider has answered the authorisation itself: what is in doubt is a step of the buyer's.
		return f.released(ctx, p)
	}
	s := f.decide(ctx, p.Facts(p.CreatedAt), (*scored).capHolds)
	w, err := f.attempt(ctx, p, s, r, begun == store.BegunResume)
	if err == nil {
		err = f.commit(ctx, w)
	}
	if err != nil {
		return f.overtaken(ctx, p, err)
	}
	return f.View(store.Snapshot{Payment: *w.Payment, Case: w.Case}), false, nil
}

// lease is how long whoever asks the provider may take to write down what came of it.
func (f *Flow) lease() time.Duration { return f.ProviderBudget + 20*time.Second }

// released gives a payment up that waits for its outcome, without having done anything to it, so that a retry need not
// wait for the lease to end. It answers the payment as it stands.
func (f *Flow) released(ctx context.Context, p payment.Payment) (payment.Payment, bool, error) {
	snap, err := f.change(ctx, p.ID, func(cur store.Snapshot) (store.Writes, error) {
		q := cur.Payment
		if q.Version != p.Version || !unsettled(q.Status) {
			return store.Writes{}, nil // somebody else's by now
		}
		return store.Writes{Payment: &q}, nil
	})
	return f.View(snap), true, err
}

// overtaken answers for a payment whose outcome somebody else (a retry that took over, a notification) wrote first:
// what they wrote is the answer.
func (f *Flow) overtaken(ctx context.Context, p payment.Payment, err error) (payment.Payment, bool, error) {
	if !errors.Is(err, store.ErrStale) {
		return p, false, err
	}
	snap, err := f.Store.Payment(ctx, p.Shop, p.ID)
	return f.View(snap), true, err
}

// newPayment is the payment as it stands before anything is known of it.
func (f *Flow) newPayment(shop string, r payment.Request) (payment.Payment, error) {
	id, err := f.id(payment.PrefixPayment)
	if err != nil {
		return payment.Payment{}, err
	}
	now := f.now()
	p := payment.Payment{ID: id, Status: payment.Pending, OrderReference: r.Order.Reference, Amount: r.Amount,
		CreatedAt: now, UpdatedAt: now, Shop: shop, Detail: r.Detail(), Method: payment.PaidBy{Type: r.Method.Type}, Attempt: firstAttempt}
	if r.Method.Type.IsCard() {
		card := payment.CardOf(r.Method.Number, payment.Fingerprint(f.Keys.FingerprintID, f.Keys.Fingerprint, r.Method.Number))
		p.Method.Type, p.Card = payment.MeansCard, &card
		p.Detail.StatementCode = f.Shops[shop].Terms.Has(hold.RungStatementCode)
	}
	return p, nil
}

// attempt asks the provider, unless the policy declined or no provider has a part in it, and says what is to be written. resumed tells that it may have
// been asked before: then neither a failed call nor the policy's no proves that nothing is authorised.
func (f *Flow) attempt(ctx context.Context, p payment.Payment, s scored, r payment.Request, resumed bool) (store.Writes, error) {
	offline := p.Method.Type.Offline()
	switch declined := s.shown().Outcome == risk.Decline; {
	case declined && resumed && !offline:
		return f.abandoned(p, s)
	case declined:
		return f.declined(p, s)
	case offline:
		return f.awaitFunds(p, s)
	}
	p, res, err := f.ask(ctx, p, s, r)
	if err == nil {
		f.named(ctx, &p, &s, res)
		return f.settle(p, s, res, payment.Typed{ExpiryMonth: r.Method.ExpiryMonth, ExpiryYear: r.Method.ExpiryYear})
	}
	if errors.Is(err, store.ErrStale) {
		return store.Writes{}, err
	}
	f.Logger.Warn("authorisation without an answer", "id", p.ID, "error", err)
	s.without(err)
	if resumed || providers.DoubtOf(err) == providers.OutcomeUnknown {
		return f.pending(p, s, "no answer from the provider")
	}
	return f.failed(p, s, err)
}

// commit writes what follows from an authorisation. When the store is away at that very moment the money may already
// be reserved: it tries on until the context ends, and a payment left behind is settled later by the shop's retry, the
// provider's notification or the sweeper.
func (f *Flow) commit(ctx context.Context, w store.Writes) error {
	wait := 50 * time.Millisecond
	for {
		err := f.Store.Commit(ctx, w)
		if err == nil {
			if w.Payment.Status != payment.Pending {
				f.metrics.written(w)
			}
			return nil
		}
		if payment.CodeOf(err) != payment.CodeUnavailable {
			return err
		}
		select {
		case <-ctx.Done():
			return err
		case <-time.After(wait):
			wait = min(2*wait, time.Second)
		}
	}
}
