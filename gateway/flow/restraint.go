package flow

import (
	"sync"
	"time"

	"octroi/gateway/store"
	"octroi/risk"
)

// What one card or one mailbox may bring about in a day. What is told and mailed is limited by attempts, which are in the
// histories before their answer is known: of many orders at the same time each sees those before it, so that no burst gets
// beyond the limit. What is turned away is limited by what is known to be held: our own delay in noting what became of
// orders must never cost a sale.
const (
	// explainLimit is how many attempts that brought no money a card, an e-mail and an IP address may each have before
	// nothing is told of them any more: exact refusals are an oracle for card testers, and mails a way to pester somebody.
	explainLimit = 3
	// proofMailLimit is how many orders of a mailbox that were not simply paid bring it mails asking for proof. Whoever
	// orders may give anybody's address. A buyer who orders again and again while held has the link of each order from the
	// shop; five mails and their reminders are as much as a stranger should get.
	proofMailLimit = 5
	// openHoldsLimit is how many orders of a card or an e-mail may be held before one more that would be is turned away. Each
	// reserves money on the card and gives a new page to try one's luck at. Captured orders make room again: a buyer whose
	// orders are released, or who mostly needs no release, does not come to it.
	openHoldsLimit = 10
)

// unpaid is how many orders of the entity within a day were not authorised, this one included; false when the histories
// hold too little to tell.
func unpaid(h risk.Histories, e risk.Entity) (float64, bool) {
	tried := h.Count(e, risk.Event{Kind: risk.EventAttempt}, dayWindow)
	paid := h.Count(e, risk.Event{Kind: risk.EventAuthorised}, dayWindow)
	return tried.Value - paid.Value, !tried.Saturated
}

// within reports whether each of the entities has had no more than limit attempts in a day that brought no money, this one
// included. Without histories, or when they hold too little to tell, nothing is within.
func within(h risk.Histories, limit float64, entities ...risk.Entity) bool {
	if !h.Available() {
		return false
	}
	for _, e := range entities {
		if n, told := unpaid(h, e); !told || n > limit {
			return false
		}
	}
	return true
}

// mayExplain reports whether the buyer may be told why. A card that nobody can tell from another is never explained: with a
// new mailbox and a new network address for each try it would answer without end.
func (s *scored) mayExplain() bool {
	return s.attempt().Keys[risk.EntityCard] != "" && s.mayTell()
}

// mayTell reports whether the buyer may have a mail about an order that did not come about.
func (s *scored) mayTell() bool {
	known := []risk.Entity{risk.EntityEmail, risk.EntityIP}
	if s.attempt().Keys[risk.EntityCard] != "" {
		known = append(known, risk.EntityCard)
	}
	return within(s.known(), explainLimit, known...)
}

// capHolds declines what would be held of a card or an e-mail with too many orders that wait already. A challenge still in
// the decision once the issuer has authorised was not met, and would be a hold.
func (s *scored) capHolds() {
	outcome := s.shown().Outcome
	unmet := outcome == risk.Challenge && s.facts.Review != nil
	if outcome != risk.Hold && !unmet || !s.histories.Available() {
		return
	}
	h := s.known()
	for _, e := range []risk.Entity{risk.EntityCard, risk.EntityEmail} {
		held := h.Count(e, risk.Event{Kind: risk.EventHeld}, dayWindow)
		captured := h.Count(e, risk.Event{Kind: risk.EventCaptured}, dayWindow)
		if held.Value-captured.Value < openHoldsLimit {
			continue
		}
		s.added = append(s.added, risk.Reason{Code: "HOLDS_OPEN", Forces: risk.Decline,
			Detail:   "too many orders of this card or e-mail wait already, within a day",
			DetailFR: "trop de commandes de cette carte ou de cet e-mail sont déjà en attente, en un jour"})
		return
	}
}

// askByMail writes to the buyer of a case just opened for proof, unless the mailbox has had enough of such mails today.
func (o *outcome) askByMail() {
	if o.f.mayAsk(o.s) {
		o.w.Outbox = append(o.w.Outbox, o.f.mail(store.MailProofRequest, o.p, o.w.Case, ""))
		return
	}
	c := o.w.Case.Unasked()
	o.w.Case = &c
	o.audit("mail.not_sent", "proof_request: the mailbox has had enough of them within a day")
}

// mayAsk reports whether the order's mailbox may have one more mail asking for proof. While the histories are away every
// order is held, and this process counts by itself.
func (f *Flow) mayAsk(s scored) bool {
	h := s.histories
	if !h.Available() {
		mailbox, _ := risk.NormaliseEmail(s.facts.Buyer.Email)
		return f.asksWhileAway.take(s.facts.Shop+"\x00"+mailbox, s.facts.At)
	}
	n, told := unpaid(h, risk.EntityEmail)
	return told && n+h.Count(risk.EntityEmail, risk.Event{Kind: risk.EventHeld}, dayWindow).Value <= proofMailLimit
}

// mailMeter counts by mailbox and day the mails asking for proof that went out while the histories were away.
type mailMeter struct {
	mu   sync.Mutex
	day  int64
	sent map[string]int
}

// maxMailboxes bounds a mailMeter. Beyond it no mail goes out; the shop has every link.
const maxMailboxes = 10_000

// take reports whether one more may go to the mailbox on that day.
func (m *mailMeter) take(mailbox string, at time.Time) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	if day := at.Unix() / int64(dayWindow/time.Second); m.sent == nil || day != m.day {
		m.day, m.sent = day, map[string]int{}
	}
	if m.sent[mailbox] == 0 && len(m.sent) >= maxMailboxes || m.sent[mailbox] >= proofMailLimit {
		return false
	}
	m.sent[mailbox]++
	return true
}
