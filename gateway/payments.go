package gateway

import (
	"strings"

	"octroi/gateway/flow"
	"octroi/gateway/payment"
	"octroi/gateway/store"
	"octroi/providers"
)

// replayed marks an answer that was given before (Idempotency-Key).
const replayed = "Idempotent-Replayed"

// idempotencyKey reads the header that makes a retry safe.
func (k *call) idempotencyKey() (string, error) {
	key := strings.Clone(k.c.Get("Idempotency-Key"))
	if len(key) < 1 || len(key) > 255 || strings.ContainsFunc(key, func(r rune) bool { return r < 0x20 || r > 0x7e }) {
		return "", payment.Errorf(payment.CodeInvalid, "The header Idempotency-Key is required: 1 to 255 printable ASCII characters, the same for every retry of one request.")
	}
	if providers.HoldsCard(key, providers.Named) {
		return "", payment.Errorf(payment.CodeInvalid, "The header Idempotency-Key %s. Where it is none, let a letter stand before its digits.", payment.CardInText)
	}
	return key, nil
}

// pay is POST /v1/payments.
func (s *Server) pay(k *call) error {
	key, err := k.idempotencyKey()
	if err != nil {
		return err
	}
	var r payment.Request
	body, err := k.read(s.bodies.payment, &r)
	if err != nil {
		return err
	}
	if errs := r.Check(s.cfg.Clock(), k.shop.Accepts()); len(errs) > 0 {
		return payment.Invalid(errs...)
	}
	p, again, err := s.cfg.Flow.Authorise(k.ctx, flow.Call{Shop: k.shop.ID, Key: key, Body: body}, r)
	if err != nil {
		return err
	}
	status := 201
	switch {
	case again:
		status = 200
		k.c.Set(replayed, "true")
	case p.Status == payment.Pending:
		status = 202
	}
	k.c.Set("Location", "/v1/payments/"+p.ID)
	return k.answer(status, p)
}

// details is POST /v1/payments/{id}/details.
func (s *Server) details(k *call) error {
	id, err := k.id("id")
	if err != nil {
		return err
	}
	var b detailsBody
	if _, err := k.read(s.bodies.details, &b); err != nil {
		return err
	}
	p, again, err := s.cfg.Flow.Details(k.ctx, k.shop.ID, id, b.Details)
	if err != nil {
		return err
	}
	status := 200
	switch {
	case again:
		k.c.Set(replayed, "true")
	case p.Status == payment.Pending:
		status = 202
	}
	return k.answer(status, p)
}

// readPayment is GET /v1/payments/{id}. Another shop's payment is not found.
func (s *Server) readPayment(k *call) error {
	id, err := k.id("id")
	if err != nil {
		return err
	}
	snapshot, err := s.cfg.Store.Payment(k.ctx, k.shop.ID, id)
	if err != nil {
		return err
	}
	return k.answer(200, s.cfg.Flow.View(snapshot))
}

// listPayments is GET /v1/payments.
func (s *Server) listPayments(k *call) error {
	limit, err := k.limit()
	if err != nil {
		return err
	}
	f := store.PaymentFilter{Shop: k.shop.ID, OrderReference: k.query["order_reference"],
		Status: payment.Status(k.query["status"]), Limit: limit, Cursor: k.query["cursor"]}
	if f.Status != "" && !f.Status.Valid() {
		return payment.Errorf(payment.CodeInvalid, `The query parameter "status" is not a status of a payment.`)
	}
	snapshots, next, err := s.cfg.Store.Payments(k.ctx, f)
	if err != nil {
		return err
	}
	out := page[payment.Payment]{Data: make([]payment.Payment, len(snapshots)), Next: next}
	for i, snapshot := range snapshots {
		out.Data[i] = s.cfg.Flow.View(snapshot)
	}
	return k.answer(200, out)
}

