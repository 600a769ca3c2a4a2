package risk

import (
	"net/netip"
	"strconv"
	"strings"
	"time"
)

// EventKind says what happened to an order. Refusals and declines carry a code beside the kind.
type EventKind uint8

// The kinds of event a history holds. The order is part of the recorded format: new ones go to the end.
const (
	EventAttempt EventKind = iota // an order was scored: every order has exactly one
	EventAuthorised
	EventRefused  // by the issuer; the event's Code is the refusal code
	EventDeclined // by the policy
	EventHeld
	EventCaptured
	EventCancelled
	EventRefunded
	EventChargeback
	EventFraudReport
	EventDelivered
	EventReturned
	EventClaim
	EventDispute // the buyer or the issuer disputes the payment; no money has moved
	// EventCodeFailed: a wrong statement code was typed for the order. The event's Code is CodeTry of the try, so that each
	// try is an event of its own; without a code, the orders are counted.
	EventCodeFailed
	EventKindCount // how many there are; not a kind
)

var eventNames = [EventKindCount]string{"attempt", "authorised", "refused", "declined", "held", "captured", "cancelled",
	"refunded", "chargeback", "fraud_report", "delivered", "returned", "claim", "dispute", "code_failed"}

// String is the kind's name in policies and in recorded orders.
func (k EventKind) String() string {
	if k < EventKindCount {
		return eventNames[k]
	}
	return "unknown"
}

// EventNamed finds a kind by its name.
func EventNamed(name string) (EventKind, bool) {
	for i, n := range eventNames {
		if n == name {
			return EventKind(i), true
		}
	}
	return 0, false
}

// Event is what a fold looks for. Code narrows to the events with that code, such as one refusal code; "" takes all of the
// kind.
type Event struct {
	Kind EventKind
	Code string
}

// RefusedNeverRetry is a second code of a refusal, beside its own: the issuer said that this card must never be tried
// again. It is no refusal code of the public contract; whoever records outcomes adds, for such an answer, one more
// EventRefused with this code to the refusal itself. Counts go by order, so the refusal still counts once.
const RefusedNeverRetry = "never_retry"

// AttemptNamed is the code of an attempt that is recorded again because the order's card, which nobody knew when it was
// scored, has got a name since: the same order, with the card among its keys. It counts as an attempt of the card, and
// once with the first record wherever that one stands too.
const AttemptNamed = "named"

// CodeTry is the code of the EventCodeFailed of an order's n-th wrong statement code, from 1.
func CodeTry(n int) string { return strconv.Itoa(n) }

// Tally is one series of counts of a counted entity that a policy asks for: how often the event happened in
// (now-Delay-Window, now-Delay], as far as buckets tell.
type Tally struct {
	Entity        Entity
	Event         Event
	Window, Delay time.Duration
}

// The widths of the buckets of counted entities, and how far back each serves.
const (
	FineBucket, FineReach     = 5 * time.Minute, 2 * time.Hour
	CoarseBucket, CoarseReach = time.Hour, 24 * time.Hour
)

// CountedWindow gives the bucket that serves a window of a counted entity and the delay before it: five minutes while
// both together reach back two hours at most, an hour up to 24 hours. Both must be whole buckets, the window one at
// least; otherwise ok is false.
//
// A window is not exact, as it is for the other entities. It ends with the bucket that holds this very moment, and so
// reaches back up to one bucket further than it says, never less. With a delay it begins and ends on a bucket, up to
// one bucket earlier.
func CountedWindow(window, delay time.Duration) (bucket time.Duration, ok bool) {
	bucket = FineBucket
	if window+delay > FineReach {
		bucket = CoarseBucket
	}
	return bucket, window >= bucket && delay >= 0 && window <= CoarseReach && delay <= CoarseReach-window &&
		window%bucket == 0 && delay%bucket == 0
}

// CountedEvent reports a kind that is counted for counted entities: the attempt, and what came of it at once. Their
// records bear the time of the order; what is reported later would stand in another bucket than its order.
func CountedEvent(k EventKind) bool { return k <= EventHeld }

// Fold is the answer of a history: a number, and what it is worth.
type Fold struct {
	Value float64
	// Saturated: the history was cut to its cap within the window, so the true value is at least Value.
	Saturated bool
	// Missing: there is no history to ask, because the order does not name the entity or the store was away.
	Missing bool
}

// Histories are what the entities of one order did up to and including this very attempt. Windows are exact:
// events in (now-window, now] by the order's own time. An event seen twice counts once. Every method is pure.
//
// Counted entities (Entity.Counted) are another matter: they answer Count and Rate of a CountedEvent in a CountedWindow,
// each event counted at least once, and everything else is Missing.
type Histories interface {
	// Available is false when the store of histories could not be asked: every fold is then Missing.
	Available() bool
	// Count is how many orders of the entity had the event in the window; this attempt counts as an attempt.
	Count(e Entity, ev Event, window time.Duration) Fold
	// Sum adds the amounts (minor units) of those orders.
	Sum(e Entity, ev Event, window time.Duration) Fold
	// Distinct is how many different values of another entity went with the entity's attempts in the window.
	Distinct(e Entity, of Entity, window time.Duration) Fold
	// Rate is the share of attempts in (now-delay-window, now-delay] that had the event by now, 0 without attempts.
	Rate(e Entity, ev Event, window, delay time.Duration) Fold
	// Age is the time in seconds since the entity's first known attempt before this one; Missing when this is the first.
	Age(e Entity) Fold
	// Since is the time in seconds since the entity's last such event before this attempt; Missing when there was none.
	Since(e Entity, ev Event) Fold
	// Streak is how many of the entity's latest finished orders before this one had the event, unbroken.
	Streak(e Entity, ev Event) Fold
}

// Record is one event as it goes to the histories: what happened to which order, and the entities it belongs to.
// The attempt and every later event of one order share ID and Keys, but for a card that is only named later
// (AttemptNamed).
type Record struct {
	ID       string
	At       time.Time // when the order was made for attempts and outcomes; when it was reported for later events
	Kind     EventKind
	Code     string // refusal code, for EventRefused; see AttemptNamed and EventCodeFailed
	Amount   int64  // of the order, minor units
	Currency string
	Keys     [EntityCount]string
	// IssuerCountry is the card's, as NormaliseCountry gives it; "" when not known. It is a counted entity.
	IssuerCountry string
}

// Attempt is the record of the order's own attempt.
func (f Facts) Attempt() Record {
	return Record{ID: f.ID, At: f.At, Kind: EventAttempt, Amount: f.Amount, Currency: f.Currency, Keys: f.Keys(),
		IssuerCountry: NormaliseCountry(f.Card.IssuerCountry)}
}

// FoldListValue brings a value to the form in which lists hold it: case and surrounding space do not matter, a mailbox
// or an IP address is named as its entity is, so that every spelling of it is the same entry.
func FoldListValue(v string) string {
	v = strings.ToLower(strings.TrimSpace(v))
	if mailbox, _ := NormaliseEmail(v); mailbox != "" {
		return mailbox
	}
	if ip, err := netip.ParseAddr(v); err == nil {
		return ip.Unmap().WithZone("").String()
	}
	return v
}

// Lists answers whether a value stands on a named list (allow and block lists with their expiry already applied for
// the time of the decision). An unknown list holds nothing.
type Lists interface {
	In(list, value string) bool
}
