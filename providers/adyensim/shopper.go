package adyensim

import (
	"net/url"
	"strings"
)

// testCode is what the pages of the simulated issuers accept; "password" serves as well, as on Adyen's own.
const testCode = "1234"

// maxTries is how many wrong codes an issuer takes.
const maxTries = 3

// wrongCode is the reason a page is shown again.
const wrongCode = "wrong_code"

// act carries out what a buyer chose on a page: the session as it is then, and the reason to show the page again, if
// any. A choice made before stands.
func (s *Server) act(id, step, choice, code string) (ses session, again string, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	known, found := s.book.sessions[id]
	if !found || s.shut || known.Step != step || s.book.payments[known.PSP] == nil || s.cfg.Clock().After(known.Expires) {
		return session{}, "", false
	}
	ses = *known
	if ses.Chosen != "" {
		return ses, "", true
	}
	p := *s.book.payments[ses.PSP]
	if !oneOf(choice, choices(p.Method)) {
		return ses, "", true
	}
	if choice == chosePay && p.Method == methodCard && ses.Challenge && !oneOf(strings.TrimSpace(code), testCode+" password") {
		if ses.Tries++; ses.Tries < maxTries {
			again = wrongCode
		} else {
			choice = choseRefusal
		}
	}
	e := entry{}
	if again == "" {
		ses.Chosen = choice
		if p.Method != methodCard {
			var err error
			if e, err = s.walletChosen(p, choice); err != nil {
				s.log.Error("adyensim cannot settle a payment", "error", err)
				return session{}, "", false
			}
		}
	}
	e.Sessions = []session{ses}
	if err := s.record(e); err != nil {
		s.log.Error("adyensim cannot keep its journal", "error", err)
		return session{}, "", false
	}
	s.nudge()
	return ses, again, true
}

// choices are what a buyer can do on a page.
func choices(method string) string {
	if method == methodCard {
		return chosePay + " " + choseRefusal + " " + choseCancel
	}
	return chosePay + " " + choseRefusal + " " + choseCancel + " " + choseWait
}

// back is the merchant's address with the result of the redirect in its query.
func (ses session) back() string {
	u, err := url.Parse(ses.ReturnURL)
	if err != nil {
		return ses.ReturnURL
	}
	q := u.Query()
	q.Set("redirectResult", ses.Token)
	u.RawQuery = q.Encode()
	return u.String()
}
