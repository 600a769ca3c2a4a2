package flow

import (
	"time"

	"octroi/providers"
	"octroi/risk"
)

// How far back the issuer is told about a buyer (EMV 3-D Secure, merchant risk indicator and account information).
const (
	halfYear = 182 * 24 * time.Hour
	year     = 365 * 24 * time.Hour
)

// riskIndicator tells the issuer what the address comparison found. Nothing is claimed of an address that the order
// does not have.
func riskIndicator(s scored) providers.RiskIndicator {
	r := providers.RiskIndicator{Reordered: s.happened(risk.EventAuthorised, year) > 0}
	var grade string
	if s.decision.Signals != nil {
		grade = s.decision.Signals.Address.Grade
	}
	switch s.facts.Delivery.Method {
	case "digital":
		r.Destination, r.DeliveryEmail = providers.ToDigital, s.facts.Buyer.Email
		return r
	case "pickup_point", "locker", "store":
		r.Destination = providers.ToStore
		return r
	}
	if grade == "" {
		return r
	}
	same := grade == "same"
	r.AddressesMatch = &same
	switch {
	case same:
		r.Destination = providers.ToBillingAddress
	case s.receivedThere():
		r.Destination = providers.ToVerifiedAddress
	default:
		r.Destination = providers.ToOtherAddress
	}
	return r
}

// receivedThere reports an address to which paid orders went before, all of them of this buyer.
func (s scored) receivedThere() bool {
	paid := s.histories.Count(risk.EntityDelivery, risk.Event{Kind: risk.EventAuthorised}, year)
	buyers := s.histories.Distinct(risk.EntityDelivery, risk.EntityEmail, year)
	return paid.Value > 0 && buyers.Value == 1 && !buyers.Saturated
}

// account tells the issuer what the histories know of the buyer. Without histories it says no more than the shop did.
func account(s scored) providers.Account {
	a := providers.Account{CreatedAt: s.facts.Buyer.AccountCreatedAt}
	if !s.histories.Available() {
		return a
	}
	a.PurchasesHalf = s.happened(risk.EventAuthorised, halfYear)
	a.AttemptsDay = max(0, s.happened(risk.EventAttempt, dayWindow)-1) // without this one
	a.AttemptsYear = max(0, s.happened(risk.EventAttempt, year)-1)
	a.SuspiciousBuyer = s.happened(risk.EventChargeback, year)+s.happened(risk.EventFraudReport, year) > 0
	if age := s.histories.Age(risk.EntityDelivery); !age.Missing {
		a.DeliverySince = s.facts.At.Add(-time.Duration(age.Value * float64(time.Second)))
	}
	return a
}

// happened is how many of the buyer's orders had the event: by the shop's customer number, or by the mailbox of a buyer
// without an account.
func (s scored) happened(kind risk.EventKind, window time.Duration) int {
	e := risk.EntityCustomer
	if s.facts.Buyer.ID == "" {
		e = risk.EntityEmail
	}
	return int(s.histories.Count(e, risk.Event{Kind: kind}, window).Value)
}
