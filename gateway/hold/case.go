package hold

import (
	"maps"
	"slices"
	"time"

	"octroi/gateway/payment"
	"octroi/providers"
)

// Status is where a case stands.
type Status string

// The states of a case, as the public contract names them.
const (
	AwaitingProof  Status = "awaiting_proof"
	AwaitingReview Status = "awaiting_review"
	AwaitingSecond Status = "awaiting_second" // four eyes: one analyst has approved, another must
	Approved       Status = "approved"
	Rejected       Status = "rejected"
	Expired        Status = "expired" // the authorisation's clock ran out first
)

// Statuses lists every status, for pre-set metrics and the published contract.
func Statuses() []Status {
	return []Status{AwaitingProof, AwaitingReview, AwaitingSecond, Approved, Rejected, Expired}
}

// Open reports whether the case still waits for somebody.
func (s Status) Open() bool { return s == AwaitingProof || s == AwaitingReview || s == AwaitingSecond }

// Case is the work on one held payment. Its JSON form is what analysts see through the API.
type Case struct {
	ID        string           `json:"id"`
	PaymentID string           `json:"payment_id"`
	Status    Status           `json:"status"`
	Score     int              `json:"score"`
	Amount    providers.Amount `json:"amount"`
	Assignee  string           `json:"assignee,omitempty"`
	// Owner is whose decision the case waits for: OwnerProvider while the provider's own analysts have the payment and
	// our policy would let it go, "" when it is ours.
	Owner     string    `json:"owner,omitempty"`
	RespondBy time.Time `json:"respond_by,omitzero"` // the buyer's deadline
	DecideBy  time.Time `json:"decide_by"`           // before the authorisation lapses
	Proof     Proof     `json:"proof"`
	Messages  []Message `json:"messages"`
	Events    []Event   `json:"events"`
	// ReviewSince is when the case last came before the analysts; absent while it waits for its buyer.
	ReviewSince time.Time `json:"review_since,omitzero"`
	// Alarms are what the clock has warned of and nobody has mended yet.
	Alarms []Alarm `json:"alarms,omitempty"`
	// HumanLook says that the buyer has asked for a person to look.
	HumanLook bool      `json:"human_look,omitempty"`
	CreatedAt time.Time `json:"created_at"`
	UpdatedAt time.Time `json:"updated_at"`
	DecidedAt time.Time `json:"decided_at,omitzero"`

	Shop     string `json:"-"`
	Language string `json:"-"` // the buyer's
	Version  int64  `json:"-"`
	// FirstApproval is who approved first under four eyes.
	FirstApproval string `json:"-"`
	// TokenHash is SHA-256 of the proof link's token. The token itself is derived from a key outside the database.
	TokenHash []byte `json:"-"`
	// Reminded counts the reminders that are over, sent or not.
	Reminded int   `json:"-"`
	Marks    Marks `json:"-"`
}

// Marks is what the rules of a case remember and nobody needs to see.
type Marks struct {
	AskedAt   time.Time      `json:"asked_at,omitzero"`    // when the buyer was last asked
	LookedAt  time.Time      `json:"looked_at,omitzero"`   // when an analyst last did something
	CodeTries int            `json:"code_tries,omitempty"` // at the statement code
	Elsewhere int            `json:"elsewhere,omitempty"`  // wrong codes known of other orders, which leave as many fewer tries
	Unasked   bool           `json:"unasked,omitempty"`    // the buyer was not written to: the mailbox had had enough
	Networks  []string       `json:"networks,omitempty"`   // that have opened the link, as keyed hashes
	Wrong     map[string]int `json:"wrong,omitempty"`      // second facts that came with the link, by network
}

// Proof is what was asked of the buyer and what came.
type Proof struct {
	Requested []Kind     `json:"requested"`
	Documents []Document `json:"documents"`
	Code      CodeStatus `json:"code,omitempty"`
}

// DocumentStatus is where a document stands.
type DocumentStatus string

