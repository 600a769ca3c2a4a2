package backtest

import (
	"encoding/binary"
	"time"

	"octroi/risk"
)

// ledger remembers orders for the events that name them. It is made for millions: an order is a few numbers and one
// text, which the garbage collector passes over.
type ledger struct {
	places map[string]int // of an order by its ID, counted from the first ever
	orders []past         // oldest first, those not yet forgotten
	gone   int            // how many were forgotten
}

// past is what is remembered of one order.
type past struct {
	// text is the ID, the currency, then the value of each entity named, each after its length.
	text   string
	at     int64 // Unix milliseconds, as the histories count
	amount int64
	line   int
	row    int32 // among the orders tested or fitted; -1 for others
	named  uint16
	fraud  bool
}

// The bits of past.named; this does not compile when package risk declares more entities.
var _ [16 - risk.EntityCount]struct{}

func newLedger() ledger { return ledger{places: map[string]int{}} }

// add remembers an order. The answer is good until the next is added.
func (l *ledger) add(line int, rec *risk.Record) *past {
	p := past{at: rec.At.UnixMilli(), amount: rec.Amount, line: line, row: -1}
	b := make([]byte, 0, 256)
	b = appendText(appendText(appendText(b, rec.ID), rec.Currency), rec.IssuerCountry)
	for e, k := range rec.Keys {
		if k != "" {
			p.named |= 1 << e
			b = appendText(b, k)
		}
	}
	p.text = string(b)
	id, _ := cutText(p.text)
	l.places[id] = l.gone + len(l.orders)
	l.orders = append(l.orders, p)
	return &l.orders[len(l.orders)-1]
}

// find gives an order by its ID; nil when it is not remembered.
func (l *ledger) find(id string) *past {
	n, ok := l.places[id]
	if !ok {
		return nil
	}
	return &l.orders[n-l.gone]
}

// forget lets go of the orders from before the moment.
func (l *ledger) forget(before time.Time) {
	oldest := before.UnixMilli()
	for len(l.orders) > 0 && l.orders[0].at < oldest {
		id, _ := cutText(l.orders[0].text)
		delete(l.places, id)
		l.orders[0] = past{}
		l.orders = l.orders[1:]
		l.gone++
	}
}

// record is the order's record for an event.
func (p *past) record(ev risk.Event) risk.Record {
	rec := risk.Record{Kind: ev.Kind, Code: ev.Code, Amount: p.amount}
	rest := p.text
	rec.ID, rest = cutText(rest)
	rec.Currency, rest = cutText(rest)
	rec.IssuerCountry, rest = cutText(rest)
	for e := range rec.Keys {
		if p.named&(1<<e) != 0 {
			rec.Keys[e], rest = cutText(rest)
		}
	}
	return rec
}

// key is the value of one of the order's entities; "" when it does not name one.
func (p *past) key(e risk.Entity) string { return p.record(risk.Event{}).Keys[e] }

func appendText(b []byte, s string) []byte {
	return append(binary.AppendUvarint(b, uint64(len(s))), s...)
}

// cutText takes the first text off.
func cutText(s string) (first, rest string) {
	n, shift := 0, 0
	for i := range len(s) {
		n |= int(s[i]&0x7F) << shift
		if s[i] < 0x80 {
			return s[i+1 : i+1+n], s[i+1+n:]
		}
		shift += 7
	}
	return "", ""
}
