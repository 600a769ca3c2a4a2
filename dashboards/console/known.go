package console

import (
	"strconv"
	"time"

	"octroi/gateway/store"
	"octroi/risk"
	"octroi/risk/velocity"
)

// known is what the histories told of one thing of an order at the moment it was decided.
type known struct {
	Entity  string
	First   bool          // never seen before
	Age     time.Duration // since it was first seen
	Orders  figure        // before this one, in knownWindow
	Refused figure
	Bad     figure // chargebacks, disputes and reports of fraud, in badWindow
	Others  figure // different cards, or for a card different e-mail addresses
	Other   string // which of the two
}

// figure is a count; Least says that the true one may be larger.
type figure struct {
	Value int
	Least bool
	None  bool // the histories cannot tell
}

// String writes it as it stands in a table.
func (f figure) String() string {
	switch {
	case f.None:
		return "·"
	case f.Least:
		return "≥\u00a0" + strconv.Itoa(f.Value)
	}
	return strconv.Itoa(f.Value)
}

// Some reports a count that is not nothing.
func (f figure) Some() bool { return f.Value > 0 }

// How far back the histories are asked.
const (
	knownWindow = 30 * 24 * time.Hour
	badWindow   = 365 * 24 * time.Hour
)

// knownEntities are what an analyst asks about first.
var knownEntities = []risk.Entity{risk.EntityEmail, risk.EntityCustomer, risk.EntityCard, risk.EntityDevice, risk.EntityIP, risk.EntityPhone, risk.EntityDelivery}

// knownOf reads the recorded histories of a payment's last decision; nil where none were recorded, or are kept no longer.
func knownOf(past []store.Decision) ([]known, error) {
	if len(past) == 0 {
		return nil, nil
	}
	last := past[len(past)-1]
	if last.Emptied || len(last.Histories) == 0 {
		return nil, nil
	}
	h, err := velocity.Decode(last.Histories)
	if err != nil || !h.Available() {
		return nil, err
	}
	var all []known
	for _, e := range knownEntities {
		if k, ok := knownBy(h, e); ok {
			all = append(all, k)
		}
	}
	return all, nil
}

// knownBy asks about one entity; false for one that the order does not name.
func knownBy(h risk.Histories, e risk.Entity) (known, bool) {
	attempts := h.Count(e, risk.Event{Kind: risk.EventAttempt}, knownWindow)
	if attempts.Missing {
		return known{}, false
	}
	k := known{Entity: e.String(), Orders: figureOf(attempts), Refused: figureOf(h.Count(e, risk.Event{Kind: risk.EventRefused}, knownWindow)), Other: "cards"}
	k.Orders.Value = max(0, k.Orders.Value-1) // this very order is one of them
	age := h.Age(e)
	k.First, k.Age = age.Missing, time.Duration(age.Value)*time.Second
	for _, bad := range []risk.EventKind{risk.EventChargeback, risk.EventFraudReport, risk.EventDispute} {
		if f := figureOf(h.Count(e, risk.Event{Kind: bad}, badWindow)); f.Value > k.Bad.Value {
			k.Bad = f // one order may be all three: they are not added up
		}
	}
	of := risk.EntityCard
	if e == risk.EntityCard {
		of, k.Other = risk.EntityEmail, "emails"
	}
	k.Others = figureOf(h.Distinct(e, of, knownWindow))
	return k, true
}

func figureOf(f risk.Fold) figure { return figure{int(f.Value), f.Saturated, f.Missing} }