// The states of a document.
const (
	DocumentReceived   DocumentStatus = "received"
	DocumentAccepted   DocumentStatus = "accepted"
	DocumentUnreadable DocumentStatus = "unreadable" // to be sent again
	DocumentRefused    DocumentStatus = "refused"
	DocumentDestroyed  DocumentStatus = "destroyed"
)

// Document is what is known of an uploaded document; its bytes lie sealed in the vault. What was made of it stays when
// it is destroyed.
type Document struct {
	ID         string         `json:"id"`
	Kind       Kind           `json:"kind"`
	Status     DocumentStatus `json:"status"`
	Type       string         `json:"type"` // media type found by looking at the bytes
	Size       int64          `json:"size"`
	ReceivedAt time.Time      `json:"received_at"`
	Verdict    Verdict        `json:"verdict,omitempty"`
	Reason     string         `json:"reason,omitempty"`    // what the buyer is told of the verdict
	JudgedBy   string         `json:"judged_by,omitempty"` // absent when the document followed the case's decision
	JudgedAt   time.Time      `json:"judged_at,omitzero"`
	// Reused says that another buyer sent the same document with another order.
	Reused bool `json:"reused,omitempty"`
	// Print knows the document again. It is kept beside the case, not in it.
	Print Print `json:"-"`
}

// Print is what a document is known again by: a keyed hash of its pixels, and a hash of its looks; either may be empty.
type Print struct {
	Exact string
	Look  uint64
}

// Message is one line between buyer and analyst.
type Message struct {
	ID   string    `json:"id"`
	At   time.Time `json:"at"`
	From string    `json:"from"` // buyer, or the analyst's name
	Text string    `json:"text"`
}

// FromBuyer marks the buyer's messages.
const FromBuyer = "buyer"

// Event is one thing that happened to a case, in order.
type Event struct {
	At     time.Time `json:"at"`
	Actor  string    `json:"actor"` // an analyst's name, buyer, shop, policy, provider
	Type   string    `json:"type"`
	Detail string    `json:"detail,omitempty"`
}

// Actors that are not people of the console.
const (
	ActorBuyer    = "buyer"
	ActorShop     = "shop"
	ActorPolicy   = "policy"
	ActorProvider = "provider"
)

// OwnerProvider marks a case that waits for the provider's own analysts.
const OwnerProvider = ActorProvider

// Bounds of a case.
const (
	MaxNote      = 2000 // bytes of a note, reason or message
	MaxMessages  = 100
	MaxDocuments = 5  // that wait for a verdict or were accepted
	MaxSent      = 20 // in all
)

// happened appends to the case's history.
func (c *Case) happened(at time.Time, actor, kind, detail string) {
	c.Events = append(c.Events, Event{At: at, Actor: actor, Type: kind, Detail: detail})
	c.UpdatedAt = at
	if person(actor) {
		c.Marks.LookedAt = at
		c.mend(AlarmFirstLook)
	}
}

// person reports whether the actor is somebody of the console.
func person(actor string) bool {
	return !slices.Contains([]string{ActorBuyer, ActorShop, ActorPolicy, ActorProvider}, actor)
}

// clone copies what the functions of this package append to, so that a caller's case is never changed behind its back.
func (c Case) clone() Case {
	c.Events = slices.Clone(c.Events)
	c.Messages = slices.Clone(c.Messages)
	c.Proof.Requested = slices.Clone(c.Proof.Requested)
	c.Proof.Documents = slices.Clone(c.Proof.Documents)
	c.Alarms = slices.Clone(c.Alarms)
	c.Marks.Networks = slices.Clone(c.Marks.Networks)
	c.Marks.Wrong = maps.Clone(c.Marks.Wrong)
	return c
}

// wrongState is the error of an act that the case's state does not allow.
func wrongState(c Case, act string) error {
	return payment.Errorf(payment.CodeWrongState, "The case is %s; it cannot be %s.", c.Status, act)
}
