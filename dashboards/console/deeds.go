package console

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"octroi/gateway/hold"
	"octroi/gateway/payment"
	"octroi/gateway/store"
)

// deed is something an analyst does to a case. own deeds are refused while the case is with a colleague; final ones
// also when the case has changed since the page was made, so that nobody decides without having seen what came last.
// Those with a verdict are done to one of its documents. After those that end what there is to do here for now, the next
// case may follow.
type deed struct {
	do               func(c *Console, ctx context.Context, v visit, id string, f url.Values) (store.Snapshot, error)
	own, final, ends bool
	verdict          hold.Verdict
}

// deeds are all of them, by the last part of their address.
var deeds = map[string]deed{
	"claim": {do: func(c *Console, ctx context.Context, v visit, id string, _ url.Values) (store.Snapshot, error) {
		return c.Flow.Claim(ctx, v.user, id)
	}},
	"release": {do: func(c *Console, ctx context.Context, v visit, id string, _ url.Values) (store.Snapshot, error) {
		return c.Flow.Release(ctx, v.user, id)
	}},
	"approve": {own: true, final: true, ends: true, do: func(c *Console, ctx context.Context, v visit, id string, f url.Values) (store.Snapshot, error) {
		return c.Flow.Approve(ctx, v.user, id, text(f))
	}},
	"reject": {own: true, final: true, ends: true, do: func(c *Console, ctx context.Context, v visit, id string, f url.Values) (store.Snapshot, error) {
		return c.Flow.Reject(ctx, v.user, id, rejection(v.lang, f))
	}},
	"proof": {own: true, ends: true, do: func(c *Console, ctx context.Context, v visit, id string, f url.Values) (store.Snapshot, error) {
		var kinds []hold.Kind
		for _, k := range f["kind"] {
			kinds = append(kinds, hold.Kind(k))
		}
		return c.Flow.RequestProof(ctx, v.user, id, kinds, text(f))
	}},
	"reply": {own: true, do: func(c *Console, ctx context.Context, v visit, id string, f url.Values) (store.Snapshot, error) {
		return c.Flow.Reply(ctx, v.user, id, text(f))
	}},
	"accept":     judging(hold.VerdictAccepted, false),
	"unreadable": judging(hold.VerdictUnreadable, true),
	"refuse":     judging(hold.VerdictRefused, false),
	"card_data":  judging(hold.VerdictCardData, true),
	"note": {do: func(c *Console, ctx context.Context, v visit, id string, f url.Values) (store.Snapshot, error) {
		return c.Flow.Note(ctx, v.user, id, text(f))
	}},
}

// judging is the deed of a verdict on a document. The form's text is for the buyer.
func judging(verdict hold.Verdict, ends bool) deed {
	return deed{own: true, ends: ends, verdict: verdict, do: func(c *Console, ctx context.Context, v visit, id string, f url.Values) (store.Snapshot, error) {
		return c.Flow.JudgeDocument(ctx, v.user, id, f.Get("document"), verdict, text(f))
	}}
}

// text is a form's text as it was meant: browsers send line ends of their own, and space around it says nothing.
func text(f url.Values) string {
	return strings.TrimSpace(strings.ReplaceAll(f.Get("text"), "\r\n", "\n"))
}

// rejection puts the reason together from the ready-made one and the analyst's own words.
func rejection(lang string, f url.Values) string {
	own := text(f)
	for _, key := range readyReasons {
		if f.Get("ready") != key {
			continue
		}
		if own == "" {
			return in(lang, key)
		}
		return in(lang, key) + " " + own
	}
	return own
}

// deed is the handler of one deed: done, it leads back to the case; not done, the case is shown as it stands with a
// sentence, and with what was typed.
func (c *Console) deed(name string, d deed) func(http.ResponseWriter, *http.Request, visit) error {
	return func(w http.ResponseWriter, r *http.Request, v visit) error {
		id, f := r.PathValue("id"), r.PostForm
		f.Set("document", r.PathValue("document"))
		err := c.due(r.Context(), v, id, d, f)
		var snap store.Snapshot
		if err == nil {
			snap, err = d.do(c, r.Context(), v, id, f)
		}
		if err != nil {
			return c.undone(w, r, v, name, err)
		}
		return c.onward(w, r, v, name, d, *snap.Case)
	}
}

// conflict is an error whose sentence is already in the visitor's language.
type conflict struct {
	coded    *payment.Error
	sentence string
}

func conflictOf(said string) error {
	return conflict{payment.Errorf(payment.CodeWrongState, "The case does not allow this now."), said}
}

// Error implements error.
func (c conflict) Error() string { return c.coded.Error() }

// Unwrap gives the coded error.
func (c conflict) Unwrap() error { return c.coded }

// due tells, before a deed is done, why it must not be: what only a person looking at a page can get wrong.
func (c *Console) due(ctx context.Context, v visit, id string, d deed, f url.Values) error {
	if !d.own {
		return nil
	}
	snap, err := c.Store.Case(ctx, id)
	if err != nil {
		return err
	}
	k := *snap.Case
	if k.Status.Open() && k.Assignee != "" && k.Assignee != v.user.Name {
		return conflictOf(sprintf(v.lang, "conflict.theirs", k.Assignee))
	}
	if seen, err := strconv.ParseInt(f.Get("version"), 10, 64); d.final && k.Status.Open() && (err != nil || seen != k.Version) {
		return conflictOf(in(v.lang, "conflict.changed"))
	}
	return nil
}

// undone shows the case with the sentence of why a deed could not be done.
func (c *Console) undone(w http.ResponseWriter, r *http.Request, v visit, name string, err error) error {
	status := statusOf(err)
	if status == http.StatusNotFound || status >= http.StatusInternalServerError {
		return err
	}
	id, f := r.PathValue("id"), r.PostForm
	t := typed{Deed: name, Text: f.Get("text"), Ready: f.Get("ready"), Kinds: f["kind"]}
	return c.renderCase(w, r, v, id, status, c.why(r.Context(), v, name, id, err), t)
}

// why is the sentence of a deed that could not be done, told from how the case stands now.
func (c *Console) why(ctx context.Context, v visit, name, id string, err error) string {
	if known, ok := err.(conflict); ok {
		return known.sentence
	}
	switch payment.CodeOf(err) {
	case payment.CodeInvalid:
		if key := "invalid." + name; texts[key][0] != "" {
			return in(v.lang, key)
		}
	case payment.CodeWrongState, payment.CodeForbidden:
		snap, lookErr := c.Store.Case(ctx, id)
		if lookErr != nil {
			break
		}
		k := *snap.Case
		switch {
		case !k.Status.Open():
			if e := decided(k); e != nil {
				return sprintf(v.lang, "conflict.decided", word(v.lang, "case", k.Status), actor(v.lang, e.Actor))
			}
		case k.Assignee != "" && k.Assignee != v.user.Name:
			return sprintf(v.lang, "conflict.theirs", k.Assignee)
		case k.Status == hold.AwaitingSecond && k.FirstApproval == v.user.Name:
			return in(v.lang, "conflict.second")
		}
	}
	return sentence(v.lang, err)
}
