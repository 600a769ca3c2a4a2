package console

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"time"

	"octroi/gateway/hold"
	"octroi/gateway/payment"
	"octroi/gateway/store"
	"octroi/risk"
	"octroi/risk/address"
)

// orderBody is what an order's payment shows, with a case or without.
type orderBody struct {
	Payment           payment.Payment
	Shop              string
	Reasons           []reason
	Billing, Delivery side
	Grade             string
	Traits            []string
	AccountAge        string
	Others            []store.Snapshot // the order's other payments
	Notices           []notice
	Steps             string // the buyer's
	Trial             *trial // nil when nothing was on trial
	Known             []known
	Reused            []sighting // what a document of the case came with too, another buyer's
	Holder            []piece    // of the card, against the name that is billed
	Role              store.Role
}

// caseBody is what a case is rendered from.
type caseBody struct {
	orderBody
	Case      hold.Case
	Left      clock
	Respond   clock     // the buyer's
	Clocks    *timeline // nil for a closed case
	Ladder    []rung
	Documents []document
	Shown     *shown   // the document that is open; nil for none
	Caution   []string // what somebody should know before they approve
	Told      map[hold.Verdict]string
	Onward    bool // the next case follows
	Kinds     []hold.Kind
	Asked     []hold.Kind
	Ready     []string // keys of ready-made reasons to reject
	Mine      bool
	Theirs    bool // with a colleague
	May       may
	Typed     typed
	Next      bool // offer the next case
	Decision  *hold.Event
}

// may says which deeds the page offers. The server asks again when one is done.
type may struct{ Claim, Release, Decide, Approve, Say, Note bool }

// typed is what somebody had typed when a deed could not be done.
type typed struct {
	Deed  string
	Text  string
	Ready string
	Kinds []string
}

// readyReasons are the ready-made reasons to reject. They are kept in the case in the analyst's language.
var readyReasons = []string{"ready.unproven", "ready.mismatch", "ready.altered", "ready.silent", "ready.denied", "ready.pattern"}

// maxOthers bounds how many other payments of the same order a page shows.
const maxOthers = 20

func (c *Console) showCase(w http.ResponseWriter, r *http.Request, v visit) error {
	return c.renderCase(w, r, v, r.PathValue("id"), http.StatusOK, "", typed{})
}

// renderCase writes a case's page; fault is the sentence of a deed that could not be done, t what was typed for it.
func (c *Console) renderCase(w http.ResponseWriter, r *http.Request, v visit, id string, status int, fault string, t typed) error {
	snap, err := c.Store.Case(r.Context(), id)
	if err != nil {
		return err
	}
	body, err := c.caseBody(r.Context(), v, snap)
	if err != nil {
		return err
	}
	body.Typed, body.Onward = t, c.goesOn(r)
	if id := r.PathValue("document"); id != "" {
		if body.Shown = c.shown(r.Context(), v, *snap.Case, body.Documents, id); body.Shown == nil {
			return payment.Errorf(payment.CodeNotFound, "There is no such document.")
		}
	}
	if t.Deed == "proof" {
		body.Asked = nil
		for _, k := range t.Kinds {
			body.Asked = append(body.Asked, hold.Kind(k))
		}
	}
	return c.write(w, r, v, status, page{Name: "case", Title: snap.Payment.OrderReference, Fault: fault, Body: body})
}

func (c *Console) caseBody(ctx context.Context, v visit, snap store.Snapshot) (caseBody, error) {
	k := *snap.Case
	order, err := c.orderBody(ctx, v, snap)
	if err != nil {
		return caseBody{}, err
	}
	b := caseBody{orderBody: order, Case: k, Left: c.left(k, v.lang), Ready: readyReasons, Asked: k.Proof.Requested,
		Mine: k.Assignee == v.user.Name, Theirs: k.Assignee != "" && k.Assignee != v.user.Name, Next: !k.Status.Open(),
		Clocks: timelineOf(k, c.Clock(), v.lang), Told: toldOf(k.Language)}
	if shop, ok := c.Flow.Shop(k.Shop); ok {
		b.Kinds, b.Ladder = shop.Terms.Profile.Kinds(), ladderOf(k, snap.Payment, shop.Terms)
	}
	b.Respond = until(asked(k), k.RespondBy, c.Clock(), v.lang)
	b.May = mayDo(k, v.user)
	b.May.Note = !b.Anonymous()
	if b.Documents, err = c.documents(ctx, k); err != nil {
		return caseBody{}, err
	}
	for _, d := range b.Documents {
		for _, s := range d.Others {
			if !s.SameBuyer && !slices.Contains(b.Reused, s) {
				b.Reused = append(b.Reused, s)
			}
		}
	}
	b.Caution = cautions(b, v.lang)
	if !k.Status.Open() {
		b.Decision = decided(k)
	}
	return b, nil
}

