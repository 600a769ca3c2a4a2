package flow

import (
	"context"
	"net/mail"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"time"

	"octroi/gateway/payment"
	"octroi/gateway/store"
	"octroi/risk"
	"octroi/risk/policy"
)

// Bounds of lists.
const (
	maxListName  = 64
	maxListValue = 256
	// listsRefresh is how long another process's change to a list may stay unseen.
	listsRefresh = 5 * time.Second
)

// listsSnapshot is all lists as last read.
type listsSnapshot struct {
	entries map[string]map[string]time.Time // list -> value -> expiry, zero for never
	changes int64                           // of the store's lists before they were read
}

// refreshLists reads all lists from the store when they have changed since they were last read: there may be a million
// entries.
func (f *Flow) refreshLists(ctx context.Context) error {
	changes, err := f.Store.ListChanges(ctx)
	if old := f.lists.Load(); err != nil || old.entries != nil && old.changes == changes {
		return err
	}
	entries, err := f.Store.ListEntries(ctx, f.Clock())
	if err != nil {
		return err
	}
	s := &listsSnapshot{entries: map[string]map[string]time.Time{}, changes: changes}
	for _, e := range entries {
		if s.entries[e.List] == nil {
			s.entries[e.List] = map[string]time.Time{}
		}
		s.entries[e.List][e.Value] = e.ExpiresAt
	}
	f.lists.Store(s)
	return nil
}

// recordingLists answers for one decision and remembers what it said yes to, so that the decision can be replayed
// after the lists have changed.
type recordingLists struct {
	snapshot *listsSnapshot
	at       time.Time
	mu       sync.Mutex
	hits     map[string][]string
}

var _ risk.Lists = (*recordingLists)(nil)

func (f *Flow) listsNow(at time.Time) *recordingLists {
	return &recordingLists{snapshot: f.lists.Load(), at: at}
}

// In implements risk.Lists. Values are compared without regard to case and surrounding space.
func (l *recordingLists) In(list, value string) bool {
	v := risk.FoldListValue(value)
	until, ok := l.snapshot.entries[list][v]
	if !ok || v == "" || (!until.IsZero() && !l.at.Before(until)) {
		return false
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if !slices.Contains(l.hits[list], v) {
		if l.hits == nil {
			l.hits = map[string][]string{}
		}
		l.hits[list] = append(l.hits[list], v)
	}
	return true
}

// PutListEntry puts a value on a list, or changes its note and expiry. Seniors and above.
func (f *Flow) PutListEntry(ctx context.Context, who store.User, e store.ListEntry) error {
	if !who.Role.Includes(store.RoleSenior) {
		return payment.Errorf(payment.CodeForbidden, "Only a senior can change lists.")
	}
	e.Value = risk.FoldListValue(e.Value)
	fields := CheckListEntry(e, f.Clock())
	if len(fields) == 0 && !f.knowsList(e.List) {
		fields = append(fields, payment.FieldError{Pointer: "/list", Detail: "is asked for by no policy: it would do nothing"})
	}
	if len(fields) > 0 {
		return payment.Invalid(fields...)
	}
	e.AddedBy, e.AddedAt = who.Name, f.Clock()
	audit := store.Audit{At: e.AddedAt, Actor: who.Name, Action: "list.added", Subject: e.List, Detail: e.Value}
	if err := f.Store.PutListEntry(ctx, e, audit); err != nil {
		return err
	}
	return f.refreshLists(ctx)
}

// snoozes is what the names of the lists begin with that silence one rule for one customer.
const snoozes = "snooze_"

// knowsList reports whether any shop's policy asks for the list: an entry on another protects nobody.
func (f *Flow) knowsList(name string) bool {
	for shop := range f.Shops {
		if AsksForList(f.Policy(shop), name) {
			return true
		}
	}
	return false
}

// AsksForList reports whether a policy asks for a list: in a rule or a feature, or as the snoozes of one of its rules.
func AsksForList(p *policy.Policy, name string) bool {
	code, snooze := strings.CutPrefix(name, snoozes)
	return slices.Contains(p.Lists(), name) || snooze && slices.Contains(p.Codes(), strings.ToUpper(code))
}

// RemoveListEntry takes a value off a list. Seniors and above.
func (f *Flow) RemoveListEntry(ctx context.Context, who store.User, list, value string) error {
	if !who.Role.Includes(store.RoleSenior) {
		return payment.Errorf(payment.CodeForbidden, "Only a senior can change lists.")
	}
	value = risk.FoldListValue(value)
	audit := store.Audit{At: f.Clock(), Actor: who.Name, Action: "list.removed", Subject: list, Detail: value}
	if err := f.Store.RemoveListEntry(ctx, list, value, audit); err != nil {
		return err
	}
	return f.refreshLists(ctx)
}

// misfit says why no order can ever have the value that stands on a list of the shipped policy's; "" when one can.
func misfit(list, value string) string {
	switch list {
	case "blocked_ips":
		if _, err := netip.ParseAddr(value); err != nil {
			return "must be one IPv4 or IPv6 address such as 203.0.113.7"
		}
	case "blocked_emails":
		if a, err := mail.ParseAddress(value); err != nil || a.Address != value {
			return "must be one e-mail address such as name@example.org; a whole domain stands on blocked_email_domains"
		}
	}
	return ""
}

// CheckListEntry says what is wrong with an entry that is to stand on a list, its value folded by risk.FoldListValue
// before. Every way onto a list asks it.
func CheckListEntry(e store.ListEntry, now time.Time) (fields []payment.FieldError) {
	bad := func(pointer, detail string) {
		fields = append(fields, payment.FieldError{Pointer: pointer, Detail: detail})
	}
	if e.List == "" || len(e.List) > maxListName || strings.Trim(e.List, "abcdefghijklmnopqrstuvwxyz0123456789_") != "" {
		bad("/list", "must be 1 to 64 of a-z, 0-9 and _")
	}
	if e.Value == "" || len(e.Value) > maxListValue {
		bad("/value", "must be 1 to 256 bytes long")
	} else if payment.LooksLikeCard(e.Value) {
		bad("/value", "looks like a card number: lists hold card fingerprints, never numbers")
	} else if wrong := misfit(e.List, e.Value); wrong != "" {
		bad("/value", wrong)
	}
	if len(e.Note) > maxListValue {
		bad("/note", "must be at most 256 bytes long")
	} else if payment.HoldsCard(e.Note) {
		bad("/note", payment.CardInText)
	}
	if !e.ExpiresAt.IsZero() && !e.ExpiresAt.After(now) {
		bad("/expires_at", "must lie in the future")
	}
	return fields
}
