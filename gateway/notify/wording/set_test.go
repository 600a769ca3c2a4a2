package wording

import (
	"errors"
	"io/fs"
	"maps"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
)

// hosts are those of the shop in these tests.
var hosts = []string{"pay.shop.example", "www.shop.example"}

// request is a proof request of a shop's own, in both languages and with nothing wrong.
func request() Sources {
	return Sources{
		"en/proof_request.txt": "Subject: About order {{.Order}}\n\nHello {{.Name}},\n\nPlease answer before {{.RespondBy}}.\n\n[button] Answer\n\nSee https://www.shop.example/help.\n",
		"fr/proof_request.txt": "Subject: Votre commande {{.Order}}\n\nBonjour {{.Name}},\n\nRépondez avant le {{.RespondBy}}.\n\n[button] Répondre\n",
	}
}

// ownHTML is an HTML form of that request.
const ownHTML = `<!doctype html>
<html lang="{{.Language}}">
<head><meta charset="utf-8"><title>{{.Subject}}</title><style>p { color: #222 }</style></head>
<body>
{{if .Kinds}}<p>{{len .Kinds}}</p>{{end}}
<p>{{.RespondBy}}</p>
<p><a href="{{.Link}}">Go</a><br><span>{{.Link}}</span></p>
<p><a href="https://www.shop.example/help" title="Help">Help</a></p>
</body>
</html>
`

func TestShippedMailsPassTheirOwnLinter(t *testing.T) {
	set, err := Shipped()
	if err != nil {
		t.Fatal(err)
	}
	if len(set.words) != len(Names())*len(Languages()) {
		t.Errorf("%d mails are shipped, want %d in %d languages", len(set.words), len(Names()), len(Languages()))
	}
}

func TestFolderTakesThePlaceOfWhatItHoldsAndOfNothingElse(t *testing.T) {
	sources := request()
	sources["en/proof_request.html"], sources["fr/proof_request.html"] = ownHTML, ownHTML
	set, err := Load(sources, hosts)
	if err != nil {
		t.Fatal(err)
	}
	v := Sample("proof_request", French)
	v.Shop = `<script>"&`
	got, err := set.Render("proof_request", French, v)
	if err != nil {
		t.Fatal(err)
	}
	if got.Subject != "Votre commande A-1001" || !strings.Contains(got.Text, "Répondez avant le mercredi") {
		t.Errorf("the shop's words are not used: %q\n%s", got.Subject, got.Text)
	}
	for _, want := range []string{`<html lang="fr">`, `<title>Votre commande A-1001</title>`, `href="` + v.Link + `"`} {
		if !strings.Contains(got.HTML, want) {
			t.Errorf("the shop's HTML lacks %s:\n%s", want, got.HTML)
		}
	}
	shipped, err := Shipped()
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"payment_refused", "proof_reminder"} {
		v := Sample(name, English)
		mine, err := set.Render(name, English, v)
		if err != nil {
			t.Fatal(err)
		}
		theirs, err := shipped.Render(name, English, v)
		if err != nil {
			t.Fatal(err)
		}
		if mine != theirs {
			t.Errorf("%s changed although the folder does not hold it", name)
		}
	}
}

