package adyensim

import (
	"encoding/json"
	"slices"
)

// book is the state that the journal's entries fold into. It keeps the newest payments and answers up to its bound.
type book struct {
	keep     int
	payments map[string]*Payment // by PSP reference
	order    []string            // PSP references, oldest first
	byRef    map[string][]string // PSP references by merchant reference
	sessions map[string]*session // by id
	byPSP    map[string]string   // session ids by PSP reference
	byToken  map[string]string   // session ids by every token they gave out
	byTrans  map[string]string   // session ids by threeDSServerTransID
	answers  map[string]answer   // by idempotency key
	keys     []string            // idempotency keys, oldest first
	taken    map[string]bool     // every PSP reference in use
	pending  []webhook           // undelivered, in the order of their events
	lastHook int64
}

// answer is what an idempotency key was answered with.
type answer struct {
	Status int             `json:"status"`
	Body   json.RawMessage `json:"body"`
}

// entry is one line of the journal: everything one request, or one delivery, changed.
type entry struct {
	Key       string    `json:"key,omitempty"`
	Answer    *answer   `json:"answer,omitempty"`
	Payments  []Payment `json:"payments,omitempty"` // whole, as they are after the change
	Sessions  []session `json:"sessions,omitempty"` // likewise
	Webhooks  []webhook `json:"webhooks,omitempty"`
	Delivered []int64   `json:"delivered,omitempty"` // ids of webhooks acknowledged, or given up
}

func newBook(keep int) *book {
	return &book{keep: keep, payments: map[string]*Payment{}, byRef: map[string][]string{}, sessions: map[string]*session{},
		byPSP: map[string]string{}, byToken: map[string]string{}, byTrans: map[string]string{}, answers: map[string]answer{}, taken: map[string]bool{}}
}

// apply folds one entry into the book.
func (b *book) apply(e entry) {
	if e.Answer != nil && e.Key != "" {
		b.keepAnswer(e.Key, *e.Answer)
	}
	for _, p := range e.Payments {
		b.put(p)
	}
	for _, ses := range e.Sessions {
		b.putSession(ses)
	}
	for _, w := range e.Webhooks {
		b.pending = append(b.pending, w)
		b.lastHook = max(b.lastHook, w.ID)
	}
	for _, id := range e.Delivered {
		if len(b.pending) > 0 && b.pending[0].ID == id { // as a rule: a long backlog is not moved for each
			b.pending = b.pending[1:]
			continue
		}
		b.pending = slices.DeleteFunc(b.pending, func(w webhook) bool { return w.ID == id })
	}
}

func (b *book) keepAnswer(key string, a answer) {
	if _, known := b.answers[key]; !known {
		b.keys = append(b.keys, key)
	}
	b.answers[key] = a
	if len(b.keys) > b.keep {
		delete(b.answers, b.keys[0])
		b.keys = b.keys[1:]
	}
}

func (b *book) put(p Payment) {
	if _, known := b.payments[p.PSPReference]; !known {
		b.order = append(b.order, p.PSPReference)
		b.byRef[p.Reference] = append(b.byRef[p.Reference], p.PSPReference)
	}
	for _, psp := range p.references() {
		b.taken[psp] = true
	}
	b.payments[p.PSPReference] = &p
	if len(b.order) > b.keep {
		b.forget(b.order[0])
		b.order = b.order[1:]
	}
}

func (b *book) putSession(ses session) {
	if b.payments[ses.PSP] == nil {
		return
	}
	b.sessions[ses.ID], b.byPSP[ses.PSP], b.byTrans[ses.TransID] = &ses, ses.ID, ses.ID
	for _, token := range append(slices.Clone(ses.Retired), ses.Token) {
		b.byToken[token] = ses.ID
	}
}

// references are the PSP references that a payment and what became of it use up.
func (p Payment) references() []string {
	refs := []string{p.PSPReference}
	if p.Dispute != "" {
		refs = append(refs, p.Dispute)
	}
	for _, m := range p.Modifications {
		refs = append(refs, m.PSPReference)
	}
	return refs
}

// snapshot is the book as entries of a journal.
func (b *book) snapshot() (entries []entry) {
	for _, psp := range b.order {
		e := entry{Payments: []Payment{*b.payments[psp]}}
		if ses := b.sessions[b.byPSP[psp]]; ses != nil {
			e.Sessions = []session{*ses}
		}
		entries = append(entries, e)
	}
	for _, key := range b.keys {
		a := b.answers[key]
		entries = append(entries, entry{Key: key, Answer: &a})
	}
	return append(entries, entry{Webhooks: b.pending})
}

// forget drops a payment and all that belongs to it.
func (b *book) forget(psp string) {
	p := b.payments[psp]
	delete(b.payments, psp)
	for _, used := range p.references() {
		delete(b.taken, used)
	}
	if rest := slices.DeleteFunc(b.byRef[p.Reference], func(known string) bool { return known == psp }); len(rest) > 0 {
		b.byRef[p.Reference] = rest
	} else {
		delete(b.byRef, p.Reference)
	}
	ses := b.sessions[b.byPSP[psp]]
	delete(b.byPSP, psp)
	if ses == nil {
		return
	}
	delete(b.sessions, ses.ID)
	delete(b.byTrans, ses.TransID)
	for _, token := range append(slices.Clone(ses.Retired), ses.Token) {
		delete(b.byToken, token)
	}
}
