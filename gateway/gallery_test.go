package gateway

import (
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"octroi/gateway/payment"
)

// gallery serves every page that a buyer can meet, as the listener does, under /{language}/{state}, and takes what the
// forms of documents send.
type gallery struct {
	t     *testing.T
	at    string
	names []string
	// answer is what becomes of a document's form.
	answer func(w http.ResponseWriter, r *http.Request)
	shown  map[string]map[string]string
}

func newGallery(t *testing.T) *gallery {
	t.Helper()
	p := paris(t)
	g := &gallery{t: t, shown: map[string]map[string]string{}}
	for _, lang := range languages() {
		g.shown[lang] = p.rendered(t, lang)
	}
	g.names = slices.Sorted(maps.Keys(g.shown[payment.French]))
	dress := func(next http.HandlerFunc) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Security-Policy", p.policy)
			w.Header().Set("Referrer-Policy", "no-referrer")
			w.Header().Set("Content-Type", "text/html; charset=utf-8")
			next(w, r)
		}
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET "+assets+p.scriptName, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/javascript; charset=utf-8")
		_, _ = w.Write(p.script)
	})
	mux.HandleFunc("GET /favicon.ico", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) })
	mux.HandleFunc("GET /{lang}/{state}", dress(func(w http.ResponseWriter, r *http.Request) {
		_, _ = w.Write([]byte(g.shown[r.PathValue("lang")][r.PathValue("state")]))
	}))
	mux.HandleFunc("POST /proof/documents", dress(func(w http.ResponseWriter, r *http.Request) { g.answer(w, r) }))
	s := httptest.NewServer(mux)
	t.Cleanup(s.Close)
	g.at = s.URL
	return g
}

// page is the address of a state.
func (g *gallery) page(lang, state string) string {
	return g.at + "/" + lang + "/" + url.PathEscape(state)
}

// faults is all that is wrong with the page as it stands, in light and dark.
func (p *phone) faults(source, name string) {
	p.t.Helper()
	for _, scheme := range []string{"light", "dark"} {
		p.prefers(scheme)
		p.look(name + " " + scheme)
		for _, v := range append(p.violations(source), eval[[]string](p, strained)...) {
			p.t.Errorf("%s, %s: %s", name, scheme, v)
		}
	}
	p.size(320, 640)                                   // what 1280 pixels are at 400 % (WCAG 1.4.10)
	for _, letters := range []string{"100%", "200%"} { // WCAG 1.4.4
		eval[bool](p, `document.documentElement.style.fontSize = "`+letters+`"; true`)
		for _, v := range eval[[]string](p, strained) {
			p.t.Errorf("%s at 320 pixels with letters of %s: %s", name, letters, v)
		}
	}
	eval[bool](p, `document.documentElement.style.fontSize = ""; true`)
	p.size(360, 740)
}

const unfold = `for (const d of document.querySelectorAll("details")) d.open = true; true`

func TestEveryStateOfTheProofPageCanBeUsedByEverybody(t *testing.T) {
	source, g := axe(t), newGallery(t)
	p := newPhone(t, 10*time.Minute)
	for _, lang := range languages() {
		for _, name := range g.names {
			p.do(chromedp.Navigate(g.page(lang, name)))
			p.look(lang + " " + name)
			eval[bool](p, unfold)
			p.faults(source, lang+" "+name+" unfolded")
		}
	}
	// The judge is awake: a picture without words, and letters that cannot be read.
	eval[bool](p, `document.querySelector("main").innerHTML = '<img src="data:,"><p>Hard to read</p>'; Object.assign(document.querySelector("main p").style, {color: "#999", background: "#aaa"}); true`)
	if found := strings.Join(p.violations(source), "\n"); !strings.Contains(found, "image-alt") || !strings.Contains(found, "color-contrast") {
		t.Errorf("axe found only:\n%s", found)
	}
}

func TestFocusGoesDownThePageAndIsSeen(t *testing.T) {
	g := newGallery(t)
	p := newPhone(t, 2*time.Minute)
	for _, state := range []string{"asked", "wrong file-identity", "withdraw", "link with a wrong fact"} {
		p.do(chromedp.Navigate(g.page(payment.English, state)))
		eval[bool](p, unfold)
		if led := eval[bool](p, `!document.querySelector("[role=alert]") || document.activeElement === document.querySelector("[role=alert]")`); !led {
			t.Errorf("%s: the fault is not what is read first", state)
		}
		want := eval[int](p, `[...document.querySelectorAll("a[href], button, summary, input:not([type=hidden]), textarea")].filter(e =>
			e.offsetParent !== null && document.activeElement.compareDocumentPosition(e) & Node.DOCUMENT_POSITION_FOLLOWING).length`)
		before := -10000.0
		for i := range want {
			p.do(chromedp.KeyEvent(kb.Tab))
			at := eval[float64](p, `(e => e.className === "skip" ? -1000 : e.getBoundingClientRect().top + scrollY)(document.activeElement)`)
			if at < before-30 { // of one line, things may stand a little higher or lower
				t.Errorf("%s: stop %d jumps from %.0f up to %.0f", state, i+1, before, at)
			}
			before = at
			if seen := eval[bool](p, `(s => s.outlineStyle !== "none" && parseFloat(s.outlineWidth) >= 2)(getComputedStyle(document.activeElement))`); !seen {
				t.Errorf("%s: focus is not seen on %s", state, eval[string](p, `document.activeElement.outerHTML.slice(0, 120)`))
			}
		}
		if inside := eval[bool](p, `document.querySelector("main").contains(document.activeElement)`); !inside {
			t.Errorf("%s: the last of %d stops is not the page's last", state, want)
		}
	}
}
