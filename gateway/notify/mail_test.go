package notify

import (
	"flag"
	"html"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"octroi/gateway/hold"
	"octroi/gateway/notify/wording"
	"octroi/gateway/payment"
	"octroi/gateway/store"
	"octroi/providers"
)

var update = flag.Bool("update", false, "write the golden files anew")

// sample is a complete mail of a template; the deadline is 17:00 UTC on a summer day, 19:00 in Paris.
func sample(t store.MailTemplate, language string) store.Mail {
	m := store.Mail{Template: t, Language: language, To: "jeanne@example.org", ToName: "Jeanne Lefèvre",
		ShopName: "Mémoire & Cie", OrderReference: "A-1001", Amount: providers.Amount{Value: 129900, Currency: "EUR"}}
	switch t {
	case store.MailProofRequest, store.MailProofReminder, store.MailUnreadable:
		m.Link = "https://pay.shop.example/proof/4rT9qXcV0aB1nM2k"
		m.RespondBy = time.Date(2026, 7, 1, 17, 0, 0, 0, time.UTC)
		m.Kinds = []hold.Kind{hold.Identity, hold.BankStatement}
		m.Code = t == store.MailProofRequest
	case store.MailRefused:
		m.Message = payment.BuyerMessage(providers.ExpiryIncorrect, language, true,
			payment.Typed{Brand: "visa", Last4: "1111", ExpiryMonth: "03", ExpiryYear: "2030"})
		m.Link = "https://www.shop.example/checkout/A-1001"
		m.Means = []payment.Means{payment.MeansPayPal, payment.MeansTransfer, "barter"}
	case store.MailDeclined:
		m.Message = payment.BuyerMessage(providers.SuspectedFraud, language, false, payment.Typed{})
	case store.MailMessage:
		m.Link = "https://pay.shop.example/proof/4rT9qXcV0aB1nM2k"
		m.Message = "The second page is missing.\nCould you send it? <b>Thanks</b>"
	case store.MailRefunded:
		m.Refunded = providers.Amount{Value: 64950, Currency: "EUR"}
	}
	return m
}

// render writes a mail with the shipped words, for a shop that can be reached.
func render(m store.Mail) (wording.Rendered, error) {
	set, err := wording.Shipped()
	if err != nil {
		return wording.Rendered{}, err
	}
	return Render(set, m, "clients@shop.example", nil)
}

func TestEveryMailReadsAsItsGoldenFileSays(t *testing.T) {
	for _, template := range Templates() {
		for _, language := range []string{payment.English, payment.French} {
			got, err := render(sample(template, language))
			if err != nil {
				t.Fatalf("%s %s: %v", template, language, err)
			}
			name := string(template) + "." + language
			golden(t, filepath.Join("testdata", name+".txt"), "Subject: "+got.Subject+"\n\n"+got.Text)
			if name == "proof_request.fr" { // the frame of the others is the same
				golden(t, filepath.Join("testdata", name+".html"), got.HTML)
			}
		}
	}
}

func TestHTMLSaysEverythingThatTheTextSays(t *testing.T) {
	for _, template := range Templates() {
		for _, language := range wording.Languages() {
			got, err := render(sample(template, language))
			if err != nil {
				t.Fatal(err)
			}
			markup := html.UnescapeString(got.HTML)
			for line := range strings.SplitSeq(got.Text, "\n") {
				if line = strings.TrimLeft(line, "-> "); !strings.Contains(markup, line) {
					t.Errorf("%s %s: the HTML does not say %q", template, language, line)
				}
			}
			if strings.Count(got.HTML, `lang="`+language+`"`) == 0 {
				t.Errorf("%s: the HTML does not say that it is in %s, and would be read out wrongly", template, language)
			}
		}
	}
}

func golden(t *testing.T, file, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s differs; run go test -update and read the difference. Got:\n%s", file, got)
	}
}

func TestRequestForProofSaysWhatTheLawAsks(t *testing.T) {
	want := map[string][]string{
		payment.English: {"Wednesday 1 July 2026 at 19:00 (Paris time)", "€1,299.00", "encrypted on arrival", "within 72\u00a0hours after the decision",
			"Never send documents or card numbers by e-mail", "copy of your card", "cancel your order", "of these is enough", "looked at by a person, never judged by a program"},
		payment.French: {"mercredi 1er juillet 2026 à 19\u00a0h\u00a000 (heure de Paris)", "1\u202f299,00\u00a0€", "chiffrés dès leur arrivée",
			"dans les 72\u00a0heures qui suivent la décision", "N’envoyez jamais de document ni de numéro de carte", "ni copie de votre carte",
			"annuler votre commande", "seul de ces documents suffit", "examinés par une personne, jamais jugés par un programme"},
	}
	for language, phrases := range want {
		for _, template := range []store.MailTemplate{store.MailProofRequest, store.MailProofReminder} {
			got, err := render(sample(template, language))
			if err != nil {
				t.Fatal(err)
			}
			for _, p := range phrases {
				if !strings.Contains(got.Text, p) {
					t.Errorf("%s %s does not say %q", template, language, p)
				}
			}
		}
	}
}

