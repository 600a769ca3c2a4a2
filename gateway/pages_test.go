package gateway

import (
	"bytes"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"octroi/gateway/flow"
	"octroi/gateway/hold"
	"octroi/gateway/payment"
	"octroi/providers"
)

var noon = time.Date(2026, time.November, 20, 12, 0, 0, 0, time.UTC)

// sampleProof is a case with something in every part of the page.
func sampleProof() flow.Proof {
	return flow.Proof{Shop: flow.Shop{ID: "demo", Name: "Atelier Mémoire"}, OrderReference: "A-1001", Language: payment.French,
		Amount: providers.Amount{Value: 12990, Currency: "EUR"},
		Case: hold.Case{ID: "case_1", Status: hold.AwaitingReview, RespondBy: noon.Add(73 * time.Hour), Score: 9173,
			Proof: hold.Proof{Requested: []hold.Kind{hold.Identity, hold.BankStatement},
				Documents: []hold.Document{{ID: "doc_1", Kind: hold.Identity, Status: hold.DocumentReceived, ReceivedAt: noon}}},
			Messages: []hold.Message{{ID: "msg_1", At: noon, From: hold.FromBuyer, Text: "Bonjour, <b>mon relevé</b> arrive lundi."},
				{ID: "msg_2", At: noon.Add(time.Hour), From: "analyst", Text: "Parfait, prenez votre temps."}}}}
}

func paris(t *testing.T) *pages {
	t.Helper()
	zone, err := time.LoadLocation("Europe/Paris")
	if err != nil {
		t.Skip("no time zone database on this machine")
	}
	p, err := newPages(zone)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func render(t *testing.T, p *pages, v proofView) string {
	t.Helper()
	var b bytes.Buffer
	if err := p.templates.ExecuteTemplate(&b, "proof.html", v); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestProofPageSaysWhatByWhenAndWhyWithoutTheScore(t *testing.T) {
	p := paris(t)
	v := p.proof(sampleProof(), payment.French, noon)
	v.Token = "tok"
	html := render(t, p, v)
	for _, want := range []string{`lang="fr"`, "lundi 23 novembre 2026 à 14\u00a0h\u00a000 (heure de Paris)", "129,90\u00a0€", "A-1001",
		"Extrait de relevé bancaire", "la seule ligne de ce débit", "Ne nous envoyez jamais une photo de votre carte", "72 heures",
		"Reçu le vendredi 20 novembre 2026", "&lt;b&gt;mon relevé&lt;/b&gt;", `action="/proof/tok/documents?lang=fr"`, "annuler votre commande"} {
		if !strings.Contains(html, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	for _, never := range []string{"9173", "score", "<script", "http://", "https://", "analyst"} {
		if strings.Contains(html, never) {
			t.Errorf("the page shows %q", never)
		}
	}
}

func TestProofPageSpeaksEnglishAndNamesAFaultAtItsField(t *testing.T) {
	p := paris(t)
	v := p.proof(sampleProof(), payment.English, noon)
	v.Token, v.Fault = "tok", &fault{Field: "file-bank_statement", Sentence: "This file is empty."}
	v.Asks[1].Sentence = v.Fault.Sentence
	html := render(t, p, v)
	for _, want := range []string{`lang="en"`, "Monday 23 November 2026 at 14:00 (Paris time)", "€129.90", "<title>Error: ",
		`href="#file-bank_statement"`, `aria-invalid="true" aria-describedby="wrong-bank_statement"`, `role="alert"`} {
		if !strings.Contains(html, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
}

func TestProofPageStillTakesAnswersAfterTheBuyersDeadline(t *testing.T) {
	p := paris(t)
	v := p.proof(sampleProof(), payment.French, noon.Add(80*time.Hour))
	if html := render(t, p, v); !strings.Contains(html, "vous pouvez répondre maintenant") || !strings.Contains(html, `type="file"`) {
		t.Error("a late buyer is not told that the order still waits")
	}
}

func TestProofPageOfFiveDocumentsTakesNoMore(t *testing.T) {
	p, f := paris(t), sampleProof()
	for range hold.MaxDocuments {
		f.Case.Proof.Documents = append(f.Case.Proof.Documents, hold.Document{Kind: hold.Identity, Status: hold.DocumentReceived, ReceivedAt: noon})
	}
	if html := render(t, p, p.proof(f, payment.French, noon)); strings.Contains(html, `type="file"`) {
		t.Error("the page asks for a document that would be refused")
	}
}

func TestACardCopyIsAskedForWithItsCodeCovered(t *testing.T) {
	p, f := paris(t), sampleProof()
	f.Case.Proof.Requested = []hold.Kind{hold.CardCopy}
	html := render(t, p, p.proof(f, payment.English, noon))
	if !strings.Contains(html, "security code of your card must always be covered") || strings.Contains(html, "Never send us a photo of your payment card") {
		t.Error("the page contradicts what it asks for")
	}
}

func TestBothLanguagesSayTheSameThings(t *testing.T) {
	fr, en := slices.Sorted(maps.Keys(french)), slices.Sorted(maps.Keys(english))
	if !slices.Equal(fr, en) {
		t.Errorf("the languages differ in their keys:\n%v\n%v", fr, en)
	}
	for k := range french {
		if strings.Count(french[k], "%s") != strings.Count(english[k], "%s") || strings.Count(french[k], "|") != strings.Count(english[k], "|") {
			t.Errorf("%s is built differently in the two languages", k)
		}
	}
	for _, kind := range hold.Kinds() {
		for _, prefix := range []string{"kind_", "what_", "mask_"} {
			if french[prefix+string(kind)] == "" {
				t.Errorf("no text %s%s", prefix, kind)
			}
		}
	}
}

func TestAmountsAreWrittenAsPeopleOfTheLanguageDo(t *testing.T) {
	for _, c := range []struct {
		value    int64
		currency string
		fr, en   string
	}{{129990, "EUR", "1\u202f299,90\u00a0€", "€1,299.90"}, {5, "EUR", "0,05\u00a0€", "€0.05"}, {1234567, "JPY", "1\u202f234\u202f567\u00a0JPY", "1,234,567\u00a0JPY"},
		{1500, "KWD", "1,500\u00a0KWD", "1.500\u00a0KWD"}} {
		a := providers.Amount{Value: c.value, Currency: c.currency}
		if got := money(a, payment.French); got != c.fr {
			t.Errorf("%v in French: %q", a, got)
		}
		if got := money(a, payment.English); got != c.en {
			t.Errorf("%v in English: %q", a, got)
		}
	}
}
