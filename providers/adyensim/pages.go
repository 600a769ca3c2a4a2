package adyensim

import (
	"bytes"
	"embed"
	"encoding/base64"
	"fmt"
	"html/template"
	"io"
	"net/http"
)

// The addresses of the pages a buyer's browser is sent to.
const (
	pathRedirect              = "/shopper/redirect"
	pathMethod                = "/shopper/3ds/method"
	pathChallenge             = "/shopper/3ds/challenge"
	pathMethodNotification    = "/shopper/3ds/method/notification"
	pathChallengeNotification = "/shopper/3ds/challenge/notification"
)

//go:embed views/*.html
var views embed.FS

// parseViews reads the pages, each on the common frame.
func parseViews() (map[string]*template.Template, error) {
	pages := map[string]*template.Template{}
	for _, name := range []string{"issuer", "wallet", "post", "message", "notice", "bank", "ledger", "payment"} {
		t, err := template.New("frame.html").Funcs(template.FuncMap{"money": money}).ParseFS(views, "views/frame.html", "views/"+name+".html")
		if err != nil {
			return nil, fmt.Errorf("adyensim: read the page %s: %w", name, err)
		}
		pages[name] = t
	}
	return pages, nil
}

// pages routes what a buyer's browser asks for.
func (s *Server) pages(m *http.ServeMux) {
	m.HandleFunc("GET "+pathRedirect, s.redirectPage)
	m.HandleFunc("POST "+pathRedirect, s.redirectPage)
	m.HandleFunc("POST "+pathMethod, s.methodPage)
	m.HandleFunc("POST "+pathMethodNotification, s.methodNotification)
	m.HandleFunc("POST "+pathChallenge, s.challengePage)
	m.HandleFunc("POST "+pathChallengeNotification, s.challengeNotification)
}

// page is what every template is given.
type page struct {
	Lang  string
	T     map[string]string // the words of the page in its language
	Nonce string            // of the page's own scripts
	Body  any
}

// show renders a page. It may be framed by anybody: the merchant's page holds the issuer's.
func (s *Server) show(w http.ResponseWriter, r *http.Request, status int, name, locale string, body any) {
	lang := language(locale, r.Header.Get("Accept-Language"))
	p := page{Lang: lang, T: words[lang], Body: body}
	var random [16]byte
	if _, err := io.ReadFull(s.random(), random[:]); err != nil {
		http.Error(w, "no randomness", http.StatusInternalServerError)
		return
	}
	p.Nonce = base64.RawStdEncoding.EncodeToString(random[:])
	var b bytes.Buffer
	if err := s.views[name].Execute(&b, p); err != nil {
		s.log.Error("adyensim cannot show a page", "page", name, "error", err)
		http.Error(w, "cannot show the page", http.StatusInternalServerError)
		return
	}
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Security-Policy", "default-src 'none'; base-uri 'none'; style-src 'nonce-"+p.Nonce+"'; script-src 'nonce-"+p.Nonce+"'")
	h.Set("Cache-Control", "no-store")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(status)
	_, _ = w.Write(b.Bytes())
}

// random reads the source of randomness under the lock, since it need not be safe for concurrent use.
func (s *Server) random() io.Reader { return lockedReader{s} }

type lockedReader struct{ s *Server }

func (l lockedReader) Read(b []byte) (int, error) {
	l.s.mu.Lock()
	defer l.s.mu.Unlock()
	return l.s.cfg.Rand.Read(b)
}

// form reads a bounded form; false when it was answered as none.
func (s *Server) form(w http.ResponseWriter, r *http.Request) bool {
	r.Body = http.MaxBytesReader(w, r.Body, maxBody)
	if err := r.ParseForm(); err != nil {
		s.notice(w, r, http.StatusBadRequest, "", "unreadable")
		return false
	}
	return true
}

// notice is a page that only says something.
func (s *Server) notice(w http.ResponseWriter, r *http.Request, status int, locale, word string) {
	s.show(w, r, status, "notice", locale, word)
}

// choice is a page on which the buyer decides.
type choice struct {
	Action, Field, Value string // where the form goes, and what names the session in it
	Payment              Payment
	Shop                 string
	Code                 string // the code to type; "" asks for none
	Wrong                bool   // the code typed was wrong
}

// redirectPage is the issuer's page, or that of a payment method, that a browser is redirected to.
func (s *Server) redirectPage(w http.ResponseWriter, r *http.Request) {
	if !s.form(w, r) {
		return
	}
	id := r.Form.Get("MD")
	ses, again, ok := s.act(id, stepRedirect, r.PostForm.Get("choice"), r.PostForm.Get("code"))
	switch {
	case !ok:
		s.notice(w, r, http.StatusGone, "", "over")
	case ses.Chosen == "":
		s.ask(w, r, ses, again, choice{Action: pathRedirect, Field: "MD", Value: id})
	case ses.ReturnByForm:
		s.show(w, r, http.StatusOK, "post", ses.Locale, post{Title: "going_back", URL: ses.ReturnURL, Fields: map[string]string{"redirectResult": ses.Token}})
	default:
		http.Redirect(w, r, ses.back(), http.StatusSeeOther)
	}
}

// ask shows the page of the session's issuer or method.
func (s *Server) ask(w http.ResponseWriter, r *http.Request, ses session, again string, c choice) {
	s.mu.Lock()
	p := s.book.payments[ses.PSP]
	if p != nil {
		c.Payment = *p
	}
	s.mu.Unlock()
	c.Shop, c.Wrong = s.cfg.MerchantAccount, again == wrongCode
	view := "issuer"
	if isWallet(c.Payment.Method) {
		view = "wallet"
	} else if ses.Challenge {
		c.Code = testCode
	}
	s.show(w, r, http.StatusOK, view, ses.Locale, c)
}

// post is a page that sends a form on: by itself where scripts run, by a button where they do not.
type post struct {
	Title  string // a word
	URL    string
	Fields map[string]string
}

// methodMessage is the data of the issuer's 3DS Method page (EMV 3-D Secure, 3DS Method Data).
type methodMessage struct {
	ServerTransID   string `json:"threeDSServerTransID"`
	NotificationURL string `json:"threeDSMethodNotificationURL,omitempty"`
}

// methodPage is the issuer's page that looks at a browser in a hidden frame, and then reports there that it has.
func (s *Server) methodPage(w http.ResponseWriter, r *http.Request) {
	if !s.form(w, r) {
		return
	}
	var m methodMessage
	if !decodeToken(r.PostForm.Get("threeDSMethodData"), &m) || checkReturn(m.NotificationURL) != nil || !s.transacting(m.ServerTransID) {
		s.notice(w, r, http.StatusBadRequest, "", "unreadable")
		return
	}
	s.show(w, r, http.StatusOK, "post", "", post{Title: "looking", URL: m.NotificationURL,
		Fields: map[string]string{"threeDSMethodData": encodeToken(methodMessage{ServerTransID: m.ServerTransID})}})
}

// transacting reports whether an open session has this threeDSServerTransID.
func (s *Server) transacting(transID string) bool {
	_, ok := s.transaction(transID)
	return ok
}

// transaction finds the open session with this threeDSServerTransID.
func (s *Server) transaction(transID string) (session, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	ses, ok := s.book.sessions[s.book.byTrans[transID]]
	if !ok || ses.Step == stepDone || s.cfg.Clock().After(ses.Expires) {
		return session{}, false
	}
	return *ses, true
}
