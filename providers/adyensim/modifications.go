package adyensim

import (
	"encoding/json"
	"slices"
)

// The modifications, named as in Adyen's paths.
const (
	Captures      = "captures"
	Cancels       = "cancels"
	Refunds       = "refunds"
	Reversals     = "reversals"
	AmountUpdates = "amountUpdates"
)

// modificationRequest is any modification's body.
type modificationRequest struct {
	MerchantAccount  string  `json:"merchantAccount"`
	Reference        string  `json:"reference"`
	PaymentReference string  `json:"paymentReference"` // of /cancels only
	Amount           *Amount `json:"amount"`
}

// modificationAnswer is any modification's answer; the outcome follows by webhook.
type modificationAnswer struct {
	MerchantAccount     string  `json:"merchantAccount"`
	PaymentPSPReference string  `json:"paymentPspReference,omitempty"`
	PaymentReference    string  `json:"paymentReference,omitempty"`
	PSPReference        string  `json:"pspReference"`
	Reference           string  `json:"reference,omitempty"`
	Status              string  `json:"status"`
	Amount              *Amount `json:"amount,omitempty"`
}

// modify is POST /payments/{psp}/{kind}.
func (s *Server) modify(kind string) operation {
	return func(r request) (outcome, error) {
		var q modificationRequest
		if err := json.Unmarshal(r.body, &q); err != nil {
			return refuse(errJSON), nil
		}
		if f := s.checkModification(kind, q); f != nil {
			return refuse(*f), nil
		}
		p := s.book.payments[r.psp]
		if p == nil || !p.authorised() {
			return refuse(errOriginal), nil
		}
		if q.Amount != nil && q.Amount.Currency != p.Amount.Currency {
			return refuse(errCurrency), nil
		}
		psp, err := s.newPSP()
		if err != nil {
			return outcome{}, err
		}
		changed, events := carryOut(*p, Modification{PSPReference: psp, Kind: kind, Reference: q.Reference, At: s.cfg.Clock().UTC()}, q.Amount)
		answer := modificationAnswer{MerchantAccount: q.MerchantAccount, PaymentPSPReference: r.psp, PSPReference: psp,
			Reference: q.Reference, Status: "received", Amount: q.Amount}
		return outcome{status: 201, body: answer, entry: entry{Payments: []Payment{changed}, Webhooks: s.hooks(events...)}}, nil
	}
}

func (s *Server) checkModification(kind string, q modificationRequest) *failure {
	if f := s.checkAccount(q.MerchantAccount); f != nil {
		return f
	}
	if len(q.Reference) > 80 {
		return &errReference
	}
	if kind == Cancels || kind == Reversals {
		return nil
	}
	if f := checkAmount(q.Amount); f != nil {
		return f
	}
	if q.Amount.Value == 0 {
		return &errAmount
	}
	return nil
}

// carryOut applies a modification to a payment and says which events report it. Adyen takes every well-formed
// modification in hand, and reports what the payment does not allow with success=false.
func carryOut(p Payment, m Modification, amount *Amount) (Payment, []event) {
	m.Amount = p.Amount
	if amount != nil {
		m.Amount = *amount
	}
	code, failed := "", ""
	switch m.Kind {
	case Captures:
		m.Success, code, failed = p.capture(m.Amount.Value), "CAPTURE", "CAPTURE_FAILED"
	case Cancels:
		m.Success, code = p.cancel(), "CANCELLATION"
	case Refunds:
		m.Success, code, failed = p.refund(m.Amount.Value), "REFUND", "REFUND_FAILED"
	case Reversals:
		if p.Captured > 0 {
			m.Amount.Value = p.Captured - p.Refunded - p.ChargedBack
			m.Success = p.refund(m.Amount.Value)
		} else {
			m.Success = p.cancel()
		}
		code = "CANCEL_OR_REFUND"
	case AmountUpdates:
		if m.Success = p.Status == StatusAuthorised; m.Success {
			p.Amount = m.Amount
		}
		code = "AUTHORISATION_ADJUSTMENT"
	}
	if !m.Success {
		m.Reason = refusedModification[m.Kind]
	}
	events := []event{modification(p, m, code)}
	if m.Success && (m.Kind == Captures && p.FailCapture || m.Kind == Refunds && p.FailRefund) {
		events = append(events, p.failLater(&m, failed))
	}
	p.Modifications = append(slices.Clip(p.Modifications), m)
	return p, events
}

