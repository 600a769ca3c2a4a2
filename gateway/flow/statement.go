package flow

import (
	"cmp"
	"context"

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
	code, err := hold.CodeForm(typed)
	if err != nil {
		if _, gone := f.behind(ctx, pass); gone != nil {
			return CodeEntry{}, gone
		}
		return CodeEntry{}, err
	}
	var e CodeEntry
	err = f.changeBehind(ctx, pass, func(cur store.Snapshot) (store.Writes, error) {
		p := cur.Payment
		right := hold.SameCode(code, f.statementCode(p)) && p.Detail.StatementCode
		var reasons []string
		if p.Decision != nil {
			reasons = codes(*p.Decision)
		}
		c, err := cur.Case.TryCode(right, reasons, f.Shops[p.Shop].Terms, f.now())
		if err != nil {
			return store.Writes{}, err
		}
		e = CodeEntry{Right: right, Approved: c.Status == hold.Approved, TriesLeft: c.CodeTriesLeft()}
		w := store.Writes{Case: &c, Audit: []store.Audit{{At: c.UpdatedAt, Actor: hold.ActorBuyer, Action: "case.code_" + e.result(), Subject: c.ID,
			Detail: string(c.Status)}}}
		if e.Approved {
			err = f.release(c, &p, &w, hold.ActorPolicy)
		}
		return w, err
	})
	if err != nil {
		return CodeEntry{}, err
	}
	f.metrics.codes.WithLabelValues(e.result()).Inc()
	return e, nil
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
