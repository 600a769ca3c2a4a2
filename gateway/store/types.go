package store

import (
	"time"

	"octroi/gateway/hold"
	"octroi/gateway/payment"
	"octroi/providers"
	"octroi/risk"
)

// Snapshot is a payment (with its operations) and its case, if it has one, read in one transaction.
type Snapshot struct {
	Payment payment.Payment
	Case    *hold.Case
	// LeaseUntil is until when somebody works on a payment that waits for its outcome (pending, action_required); in the
	// past for every other.
	LeaseUntil time.Time
}

// Writes is everything that changes together. Zero fields write nothing.
type Writes struct {
	// Payment is the changed payment. Its Version must be the one that was read; Commit fails with ErrStale otherwise.
	Payment *payment.Payment
	// Lease goes with a Payment that is still pending or waits for a step of the buyer's: how much longer the caller
	// works on it. With 0 it may be taken over at once by a retry of its key, or of its details.
	Lease    time.Duration
	Decision *Decision
	// Case is inserted when its Version is 0, otherwise replaced under the same rule as Payment.
	Case *hold.Case
	// Operations are inserted, or replaced by ID.
	Operations []payment.Operation
	History    []History
	Audit      []Audit
	Outbox     []Message
	// Done names outbox messages that these writes settle.
	Done []int64
	// Notifications names stored notifications that these writes settle, each by its Key.
	Notifications []string
}

// Begin asks for a new payment under an idempotency key.
type Begin struct {
	Payment  payment.Payment // status pending, version 0
	Key      string
	BodyHash []byte
	// Lease is how long the caller may work on it before a retry of the same key may take it over.
	Lease time.Duration
}

// Begun says what Begin found. A key in flight, a key reused with another body and an order with a live payment are
// errors (payment.CodeInFlight, CodeKeyReused, CodeOrderLive).
type Begun int

// What Begin found.
const (
	BegunNew    Begun = iota
	BegunReplay       // the key's payment has its outcome: answer with it
	BegunResume       // the key's payment was left unfinished and its lease is over: carry on with it, same id
)

// Recorded is a decision as its policy made it, and everything it was made from: enough to make it again bit for bit.
type Recorded struct {
	// Facts are those before the authorisation, with the Review that the issuer's answer brought, if it was asked.
	Facts risk.Facts `json:"facts"`
	// Card is what was known of the card at the review; nil without one.
	Card      *risk.Card `json:"card,omitempty"`
	Histories []byte     `json:"histories,omitempty"` // as package velocity encodes them
	// CardHistories are those of the card at the review, when only the provider's answer had named it; nil otherwise.
	CardHistories []byte              `json:"card_histories,omitempty"`
	Lists         map[string][]string `json:"lists,omitempty"` // what the lists were asked for and held
	// ReviewLists is what they held besides when the review was made, if it was made later than the decision.
	ReviewLists map[string][]string `json:"review_lists,omitempty"`
	Decision    risk.Decision       `json:"decision"`
	Shadow      *Shadow             `json:"shadow,omitempty"`
	// Emptied says that the inputs are kept no longer, because the time of their payment is over or its buyer asked to be
	// forgotten. Everything else is then zero, and the decision cannot be made again; what it came to is with the payment.
	Emptied bool `json:"-"`
}

// Decision is one recorded decision of a payment.
type Decision struct {
	ID        string
	PaymentID string
	Stage     string // decide, review
	At        time.Time
	Recorded
}

// Assessment is one score-only decision.
type Assessment struct {
	ID   string
	Shop string
	At   time.Time
	Recorded
	// Observed is true when the velocity histories already have the attempt; otherwise the journal brings it to them.
	Observed bool
}

// History is one event for the velocity histories. It stays in the journal for rebuilding them.
type History struct {
	Shop   string
	Record risk.Record
	// Applied is true when the histories already have it (an attempt that was observed).
	Applied bool
}