// refusedModification is the reason a webhook gives with success=false.
var refusedModification = map[string]string{
	Captures: "Insufficient balance on payment", Cancels: "Transaction cannot be cancelled", Refunds: "Insufficient balance on payment",
	Reversals: "Transaction cannot be reversed", AmountUpdates: "Transaction cannot be adjusted"}

// failLater takes back a modification that the scheme refused after the acquirer had accepted it.
func (p *Payment) failLater(m *Modification, code string) event {
	m.Success, m.Reason = false, "Failed at the scheme"
	if code == "REFUNDED_REVERSED" {
		m.Reason = "Returned by the bank of the buyer"
	}
	if m.Kind == Refunds {
		p.Refunded -= m.Amount.Value
	} else if p.Captured -= m.Amount.Value; p.Captured == 0 {
		if p.Status = StatusAuthorised; p.Expired > 0 {
			p.Status = StatusExpired
		}
	}
	e := modification(*p, *m, code)
	e.success = true // what happened is the failure
	return e
}

// capture takes money within the authorised amount.
func (p *Payment) capture(v int64) bool {
	if v > p.open() {
		return false
	}
	p.Captured, p.Status = p.Captured+v, StatusCaptured
	return true
}

// cancel releases an authorisation of which nothing was captured.
func (p *Payment) cancel() bool {
	if p.Status != StatusAuthorised {
		return false
	}
	p.Status = StatusCancelled
	return true
}

// refund gives back within the captured amount.
func (p *Payment) refund(v int64) bool {
	if v <= 0 || v > p.Captured-p.Refunded-p.ChargedBack {
		return false
	}
	p.Refunded += v
	return true
}

// technicalCancel is POST /cancels: it releases whatever was authorised under the caller's own reference, and says
// "received" whether or not there is any such payment.
func (s *Server) technicalCancel(r request) (outcome, error) {
	var q modificationRequest
	if err := json.Unmarshal(r.body, &q); err != nil {
		return refuse(errJSON), nil
	}
	if f := s.checkModification(Cancels, q); f != nil {
		return refuse(*f), nil
	}
	if q.PaymentReference == "" || len(q.PaymentReference) > 80 {
		return refuse(errReference), nil
	}
	psp, err := s.newPSP()
	if err != nil {
		return outcome{}, err
	}
	m := Modification{PSPReference: psp, Kind: Cancels, Reference: q.Reference, At: s.cfg.Clock().UTC()}
	var changed []Payment
	var original Payment
	for _, known := range s.book.byRef[q.PaymentReference] {
		p := *s.book.payments[known]
		if !p.authorised() {
			continue
		}
		original = p
		one := m
		if one.Success = p.cancel(); one.Success {
			m.Success = true
		} else {
			one.Reason = refusedModification[Cancels]
		}
		one.Amount = p.Amount
		p.Modifications = append(slices.Clip(p.Modifications), one)
		changed = append(changed, p)
	}
	m.Amount = original.Amount
	if !m.Success {
		m.Reason = refusedModification[Cancels]
	}
	answer := modificationAnswer{MerchantAccount: q.MerchantAccount, PaymentReference: q.PaymentReference, PSPReference: psp,
		Reference: q.Reference, Status: "received"}
	e := modification(original, m, "TECHNICAL_CANCEL")
	return outcome{status: 201, body: answer, entry: entry{Payments: changed, Webhooks: s.hooks(e)}}, nil
}
