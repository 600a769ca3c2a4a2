package gateway

import (
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"octroi/gateway/flow"
	"octroi/gateway/payment"
)

// How a buyer comes in. The link's token is a secret in an address, so it is swapped at once for a session in a cookie,
// and the page's own address holds none (OWASP ASVS 5.0, 14.2.1). Opening the link does nothing by itself: mail scanners
// open links too. The forms of the public contract that carry the token come in by the same door.

// token is the link's secret. It is never logged: requests are logged by their route.
func (k *call) token() string { return strings.Clone(k.c.Params("token")) }

// cookie is the name of the session's: bound to this very host where the listener is reached over TLS (RFC 6265bis,
// section 4.1.3.2), which browsers refuse without.
func (s *Server) cookie() (name string, secure bool) {
	if strings.HasPrefix(s.cfg.Flow.PublicURL, "https://") {
		return "__Host-octroi-proof", true
	}
	return "octroi-proof", false
}

// keep hands the browser its session.
func (s *Server) keep(k *call, session string, until time.Time) {
	name, secure := s.cookie()
	// Lax, so that the link in a mail finds a page that is open already.
	k.c.Cookie(&fiber.Cookie{Name: name, Value: session, Path: "/", Expires: until, Secure: secure, HTTPOnly: true, SameSite: fiber.CookieSameSiteLaxMode})
}

// leave takes the session back.
func (s *Server) leave(k *call) { s.keep(k, "", time.Unix(1, 0)) }

// session is what the browser holds; "" for nothing. A token in its place is nothing: it would go round the door.
func (s *Server) session(k *call) string {
	name, _ := s.cookie()
	session := strings.Clone(k.c.Cookies(name))
	if _, ok := s.cfg.Flow.CaseOfSession(session); !ok {
		return ""
	}
	return session
}

// inside makes the handler of a page for buyers who have come in by their session.
func (s *Server) inside(cost int, handle func(*visitor) error) func(*call) error {
	return func(k *call) error {
		if err := s.admit(k, cost); err != nil {
			return err
		}
		return s.welcome(k, s.session(k), handle)
	}
}

// welcome finds the case behind a session.
func (s *Server) welcome(k *call, session string, handle func(*visitor) error) error {
	page, err := s.cfg.Flow.ProofPage(k.ctx, session)
	if err != nil {
		return err
	}
	return handle(&visitor{call: k, session: session, page: page, lang: k.language(page.Language)})
}

// byToken makes the handler of a form that carries the link's token: it opens the link, and then does what the form of
// the page does.
func (s *Server) byToken(cost int, handle func(*visitor) error) func(*call) error {
	return func(k *call) error {
		if err := s.admit(k, cost); err != nil {
			return err
		}
		opened, err := s.cfg.Flow.OpenLink(k.ctx, k.token(), s.visit(k, ""))
		if err != nil {
			return err
		}
		if opened.AskFact {
			return s.askFact(k, fiber.StatusForbidden, opened)
		}
		s.keep(k, opened.Session, opened.Until)
		return s.welcome(k, opened.Session, handle)
	}
}

func (s *Server) visit(k *call, fact string) flow.Visit {
	return flow.Visit{Network: s.client(k.c).String(), Fact: fact}
}

// linkPage is GET /proof/{token}. A browser that has this very case open goes on to it.
func (s *Server) linkPage(k *call) error {
	if err := s.admit(k, costPage); err != nil {
		return err
	}
	token := k.token()
	p, err := s.cfg.Flow.ProofPage(k.ctx, token)
	if err != nil {
		return err
	}
	if id, ok := s.cfg.Flow.CaseOfSession(s.session(k)); ok && id == p.Case.ID {
		return s.goOn(k)
	}
	return s.pages.write(k.c, fiber.StatusOK, "link.html", s.pages.link(k.language(p.Language), p.Shop.Name, token))
}

// openLink is POST /proof/{token}: the token for a session.
func (s *Server) openLink(k *call) error {
	if err := s.admit(k, costPage); err != nil {
		return err
	}
	fact := string(k.c.Context().PostArgs().Peek("fact"))
	if fact != "" {
		if wait := s.visits.take(s.client(k.c), costSecret-costPage); wait > 0 {
			return tooMany("requests", wait)
		}
	}
	if len(fact) > maxFact || payment.HoldsCard(fact) {
		fact = "none" // of an order, and nothing to hand on
	}
	opened, err := s.cfg.Flow.OpenLink(k.ctx, k.token(), s.visit(k, fact))
	switch {
	case err != nil:
		return err
	case opened.Wrong:
		return s.askFact(k, fiber.StatusUnprocessableEntity, opened)
	case opened.AskFact:
		return s.askFact(k, fiber.StatusOK, opened)
	}
	s.keep(k, opened.Session, opened.Until)
	return s.goOn(k)
}

// maxFact bounds a second fact in bytes: a postcode or four digits.
const maxFact = 16

// askFact asks what only the buyer and the shop know of the order, because the link was opened from many networks.
func (s *Server) askFact(k *call, status int, opened flow.Opened) error {
	v := s.pages.link(k.language(opened.Language), opened.Shop, k.token())
	v.Fact = true
	if opened.Wrong {
		v.FactWrong = v.T["fact_wrong"]
		v.Fault = &fault{Field: "fact", Sentence: v.FactWrong}
	}
	return s.pages.write(k.c, status, "link.html", v)
}

// goOn leads to the page, in the language that was chosen.
func (s *Server) goOn(k *call) error {
	to := "/proof"
	if l := k.c.Query("lang"); contains(languages(), l) {
		to += "?lang=" + l
	}
	k.c.Set(fiber.HeaderLocation, to)
	k.c.Status(fiber.StatusSeeOther)
	return nil
}
