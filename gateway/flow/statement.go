package flow

import (
	"cmp"
	"context"
	"time"

	"octroi/gateway/hold"
	"octroi/gateway/payment"
	"octroi/gateway/store"
	"octroi/risk"
)

// statement is the payment's line on the buyer's bank statement; "" leaves the account's own text. Where the shop's
// ladder has the code, every authorisation by card carries one: that an order is held may turn out only after the issuer
// has answered.
func (f *Flow) statement(p payment.Payment) string {
	shop := f.Shops[p.Shop]
	if !p.Detail.StatementCode {
		return shop.Statement
	}
	return hold.StatementLine(cmp.Or(shop.Statement, shop.Name), f.statementCode(p))
}

// statementCode is the code of the payment's present attempt. It is never kept.
func (f *Flow) statementCode(p payment.Payment) string {
	return hold.StatementCode(f.purposes.statement, p.ID, p.Attempt)
}

// challenged reports whether the bank is asked to challenge the buyer: because the policy says so, because the issuer
// wants it, or because the order would be held and a challenge is the first rung of the shop's ladder.
func (f *Flow) challenged(p payment.Payment, s scored) bool {
	d := s.shown()
	held := d.Outcome == risk.Hold && p.Method.Type.IsCard()
	return d.Outcome == risk.Challenge || p.Attempt > firstAttempt || held && f.Shops[p.Shop].Terms.Challenges(s.policy.Opens(d))
}

// CodeEntry is what became of a statement code that a buyer typed.
type CodeEntry struct {
	Right bool
	// Approved says that the case is over in the buyer's favour. Otherwise a right code has brought it before a person.
	Approved bool
	// TriesLeft is how many more codes may be typed; 0 when the case waits for none any more.
	TriesLeft int
}

// EnterCode takes the code that a buyer has read on their bank statement; pass is a link's token or a session. What
// cannot be a code is no try (CodeInvalid); a case that waits for none is CodeWrongState, and a pass that opens nothing
// CodeNotFound.
func (f *Flow) EnterCode(ctx context.Context, pass, typed string) (CodeEntry, error) {
	code, invalid := hold.CodeForm(typed)
	snap, err := f.behind(ctx, pass)
	if err = cmp.Or(err, invalid); err != nil {
		return CodeEntry{}, err
	}
	// One code at a time: what was typed wrongly for one order must be known before a code is taken for the next.
	select {
	case f.codes <- struct{}{}:
	case <-ctx.Done():
		return CodeEntry{}, ctx.Err()
	}
	defer func() { <-f.codes }()
	total := f.wrongCodes(ctx, snap.Payment)
	var e CodeEntry
	var wrong []store.History
	err = f.changeBehind(ctx, pass, func(cur store.Snapshot) (store.Writes, error) {
		w, err := f.tryCode(cur, code, total)
		if w.Case != nil {
			e = CodeEntry{Right: w.Case.Proof.Code == hold.CodePassed, Approved: w.Case.Status == hold.Approved, TriesLeft: w.Case.CodeTriesLeft()}
			w.Audit = append([]store.Audit{{At: w.Case.UpdatedAt, Actor: hold.ActorBuyer, Action: "case.code_" + e.result(), Subject: w.Case.ID,
				Detail: string(w.Case.Status)}}, w.Audit...)
		}
		wrong = w.History
		return w, err
	})
	if err != nil {
		return CodeEntry{}, err
	}
	f.metrics.codes.WithLabelValues(e.result()).Inc()
	f.appendWrong(ctx, wrong)
	return e, nil
}

// tryCode says what a code changes. A wrong one goes to the histories, where the next orders find it.
func (f *Flow) tryCode(cur store.Snapshot, code string, total hold.Elsewhere) (store.Writes, error) {
	p := cur.Payment
	right := hold.SameCode(code, f.statementCode(p)) && p.Detail.StatementCode
	var reasons []string
	if p.Decision != nil {
		reasons = codes(*p.Decision)
	}
	own := cur.Case.Marks.CodeTries
	total.Wrong = max(0, total.Wrong-own)
	c, err := cur.Case.TryCode(right, total, reasons, f.Shops[p.Shop].Terms, f.now())
	if err != nil {
		return store.Writes{}, err
	}
	w := store.Writes{Case: &c}
	if c.Marks.CodeTries > own && !right {
		w.History = []store.History{happened(p, risk.EventCodeFailed, risk.CodeTry(c.Marks.CodeTries), c.UpdatedAt)}
	}
	if c.Status == hold.Approved {
		err = f.release(c, &p, &w, hold.ActorPolicy)
	}
	return w, err
}

// appendWrong brings a wrong code to the histories at once, so that the next one is taken in its knowledge. Should that
// fail the journal brings it: it counts once.
func (f *Flow) appendWrong(ctx context.Context, wrong []store.History) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
	defer cancel()
	for _, h := range wrong {
		if err := f.Velocity.Append(ctx, h.Shop, h.Record); err != nil {
			f.Logger.Warn("a wrong statement code is not in the histories yet", "id", h.Record.ID, "error", err)
		}
	}
}

// wrongCodes is what the histories know by now of wrong codes, of this payment and of others.
func (f *Flow) wrongCodes(ctx context.Context, p payment.Payment) hold.Elsewhere {
	h, err := f.Velocity.Look(ctx, p.Shop, p.Facts(f.now()).Attempt())
	if err != nil {
		f.Logger.Warn("wrong statement codes not known", "id", p.ID, "error", err)
		return hold.Elsewhere{Unknown: true}
	}
	return wrongCodes(h)
}

// wrongCodes counts the codes typed wrongly for orders of the card, the e-mail, the customer and the device, and gives the
// most that any has. A history that was cut within the time may have lost some, and is taken to have.
func wrongCodes(h risk.Histories) hold.Elsewhere {
	most := 0
	for _, e := range []risk.Entity{risk.EntityCard, risk.EntityEmail, risk.EntityCustomer, risk.EntityDevice} {
		n := 0
		for try := 1; try <= hold.MaxCodeTries; try++ {
			f := h.Count(e, risk.Event{Kind: risk.EventCodeFailed, Code: risk.CodeTry(try)}, hold.CodeMemory)
			if n += int(f.Value); f.Saturated {
				n = hold.MaxCodeTries
			}
		}
		most = max(most, n)
	}
	return hold.Elsewhere{Wrong: most, Unknown: !h.Available()}
}

// results of statement codes, for pre-set metrics.
var codeResults = []string{"right", "wrong", "failed"}

// result is the entry in a word: failed is the wrong one that was the last.
func (e CodeEntry) result() string {
	switch {
	case e.Right:
		return "right"
	case e.TriesLeft == 0:
		return "failed"
	}
	return "wrong"
}
