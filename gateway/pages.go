package gateway

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"html/template"
	"time"

	"github.com/gofiber/fiber/v2"

	"octroi/gateway/flow"
	"octroi/gateway/hold"
	"octroi/gateway/payment"
)

//go:embed views
var views embed.FS

// pages are the server-rendered pages. They work without a script and load nothing from elsewhere: the style stands in
// the page, where the content security policy names its hash, and the one script comes from this listener.
type pages struct {
	zone       *time.Location
	templates  *template.Template
	style      template.CSS
	script     []byte
	scriptName string // changes with the script, so that browsers may keep it
	policy     string
	words      map[string]map[string]string // by language
}

// assets is where the page's script lies.
const assets = "/proof/assets/"

func newPages(zone *time.Location) (*pages, error) {
	if zone == nil {
		zone = time.UTC
	}
	css, err := views.ReadFile("views/style.css")
	if err != nil {
		return nil, fmt.Errorf("gateway: read the pages' style: %w", err)
	}
	script, err := views.ReadFile("views/proof.js")
	if err != nil {
		return nil, fmt.Errorf("gateway: read the pages' script: %w", err)
	}
	t, err := template.New("").Option("missingkey=error").ParseFS(views, "views/*.html")
	if err != nil {
		return nil, fmt.Errorf("gateway: parse the pages: %w", err)
	}
	sum, version := sha256.Sum256(css), sha256.Sum256(script)
	p := &pages{zone: zone, templates: t, style: template.CSS(css), script: script,
		scriptName: "proof-" + hex.EncodeToString(version[:6]) + ".js", words: map[string]map[string]string{},
		policy: "default-src 'none'; style-src 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'; script-src 'self'; " +
			"connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"}
	for _, lang := range languages() {
		p.words[lang] = map[string]string{}
		for _, table := range []map[string]hold.Words{pageTexts, documentTexts, doorTexts} {
			for key, words := range table {
				p.words[lang][key] = inWords(words, lang)
			}
		}
	}
	return p, nil
}

// languages are those of the pages.
func languages() []string { return []string{payment.French, payment.English} }

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

// readAsset is GET /proof/assets/{name}: the page's script, under its present name alone.
func (s *Server) readAsset(k *call) error {
	if k.c.Params("name") != s.pages.scriptName {
		return payment.Errorf(payment.CodeNotFound, "There is no such file.")
	}
	k.c.Set(fiber.HeaderCacheControl, "public, max-age=31536000, immutable")
	k.c.Response().Header.SetContentType("text/javascript; charset=utf-8")
	k.c.Response().SetBodyRaw(s.pages.script)
	return nil
}

// frame is what every page of the buyer's has around it.
type frame struct {
	Style       template.CSS
	T           map[string]string
	Lang, Other string
	Shop, Title string
	Here        string // the page's own address, for the switch of languages; "" for none
	Script      string
	Fault       *fault
}

// frame makes it: title is the key of the page's title.
func (p *pages) frame(lang, shop, title, here string) frame {
	f := frame{Style: p.style, T: p.words[lang], Lang: lang, Other: payment.English, Shop: shop, Title: p.words[lang][title], Here: here}
	if lang == payment.English {
		f.Other = payment.French
	}
	return f
}

// linkView is the page behind a link, which a mail scanner may open as well as its reader: it says little, and a form
// opens the rest.
type linkView struct {
	frame
	Token, Lead string
	Fact        bool // a second fact is asked for
	FactWrong   string
}

// withdrawView asks whether the buyer really gives the order up.
type withdrawView struct {
	frame
	Order, Amount, Case, Lead string
	Then                      []string
}

// overView is the page after the end: what was done, and what happens now.
type overView struct {
	frame
	Order, Amount, Head string
	Then                []string
}

func (p *pages) link(lang, shop, token string) linkView {
	v := linkView{frame: p.frame(lang, shop, "link_title", "/proof/"+token), Token: token}
	v.Lead = fmt.Sprintf(v.T["link_lead"], shop)
	return v
}

func (p *pages) withdraw(f flow.Proof, lang string) withdrawView {
	v := withdrawView{frame: p.frame(lang, f.Shop.Name, "withdraw_title", "/proof/withdraw"), Order: f.OrderReference,
		Amount: money(f.Amount, lang), Case: f.Case.ID}
	v.Lead, v.Then = fmt.Sprintf(v.T["withdraw_lead"], f.Shop.Name), withdrawn(v.T, f, lang)
	return v
}

// withdrawn is what happens when the order is given up.
func withdrawn(t map[string]string, f flow.Proof, lang string) []string {
	key := "withdraw_reserved"
	if f.Taken {
		key = "withdraw_taken"
	}
	return items(fmt.Sprintf(t[key], span(hold.Retention, lang)))
}

// The ends that a buyer can bring about.
const (
	endApproved  = "approved"
	endWithdrawn = "withdrawn"
)

func (p *pages) over(f flow.Proof, lang, end string) overView {
	v := overView{frame: p.frame(lang, f.Shop.Name, "link_title", ""), Order: f.OrderReference, Amount: money(f.Amount, lang)}
	v.Head = v.T[end+"_head"]
	v.Title = v.Head
	if end == endWithdrawn {
		v.Then = withdrawn(v.T, f, lang)
	} else {
		v.Then = items(fmt.Sprintf(v.T["approved_items"], f.Shop.Name))
	}
	return v
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
	if err := s.pages.write(c, status, "notice.html", s.pages.noticeOf(code)); err != nil {
		s.log.Error("the notice could not be written", "error", err)
		c.Status(fiber.StatusInternalServerError)
	}
}

func (p *pages) noticeOf(code payment.Code) noticeView {
	what, ok := notices[code]
	if !ok {
		what = "fault"
	}
	v := noticeView{Style: p.style}
	for _, lang := range languages() {
		v.In = append(v.In, noticeIn{Lang: lang, Head: p.words[lang][what+"_head"], Text: p.words[lang][what]})
	}
	return v
}
