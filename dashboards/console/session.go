package console

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"golang.org/x/text/language"

	"octroi/gateway/payment"
	"octroi/gateway/store"
)

// visit is one request's visitor. user is zero on pages that need no session.
type visit struct {
	user store.User
	lang string
}

// maxSession bounds a session cookie in bytes before the store is asked about it.
const maxSession = 128

// signInBudget is how long a sign-in may wait for its turn at the password check.
const signInBudget = 5 * time.Second

// cookieName is the session cookie's. The prefix binds it to https, to this host and to the whole site, whatever a
// neighbouring subdomain sets.
func (c *Console) cookieName() string {
	if c.Secure {
		return "__Host-octroi"
	}
	return "octroi"
}

// cookie makes the session cookie; maxAge -1 takes it away. It lives as long as the browser's session: how long it is
// worth anything is the store's to say.
func (c *Console) cookie(value string, maxAge int) *http.Cookie {
	return &http.Cookie{Name: c.cookieName(), Value: value, Path: "/", MaxAge: maxAge, Secure: c.Secure, HttpOnly: true,
		SameSite: http.SameSiteLaxMode}
}

// session is the token of the request's cookie, "" without one.
func (c *Console) session(r *http.Request) string {
	k, err := r.Cookie(c.cookieName())
	if err != nil || len(k.Value) > maxSession {
		return ""
	}
	return k.Value
}

// visitor tells who sends a request; CodeUnauthorised without a session.
func (c *Console) visitor(r *http.Request) (visit, error) {
	token := c.session(r)
	if token == "" {
		return visit{}, payment.Errorf(payment.CodeUnauthorised, "Nobody is signed in.")
	}
	u, err := c.Store.UserOfSession(r.Context(), token)
	if err != nil {
		return visit{}, err
	}
	v := visit{user: u, lang: acceptable(r)}
	if u.Language != "" {
		v.lang = payment.Language(u.Language)
	}
	return v, nil
}

// shipped are the console's languages; the first one is for browsers that ask for neither.
var shipped = language.NewMatcher([]language.Tag{language.English, language.French})

// acceptable is the language the browser asks for, for pages before anybody is known.
func acceptable(r *http.Request) string {
	want := r.Header.Get("Accept-Language")
	if len(want) > 256 {
		return payment.English
	}
	tags, _, err := language.ParseAcceptLanguage(want)
	if err != nil {
		return payment.English
	}
	if _, i, _ := shipped.Match(tags...); i == 1 {
		return payment.French
	}
	return payment.English
}

// toSignIn sends to the sign-in page and remembers where somebody was: the page itself, or the page of the form.
func (c *Console) toSignIn(w http.ResponseWriter, r *http.Request) {
	back := r.URL.RequestURI()
	if r.Method == http.MethodPost {
		back = formPage(r.URL.Path)
	}
	q := url.Values{}
	if back = local(back); back != "/" {
		q.Set("next", back)
	}
	if c.session(r) != "" {
		q.Set("ended", "1")
	}
	target := "/signin"
	if len(q) > 0 {
		target += "?" + q.Encode()
	}
	http.Redirect(w, r, target, http.StatusSeeOther)
}

// formPage is the page a form stands on.
func formPage(path string) string {
	parts := strings.Split(path, "/")
	switch {
	case len(parts) > 4 && parts[1] == "cases" && parts[3] == "documents":
		return "/cases/" + url.PathEscape(parts[2]) + "/documents/" + url.PathEscape(parts[4])
	case len(parts) > 2 && parts[1] == "cases":
		return "/cases/" + url.PathEscape(parts[2])
	case len(parts) > 1 && (parts[1] == "lists" || parts[1] == "office" || parts[1] == "webhooks"):
		return "/" + parts[1]
	}
	return "/"
}

