package store

import (
	"context"
	"encoding/json"
	"fmt"

	"octroi/gateway/hold"
	"octroi/gateway/payment"
	"octroi/providers"
)

// Bounds of what is kept for people to read.
const (
	maxAuditDetail = 2000
	maxLastError   = 500
)

// updatePayment writes a payment over the version it was read at. A payment that comes back to life (a late capture of
// an expired one) holds its order again unless another payment has taken it since.
const updatePayment = `UPDATE payments SET status = $1, live = $2 AND (live OR NOT EXISTS (SELECT 1 FROM payments other
  WHERE other.shop = payments.shop AND other.order_reference = payments.order_reference AND other.live)),
 amount = $3, currency = $4, captured = $5, refunded = $6, provider = $7, provider_reference = $8, attempt = $9,
 lease_until = $10, updated_at = $11, body = $12, detail = $13, due = $14, version = version + 1 WHERE id = $15 AND version = $16`

// Commit writes all of w in one transaction, or nothing. ErrStale when the payment or the case has changed since it was
// read. Versions in w are not touched: read again before the next write. When it fails with payment.CodeUnavailable the
// connection may have broken after the commit, and reading the payment tells.
func (s *Store) Commit(ctx context.Context, w Writes) error {
	statements, err := s.statements(w)
	if err != nil || len(statements) == 0 {
		return err
	}
	if err := s.again(ctx, func() error { return s.db.run(ctx, statements) }); err != nil {
		return written(err)
	}
	s.wakeFor(w)
	return nil
}

// written is failed for writes of a Writes: what may be there once was there already.
func written(err error) error {
	if duplicate(err) {
		return ErrStale
	}
	return failed(err)
}

// wakeFor tells workers of this process what w gave them to do.
func (s *Store) wakeFor(w Writes) {
	var kinds []Kind
	for _, m := range w.Outbox {
		kinds = append(kinds, m.Kind)
	}
	for _, h := range w.History {
		if !h.Applied {
			kinds = append(kinds, topicHistory)
			break
		}
	}
	if len(w.Done) > 0 { // the next message of the same payment may go
		kinds = append(kinds, OutboxKinds()...)
	}
	s.wakes.signal(kinds...)
}

// statements turns w into SQL, what others refer to first.
func (s *Store) statements(w Writes) ([]statement, error) {
	var all []statement
	for _, part := range []func(Writes) ([]statement, error){s.paymentStatements, s.caseStatements, s.decisionStatements} {
		more, err := part(w)
		if err != nil {
			return nil, err
		}
		all = append(all, more...)
	}
	for _, o := range w.Operations {
		all = append(all, operationStatement(o))
	}
	history, err := s.historyStatements(w.History)
	if err != nil {
		return nil, err
	}
	all = append(all, history...)
	for _, a := range w.Audit {
		all = append(all, s.auditStatement(a))
	}
	for _, m := range w.Outbox {
		all = append(all, s.outboxStatement(m))
	}
	if len(w.Done) > 0 {
		all = append(all, s.doneStatement(w.Done))
	}
	for _, key := range w.Notifications {
		all = append(all, statement{"UPDATE notifications SET settled = TRUE WHERE key = $1", []any{key}, 1})
	}
	return all, nil
}

func (s *Store) paymentStatements(w Writes) ([]statement, error) {
	if w.Payment == nil {
		return nil, nil
	}
	p := *w.Payment
	body, detail, err := paymentTexts(p)
	if err != nil {
		return nil, err
	}
	provider, reference := authorisedAt(p)
	return []statement{{updatePayment, []any{p.Status, p.Status.Live(), p.Amount.Value, p.Amount.Currency, valueOf(p.Captured),
		valueOf(p.Refunded), provider, reference, p.Attempt, s.now().Add(w.Lease), p.UpdatedAt, body, detail, p.Due, p.ID, p.Version}, 1}}, nil
}

// authorisedAt is where the provider knows the payment.
func authorisedAt(p payment.Payment) (provider, reference string) {
	if p.Authorisation == nil {
		return "", ""
	}
	return p.Authorisation.Provider, p.Authorisation.Reference
}

