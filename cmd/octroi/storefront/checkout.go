package storefront

import (
	"encoding/base32"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
)

// means is one way to pay at this shop: a documented test card of Adyen's with what it does, or another method.
type means struct {
	ID     string
	Method string // card, paypal, alma, bank_transfer, cheque
	Number string
	Holder string // Adyen's test platform takes the outcome from the name on the card
	Native bool   // 3-D Secure in this page, without a redirect
}

// menu is what can be chosen, in the order of the page. What is refused has a card of its own: a refusal that forbids every
// retry is remembered of the card, whatever the name on it says the next time.
var menu = []means{
	{ID: "good", Method: "card", Number: "4111111111111111", Holder: "Jean Dupont"},
	{ID: "challenge", Method: "card", Number: "4212345678910006", Holder: "Jean Dupont"},
	{ID: "native", Method: "card", Number: "5000550000000029", Holder: "Jean Dupont", Native: true},
	{ID: "expired", Method: "card", Number: "4871049999999910", Holder: "CARD_EXPIRED"},
	{ID: "funds", Method: "card", Number: "5500000000000004", Holder: "NOT_ENOUGH_BALANCE"},
	{ID: "blocked", Method: "card", Number: "4400000000000008", Holder: "BLOCK_CARD"},
	{ID: "paypal", Method: "paypal"},
	{ID: "alma", Method: "alma"},
	{ID: "bank_transfer", Method: "bank_transfer"},
	{ID: "cheque", Method: "cheque"},
}

// place is where the parcel goes.
type place struct {
	ID                           string
	Way                          string // the contract's delivery method
	Name, Line, PostalCode, Town string
}

// home is where the buyer lives; the others are where the parcel may go.
var (
	home   = place{ID: "home", Way: "home", Name: "Jean Dupont", Line: "12 bd Saint-Michel", PostalCode: "75006", Town: "Paris"}
	places = []place{home,
		{ID: "pickup", Way: "pickup_point", Name: "Jean Dupont", Line: "Relais Odéon, 3 rue Danton", PostalCode: "75006", Town: "Paris"},
		{ID: "gift", Way: "home", Name: "Luc Martin", Line: "8 rue Paradis", PostalCode: "13001", Town: "Marseille"}}
)

// price is that of the one thing this shop sells, in cents.
const price = 12990

// basket is the checkout page's part.
type basket struct {
	Menu    []means
	Places  []place
	Key     string // the order's reference and idempotency key: a form sent twice is one order
	Email   string
	Price   money
	Chosen  string
	Retried string // the order that is paid anew
}

// checkoutPage is GET /. A refused order comes back here to be paid again under the same reference.
func (s *Shop) checkoutPage(w http.ResponseWriter, r *http.Request) {
	key, err := newKey(s.cfg.Rand)
	if err != nil {
		s.trouble(w, r, err)
		return
	}
	b := basket{Menu: menu, Places: places, Key: key, Email: "jean@example.org", Price: money{price, "EUR"}, Chosen: "good",
		Retried: r.URL.Query().Get("order")}
	s.show(w, r, http.StatusOK, "checkout", b)
}

// newKey makes a short random name.
func newKey(random io.Reader) (string, error) {
	var b [5]byte
	if _, err := io.ReadFull(random, b[:]); err != nil {
		return "", fmt.Errorf("storefront: name an order: %w", err)
	}
	return base32.StdEncoding.EncodeToString(b[:]), nil
}

// checkout is POST /checkout: one call to the gateway, as any shop's checkout makes it.
func (s *Shop) checkout(w http.ResponseWriter, r *http.Request) {
	if err := r.ParseForm(); err != nil {
		s.trouble(w, r, &problem{Title: "The form could not be read."})
		return
	}
	reference := r.PostForm.Get("retried")
	if reference == "" {
		reference = "S-" + r.PostForm.Get("key")
	}
	var p payment
	err := s.call(r.Context(), http.MethodPost, "/v1/payments", r.PostForm.Get("key"), s.order(r, reference), &p)
	if err != nil {
		s.trouble(w, r, err)
		return
	}
	http.Redirect(w, r, orderPath(reference, language(r)), http.StatusSeeOther)
}

// orderPath is the page of an order, in the language the buyer has chosen.
func orderPath(reference, lang string) string {
	return "/orders/" + url.PathEscape(reference) + "?lang=" + lang
}

// order is the body of POST /v1/payments.
func (s *Shop) order(r *http.Request, reference string) map[string]any {
	form := r.PostForm
	to, pay := choose(places, form.Get("place"), func(p place) string { return p.ID }), choose(menu, form.Get("means"), func(m means) string { return m.ID })
	quantity, err := strconv.ParseInt(form.Get("quantity"), 10, 64)
	if err != nil {
		quantity = 1
	}
	buyer := map[string]any{"id": "cust_demo", "email": form.Get("email"), "phone": "+33612345678", "locale": locale(language(r)),
		"user_agent": r.UserAgent(), "ip": "203.0.113.7", "device_id": "demo-browser", "account_created_at": "2025-01-01T00:00:00Z"}
	if b := browser(r); b != nil {
		buyer["browser"] = b
	}
	body := map[string]any{
		"order": map[string]any{"reference": reference,
			"items":    []map[string]any{{"sku": "DDR4-16", "name": "DDR4 16 GB", "quantity": quantity, "unit_amount": price, "category": "memory"}},
			"delivery": map[string]any{"method": to.Way, "recipient": to.Name, "address": to.address()}},
		"amount":         money{quantity * price, "EUR"},
		"payment_method": pay.method(),
		"billing":        map[string]any{"name": home.Name, "address": home.address()},
		"buyer":          buyer,
		"capture":        "automatic",
		"return_url":     s.cfg.Self + "/return?lang=" + language(r) + "&order=" + url.QueryEscape(reference),
	}
	if pay.Native {
		body["authentication"] = map[string]any{"native": true, "origin": s.cfg.Self}
	}
	return body
}

// choose finds the entry of an id; the first one where none has it.
func choose[T any](from []T, id string, of func(T) string) T {
	for _, v := range from {
		if of(v) == id {
			return v
		}
	}
	return from[0]
}

// method is the payment_method of the contract.
func (m means) method() map[string]any {
	if m.Method != "card" {
		return map[string]any{"type": m.Method}
	}
	return map[string]any{"type": "card", "number": m.Number, "expiry_month": "03", "expiry_year": "2030", "cvc": "737", "holder_name": m.Holder}
}

// Last4 are the digits a buyer knows the card by.
func (m means) Last4() string {
	if len(m.Number) < 4 {
		return ""
	}
	return m.Number[len(m.Number)-4:]
}

func (p place) address() map[string]any {
	return map[string]any{"lines": []string{p.Line}, "postal_code": p.PostalCode, "city": p.Town, "country": "FR"}
}

// browser is what the page's script found out for 3-D Secure; nil where no script ran.
func browser(r *http.Request) map[string]any {
	var b map[string]any
	if err := json.Unmarshal([]byte(r.PostForm.Get("browser")), &b); err != nil || len(b) == 0 {
		return nil
	}
	b["accept_header"] = r.Header.Get("Accept")
	return b
}