// JournalEntry is a History as the journal gives it back.
type JournalEntry struct {
	Seq int64
	History
}

// Audit is one line of the audit log. It is chained with a keyed hash after it is committed.
type Audit struct {
	At      time.Time
	Actor   string
	Action  string
	Subject string // an id
	Detail  string // bounded, no card data
}

// Kind is a kind of outbox message; it names who must carry it out and is a metric label.
type Kind string

// The kinds of outbox message.
const (
	KindCapture         Kind = "capture"
	KindCancel          Kind = "cancel"
	KindCancelReference Kind = "cancel_reference"
	KindRefund          Kind = "refund"
	KindReverse         Kind = "reverse" // a refund of all, asked for while it is not sure that the money is taken yet
	KindMail            Kind = "mail"
	KindWebhook         Kind = "webhook"
)

// OutboxKinds lists them, for pre-set metrics.
func OutboxKinds() []Kind {
	return []Kind{KindCapture, KindCancel, KindCancelReference, KindRefund, KindReverse, KindMail, KindWebhook}
}

// Message is something that must leave the gateway, written in the transaction that made it necessary and delivered at
// least once. Messages of one kind and payment leave in the order they were written, one at a time.
type Message struct {
	ID        int64
	Kind      Kind
	Shop      string
	PaymentID string
	Payload   []byte // JSON, known to the package that carries it out; emptied when done
	Due       time.Time
	Attempts  int // how often it was claimed, this time included
	CreatedAt time.Time
	LastError string
}

// PaymentFilter narrows Payments. Zero fields do not narrow.
type PaymentFilter struct {
	Shop           string
	OrderReference string
	Status         payment.Status
	Limit          int    // 1 to 100; 20 when 0
	Cursor         string // as the page before gave it
}

// CaseFilter narrows and sorts Cases.
type CaseFilter struct {
	Shop       string        // "" is every shop
	Statuses   []hold.Status // any of them; none is every one
	Assignee   string
	Unassigned bool   // only what nobody has claimed
	Sort       string // decide_by (default, soonest first), amount, score (largest first)
	Limit      int
	Cursor     string
}

// Counts is what operators watch.
type Counts struct {
	Cases  map[hold.Status]int
	Oldest map[hold.Status]time.Time // creation of the oldest open case per status
	Outbox map[Kind]int              // waiting
	Buried map[Kind]int              // given up on
	// Notifications is how many stored notifications wait to be settled.
	Notifications int
	// History is how many events have not been brought to the velocity histories yet.
	History int
}

// StoredNotification is a provider's report, kept before it is acknowledged.
type StoredNotification struct {
	Provider string
	providers.Notification
	ReceivedAt time.Time
	Attempts   int
}

// Key names the stored notification among those of all providers; it is what Writes.Notifications and
// RetryNotification take.
func (n StoredNotification) Key() string { return n.Provider + ":" + n.ID }

// Role is what a person of the console may do.
type Role string

// The roles, each including the one before: analysts work cases, seniors decide large ones and release others' cases,
// admins keep users, keys and lists.
const (
	RoleAnalyst Role = "analyst"
	RoleSenior  Role = "senior"
	RoleAdmin   Role = "admin"
)

// Includes reports whether r may do what needs min.
func (r Role) Includes(min Role) bool {
	rank := map[Role]int{RoleAnalyst: 1, RoleSenior: 2, RoleAdmin: 3}
	return rank[r] > 0 && rank[r] >= rank[min]
}

// User is a person of the console.
type User struct {
	Name     string
	Role     Role
	Language string
	Disabled bool
}

// ListEntry is one value on an allow or block list.
type ListEntry struct {
	List      string    `json:"list"`
	Value     string    `json:"value"`
	Note      string    `json:"note,omitempty"`
	AddedBy   string    `json:"added_by"`
	AddedAt   time.Time `json:"added_at"`
	ExpiresAt time.Time `json:"expires_at,omitzero"`
}
