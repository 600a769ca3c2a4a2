package gateway

import (
	"encoding/base64"
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"

	"octroi/gateway/payment"
	"octroi/gateway/store"
	"octroi/risk"
)

// listEntries is GET /v1/lists: the live entries of every list, by list and value. Lists are short enough to be held
// in memory for every decision, so a page is cut from the whole.
func (s *Server) listEntries(k *call) error {
	limit, err := k.limit()
	if err != nil {
		return err
	}
	if limit == 0 {
		limit = 20
	}
	after, err := entryCursor(k.query["cursor"])
	if err != nil {
		return err
	}
	entries, err := s.cfg.Store.ListEntries(k.ctx, s.cfg.Clock())
	if err != nil {
		return err
	}
	slices.SortFunc(entries, func(a, b store.ListEntry) int { return strings.Compare(entryKey(a), entryKey(b)) })
	out := page[store.ListEntry]{Data: []store.ListEntry{}}
	for _, e := range entries {
		if entryKey(e) <= after || k.query["list"] != "" && e.List != k.query["list"] {
			continue
		}
		if len(out.Data) == limit {
			out.Next = base64.RawURLEncoding.EncodeToString([]byte(entryKey(out.Data[limit-1])))
			break
		}
		out.Data = append(out.Data, e)
	}
	return k.answer(200, out)
}

func entryKey(e store.ListEntry) string { return e.List + "\x00" + e.Value }

func entryCursor(text string) (string, error) {
	raw, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil {
		return "", payment.Errorf(payment.CodeInvalid, `The query parameter "cursor" is not a cursor of this list.`)
	}
	return string(raw), nil
}

// putEntry is POST /v1/lists/{name}/entries. It answers with the entry as it is kept: folded, so that spelling does not
// matter.
func (s *Server) putEntry(k *call) error {
	name, err := k.id("name")
	if err != nil {
		return err
	}
	var e listEntry
	if _, err := k.read(s.bodies.listEntry, &e); err != nil {
		return err
	}
	if errs := append(short("/value", e.Value), short("/note", e.Note)...); len(errs) > 0 {
		return payment.Invalid(errs...)
	}
	err = s.cfg.Flow.PutListEntry(k.ctx, k.user, store.ListEntry{List: name, Value: e.Value, Note: e.Note, ExpiresAt: e.ExpiresAt})
	if err != nil {
		return err
	}
	entries, err := s.cfg.Store.ListEntries(k.ctx, s.cfg.Clock())
	if err != nil {
		return err
	}
	for _, kept := range entries {
		if kept.List == name && kept.Value == risk.FoldListValue(strings.TrimSpace(e.Value)) {
			return k.answer(201, kept)
		}
	}
	return payment.Errorf(payment.CodeNotFound, "The entry was taken off the list again.")
}

// removeEntry is DELETE /v1/lists/{name}/entries/{value}, with the value percent-encoded.
func (s *Server) removeEntry(k *call) error {
	name, err := k.id("name")
	if err != nil {
		return err
	}
	value, err := url.PathUnescape(k.c.Params("value"))
	if err != nil || value == "" || len(value) > payment.MaxText || !utf8.ValidString(value) {
		return payment.Errorf(payment.CodeNotFound, "There is no such entry.")
	}
	if err := s.cfg.Flow.RemoveListEntry(k.ctx, k.user, name, strings.Clone(value)); err != nil {
		return err
	}
	k.c.Status(204)
	return nil
}
