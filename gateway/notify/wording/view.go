package wording

import (
	"maps"
	"slices"
)

// Languages that every mail is written in.
const (
	English = "en"
	French  = "fr"
)

// Languages lists them.
func Languages() []string { return []string{English, French} }

// View is what a template may show. Every text is in the buyer's language, one clean line each, except Message, which
// may have several. A template that names a field its mail does not have is refused: see mails.
type View struct {
	Name      string // whom to greet; may be empty
	Shop      string // the shop's name
	Contact   string // how to reach the shop's people: an address or a page; may be empty
	Order     string // the shop's order reference
	Amount    string // of the payment, with its currency
	Refunded  string // what a refund gives back, with its currency
	Link      string // the proof page, or the page to pay again; the whole address
	RespondBy string // the buyer's deadline, with the zone it is told in
	Message   string // an analyst's or an issuer's words; several lines, may be empty
	Kept      string // how long documents are kept after the decision, such as "72 hours"
	// CardNotice is our sentence that no copy of the card is asked for; empty where the law allows one and it is.
	CardNotice string
	// HumanLook is our sentence on the right to have a person look at it again (GDPR article 22).
	HumanLook string
	// Plan names the company between the buyer and the shop that a refund goes through, and that may be paid in
	// instalments, such as Alma or PayPal; empty for a card.
	Plan  string
	Kinds []string // the proofs asked for, with what may be masked on each
	Means []string // other means of payment that the shop takes
	Code  bool     // the code on the buyer's bank statement is offered
	Last  bool     // this is the last reminder
	Taken bool     // the money is with the shop: what ends gives it back, where otherwise a reservation is released
}

// mail says what one mail can show and what it must: the linter's knowledge of it.
type mail struct {
	fields []string // beside those that every mail has
	needs  []string // must show in every language and form, whatever else is empty
}

// everywhere are the fields that every mail has.
var everywhere = []string{"Name", "Shop", "Contact", "Order", "Amount"}

// mails are all there are. What a mail needs is what it is for, or what the law wants the buyer told.
var mails = map[string]mail{
	"proof_request": {fields: []string{"Link", "RespondBy", "Message", "Kept", "CardNotice", "Kinds", "Code", "Taken"},
		needs: []string{"Link", "RespondBy"}},
	"proof_reminder": {fields: []string{"Link", "RespondBy", "Kept", "CardNotice", "Kinds", "Code", "Last", "Taken"},
		needs: []string{"Link", "RespondBy"}},
	"document_unreadable": {fields: []string{"Link", "RespondBy", "Message", "Kept", "CardNotice", "Kinds", "Taken"},
		needs: []string{"Link", "RespondBy"}},
	"message_from_analyst": {fields: []string{"Link", "Message", "Kept", "CardNotice"}, needs: []string{"Link", "Message"}},
	"payment_released":     {fields: []string{"Kept"}},
	"payment_rejected":     {fields: []string{"Kept", "HumanLook", "Taken"}, needs: []string{"HumanLook"}},
	"payment_cancelled":    {fields: []string{"Kept", "Taken"}},
	"order_withdrawn":      {fields: []string{"Kept", "Taken"}},
	"payment_expired":      {fields: []string{"Link", "Kept", "HumanLook", "Taken"}, needs: []string{"HumanLook"}},
	"payment_refused":      {fields: []string{"Link", "Message", "Means"}, needs: []string{"Message"}},
	"payment_declined":     {fields: []string{"Link", "Message", "Means", "HumanLook"}, needs: []string{"Message", "HumanLook"}},
	"payment_refunded":     {fields: []string{"Refunded", "Plan"}, needs: []string{"Refunded"}},
}

// Names lists every mail, sorted.
func Names() []string { return slices.Sorted(maps.Keys(mails)) }

// may are all the fields of a mail.
func (m mail) may() []string { return slices.Concat(everywhere, m.fields) }
