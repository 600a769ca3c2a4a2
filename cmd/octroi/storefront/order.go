package storefront

import (
	"net/http"
	"strings"
)

// ordersPage is GET /orders.
func (s *Shop) ordersPage(w http.ResponseWriter, r *http.Request) {
	var list struct {
		Data []payment `json:"data"`
	}
	if err := s.call(r.Context(), http.MethodGet, "/v1/payments?limit=50", "", nil, &list); err != nil {
		s.trouble(w, r, err)
		return
	}
	s.show(w, r, http.StatusOK, "orders", list.Data)
}

// step is the page that carries out an action in the buyer's browser.
type step struct {
	*payment
	Form map[string]string // of a redirect that is a form
}

// orderPage is GET /orders/{reference}: where the order stands, or the step that its payment waits for.
func (s *Shop) orderPage(w http.ResponseWriter, r *http.Request) {
	p, err := s.latest(r.Context(), r.PathValue("reference"))
	if err != nil {
		s.trouble(w, r, err)
		return
	}
	if p == nil {
		s.show(w, r, http.StatusNotFound, "notice", &problem{Title: texts[language(r)]["no_order"]})
		return
	}
	if p.Status != "action_required" || p.Action == nil || p.Action.offline() {
		s.show(w, r, http.StatusOK, "order", p)
		return
	}
	a := p.Action
	if a.Type == "redirect" && !strings.EqualFold(a.Data["method"], http.MethodPost) {
		http.Redirect(w, r, a.URL, http.StatusSeeOther)
		return
	}
	v := step{payment: p, Form: map[string]string{}}
	for name, value := range a.Data {
		if field, ok := strings.CutPrefix(name, "form."); ok {
			v.Form[field] = value
		}
	}
	s.show(w, r, http.StatusOK, "step", v)
}

// offline tells an action that the buyer carries out away from this page.
func (a *action) offline() bool { return a.Type == "bank_transfer" || a.Type == "cheque" }

// comeBack is GET /return: the buyer is back from a page of the issuer's or of the method's. What came back is passed on
// as it is; a page that is loaded again says the same thing again, and the gateway takes it for that.
func (s *Shop) comeBack(w http.ResponseWriter, r *http.Request) {
	values := map[string]string{}
	for name := range r.URL.Query() {
		if name != "order" && name != "lang" {
			values[name] = r.URL.Query().Get(name)
		}
	}
	s.finish(w, r, r.URL.Query().Get("order"), values)
}

// finish tells the gateway what the browser brought back.
func (s *Shop) finish(w http.ResponseWriter, r *http.Request, reference string, values map[string]string) {
	p, err := s.latest(r.Context(), reference)
	if err == nil && p != nil && len(values) > 0 {
		err = s.call(r.Context(), http.MethodPost, "/v1/payments/"+p.ID+"/details", "", map[string]any{"details": values}, p)
	}
	if err != nil {
		s.trouble(w, r, err)
		return
	}
	http.Redirect(w, r, orderPath(reference, language(r)), http.StatusSeeOther)
}

// deed is POST /orders/{reference}/{deed}: what a shop does with an order. Each is done once however often its form
// is sent, since the idempotency key comes with the form.
func (s *Shop) deed(w http.ResponseWriter, r *http.Request) {
	reference := r.PathValue("reference")
	if err := r.ParseForm(); err != nil {
		s.trouble(w, r, &problem{Title: "The form could not be read."})
		return
	}
	if r.PathValue("deed") == "details" {
		values := map[string]string{}
		for name := range r.PostForm {
			if r.PostForm.Get(name) != "" {
				values[name] = r.PostForm.Get(name)
			}
		}
		s.finish(w, r, reference, values)
		return
	}
	p, err := s.latest(r.Context(), reference)
	if err == nil && p != nil {
		err = s.do(r, p)
	}
	if err != nil {
		s.trouble(w, r, err)
		return
	}
	http.Redirect(w, r, orderPath(reference, language(r)), http.StatusSeeOther)
}

// deeds are the calls behind the buttons.
var deeds = map[string]struct {
	path string
	body map[string]any
}{
	"cancel":     {"cancellations", map[string]any{"reason": "cancelled in the demo shop"}},
	"refund":     {"refunds", map[string]any{"reason": "refunded in the demo shop"}},
	"capture":    {"captures", map[string]any{}},
	"funds":      {"events", map[string]any{"type": "funds_received"}},
	"returned":   {"events", map[string]any{"type": "funds_returned"}},
	"delivered":  {"events", map[string]any{"type": "delivered"}},
	"chargeback": {"events", map[string]any{"type": "chargeback"}},
}

func (s *Shop) do(r *http.Request, p *payment) error {
	d, known := deeds[r.PathValue("deed")]
	if !known {
		return &problem{Title: "There is no such button."}
	}
	body := d.body
	if d.path == "events" {
		body = map[string]any{"type": d.body["type"], "at": s.cfg.Clock().UTC().Format("2006-01-02T15:04:05Z")}
	}
	var answer map[string]any
	return s.call(r.Context(), http.MethodPost, "/v1/payments/"+p.ID+"/"+d.path, p.ID+"-"+d.path+"-"+r.PathValue("deed"), body, &answer)
}