func valueOf(a *providers.Amount) *int64 {
	if a == nil {
		return nil
	}
	return &a.Value
}

func (s *Store) caseStatements(w Writes) ([]statement, error) {
	if w.Case == nil {
		return nil, nil
	}
	c := *w.Case
	body, err := json.Marshal(caseBody{Case: c, Language: c.Language, FirstApproval: c.FirstApproval, Reminded: c.Reminded, Marks: c.Marks})
	if err != nil {
		return nil, fmt.Errorf("write case %s: %w", c.ID, err)
	}
	changing := []any{c.Status, c.Assignee, c.Score, c.Amount.Value, c.RespondBy, c.DecideBy, c.NextDue(),
		c.TokenHash, string(body), c.ID}
	if c.Version == 0 {
		all := []statement{{`INSERT INTO cases (status, assignee, score, amount, respond_by, decide_by, next_due,
 token_hash, body, id, payment_id, shop, version, created_at)
 VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, 1, $13)`,
			append(changing, c.PaymentID, c.Shop, c.CreatedAt), 1}}
		return append(all, documentStatements(c)...), nil
	}
	all := []statement{{`UPDATE cases SET status = $1, assignee = $2, score = $3, amount = $4, respond_by = $5, decide_by = $6,
 next_due = $7, token_hash = $8, body = $9, version = version + 1 WHERE id = $10 AND version = $11`,
		append(changing, c.Version), 1}}
	return append(all, documentStatements(c)...), nil
}

// documentStatements brings the table of documents up to the case. The case's own JSON is what Octroi reads; the table
// answers an operator's or an authority's question of which documents are kept, across all cases, and knows documents
// again. What a document is known by is written once: a case that is read again no longer carries it.
func documentStatements(c hold.Case) []statement {
	var all []statement
	for _, d := range c.Proof.Documents {
		all = append(all, statement{`INSERT INTO documents (id, case_id, kind, status, type, size, received_at, shop, exact, look)
 VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT (id) DO UPDATE SET status = excluded.status
 WHERE documents.case_id = excluded.case_id`,
			[]any{d.ID, c.ID, d.Kind, d.Status, d.Type, d.Size, d.ReceivedAt, c.Shop, d.Print.Exact, int64(d.Print.Look)}, 1})
	}
	return all
}

func (s *Store) decisionStatements(w Writes) ([]statement, error) {
	if w.Decision == nil {
		return nil, nil
	}
	d := w.Decision
	packed, err := s.deflater.pack(d.Recorded)
	if err != nil {
		return nil, err
	}
	return append(trialStatements(d.PaymentID, d.At, d.Recorded), statement{`INSERT INTO decisions (id, payment_id, stage, at, policy_version, outcome, score, inputs)
 VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
		[]any{d.ID, d.PaymentID, d.Stage, d.At, d.Decision.Policy.Version, d.Decision.Outcome, d.Decision.Score, packed}, 1}), nil
}

// operationStatement inserts an operation or replaces the one with its id, which must be of the same payment.
func operationStatement(o payment.Operation) statement {
	return statement{`INSERT INTO operations (id, payment_id, type, status, amount, currency, reason, key, body_hash, reference,
 actor, created_at, updated_at, confirmed, failed) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)
 ON CONFLICT (id) DO UPDATE SET type = excluded.type, status = excluded.status, amount = excluded.amount, currency = excluded.currency,
  reason = excluded.reason, reference = excluded.reference, actor = excluded.actor, updated_at = excluded.updated_at,
  confirmed = excluded.confirmed, failed = excluded.failed
 WHERE operations.payment_id = excluded.payment_id`,
		[]any{o.ID, o.PaymentID, o.Type, o.Status, o.Amount.Value, o.Amount.Currency, o.Reason, o.Key, o.BodyHash, o.Reference,
			o.Actor, o.CreatedAt, o.UpdatedAt, o.Confirmed, o.Failed}, 1}
}