func TestFrameOfAShopGoesAroundEveryMail(t *testing.T) {
	shell := `<html lang="{{.Language}}"><body><h2>SHOPFRAME {{.Shop}}</h2>{{range .Body}}{{if .Button}}<p><a href="{{$.Link}}">{{.Button}}</a></p><p>{{$.Link}}</p>
{{else if .List}}<ul>{{range .List}}<li>{{.}}</li>{{end}}</ul>{{else if .Quote}}<blockquote>{{.Quote}}</blockquote>{{else}}<p>{{.Text}}</p>{{end}}{{end}}</body></html>`
	set, err := Load(Sources{shellFile: shell}, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range Names() {
		got, err := set.Render(name, French, Sample(name, French))
		if err != nil || !strings.Contains(got.HTML, "<h2>SHOPFRAME Mémoire &amp; Cie</h2>") {
			t.Errorf("%s is not in the shop's frame (%v):\n%s", name, err, got.HTML)
		}
	}
}

// busted says how a right folder is spoilt and what is said of it.
type busted struct {
	name  string
	spoil func(Sources)
	want  string // the beginning of a line of the error
}

// inText puts a paragraph on line 9 of the English text.
func inText(paragraph string) func(Sources) {
	return func(s Sources) {
		s["en/proof_request.txt"] = strings.TrimSuffix(s["en/proof_request.txt"], "See https://www.shop.example/help.\n") + paragraph + "\n"
	}
}

// inHTML gives both languages an HTML, the English one with something more on its fifth line.
func inHTML(markup string) func(Sources) {
	return func(s Sources) {
		s["fr/proof_request.html"] = ownHTML
		s["en/proof_request.html"] = strings.Replace(ownHTML, "<body>", "<body>\n"+markup, 1)
	}
}

func rewrite(file, old, text string) func(Sources) {
	return func(s Sources) { s[file] = strings.Replace(s[file], old, text, 1) }
}

var bustedFolders = []busted{
	{"score", inText("Your score is high."), `en/proof_request.txt:9: the word "score" must not`},
	{"points", inText("That is 30 points."), `en/proof_request.txt:9: the word "points" must not`},
	{"rule", inText("a rule fired"), `en/proof_request.txt:9: the word "rule" must not`},
	{"second word of two", inText("Fraude suspecte"), `en/proof_request.txt:9: the word "suspecte" must not`},
	{"reason code", inText("Why: ADDRESS_OTHER_CITY."), `en/proof_request.txt:9: ADDRESS_OTHER_CITY reads like a reason code`},
	{"pan", inText("your PAN"), `en/proof_request.txt:9: the word "PAN" must not`},
	{"cvc", inText("le CVC, svp"), `en/proof_request.txt:9: the word "CVC" must not`},
	{"words over a line's end", inText("le code de\nsécurité"), `en/proof_request.txt:9: the word "code de\nsécurité" must not`},
	{"card number", inText("such as 4111 1111 1111 1111"), `en/proof_request.txt:9: a card number stands here`},
	{"copy of the card", inText("Send a copy of your card."), `en/proof_request.txt:9: a mail does not speak of copies of cards`},
	{"copie de la carte", inText("Envoyez une photo recto de la carte bancaire."), `en/proof_request.txt:9: a mail does not speak of copies of cards`},
	{"a word in a comment", inText("{{/* score */}}"), `en/proof_request.txt:9: the word "score" must not`},
	{"unknown field", inText("{{.Score}}"), `en/proof_request.txt:9: this mail has no field Score: it has Name, `},
	{"a field of another mail", inText("{{.Refunded}}"), `en/proof_request.txt:9: this mail has no field Refunded`},
	{"a field no rendering reaches", inText("{{if false}}\n{{.Reasons}}{{end}}"), `en/proof_request.txt:10: this mail has no field Reasons`},
	{"a field of the value", inText("{{with .Name}}{{.Shop}}{{end}}"), `en/proof_request.txt:9: within {{with}} and {{range}} the dot is the value itself: write {{$.Shop}}`},
	{"a field of an item", inText("{{range .Kinds}}{{.Code}}{{end}}"), `en/proof_request.txt:9: within {{with}} and {{range}}`},
	{"no list", inText("{{range .Name}}x{{end}}"), `en/proof_request.txt:9: {{range}} goes through a list, and .Name is none`},
	{"a function", inText(`{{printf "%s" .Name}}`), `en/proof_request.txt:9: the function printf is not for mails`},
	{"a variable", inText(`{{$x := .Name}}{{$x}}`), `en/proof_request.txt:9: variables are not for mails`},
	{"another template", inText(`{{template "x"}}`), `en/proof_request.txt:9: {{template}}, {{define}} and {{block}} are not for mails`},
	{"syntax", inText("{{if .Name}}"), `en/proof_request.txt:9: unexpected EOF`},
	{"link elsewhere", inText("Go to https://evil.example/x."), `en/proof_request.txt:9: "https://evil.example/x" becomes a link`},
	{"link without https", inText("http://www.shop.example/"), `en/proof_request.txt:9: "http://www.shop.example/" becomes a link`},
	{"link by name alone", inText("see evil.example"), `en/proof_request.txt:9: "evil.example" becomes a link`},
	{"mail address elsewhere", inText("write to a@evil.example"), `en/proof_request.txt:9: "a@evil.example" becomes a link`},
	{"host that only begins alike", inText("https://www.shop.example.evil.example/"), `en/proof_request.txt:9: "https://www.shop.example.evil.example/" becomes a link`},
	{"no link", rewrite("en/proof_request.txt", "[button] Answer", "Answer"), `en/proof_request.txt: {{.Link}} does not show; a paragraph "[button] label"`},
	{"a link that may hide", rewrite("fr/proof_request.txt", "[button] Répondre", "{{if .Code}}{{.Link}}{{end}}"), `fr/proof_request.txt: {{.Link}} does not show`},
	{"no deadline", rewrite("en/proof_request.txt", "{{.RespondBy}}", "soon"), `en/proof_request.txt: {{.RespondBy}} does not show`},
	{"no subject", rewrite("en/proof_request.txt", "Subject: ", "Topic: "), `en/proof_request.txt:1: the first paragraph must be one line beginning with "Subject: "`},
	{"a subject that is empty", rewrite("en/proof_request.txt", "About order {{.Order}}", "{{if false}}x{{end}}"), `en/proof_request.txt:1: the subject comes out empty`},
	{"a subject of several lines", rewrite("en/proof_request.txt", "About order {{.Order}}", "{{.Message}}"), `en/proof_request.txt:1: the subject comes out empty or longer than a line`},
	{"empty file", func(s Sources) { s["en/proof_request.txt"] = "\n" }, `en/proof_request.txt: the file is empty`},
	{"missing language", func(s Sources) { delete(s, "en/proof_request.txt") }, `fr/proof_request.txt: there is no en/proof_request.txt`},
	{"HTML in one language", func(s Sources) { s["en/proof_request.html"] = ownHTML }, `en/proof_request.html: there is no fr/proof_request.html`},
	{"HTML without text", func(s Sources) { delete(s, "en/proof_request.txt"); inHTML("")(s) }, `en/proof_request.html: there is no en/proof_request.txt`},
	{"unknown mail", func(s Sources) { s["en/newsletter.txt"] = "Subject: x" }, `en/newsletter.txt: there is no mail newsletter: they are document_unreadable, `},
	{"unknown language", func(s Sources) { s["de/proof_request.txt"] = "Subject: x" }, `de/proof_request.txt: is not a template`},
	{"another file", func(s Sources) { s["logo.png"] = "x" }, `logo.png: is not a template`},
	{"script", inHTML(`<script>alert(1)</script>`), `en/proof_request.html:5: script is not for mails`},
	{"handler", inHTML(`<p onclick="x()">a</p>`), `en/proof_request.html:5: onclick= is a script`},
	{"picture", inHTML(`<img src="https://www.shop.example/logo.png" alt="">`), `en/proof_request.html:5: <img>: mails carry no pictures`},
	{"frame", inHTML(`<iframe></iframe>`), `en/proof_request.html:5: <iframe> is not for mails`},
	{"form", inHTML(`<form></form>`), `en/proof_request.html:5: <form> is not for mails`},
	{"style sheet from elsewhere", inHTML(`<link rel="stylesheet">`), `en/proof_request.html:5: <link> is not for mails`},
	{"background", inHTML(`<table background="https://evil.example/x"></table>`), `en/proof_request.html:5: the attribute background is not for mails`},
	{"picture in a style", inHTML(`<p style="background:url(https://evil.example/x)">a</p>`), `en/proof_request.html:5: a style that loads something`},
	{"import", rewriteHTML("p { color: #222 }", "@import 'https://evil.example/x';"), `en/proof_request.html:3: a style that loads something`},
	{"hidden import", rewriteHTML("p { color: #222 }", `p { background: \75rl(x) }`), `en/proof_request.html:3: a style that loads something`},
	{"refresh", inHTML(`<meta http-equiv="refresh">`), `en/proof_request.html:5: the attribute http-equiv is not for mails`},
	{"base", inHTML(`<base href="https://evil.example/">`), `en/proof_request.html:5: <base> is not for mails`},
	{"HTML link elsewhere", inHTML(`<a href="https://evil.example/">x</a>`), `en/proof_request.html:5: href="https://evil.example/" leads to a host`},
	{"HTML link to a script", inHTML(`<a href="javascript:x()">x</a>`), `en/proof_request.html:5: href="javascript:x()" leads to a host`},
	{"HTML link in parts", inHTML(`<a href="https://evil.example/{{.Order}}">x</a>`), `en/proof_request.html:5: href="https://evil.example/{{.Order}}": a link is {{.Link}} or`},
	{"HTML text that becomes a link", inHTML("<p>\nevil.example</p>"), `en/proof_request.html:6: "evil.example" becomes a link`},
	{"HTML unknown field", inHTML(`{{.Score}}`), `en/proof_request.html:5: this mail has no field Score`},
	{"HTML not well formed", inHTML(`{{if .Code}}<div>{{else}}<p>{{end}}</div>`), `en/proof_request.html:5: the HTML is not well formed`},
	{"HTML without a link to press", rewriteHTML(`<a href="{{.Link}}">Go</a>`, "Go"), `en/proof_request.html: the link of en/proof_request must be there to press and to read`},
	{"HTML without the link to read", rewriteHTML(`<span>{{.Link}}</span>`, ""), `en/proof_request.html: the link of en/proof_request must be there to press and to read`},
	{"HTML without the deadline", rewriteHTML(`{{.RespondBy}}`, ""), `en/proof_request.html: {{.RespondBy}} does not show in the HTML of en/proof_request`},
	{"HTML without a language", rewriteHTML(` lang="{{.Language}}"`, ""), `en/proof_request.html:1: must say its language: <html lang="en">`},
	{"frame with an unknown field", func(s Sources) { s[shellFile] = "<p>{{.Order}}</p>" }, `shell.html:1: this mail has no field Order: it has Language, `},
	{"frame with an unknown field of a paragraph", func(s Sources) { s[shellFile] = "<p>{{range .Body}}\n{{.Image}}{{end}}</p>" }, `shell.html:2: this mail has no field Image: it has Text, `},
	{"frame that loses the text", func(s Sources) { s[shellFile] = "<p>{{.Subject}}</p>" }, `shell.html: {{.HumanLook}} does not show in the HTML of en/payment_declined`},
}

func rewriteHTML(old, text string) func(Sources) {
	return func(s Sources) {
		inHTML("")(s)
		s["en/proof_request.html"] = strings.Replace(ownHTML, old, text, 1)
	}
}

func TestLinterNamesFileAndLineOfEveryWayToBeWrong(t *testing.T) {
	for _, c := range bustedFolders {
		sources := request()
		c.spoil(sources)
		_, err := Load(sources, hosts)
		var problems Problems
		if !errors.As(err, &problems) {
			t.Errorf("%s: taken (%v)", c.name, err)
			continue
		}
		if !slices.ContainsFunc(strings.Split(err.Error(), "\n"), func(l string) bool { return strings.HasPrefix(l, strings.Split(c.want, "\n")[0]) }) {
			t.Errorf("%s: got\n%v\nwant a line beginning\n%s", c.name, err, c.want)
		}
	}
}

func TestLinterLetsOrdinaryWordsPass(t *testing.T) {
	for _, good := range []string{"Your company expands", "la pancarte", "Please underscore this", "un appointement", "a ruler",
		"une copie de votre carte d'identité", "a photo of your identity document", "order 1234567890123", "See pay.shop.example/help",
		"clients@shop.example", "mailto:clients@shop.example", "à 19 h 00. Merci", "{{if and .Code (not .Message)}}ok{{end}}",
		"{{with .Name}}{{.}} at {{$.Shop}}{{end}}", "{{range .Kinds}}{{.}}{{end}}"} {
		sources := request()
		inText(good)(sources)
		if _, err := Load(sources, hosts); err != nil {
			t.Errorf("%q: %v", good, err)
		}
	}
}

func TestFolderIsReadWithinBounds(t *testing.T) {
	files := fstest.MapFS{"en/proof_request.txt": {Data: []byte("x")}, ".git/config": {Data: []byte("x")}, "fr/.x.swp": {Data: []byte("x")}}
	got, err := Read(files)
	if err != nil || !maps.Equal(got, Sources{"en/proof_request.txt": "x"}) {
		t.Errorf("read %v, %v", got, err)
	}
	files["en/big.txt"] = &fstest.MapFile{Data: make([]byte, maxBytes+1)}
	if _, err := Read(files); err == nil || !strings.Contains(err.Error(), "en/big.txt is larger") {
		t.Errorf("an endless file: %v", err)
	}
	many := fstest.MapFS{}
	for i := range maxFiles + 1 {
		many["en/"+strings.Repeat("x", i+1)] = &fstest.MapFile{}
	}
	if _, err := Read(many); err == nil {
		t.Error("a folder of everything was read")
	}
	if _, err := Read(fstest.MapFS{}); err != nil {
		t.Errorf("an empty folder: %v", err)
	}
	if _, err := Read(missing{}); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a folder that is not there: %v", err)
	}
}

type missing struct{}

// Open implements fs.FS.
func (missing) Open(string) (fs.File, error) { return nil, fs.ErrNotExist }

func FuzzLoadNeverPanicsAndKeepsTheLink(f *testing.F) {
	for _, s := range request() {
		f.Add(s, ownHTML)
	}
	f.Add("Subject: {{", "<p {{if .Link}}x{{end}}>")
	f.Fuzz(func(t *testing.T, text, html string) {
		sources := request()
		sources["en/proof_request.txt"] = text
		sources["en/proof_request.html"], sources["fr/proof_request.html"] = html, html
		set, err := Load(sources, hosts)
		if err != nil {
			return
		}
		v := least("proof_request", English)
		got, err := set.Render("proof_request", English, v)
		if err != nil || !strings.Contains(got.Text, v.Link) || !strings.Contains(got.HTML, v.Link) {
			t.Errorf("taken, and yet the link is not there: %v\n%s\n%s", err, got.Text, got.HTML)
		}
	})
}
