package adyensim

import (
	"encoding/json"
	"errors"
	"mime"
	"net/http"
	"slices"
	"strings"
)

// shownPayments is how many payments the page of the ledger lists; the JSON holds all.
const shownPayments = 200

// guard keeps pages of other origins from using a browser to change the ledger or set faults. The pages of issuers and
// methods are posted to from the merchant's by design.
func guard(next http.Handler) http.Handler {
	sameOrigin := http.NewCrossOriginProtection()
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if control := strings.HasPrefix(r.URL.Path, "/ledger") || r.URL.Path == "/faults"; control && sameOrigin.Check(r) != nil {
			http.Error(w, "not from another site", http.StatusForbidden)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// wantsPage reports a browser, rather than a program that asks for JSON.
func wantsPage(r *http.Request) bool { return strings.Contains(r.Header.Get("Accept"), "text/html") }

// readLedger is GET /ledger.
func (s *Server) readLedger(w http.ResponseWriter, r *http.Request) {
	l := s.Ledger()
	if !wantsPage(r) {
		writeJSON(w, http.StatusOK, l)
		return
	}
	slices.Reverse(l.Payments)
	l.Payments = l.Payments[:min(len(l.Payments), shownPayments)]
	s.show(w, r, http.StatusOK, "ledger", r.URL.Query().Get("lang"), l)
}

// readPayment is GET /ledger/{payment}, by PSP reference or merchant reference.
func (s *Server) readPayment(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	known := s.book.find(r.PathValue("payment"))
	var p Payment
	if known != nil {
		p = *known
	}
	s.mu.Unlock()
	switch {
	case known == nil:
		writeJSON(w, http.StatusNotFound, failure{404, "000", "no such payment in the ledger", "validation"})
	case wantsPage(r):
		s.show(w, r, http.StatusOK, "payment", r.URL.Query().Get("lang"), detail{p, possible(p)})
	default:
		writeJSON(w, http.StatusOK, p)
	}
}

// detail is the page of one payment.
type detail struct {
	Payment Payment
	Events  []string // that may be asked for
}

// possible lists the events worth offering for a payment.
func possible(p Payment) (events []string) {
	if p.Status == StatusAwaiting {
		if isWallet(p.Method) {
			events = append(events, "AUTHORISATION")
		}
		return append(events, "OFFER_CLOSED")
	}
	if p.UnderReview {
		events = append(events, "MANUAL_REVIEW_ACCEPT", "MANUAL_REVIEW_REJECT")
	}
	if p.open() > 0 {
		events = append(events, "EXPIRE")
	}
	for _, m := range p.Modifications {
		switch {
		case m.Kind == Captures && m.Success:
			events = append(events, "CAPTURE_FAILED")
		case m.Kind == Captures:
			events = append(events, "CAPTURE")
		case m.Kind == Refunds && m.Success:
			events = append(events, "REFUND_FAILED", "REFUNDED_REVERSED")
		}
	}
	if p.authorised() {
		events = append(events, "NOTIFICATION_OF_FRAUD", "REQUEST_FOR_INFORMATION", "NOTIFICATION_OF_CHARGEBACK")
	}
	if p.Captured-p.Refunded-p.ChargedBack > 0 {
		events = append(events, "CHARGEBACK", "SECOND_CHARGEBACK")
	}
	if p.ChargedBack > 0 {
		events = append(events, "CHARGEBACK_REVERSED")
	}
	slices.Sort(events)
	return slices.Compact(events)
}

// control is POST /ledger/{payment}: a Control in JSON, or from the page's form.
func (s *Server) control(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, maxBody)
	var c Control
	kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
	form := kind == "application/x-www-form-urlencoded"
	if form {
		c.Event = r.PostFormValue("event")
	} else {
		d := json.NewDecoder(r.Body)
		d.DisallowUnknownFields()
		if err := d.Decode(&c); err != nil {
			writeJSON(w, http.StatusBadRequest, failure{400, "702", "not a control: unknown field or wrong type", "validation"})
			return
		}
	}
	p, err := s.Happen(r.PathValue("payment"), c)
	switch {
	case errors.Is(err, ErrNoPayment):
		writeJSON(w, http.StatusNotFound, failure{404, "000", err.Error(), "validation"})
	case errors.Is(err, ErrImpossible):
		writeJSON(w, http.StatusConflict, failure{409, "000", err.Error(), "validation"})
	case err != nil:
		s.log.Error("adyensim cannot let something happen", "error", err)
		writeJSON(w, http.StatusInternalServerError, errInternal)
	case form:
		http.Redirect(w, r, "/ledger/"+p.PSPReference, http.StatusSeeOther)
	default:
		writeJSON(w, http.StatusOK, p)
	}
}