func TestAnalystsLineTravelsWithTheRequest(t *testing.T) {
	for _, language := range []string{payment.English, payment.French} {
		m := sample(store.MailProofRequest, language)
		m.Message = "The photo was too dark."
		got, err := render(m)
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(got.Text, ":\n\n> The photo was too dark.\n\n") {
			t.Errorf("%s: the analyst's line is missing:\n%s", language, got.Text)
		}
	}
}

func TestMailNeverAsksForACardCopyEvenWhereTheLawAllowsIt(t *testing.T) {
	m := sample(store.MailProofRequest, payment.English)
	m.Kinds = []hold.Kind{hold.CardCopy}
	got, err := render(m)
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(got.Text, "copy") || strings.Contains(got.Text, "of these is enough") {
		t.Errorf("the mail speaks of a card copy:\n%s", got.Text)
	}
}

func TestDatesFollowTheZoneThatIsSet(t *testing.T) {
	zone, err := time.LoadLocation("America/Martinique")
	if err != nil {
		t.Fatal(err)
	}
	shipped, err := wording.Shipped()
	if err != nil {
		t.Fatal(err)
	}
	got, err := Render(shipped, sample(store.MailProofRequest, payment.French), "", zone)
	if err != nil {
		t.Fatal(err)
	}
	if want := "13\u00a0h\u00a000 (America/Martinique)"; !strings.Contains(got.Text, want) {
		t.Errorf("no %q in\n%s", want, got.Text)
	}
}

func TestIncompleteMailIsNotRendered(t *testing.T) {
	for name, spoil := range map[string]func(*store.Mail){
		"unknown template":    func(m *store.Mail) { m.Template = "newsletter" },
		"path as a template":  func(m *store.Mail) { m.Template = "../fr/proof_request" },
		"unknown language":    func(m *store.Mail) { m.Language = "de" },
		"no link":             func(m *store.Mail) { m.Link = "" },
		"script for a link":   func(m *store.Mail) { m.Link = "javascript:alert(1)" },
		"link with a quote":   func(m *store.Mail) { m.Link = `https://a.example/" onclick="x` },
		"link with a newline": func(m *store.Mail) { m.Link = "https://a.example/\r\nBcc: x@example.org" },
		"link with user":      func(m *store.Mail) { m.Link = "https://shop.example@evil.example/" },
		"endless link":        func(m *store.Mail) { m.Link = "https://a.example/" + strings.Repeat("a", maxLink) },
		"no deadline":         func(m *store.Mail) { m.RespondBy = time.Time{} },
		"no shop":             func(m *store.Mail) { m.ShopName = " " },
		"no order":            func(m *store.Mail) { m.OrderReference = "" },
	} {
		m := sample(store.MailProofRequest, payment.French)
		spoil(&m)
		if _, err := render(m); err == nil {
			t.Errorf("%s: rendered all the same", name)
		}
	}
	m := sample(store.MailRefused, payment.French)
	if m.Message = "\n"; renders(m) {
		t.Error("a refusal without its message was rendered")
	}
}

func renders(m store.Mail) bool {
	_, err := render(m)
	return err == nil
}

func TestNameThatCarriesALinkIsNotGreeted(t *testing.T) {
	for _, name := range []string{"Win at evil.example", "http://evil.example", "www evil", "x@evil.example", "Call 0899123456", "a<b>"} {
		if got := greetable(name); got != "" {
			t.Errorf("greetable(%q) = %q: a stranger's words must not travel under a shop's name", name, got)
		}
	}
	for _, name := range []string{"Jean-Noël d'Ormesson", "Anne K. Ó Briain", "José María", "李小龍"} {
		if got := greetable(name); got != name {
			t.Errorf("greetable(%q) = %q", name, got)
		}
	}
}

func TestValuesCannotAddParagraphsOrMarkup(t *testing.T) {
	m := sample(store.MailMessage, payment.English)
	m.Message = "one\n\n[button] two\r\n\r\n<script>alert(1)</script>\u202e"
	m.ShopName = "Shop\r\nBcc: x@example.org\x00"
	got, err := render(m)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(got.Text, "> one\n> [button] two\n> <script>alert(1)</script>\n") {
		t.Errorf("the quotation was left:\n%s", got.Text)
	}
	if strings.Contains(got.HTML, "<script>") {
		t.Error("markup of a value stands in the HTML")
	}
	if strings.ContainsAny(got.Subject, "\r\n\x00") {
		t.Errorf("subject %q holds control characters", got.Subject)
	}
}

func TestAmountsFollowTheLanguage(t *testing.T) {
	for _, c := range []struct {
		amount providers.Amount
		en, fr string
	}{
		{providers.Amount{Value: 5, Currency: "EUR"}, "€0.05", "0,05\u00a0€"},
		{providers.Amount{Value: 123456789, Currency: "GBP"}, "£1,234,567.89", "1\u202f234\u202f567,89\u00a0£"},
		{providers.Amount{Value: 5000, Currency: "JPY"}, "JPY\u00a05,000", "5\u202f000\u00a0JPY"},
		{providers.Amount{Value: 1500, Currency: "KWD"}, "KWD\u00a01.500", "1,500\u00a0KWD"},
	} {
		if got := amountIn(payment.English, c.amount); got != c.en {
			t.Errorf("%v in English: %q, want %q", c.amount, got, c.en)
		}
		if got := amountIn(payment.French, c.amount); got != c.fr {
			t.Errorf("%v in French: %q, want %q", c.amount, got, c.fr)
		}
	}
}
