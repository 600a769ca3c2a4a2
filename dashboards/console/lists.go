package console

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"time"

	"octroi/gateway/payment"
	"octroi/gateway/store"
	"octroi/risk"
)

// knownLists are the lists that the shipped policy asks; a policy of a shop's own may ask others.
var knownLists = []string{"blocked_cards", "blocked_emails", "blocked_email_domains", "blocked_ips", "blocked_devices",
	"blocked_customers", "allowed_customers"}

// How many entries of a list are shown among all lists, and on a page of its own: a list may have a million.
const (
	listTop  = 10
	listPage = 100
)

// listsBody is what the lists are rendered from.
type listsBody struct {
	Known  []string
	Opened string // the one list that is shown; "" for the beginning of each
	Find   string // the one value that is looked for in it
	Lists  []list
	Typed  store.ListEntry
	Until  string
	Today  string // the earliest day that can be chosen
}

// list is one list and some of its entries.
type list struct {
	store.ListSize
	Rows  []store.ListEntry
	More  string // the address of more of them; "" when these are all
	Later bool   // these are not the first
}

func (c *Console) lists(w http.ResponseWriter, r *http.Request, v visit) error {
	q := r.URL.Query()
	return c.renderLists(w, r, v, http.StatusOK, "", listsBody{Typed: store.ListEntry{List: q.Get("list"), Value: q.Get("value")}})
}

func (c *Console) renderLists(w http.ResponseWriter, r *http.Request, v visit, status int, fault string, b listsBody) error {
	q := r.URL.Query()
	b.Known, b.Today = knownLists, c.Clock().In(c.Location).Format(time.DateOnly)
	b.Opened, b.Find = q.Get("name"), strings.TrimSpace(q.Get("find"))
	sizes, err := c.Store.ListSizes(r.Context(), c.Clock())
	if err != nil {
		return err
	}
	for _, size := range sizes {
		if b.Opened != "" && size.List != b.Opened {
			continue
		}
		one, err := c.list(r.Context(), size, b, q.Get("after"))
		if err != nil {
			return err
		}
		b.Lists = append(b.Lists, one)
	}
	return c.write(w, r, v, status, page{Name: "lists", Title: in(v.lang, "lists.title"), Fault: fault, Body: b})
}

// list reads as much of a list as is shown of it.
func (c *Console) list(ctx context.Context, size store.ListSize, b listsBody, after string) (one list, err error) {
	one.ListSize = size
	f := store.ListFilter{List: size.List, Limit: listTop}
	if b.Opened != "" {
		f.Limit, f.After, f.Value = listPage, after, risk.FoldListValue(b.Find)
	}
	var more bool
	one.Later = f.After != ""
	if one.Rows, more, err = c.Store.ListPage(ctx, f, c.Clock()); err != nil || !more {
		return one, err
	}
	next := url.Values{"name": {size.List}}
	if b.Opened != "" {
		next.Set("after", one.Rows[len(one.Rows)-1].Value)
	}
	one.More = "/lists?" + next.Encode()
	return one, nil
}

// addListEntry puts a value on a list, to the end of the day chosen, or for good.
func (c *Console) addListEntry(w http.ResponseWriter, r *http.Request, v visit) error {
	f := r.PostForm
	e := store.ListEntry{List: f.Get("list"), Value: f.Get("value"), Note: f.Get("note")}
	var err error
	if until := f.Get("until"); until != "" {
		var day time.Time
		if day, err = time.ParseInLocation(time.DateOnly, until, c.Location); err != nil {
			err = payment.Invalid(payment.FieldError{Pointer: "/until", Detail: "is not a day"})
		}
		e.ExpiresAt = day.AddDate(0, 0, 1)
	}
	if err == nil {
		err = c.Flow.PutListEntry(r.Context(), v.user, e)
	}
	if payment.CodeOf(err) == payment.CodeInvalid {
		fault := listFault(v.lang, err)
		if payment.LooksLikeCard(e.Value) { // it goes nowhere, not even back into the page
			e.Value, fault = "", in(v.lang, "invalid.list.card")
		}
		return c.renderLists(w, r, v, http.StatusUnprocessableEntity, fault, listsBody{Typed: e, Until: f.Get("until")})
	}
	if err != nil {
		return err
	}
	http.Redirect(w, r, "/lists?done=added", http.StatusSeeOther)
	return nil
}

// removeListEntry takes a value off a list. One that is already off it is as good as taken off.
func (c *Console) removeListEntry(w http.ResponseWriter, r *http.Request, v visit) error {
	err := c.Flow.RemoveListEntry(r.Context(), v.user, r.PostForm.Get("list"), r.PostForm.Get("value"))
	if err != nil && payment.CodeOf(err) != payment.CodeNotFound {
		return err
	}
	http.Redirect(w, r, "/lists?done=removed", http.StatusSeeOther)
	return nil
}

// listFault is the sentence for the first wrong field of an entry.
func listFault(lang string, err error) string {
	var known *payment.Error
	if errors.As(err, &known) && len(known.Fields) > 0 {
		if key := "invalid.list" + known.Fields[0].Pointer; texts[key][0] != "" {
			return in(lang, key)
		}
	}
	return sentence(lang, err)
}
