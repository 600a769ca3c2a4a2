package console

import (
	"errors"
	"net/http"
	"time"

	"octroi/gateway/payment"
	"octroi/gateway/store"
)

// knownLists are the lists that the shipped policy asks; a policy of a shop's own may ask others.
var knownLists = []string{"blocked_cards", "blocked_emails", "blocked_email_domains", "blocked_ips", "blocked_devices",
	"blocked_customers", "allowed_customers"}

// listsBody is what the lists are rendered from.
type listsBody struct {
	Known []string
	Lists []list
	Typed store.ListEntry
	Until string
	Today string // the earliest day that can be chosen
}

// list is one list and its entries.
type list struct {
	Name    string
	Entries []store.ListEntry
}

func (c *Console) lists(w http.ResponseWriter, r *http.Request, v visit) error {
	q := r.URL.Query()
	return c.renderLists(w, r, v, http.StatusOK, "", listsBody{Typed: store.ListEntry{List: q.Get("list"), Value: q.Get("value")}})
}

func (c *Console) renderLists(w http.ResponseWriter, r *http.Request, v visit, status int, fault string, b listsBody) error {
	entries, err := c.Store.ListEntries(r.Context(), c.Clock())
	if err != nil {
		return err
	}
	b.Known, b.Today = knownLists, c.Clock().In(c.Location).Format(time.DateOnly)
	for _, e := range entries { // sorted by list
		if n := len(b.Lists); n == 0 || b.Lists[n-1].Name != e.List {
			b.Lists = append(b.Lists, list{Name: e.List})
		}
		last := &b.Lists[len(b.Lists)-1]
		last.Entries = append(last.Entries, e)
	}
	return c.write(w, r, v, status, page{Name: "lists", Title: in(v.lang, "lists.title"), Fault: fault, Body: b})
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
