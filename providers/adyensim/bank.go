package adyensim

import (
	"cmp"
	"net/http"
	"slices"
	"time"
)

// Line is one line of a buyer's bank statement.
type Line struct {
	At      time.Time
	Text    string // the payment's shopperStatement, or the merchant account's name
	Amount  Amount // negative where money leaves the buyer
	Pending bool   // reserved, and not booked yet
}

// shownLines bounds a statement.
const shownLines = 200

// account names whose statement a payment is on: the last four digits of the card, or the method.
func (p Payment) account() string {
	if p.Last4 != "" {
		return p.Last4
	}
	return p.Method
}

// Statement is what the bank of an account's holder would show, newest first and at most 200 lines: what is reserved as
// pending, what was captured, refunded or taken back as booked. Banks show the text of an authorisation as the merchant
// sent it, also while it is only reserved.
func (s *Server) Statement(account string) []Line {
	s.mu.Lock()
	defer s.mu.Unlock()
	var lines []Line
	for _, psp := range slices.Backward(s.book.order) {
		if p := s.book.payments[psp]; p.account() == account && len(lines) < shownLines {
			lines = append(lines, s.linesOf(*p)...)
		}
	}
	slices.SortStableFunc(lines, func(a, b Line) int { return b.At.Compare(a.At) })
	return lines[:min(len(lines), shownLines)]
}

// linesOf are the lines that one payment leaves.
func (s *Server) linesOf(p Payment) (lines []Line) {
	text := cmp.Or(p.ShopperStatement, s.cfg.MerchantAccount)
	add := func(at time.Time, value int64, pending bool) {
		if value != 0 {
			lines = append(lines, Line{At: at, Text: text, Amount: Amount{value, p.Amount.Currency}, Pending: pending})
		}
	}
	if isWallet(p.Method) {
		add(p.CreatedAt, -p.Captured, false)
	} else {
		add(p.CreatedAt, -p.open(), true)
	}
	last := p.CreatedAt
	for _, m := range p.Modifications {
		last = m.At
		switch {
		case !m.Success:
		case m.Kind == Captures:
			add(m.At, -m.Amount.Value, false)
		case m.Kind == Refunds || m.Kind == Reversals && p.Captured > 0:
			add(m.At, m.Amount.Value, false)
		}
	}
	add(last, p.ChargedBack, false)
	return lines
}

// accounts lists whose statements there are, sorted.
func (s *Server) accounts() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var names []string
	seen := map[string]bool{}
	for _, psp := range slices.Backward(s.book.order) {
		if p := s.book.payments[psp]; p.authorised() && !seen[p.account()] && len(names) < shownLines {
			seen[p.account()] = true
			names = append(names, p.account())
		}
	}
	slices.Sort(names)
	return names
}

// bank is the page of one statement, or of the list of accounts.
type bank struct {
	Account  string
	Accounts []string
	Lines    []Line
}

// bankPage is GET /bank and GET /bank/{account}; ?lang=fr and ?lang=en choose the language.
func (s *Server) bankPage(w http.ResponseWriter, r *http.Request) {
	b := bank{Account: r.PathValue("account")}
	if b.Account == "" {
		b.Accounts = s.accounts()
	} else {
		b.Lines = s.Statement(b.Account)
	}
	s.show(w, r, http.StatusOK, "bank", r.URL.Query().Get("lang"), b)
}