// operate is POST /v1/payments/{id}/captures, /cancellations and /refunds.
func (s *Server) operate(kind payment.OperationType) func(*call) error {
	return func(k *call) error {
		id, err := k.id("id")
		if err != nil {
			return err
		}
		key, err := k.idempotencyKey()
		if err != nil {
			return err
		}
		var b operationBody
		body, err := k.readOptional(s.bodies.operation, &b)
		if err != nil {
			return err
		}
		if errs := b.check(); len(errs) > 0 {
			return payment.Invalid(errs...)
		}
		p, again, err := s.cfg.Flow.Operate(k.ctx, flow.Call{Shop: k.shop.ID, Key: key, Body: body}, id, kind, b.Amount, b.Reason)
		if err != nil {
			return err
		}
		if again {
			k.c.Set(replayed, "true")
		}
		return k.answer(202, p)
	}
}

// check says what is wrong with an operation's fields; how much there is to capture or refund is for package flow.
func (b operationBody) check() (errs []payment.FieldError) {
	if b.Amount != nil {
		errs = amount("/amount", *b.Amount)
	}
	return append(errs, short("/reason", b.Reason)...)
}

// amount says what is wrong with an amount in itself.
func amount(pointer string, a providers.Amount) (errs []payment.FieldError) {
	if a.Value <= 0 || a.Value > providers.MaxAmount {
		errs = append(errs, payment.FieldError{Pointer: pointer + "/value", Detail: "must be between 1 and 1000000000000 minor units"})
	}
	if _, ok := providers.Exponent(a.Currency); !ok {
		errs = append(errs, payment.FieldError{Pointer: pointer + "/currency", Detail: "must be an active ISO 4217 code such as EUR"})
	}
	return errs
}

// short checks a line of text of at most payment.MaxText bytes.
func short(pointer, text string) []payment.FieldError {
	if len(text) > payment.MaxText {
		return []payment.FieldError{{Pointer: pointer, Detail: "must be at most 256 bytes long"}}
	}
	if err := plain(pointer, text); err != nil {
		return []payment.FieldError{{Pointer: pointer, Detail: "must not contain control characters"}}
	}
	return nil
}

// paymentHappened is POST /v1/payments/{id}/events.
func (s *Server) paymentHappened(k *call) error {
	id, err := k.id("id")
	if err != nil {
		return err
	}
	var e paymentEvent
	if _, err := k.read(s.bodies.paymentEvent, &e); err != nil {
		return err
	}
	errs := short("/detail", e.Detail)
	if e.Amount != nil {
		errs = append(errs, amount("/amount", *e.Amount)...)
	}
	if len(errs) > 0 {
		return payment.Invalid(errs...)
	}
	p, err := s.cfg.Flow.PaymentHappened(k.ctx, k.shop.ID, id, flow.Happening{Type: e.Type, At: e.At, Detail: e.Detail, Amount: e.Amount})
	if err != nil {
		return err
	}
	return k.answer(200, p)
}

// assess is POST /v1/assessments.
func (s *Server) assess(k *call) error {
	var r payment.AssessmentRequest
	if _, err := k.read(s.bodies.assessment, &r); err != nil {
		return err
	}
	if errs := r.Check(s.cfg.Clock()); len(errs) > 0 {
		return payment.Invalid(errs...)
	}
	a, err := s.cfg.Flow.Assess(k.ctx, k.shop.ID, r)
	if err != nil {
		return err
	}
	return k.answer(200, a)
}

// assessmentHappened is POST /v1/assessments/{id}/events.
func (s *Server) assessmentHappened(k *call) error {
	id, err := k.id("id")
	if err != nil {
		return err
	}
	var e assessmentEvent
	if _, err := k.read(s.bodies.assessmentEvent, &e); err != nil {
		return err
	}
	if errs := short("/detail", e.Detail); len(errs) > 0 {
		return payment.Invalid(errs...)
	}
	if err := s.cfg.Flow.AssessmentHappened(k.ctx, k.shop.ID, id, flow.Happening{Type: e.Type, At: e.At, Detail: e.Detail, Refusal: e.Refusal}); err != nil {
		return err
	}
	k.c.Status(204)
	return nil
}
