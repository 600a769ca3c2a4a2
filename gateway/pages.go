package gateway

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"fmt"
	"html/template"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"octroi/gateway/flow"
	"octroi/gateway/hold"
	"octroi/gateway/payment"
)

//go:embed views
var views embed.FS

// pages are the server-rendered pages. They need no script and load nothing: the style stands in the page and the
// content security policy names its hash.
type pages struct {
	zone      *time.Location
	templates *template.Template
	style     template.CSS
	policy    string
}

func newPages(zone *time.Location) (*pages, error) {
	if zone == nil {
		zone = time.UTC
	}
	css, err := views.ReadFile("views/style.css")
	if err != nil {
		return nil, fmt.Errorf("gateway: read the pages' style: %w", err)
	}
	t, err := template.New("").Option("missingkey=error").ParseFS(views, "views/*.html")
	if err != nil {
		return nil, fmt.Errorf("gateway: parse the pages: %w", err)
	}
	sum := sha256.Sum256(css)
	return &pages{zone: zone, templates: t, style: template.CSS(css), policy: "default-src 'none'; style-src 'sha256-" +
		base64.StdEncoding.EncodeToString(sum[:]) + "'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"}, nil
}

// write renders a page whole before a byte of it is sent, so that a fault never leaves half a page.
func (p *pages) write(c *fiber.Ctx, status int, name string, v any) error {
	var b bytes.Buffer
	if err := p.templates.ExecuteTemplate(&b, name, v); err != nil {
		return fmt.Errorf("write the page %s: %w", name, err)
	}
	c.Set(fiber.HeaderContentSecurityPolicy, p.policy)
	c.Response().Header.SetContentType(fiber.MIMETextHTMLCharsetUTF8)
	c.Status(status).Response().SetBodyRaw(b.Bytes())
	return nil
}

// proofView is what the proof page is rendered from.
type proofView struct {
	Style         template.CSS
	T             map[string]string
	Lang, Token   string
	Shop, Order   string
	Amount        string
	Deadline      string
	Late          bool // the deadline has passed, and the case still waits
	Why           []string
	Asks          []ask
	CardCopy      bool // the profile lets the shop ask for a copy of the card
	Messages      []said
	Sent          string // thanks for what was just sent
	Fault         *fault
	Other         string // the other language
	DocumentsFull bool
	After         []string // what becomes of the documents
	Cancel        string   // that the order can be cancelled
}

// ask is one kind of document asked for.
type ask struct {
	Kind        hold.Kind
	Title, Text string
	Hints       []string
	Received    []string // when each document of the kind came, and where it stands
	Sentence    string   // why the last one was not taken
}

// said is one message of the thread.
type said struct {
	Own      bool
	Who, At  string
	DateTime string
	Text     string
}

// proof makes the view of a case in a language.
func (p *pages) proof(f flow.Proof, lang string, now time.Time) proofView {
	t := wordsIn(lang)
	v := proofView{Style: p.style, T: t, Lang: lang, Shop: f.Shop.Name, Order: f.OrderReference, Other: payment.English,
		Amount: money(f.Amount, lang), Deadline: p.moment(f.Case.RespondBy, lang), Late: !now.Before(f.Case.RespondBy)}
	v.After = strings.Split(fmt.Sprintf(t["after_items"], f.Shop.Name), "|")
	where := "" // the money is: reserved
	if f.Taken {
		where = "_taken"
	}
	v.Why = []string{t["why_1"+where], t["why_2"+where]}
	v.Cancel = fmt.Sprintf(t["cancel_hint"+where], f.Shop.Name)
	if lang == payment.English {
		v.Other = payment.French
	}
	live := 0
	for _, d := range f.Case.Proof.Documents {
		if d.Status == hold.DocumentReceived || d.Status == hold.DocumentAccepted {
			live++
		}
	}
	v.DocumentsFull = live >= hold.MaxDocuments
	for _, kind := range f.Case.Proof.Requested {
		v.CardCopy = v.CardCopy || kind == hold.CardCopy
		v.Asks = append(v.Asks, p.ask(kind, f.Case.Proof.Documents, lang))
	}
	for _, m := range f.Case.Messages {
		one := said{Own: m.From == hold.FromBuyer, Who: f.Shop.Name, Text: m.Text, At: p.moment(m.At, lang),
			DateTime: m.At.UTC().Format(time.RFC3339)}
		if one.Own {
			one.Who = t["you"]
		}
		v.Messages = append(v.Messages, one)
	}
	return v
}

func (p *pages) ask(kind hold.Kind, documents []hold.Document, lang string) ask {
	t := wordsIn(lang)
	a := ask{Kind: kind, Title: t["kind_"+string(kind)], Text: t["what_"+string(kind)],
		Hints: strings.Split(t["mask_"+string(kind)], "|")}
	for _, d := range documents {
		if d.Kind == kind {
			a.Received = append(a.Received, fmt.Sprintf(t["document_"+string(d.Status)], p.moment(d.ReceivedAt, lang)))
		}
	}
	return a
}

// notices are the words of the page that stands in for one that cannot be shown.
var notices = map[payment.Code]string{
	payment.CodeNotFound: "gone", payment.CodeRateLimited: "busy", payment.CodeTooLarge: "large", payment.CodeUnavailable: "away",
	payment.CodeForbidden: "foreign", payment.CodeMethodNotAllowed: "gone",
}

// noticeView is what that page is rendered from: the same said in each language.
type noticeView struct {
	Style template.CSS
	In    []noticeIn
}

type noticeIn struct{ Lang, Head, Text string }

// notice writes the page that stands in for one that cannot be shown, in both languages: whose link it was must not be
// told, so the buyer's language is not known either. Unknown, expired and closed links get the very same bytes.
func (s *Server) notice(c *fiber.Ctx, code payment.Code, status int) {
	what, ok := notices[code]
	if !ok {
		what = "fault"
	}
	v := noticeView{Style: s.pages.style}
	for _, lang := range []string{payment.French, payment.English} {
		t := wordsIn(lang)
		v.In = append(v.In, noticeIn{Lang: lang, Head: t[what+"_head"], Text: t[what]})
	}
	if err := s.pages.write(c, status, "notice.html", v); err != nil {
		s.log.Error("the notice could not be written", "error", err)
		c.Status(fiber.StatusInternalServerError)
	}
}
