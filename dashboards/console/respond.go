package console

import (
	"bytes"
	"errors"
	"fmt"
	"html/template"
	"net/http"
	"time"

	"octroi/gateway/payment"
	"octroi/gateway/store"
)

// pageNames are the pages of views/, each rendered inside layout.html together with the parts.
var pageNames = []string{"signin", "queue", "case", "payments", "payment", "lists", "trials", "office", "webhooks", "notice"}

// parseViews parses every page once for each language, so that a page asks for its words by name only.
func parseViews(zone *time.Location, version string) (map[string]map[string]*template.Template, error) {
	all := map[string]map[string]*template.Template{}
	for _, lang := range []string{payment.English, payment.French} {
		all[lang] = map[string]*template.Template{}
		for _, name := range pageNames {
			t, err := template.New("layout.html").Option("missingkey=error").Funcs(functions(lang, zone, version)).
				ParseFS(files, "views/layout.html", "views/parts.html", "views/casework.html", "views/"+name+".html")
			if err != nil {
				return nil, fmt.Errorf("console: parse the page %s: %w", name, err)
			}
			all[lang][name] = t
		}
	}
	return all, nil
}

// page is what layout.html is rendered from; Body is the page's own.
type page struct {
	Name, Title, Lang string
	User              store.User
	Strip             *strip // nil when nobody is signed in
	Flash             string
	Of                *sighting // the case that the flash speaks of, where another page says it
	Fault             string
	Query             string // in the search field
	Body              any
}

// render writes a page whole, or not at all: a fault in a template never leaves half a page. title is a key.
func (c *Console) render(w http.ResponseWriter, r *http.Request, v visit, status int, name, title string, body any) error {
	return c.write(w, r, v, status, page{Name: name, Title: in(v.lang, title), Body: body})
}

// write completes a page and sends it.
func (c *Console) write(w http.ResponseWriter, r *http.Request, v visit, status int, p page) error {
	p.Lang, p.User = v.lang, v.user
	if v.user.Name != "" {
		s := c.stripNow(r.Context())
		p.Strip = &s
	}
	if done := "done." + r.URL.Query().Get("done"); p.Flash == "" && texts[done][0] != "" {
		p.Flash, p.Of = in(v.lang, done), c.doneTo(r, v)
	}
	var b bytes.Buffer
	if err := c.templates[v.lang][p.Name].Execute(&b, p); err != nil {
		return fmt.Errorf("write the page %s: %w", p.Name, err)
	}
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Language", v.lang)
	h.Set("Vary", "Cookie, Accept-Language")
	w.WriteHeader(status)
	_, err := b.WriteTo(w)
	if err != nil {
		c.Logger.DebugContext(r.Context(), "the browser has gone", "error", err)
	}
	return nil
}

// statuses is the one table from codes to HTTP statuses of pages.
var statuses = map[payment.Code]int{
	payment.CodeNotFound: http.StatusNotFound, payment.CodeForbidden: http.StatusForbidden, payment.CodeWrongState: http.StatusConflict,
	payment.CodeInvalid: http.StatusUnprocessableEntity, payment.CodeTooLarge: http.StatusRequestEntityTooLarge,
	payment.CodeUnavailable: http.StatusServiceUnavailable, payment.CodeUnauthorised: http.StatusUnauthorized,
	payment.CodeRateLimited: http.StatusTooManyRequests,
}

// statusOf is the status of an error's page.
func statusOf(err error) int {
	if s, ok := statuses[payment.CodeOf(err)]; ok {
		return s
	}
	return http.StatusInternalServerError
}

// sentence says an error in the visitor's language, by its code. Details are English and written for programs, so
// they are never shown.
func sentence(lang string, err error) string {
	key := "fault." + string(payment.CodeOf(err))
	if texts[key][0] == "" {
		key = "fault.internal"
	}
	return in(lang, key)
}

// fail writes the page of an error.
func (c *Console) fail(w http.ResponseWriter, r *http.Request, v visit, err error) {
	status := statusOf(err)
	var known *payment.Error
	if status >= http.StatusInternalServerError || !errors.As(err, &known) {
		c.Logger.ErrorContext(r.Context(), "page failed", "route", r.Pattern, "user", v.user.Name, "error", err)
	}
	body := struct{ Status int }{status}
	p := page{Name: "notice", Title: in(v.lang, "notice.title"), Fault: sentence(v.lang, err), Body: body}
	if err := c.write(w, r, v, status, p); err != nil {
		c.Logger.ErrorContext(r.Context(), "notice failed", "error", err)
		w.WriteHeader(http.StatusInternalServerError)
	}
}
