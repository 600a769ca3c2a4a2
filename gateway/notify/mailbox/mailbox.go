package mailbox

import (
	"embed"
	"errors"
	"html/template"
	"io/fs"
	"log/slog"
	"net/http"
	"os"
	"regexp"
	"strings"
	"time"
)

//go:embed views static
var files embed.FS

// Handler shows the mails of a folder: a list at /, one mail at /ID, its HTML alone at /ID/html. All links are relative,
// so it can be mounted at any path that ends in a slash, through http.StripPrefix without that slash. Pages are in
// French for browsers that ask for it (Accept-Language, or ?lang=fr), in English otherwise.
func Handler(dir string, log *slog.Logger) (http.Handler, error) {
	views, err := template.ParseFS(files, "views/*.html")
	if err != nil {
		return nil, err
	}
	b := &box{dir: dir, log: log, views: views}
	m := http.NewServeMux()
	m.HandleFunc("GET /{$}", b.listPage)
	m.HandleFunc("GET /mailbox.css", b.style)
	m.HandleFunc("GET /{id}", b.letterPage)
	m.HandleFunc("GET /{id}/html", b.html)
	return m, nil
}

type box struct {
	dir   string
	log   *slog.Logger
	views *template.Template
}

// The policies of the two kinds of page. A mail's own HTML may open its links in a tab of their own, and nothing else.
const (
	pagePolicy   = "default-src 'none'; style-src 'self'; frame-src 'self'; frame-ancestors 'self'; base-uri 'none'; form-action 'none'"
	letterPolicy = "sandbox allow-popups allow-popups-to-escape-sandbox; default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'self'; form-action 'none'"
)

// texts are the words of the pages.
var texts = map[string]map[string]string{
	"en": {"mailbox": "Mailbox", "empty": "No mail yet.", "more": "Only the newest are shown; there are", "from": "From", "to": "To",
		"at": "Sent", "back": "All mails", "text": "As plain text", "html": "The mail as it looks"},
	"fr": {"mailbox": "Boîte aux lettres", "empty": "Aucun e-mail pour l’instant.", "more": "Seuls les plus récents sont affichés\u00a0; il y en a",
		"from": "De", "to": "À", "at": "Envoyé", "back": "Tous les e-mails", "text": "En texte seul", "html": "L’e-mail tel qu’il apparaît"},
}

// language is the one that the browser asks for first.
func language(r *http.Request) string {
	wanted := r.URL.Query().Get("lang")
	if wanted == "" {
		wanted = strings.ToLower(r.Header.Get("Accept-Language"))
	}
	if strings.HasPrefix(wanted, "fr") {
		return "fr"
	}
	return "en"
}

// page is what both pages show: a list, or one mail.
type page struct {
	Lang    string
	T       map[string]string
	Letters []letter
	Count   int
	Letter  letter
	Pieces  []piece
}

func (b *box) listPage(w http.ResponseWriter, r *http.Request) {
	root, err := os.OpenRoot(b.dir)
	if err != nil {
		b.trouble(w, err)
		return
	}
	defer root.Close()
	letters, count, err := list(root)
	if err != nil {
		b.trouble(w, err)
		return
	}
	lang := language(r)
	b.show(w, "list.html", page{Lang: lang, T: texts[lang], Letters: letters, Count: count})
}

// piece is a stretch of a plain text: words, or an address to press.
type piece struct{ Words, Link string }

var links = regexp.MustCompile(`https?://[^\s<>"]+`)

// pieces finds the addresses in a plain text, as mail programs do.
func pieces(text string) (out []piece) {
	for {
		at := links.FindStringIndex(text)
		if at == nil {
			return append(out, piece{Words: text})
		}
		out = append(out, piece{Words: text[:at[0]]}, piece{Link: text[at[0]:at[1]]})
		text = text[at[1]:]
	}
}

func (b *box) letterPage(w http.ResponseWriter, r *http.Request) {
	l, ok := b.open(w, r)
	if !ok {
		return
	}
	lang := language(r)
	b.show(w, "letter.html", page{Lang: lang, T: texts[lang], Letter: l, Pieces: pieces(l.Text)})
}

// html is the mail's own document, for the frame.
func (b *box) html(w http.ResponseWriter, r *http.Request) {
	l, ok := b.open(w, r)
	if !ok {
		return
	}
	headers(w, "text/html; charset=utf-8", letterPolicy)
	// Links leave the frame, where the pages they lead to would refuse to be shown.
	_, _ = w.Write([]byte(strings.Replace(l.HTML, "<head>", "<head><base target=\"_blank\">", 1)))
}

// open reads the mail that a request names, or answers itself.
func (b *box) open(w http.ResponseWriter, r *http.Request) (letter, bool) {
	root, err := os.OpenRoot(b.dir)
	if err != nil {
		b.trouble(w, err)
		return letter{}, false
	}
	defer root.Close()
	l, err := whole(root, r.PathValue("id"))
	if errors.Is(err, fs.ErrNotExist) {
		http.Error(w, "There is no such mail.", http.StatusNotFound)
		return letter{}, false
	}
	if err != nil {
		b.trouble(w, err)
		return letter{}, false
	}
	return l, true
}

func (b *box) style(w http.ResponseWriter, _ *http.Request) {
	css, err := files.ReadFile("static/mailbox.css")
	if err != nil {
		b.trouble(w, err)
		return
	}
	headers(w, "text/css; charset=utf-8", pagePolicy)
	_, _ = w.Write(css)
}

func (b *box) show(w http.ResponseWriter, view string, data any) {
	headers(w, "text/html; charset=utf-8", pagePolicy)
	if err := b.views.ExecuteTemplate(w, view, data); err != nil {
		b.log.Warn("mailbox page not written", slog.String("view", view), slog.Any("error", err))
	}
}

// trouble answers for a folder or mail that cannot be read.
func (b *box) trouble(w http.ResponseWriter, err error) {
	b.log.Error("the mailbox cannot be read", slog.Any("error", err))
	http.Error(w, "The mailbox cannot be read; the log says why.", http.StatusInternalServerError)
}

func headers(w http.ResponseWriter, kind, policy string) {
	h := w.Header()
	h.Set("Content-Type", kind)
	h.Set("Content-Security-Policy", policy)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cache-Control", "no-store")
}

// Time is the moment a mail was written, for the page.
func (l letter) Time() string { return l.At.UTC().Format("2006-01-02 15:04 UTC") }

// Stamp is the same for machines.
func (l letter) Stamp() string { return l.At.UTC().Format(time.RFC3339) }
