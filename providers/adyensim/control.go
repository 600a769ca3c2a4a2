package adyensim

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Control lets something happen to a payment that Adyen, a scheme, an issuer or a buyer's bank would do in its own time.
type Control struct {
	// Event is the code of the webhook that reports it: EXPIRE, OFFER_CLOSED, AUTHORISATION (of a payment left pending),
	// CAPTURE (again, after it failed), CAPTURE_FAILED, REFUND_FAILED, REFUNDED_REVERSED, MANUAL_REVIEW_ACCEPT,
	// MANUAL_REVIEW_REJECT, or one of the dispute events.
	Event string `json:"event"`
	// Value is how much of the payment, in minor units; 0 is all that there is. Only chargebacks take another.
	Value int64 `json:"value,omitempty"`
	// Modification is the PSP reference of the capture or refund meant; "" is the newest that fits.
	Modification string `json:"modification,omitempty"`
	// Refused makes an AUTHORISATION fail.
	Refused bool `json:"refused,omitempty"`
}

// What a Control can be refused for.
var (
	ErrNoPayment  = errors.New("adyensim: no such payment")
	ErrImpossible = errors.New("adyensim: this cannot happen to the payment as it is")
)

// disputes are the events of Adyen's dispute flow, and by what share of the disputed amount money moves: 1 to the buyer, -1
// back to the merchant.
var disputes = map[string]int64{
	"NOTIFICATION_OF_CHARGEBACK": 0, "REQUEST_FOR_INFORMATION": 0, "NOTIFICATION_OF_FRAUD": 0,
	"CHARGEBACK": 1, "CHARGEBACK_REVERSED": -1, "SECOND_CHARGEBACK": 1,
	"PREARBITRATION_OPEN": 0, "PREARBITRATION_ACCEPTED": 0, "PREARBITRATION_DECLINED": 0, "PREARBITRATION_ISSUER_WITHDRAWN": 0,
	"PREARBITRATION_WON": 0, "PREARBITRATION_LOST": 0, "SCHEME_ARBITRATION_WON": 0, "SCHEME_ARBITRATION_LOST": 0,
	"DISPUTE_DEFENSE_PERIOD_ENDED": 0, "INFORMATION_SUPPLIED": 0, "ISSUER_COMMENTS": 0, "ISSUER_RESPONSE_TIMEFRAME_EXPIRED": 0,
}

// Happen carries out a Control on a payment, named by its PSP reference or as the newest under a merchant reference, and
// gives the payment as it is then. The webhook follows like any other. Its errors are ErrNoPayment and ErrImpossible.
func (s *Server) Happen(name string, c Control) (Payment, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.shut {
		return Payment{}, fmt.Errorf("%w: the server is closed", ErrImpossible)
	}
	known := s.book.find(name)
	if known == nil {
		return Payment{}, fmt.Errorf("%w: %q", ErrNoPayment, name)
	}
	p := *known
	p.Modifications = slices.Clone(p.Modifications)
	e, err := s.happen(p, c)
	if err != nil {
		return Payment{}, fmt.Errorf("%s to %s: %w", c.Event, p.PSPReference, err)
	}
	if err := s.record(e); err != nil {
		return Payment{}, err
	}
	s.nudge()
	return *s.book.payments[p.PSPReference], nil
}

// find names a payment by its PSP reference or as the newest under a merchant reference; nil when there is none.
func (b *book) find(name string) *Payment {
	if p := b.payments[name]; p != nil {
		return p
	}
	if refs := b.byRef[name]; len(refs) > 0 {
		return b.payments[refs[len(refs)-1]]
	}
	return nil
}

// happen changes a copy of a payment. The caller holds the lock.
func (s *Server) happen(p Payment, c Control) (entry, error) {
	if _, dispute := disputes[c.Event]; dispute {
		return s.dispute(p, c)
	}
	switch c.Event {
	case "EXPIRE":
		return s.expire(p)
	case "OFFER_CLOSED":
		return s.closeOffer(p)
	case "AUTHORISATION":
		if !isWallet(p.Method) || p.Status != StatusAwaiting {
			return entry{}, ErrImpossible
		}
		if c.Refused {
			return s.settleWallet(p, reasons["DECLINED"])
		}
		return s.settleWallet(p, reasons["APPROVED"])
	case "MANUAL_REVIEW_ACCEPT", "MANUAL_REVIEW_REJECT":
		return s.review(p, c.Event == "MANUAL_REVIEW_ACCEPT")
	case "CAPTURE", "CAPTURE_FAILED", "REFUND_FAILED", "REFUNDED_REVERSED":
		return s.revise(p, c)
	}
	return entry{}, fmt.Errorf("%w: not an event that can be asked for", ErrImpossible)
}