// mayDo says what somebody may do with a case as it stands.
func mayDo(k hold.Case, who store.User) may {
	if !k.Status.Open() {
		return may{}
	}
	theirs := k.Assignee != "" && k.Assignee != who.Name
	m := may{Claim: k.Assignee == "", Decide: !theirs, Say: !theirs}
	m.Release = k.Assignee == who.Name || theirs && who.Role.Includes(store.RoleSenior)
	m.Approve = m.Decide && !(k.Status == hold.AwaitingSecond && k.FirstApproval == who.Name)
	return m
}

// decided is the event that closed the case.
func decided(k hold.Case) *hold.Event {
	for _, e := range slices.Backward(k.Events) {
		if e.Type == string(k.Status) {
			return &e
		}
	}
	return nil
}

// orderBody gathers what is known of a payment's order.
func (c *Console) orderBody(ctx context.Context, v visit, snap store.Snapshot) (orderBody, error) {
	p := snap.Payment
	b := orderBody{Payment: p, Shop: c.shopName(p.Shop), Reasons: reasonsOf(p.Decision, v.lang), Role: v.user.Role}
	b.Billing, b.Delivery = sides(p.Detail)
	if p.Decision != nil && p.Decision.Signals != nil {
		b.Grade, b.Traits = p.Decision.Signals.Address.Grade, p.Decision.Signals.Address.Traits
	}
	b.AccountAge, b.Steps = accountAge(p, v.lang), steps(p.Steps, v.lang)
	b.Notices = noticesOf(p, c.Location, v.lang)
	b.Holder = pieces(p.Detail.Holder, folded(p.Detail.Billing.Name), p.Detail.Billing.Name != "" && !address.SameName(p.Detail.Holder, p.Detail.Billing.Name))
	past, err := c.Store.Decisions(ctx, p.ID)
	if err != nil {
		return b, err
	}
	b.Trial = trialOf(past, v.lang)
	if b.Known, err = knownOf(past); err != nil { // worth a line in the log, not the page
		c.Logger.ErrorContext(ctx, "recorded histories not read", "payment", p.ID, "error", err)
	}
	others, _, err := c.Store.Payments(ctx, store.PaymentFilter{Shop: p.Shop, OrderReference: p.OrderReference, Limit: maxOthers})
	if err != nil {
		return b, err
	}
	for _, o := range others {
		if o.Payment.ID != p.ID {
			b.Others = append(b.Others, o)
		}
	}
	return b, nil
}

// steps says how many steps the buyer took, and whether the provider has answered them all; "" without any.
func steps(all []payment.Step, lang string) string {
	if len(all) == 0 {
		return ""
	}
	if slices.ContainsFunc(all, func(s payment.Step) bool { return !s.Done }) {
		return sprintf(lang, "steps.open", len(all))
	}
	return sprintf(lang, "steps.done", len(all))
}

// accountAge is how old the buyer's account was when the order came; "" when the shop did not tell.
func accountAge(p payment.Payment, lang string) string {
	made := p.Detail.Buyer.AccountCreatedAt
	if made.IsZero() || made.After(p.CreatedAt) {
		return ""
	}
	const day, year = 24 * time.Hour, 365 * 24 * time.Hour
	switch age := p.CreatedAt.Sub(made); {
	case age < day:
		return lasting(age, lang)
	case age < year:
		return plural(lang, "days", int(age/day))
	default:
		return plural(lang, "years", int(age/year))
	}
}

// CardNumber writes what is known of the card in the way people read it off one: first digits, dots, last four.
func (b orderBody) CardNumber() string {
	k := b.Payment.Card
	if k == nil || k.Last4 == "" {
		return ""
	}
	bin := k.BIN
	if len(bin) > 4 {
		bin = bin[:4] + "\u00a0" + bin[4:]
	}
	return strings.TrimSpace(bin + " ···· " + k.Last4)
}

// Anonymous reports whether the buyer is no longer to be known: their time is over, or they asked for it. Every order has
// an e-mail address until then.
func (b orderBody) Anonymous() bool { return b.Payment.Detail.Buyer.Email == "" }

// Taken reports whether the money is with the shop already, so that only the parcel is held.
func (b orderBody) Taken() bool { return taken(b.Payment) }

// Senior reports whether the page is a senior's.
func (b orderBody) Senior() bool { return b.Role.Includes(store.RoleSenior) }

// Admin reports whether the page is an admin's.
func (b orderBody) Admin() bool { return b.Role.Includes(store.RoleAdmin) }

// Mailbox is the buyer's e-mail as block lists compare it: in the one spelling that all of a mailbox's have in common.
func (b orderBody) Mailbox() string {
	mailbox, _ := risk.NormaliseEmail(b.Payment.Detail.Buyer.Email)
	return mailbox
}

// Look is the document to look at next: one that nobody has judged, or else the first; "" when there is no other.
func (b caseBody) Look() string {
	open := ""
	if b.Shown != nil {
		open = b.Shown.ID
	}
	next := nextDocument(b.Case, open)
	if all := b.Case.Proof.Documents; next == "" && open == "" && len(all) > 0 {
		next = all[0].ID
	}
	return next
}

// Ordered reports whether a kind of proof is ticked in the form.
func (b caseBody) Ordered(k hold.Kind) bool { return slices.Contains(b.Asked, k) }
