package console

import (
	"net/http"
	"net/url"
	"strings"

	"octroi/gateway/payment"
	"octroi/gateway/store"
)

// paymentsPage is how many payments a page lists.
const paymentsPage = 50

// paymentsBody is what the search is rendered from.
type paymentsBody struct {
	Query    string
	Status   payment.Status
	Statuses []payment.Status
	Rows     []paymentRow
	Next     string
	Later    bool
}

// paymentRow is one payment of the list.
type paymentRow struct {
	Payment payment.Payment
	Shop    string
	CaseID  string
}

// payments searches by order reference, payment id or case id, and lists by status. An id leads straight to its page.
func (c *Console) payments(w http.ResponseWriter, r *http.Request, v visit) error {
	q := r.URL.Query()
	query := strings.TrimSpace(q.Get("q"))
	if len(query) > payment.MaxReference {
		query = ""
	}
	if to := c.straightTo(r, query); to != "" {
		http.Redirect(w, r, to, http.StatusSeeOther)
		return nil
	}
	f := store.PaymentFilter{OrderReference: query, Status: payment.Status(q.Get("status")), Limit: paymentsPage, Cursor: q.Get("cursor")}
	if !f.Status.Valid() {
		f.Status = ""
	}
	all, next, err := c.Store.Payments(r.Context(), f)
	if err != nil {
		return err
	}
	body := paymentsBody{Query: query, Status: f.Status, Statuses: payment.Statuses(), Later: f.Cursor != ""}
	for _, snap := range all {
		one := paymentRow{Payment: snap.Payment, Shop: c.shopName(snap.Payment.Shop)}
		if snap.Case != nil {
			one.CaseID = snap.Case.ID
		}
		body.Rows = append(body.Rows, one)
	}
	if next != "" {
		body.Next = "/payments?" + url.Values{"q": {query}, "status": {string(f.Status)}, "cursor": {next}}.Encode()
	}
	return c.write(w, r, v, http.StatusOK, page{Name: "payments", Title: in(v.lang, "payments.title"), Query: query, Body: body})
}

// straightTo is the page of the one thing a search names by its id; "" when it names none.
func (c *Console) straightTo(r *http.Request, query string) string {
	switch {
	case strings.HasPrefix(query, payment.PrefixPayment):
		if _, err := c.Store.Payment(r.Context(), "", query); err == nil {
			return "/payments/" + url.PathEscape(query)
		}
	case strings.HasPrefix(query, payment.PrefixCase):
		if _, err := c.Store.Case(r.Context(), query); err == nil {
			return "/cases/" + url.PathEscape(query)
		}
	}
	return ""
}

// paymentBody is what a payment's page is rendered from.
type paymentBody struct {
	orderBody
	CaseID string
	Trail  []store.Audit
}

func (c *Console) showPayment(w http.ResponseWriter, r *http.Request, v visit) error {
	snap, err := c.Store.Payment(r.Context(), "", r.PathValue("id"))
	if err != nil {
		return err
	}
	order, err := c.orderBody(r.Context(), v, snap)
	if err != nil {
		return err
	}
	body := paymentBody{orderBody: order}
	if snap.Case != nil {
		body.CaseID = snap.Case.ID
	}
	if body.Trail, err = c.Store.AuditTrail(r.Context(), snap.Payment.ID, maxTrail); err != nil {
		return err
	}
	return c.write(w, r, v, http.StatusOK, page{Name: "payment", Title: snap.Payment.OrderReference, Body: body})
}