// own is an event about the payment as a whole, under its own reference.
func (p Payment) own(code string, value int64) event {
	return event{code: code, psp: p.PSPReference, reference: p.Reference, amount: Amount{value, p.Amount.Currency}, method: p.Brand,
		success: true, data: map[string]string{}}
}

// expire lets go of what was authorised and not captured.
func (s *Server) expire(p Payment) (entry, error) {
	left := p.open()
	if left <= 0 {
		return entry{}, ErrImpossible
	}
	if p.Expired = left; p.Captured == 0 {
		p.Status = StatusExpired
	}
	return entry{Payments: []Payment{p}, Webhooks: s.hooks(p.own("EXPIRE", left))}, nil
}

// closeOffer ends the wait for a buyer.
func (s *Server) closeOffer(p Payment) (entry, error) {
	if p.Status != StatusAwaiting {
		return entry{}, ErrImpossible
	}
	p.Status, p.ResultCode = StatusRefused, "Cancelled"
	e := entry{Payments: []Payment{p}, Webhooks: s.hooks(p.own("OFFER_CLOSED", p.Amount.Value))}
	if ses := s.book.sessions[s.book.byPSP[p.PSPReference]]; ses != nil {
		over := *ses
		over.Step = stepDone
		e.Sessions = []session{over}
	}
	return e, nil
}

// review is the word of Adyen's analysts. What they reject, Adyen itself cancels or refunds.
func (s *Server) review(p Payment, accepted bool) (entry, error) {
	if !p.UnderReview {
		return entry{}, ErrImpossible
	}
	p.UnderReview = false
	if accepted {
		return entry{Payments: []Payment{p}, Webhooks: s.hooks(p.own("MANUAL_REVIEW_ACCEPT", p.Amount.Value))}, nil
	}
	psp, err := s.newPSP()
	if err != nil {
		return entry{}, err
	}
	rejected := p.own("MANUAL_REVIEW_REJECT", p.Amount.Value)
	p, events := carryOut(p, Modification{PSPReference: psp, Kind: Reversals, At: s.cfg.Clock().UTC()}, nil)
	return entry{Payments: []Payment{p}, Webhooks: s.hooks(append([]event{rejected}, events...)...)}, nil
}

// revise turns the outcome of a capture or refund around: the scheme fails it, the buyer's bank sends it back, or Adyen
// captures again what had failed.
func (s *Server) revise(p Payment, c Control) (entry, error) {
	again := c.Event == "CAPTURE"
	kind := Refunds
	if strings.HasPrefix(c.Event, "CAPTURE") {
		kind = Captures
	}
	for i, m := range slices.Backward(p.Modifications) {
		if m.Kind != kind || m.Success == again || c.Modification != "" && c.Modification != m.PSPReference {
			continue
		}
		var e event
		if again {
			if !p.capture(m.Amount.Value) {
				return entry{}, ErrImpossible
			}
			m.Success, m.Reason = true, "Transaction Recaptured"
			e = modification(p, m, "CAPTURE")
		} else {
			e = p.failLater(&m, c.Event)
		}
		p.Modifications[i] = m
		return entry{Payments: []Payment{p}, Webhooks: s.hooks(e)}, nil
	}
	return entry{}, ErrImpossible
}

// dispute is a step between the buyer's bank and the merchant. The steps of one dispute share a reference; a report of
// fraud has its own.
func (s *Server) dispute(p Payment, c Control) (entry, error) {
	disputed := p.Captured - p.Refunded - p.ChargedBack
	if disputes[c.Event] < 0 {
		disputed = p.ChargedBack
	}
	value := c.Value
	if value == 0 {
		value = max(disputed, 0)
	}
	if moves := disputes[c.Event]; !p.authorised() || moves != 0 && (value <= 0 || value > disputed) {
		return entry{}, ErrImpossible
	}
	if value == 0 {
		value = p.Amount.Value
	}
	psp := p.Dispute
	if psp == "" || c.Event == "NOTIFICATION_OF_FRAUD" {
		var err error
		if psp, err = s.newPSP(); err != nil {
			return entry{}, err
		}
	}
	e := p.own(c.Event, value)
	e.psp, e.original = psp, p.PSPReference
	e.reason, e.data["chargebackReasonCode"], e.data["chargebackSchemeCode"] = "Fraudulent transaction, card absent", "10.4", p.Brand
	if c.Event != "NOTIFICATION_OF_FRAUD" {
		p.Dispute = psp
		p.ChargedBack += disputes[c.Event] * value
	}
	return entry{Payments: []Payment{p}, Webhooks: s.hooks(e)}, nil
}
