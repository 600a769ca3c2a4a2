package flow

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"slices"
	"time"

	"octroi/gateway/payment"
	"octroi/gateway/store"
	"octroi/providers"
)

// Details goes on with a payment that waits for a step of the buyer's, with what the buyer's browser brought back from
// it. What follows is what an authorisation's answer can bring: an outcome, another step, or no answer, which leaves the
// payment pending.
//
// The same details are the same step however often they come: while it is worked on they are CodeInFlight, a step whose
// answer got lost is sent again under the same key, and one that is finished answers the payment as it stands (replayed).
// Other errors: CodeInvalid for details that cannot be taken, by us or by the provider; CodeNotFound; CodeWrongState for
// a payment that waits for none; CodeUnavailable when the provider was not reached, and nothing was done.
func (f *Flow) Details(ctx context.Context, shop, paymentID string, d payment.Details) (p payment.Payment, replayed bool, err error) {
	if fields := d.Check(); len(fields) > 0 {
		return p, false, payment.Invalid(fields...)
	}
	hash := f.detailsHash(paymentID, d)
	snap, err := f.Store.Payment(ctx, shop, paymentID)
	if err != nil {
		return p, false, err
	}
	// Looked at twice: here so that a call that cannot be taken costs no lock, and under the lock, where it counts.
	if replayed, err = f.stepAllowed(snap, hash); err != nil || replayed {
		return f.View(snap), replayed, err
	}
	s, err := f.recall(ctx, snap.Payment)
	if err != nil {
		return p, false, err
	}
	if snap, replayed, err = f.beginStep(ctx, paymentID, hash); err != nil || replayed {
		return f.View(snap), replayed, err
	}
	// From here on the step may be taken: it is carried to its end even if the caller has gone.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), f.ProviderBudget+15*time.Second)
	defer cancel()
	return f.takeStep(ctx, snap.Payment, s, hash, d)
}

// detailsHash names details: keyed, since their values must not be guessed from it, and different for every payment.
func (f *Flow) detailsHash(paymentID string, d payment.Details) []byte {
	m := hmac.New(sha256.New, f.Keys.Body)
	m.Write([]byte("details\x00" + paymentID + "\x00"))
	plain := make(map[string]string, len(d))
	for name, value := range d {
		plain[name] = value.Reveal()
	}
	_ = json.NewEncoder(m).Encode(plain) // names in order; a hash takes every write
	return m.Sum(nil)
}

// stepKey is a step's idempotency key at the provider.
func stepKey(paymentID string, hash []byte) string {
	return paymentID + "-d" + hex.EncodeToString(hash[:12])
}

// stepAllowed says what details mean for the payment as it stands: to be sent (false), known and finished (true), or not
// to be taken.
func (f *Flow) stepAllowed(cur store.Snapshot, hash []byte) (replayed bool, err error) {
	p := cur.Payment
	i := slices.IndexFunc(p.Steps, func(s payment.Step) bool { return bytes.Equal(s.Hash, hash) })
	switch {
	case i >= 0 && (p.Steps[i].Done || !unsettled(p.Status)):
		return true, nil
	case reportedFirst(p):
		return true, nil
	case unsettled(p.Status) && running(p.Operations, payment.OpCancel):
		return false, payment.Errorf(payment.CodeWrongState, "The payment is being cancelled.")
	case unsettled(p.Status) && f.Clock().Before(cur.LeaseUntil):
		busy := payment.Errorf(payment.CodeInFlight, "A step of this payment is being worked on. Try again.")
		busy.RetryAfter = max(time.Second, cur.LeaseUntil.Sub(f.Clock()))
		return false, busy
	case p.Status == payment.Pending && i >= 0:
		return false, nil
	case p.Status != payment.ActionRequired || p.Method.Type.Offline():
		return false, payment.Errorf(payment.CodeWrongState, "The payment by %s is %s; it waits for no details.", p.Method.Type, p.Status)
	case len(finished(p.Steps)) >= payment.MaxSteps:
		return false, payment.Errorf(payment.CodeWrongState, "The payment has taken %d steps already.", payment.MaxSteps)
	}
	return false, nil
}

// reportedFirst reports a payment whose outcome the provider told before the buyer was back from the step: what they
// bring changes nothing any more, and is no mistake of theirs.
func reportedFirst(p payment.Payment) bool {
	n := len(p.Steps)
	return n > 0 && len(p.Steps[n-1].Hash) == 0 && !unsettled(p.Status)
}

// finished are the steps that the provider has answered.
func finished(steps []payment.Step) []payment.Step {
	return slices.DeleteFunc(slices.Clone(steps), func(s payment.Step) bool { return !s.Done })
}

// beginStep writes down that these details are about to be sent, and keeps everybody else from the payment meanwhile.
func (f *Flow) beginStep(ctx context.Context, paymentID string, hash []byte) (snap store.Snapshot, replayed bool, err error) {
	snap, err = f.change(ctx, paymentID, func(cur store.Snapshot) (store.Writes, error) {
		var err error
		if replayed, err = f.stepAllowed(cur, hash); err != nil || replayed {
			return store.Writes{}, err
		}
		p := cur.Payment
		p.Steps = append(finished(p.Steps), payment.Step{Hash: hash})
		return store.Writes{Payment: &p, Lease: f.lease()}, nil
	})
	return snap, replayed, err
}

// takeStep sends the details and writes down what came of them.
func (f *Flow) takeStep(ctx context.Context, p payment.Payment, s scored, hash []byte, d payment.Details) (payment.Payment, bool, error) {
	w, err := f.stepWrites(ctx, p, s, hash, d)
	if err == nil {
		err = f.commit(ctx, w)
		if err != nil {
			return f.overtaken(ctx, p, err)
		}
		return f.View(store.Snapshot{Payment: *w.Payment, Case: w.Case}), false, nil
	}
	stands, _, free := f.released(ctx, p)
	if p.Status == payment.Pending && free == nil {
		return stands, false, nil // an earlier sending of this step is still in doubt, whatever became of this one
	}
	return payment.Payment{}, false, err
}

// stepWrites asks the provider and says what its answer makes of the payment. An error means that nothing was done.
func (f *Flow) stepWrites(ctx context.Context, p payment.Payment, s scored, hash []byte, d payment.Details) (store.Writes, error) {
	q := providers.Details{Shop: p.Shop, PaymentID: p.ID, IdempotencyKey: stepKey(p.ID, hash), Amount: p.Amount, Method: p.Method.Type.Provider(), Values: d}
	res, err := f.timed(ctx, "details", f.ProviderBudget, func(ctx context.Context) (providers.Result, error) { return f.Provider.Details(ctx, q) })
	if err == nil {
		p.Steps = slices.Clone(p.Steps)
		p.Steps[len(p.Steps)-1].Done = true
		f.named(ctx, &p, &s, res)
		return f.settle(p, s, res, payment.Typed{})
	}
	f.Logger.Warn("details without an answer", "id", p.ID, "error", err)
	switch providers.DoubtOf(err) {
	case providers.OutcomeUnknown:
		s.without(err)
		return f.pending(p, s, "no answer from the provider to the buyer's step")
	case providers.Rejected:
		return store.Writes{}, payment.Invalid(payment.FieldError{Pointer: "/details", Detail: "are not what the provider waits for"})
	default:
		return store.Writes{}, payment.Unavailable("The payment provider", err)
	}
}