// local keeps an address only when it is a page of this console; everything else is the queue. Browsers read "//host",
// "/\host" and control characters in ways of their own, so that only known beginnings pass.
func local(address string) string {
	if len(address) > 1024 || strings.ContainsAny(address, "\\\r\n\t\x00") {
		return "/"
	}
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "" || u.Host != "" || u.User != nil {
		return "/"
	}
	p := u.EscapedPath()
	for _, page := range []string{"/", "/payments", "/lists", "/trials", "/office", "/webhooks"} {
		if p == page {
			return u.RequestURI()
		}
	}
	for _, folder := range []string{"/cases/", "/payments/"} {
		if strings.HasPrefix(p, folder) && !strings.Contains(p, "//") && !strings.Contains(p, "..") {
			return u.RequestURI()
		}
	}
	return "/"
}

// signInPage is what the sign-in page is rendered from.
type signInPage struct {
	Name, Next string
	Ended      bool
	Fault      string // key of a sentence
}

func (c *Console) showSignIn(w http.ResponseWriter, r *http.Request, v visit) error {
	q := r.URL.Query()
	if known, err := c.visitor(r); err == nil && known.user.Name != "" {
		http.Redirect(w, r, local(q.Get("next")), http.StatusSeeOther)
		return nil
	}
	return c.render(w, r, v, http.StatusOK, "signin", "signin.title", signInPage{Next: local(q.Get("next")), Ended: q.Get("ended") != ""})
}

// signIn begins a session. An unknown name, a wrong password, a disabled and a locked-out user get the same page after
// the same work. A network that was refused too often gets another one, whatever it tries, before any work is done.
func (c *Console) signIn(w http.ResponseWriter, r *http.Request, v visit) error {
	page := signInPage{Name: r.PostFormValue("name"), Next: local(r.PostFormValue("next"))}
	from := c.network(r)
	if wait := c.guesses.left(from); wait > 0 {
		w.Header().Set("Retry-After", strconv.Itoa(int(wait/time.Second)+1))
		page.Fault = "signin.network"
		return c.render(w, r, v, http.StatusTooManyRequests, "signin", "signin.title", page)
	}
	select {
	case c.signingIn <- struct{}{}:
		defer func() { <-c.signingIn }()
	default:
		page.Fault = "signin.busy"
		return c.render(w, r, v, http.StatusServiceUnavailable, "signin", "signin.title", page)
	}
	ctx, cancel := context.WithTimeout(r.Context(), signInBudget)
	defer cancel()
	u, err := c.Store.CheckPassword(ctx, page.Name, r.PostFormValue("password"))
	if payment.CodeOf(err) == payment.CodeUnauthorised {
		c.guesses.add(from)
		c.Logger.WarnContext(ctx, "sign-in refused", "from", from)
		if err := c.Flow.SignInRefused(ctx, page.Name); err != nil {
			return err
		}
		page.Fault = "signin.wrong"
		return c.render(w, r, v, http.StatusUnauthorized, "signin", "signin.title", page)
	}
	if err != nil {
		return err
	}
	token, err := c.Store.NewSession(ctx, u.Name)
	if err != nil {
		return err
	}
	if old := c.session(r); old != "" {
		if err := c.Store.EndSession(ctx, old); err != nil {
			return err
		}
	}
	if err := c.Flow.SignedIn(ctx, u.Name); err != nil {
		return err
	}
	c.Logger.InfoContext(ctx, "signed in", "user", u.Name, "role", u.Role)
	http.SetCookie(w, c.cookie(token, 0))
	http.Redirect(w, r, page.Next, http.StatusSeeOther)
	return nil
}

func (c *Console) signOut(w http.ResponseWriter, r *http.Request, _ visit) error {
	if token := c.session(r); token != "" {
		if err := c.Store.EndSession(r.Context(), token); err != nil {
			return err
		}
	}
	http.SetCookie(w, c.cookie("", -1))
	http.Redirect(w, r, "/signin", http.StatusSeeOther)
	return nil
}
