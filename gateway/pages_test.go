package gateway

import (
	gohtml "html"
	"html/template"
	"regexp"
	"strings"
	"testing"
	"time"

	"octroi/gateway/flow"
	"octroi/gateway/hold"
	"octroi/gateway/payment"
	"octroi/providers"
)

func paris(t *testing.T) *pages {
	t.Helper()
	zone, err := time.LoadLocation("Europe/Paris")
	if err != nil {
		t.Skip("no time zone database on this machine")
	}
	return got[*pages](t)(newPages(zone))
}

func TestProofPageSaysWhatByWhenAndWhyWithoutTheScore(t *testing.T) {
	html := paris(t).rendered(t, payment.French)["asked"]
	for _, want := range []string{`lang="fr"`, "lundi 23 novembre 2026 à 14\u00a0h\u00a000 (heure de Paris)", `datetime="2026-11-23T13:00:00Z"`, "dans 3\u00a0jours et 1\u00a0heure",
		"129,90\u00a0€", "A-1001", "Extrait de relevé bancaire", "la seule ligne de ce débit", "Ne nous envoyez jamais une photo", "détruits dans les 3\u00a0jours qui suivent la décision",
		"pour Atelier Mémoire", "(CNIL)", "RGPD, article 22", "ATELIER MEMOIRE", `action="/proof/code?lang=fr"`, `action="/proof/documents?lang=fr"`, `name="case" value="case_1"`,
		`capture="environment"`, "Annuler ma commande"} {
		if !strings.Contains(html, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
}

func TestWhoOnlyAskedForAPersonIsNotThankedForSending(t *testing.T) {
	html := paris(t).rendered(t, payment.French)["human"]
	if strings.Contains(html, "bien reçu") || !strings.Contains(html, "Comme vous l’avez demandé, une personne") {
		t.Errorf("the page says that something came, or not who will look:\n%s", html)
	}
}

func TestNoPageOfTheBuyersTellsScoresRulesPeopleOrOtherPlaces(t *testing.T) {
	style := regexp.MustCompile(`(?s)<style>.*?</style>`)
	for _, lang := range languages() {
		for name, html := range paris(t).rendered(t, lang) {
			html = style.ReplaceAllString(html, "")
			for _, never := range []string{"9173", "score", "://", ` style="`, "javascript:", " onclick", ">ana<", "%!", "<no value>", "ZgotmplZ"} {
				if strings.Contains(html, never) {
					t.Errorf("%s in %s holds %q", name, lang, never)
				}
			}
			if scripts := strings.Count(html, "<script"); scripts != strings.Count(html, `<script src="/proof/assets/proof-`) {
				t.Errorf("%s in %s holds a script of its own", name, lang)
			}
		}
	}
}

func TestCheapestRungComesFirstAndEachIsFoldedBehindIt(t *testing.T) {
	pages := paris(t).rendered(t, payment.English)
	page := pages["asked"]
	if code, document := strings.Index(page, `id="code"`), strings.Index(page, `id="ask-identity"`); code < 0 || document < code {
		t.Errorf("the code stands at %d, the first document at %d", code, document)
	}
	if strings.Contains(page, `<details class="card" id="ask-identity" open`) || !strings.Contains(pages["documents only"], `<details class="card" id="ask-identity" open`) {
		t.Error("the first document is unfolded exactly when no code comes before it")
	}
	if strings.Contains(pages["code failed"], `id="code"`) || !strings.Contains(pages["code failed"], `id="ask-identity" open`) {
		t.Error("a code that cannot be tried again is still asked for")
	}
	if !strings.Contains(pages["last try"], "You have one try left.") {
		t.Error("the last try is not said to be the last")
	}
}

func TestEachDocumentSaysWhereItStands(t *testing.T) {
	pages := paris(t).rendered(t, payment.French)
	for state, want := range map[string][]string{
		"received":   {"Nous l’examinons", `class="chip">Reçu<`, "Vous n’avez rien de plus à faire", `name="kind" value="identity"`},
		"unreadable": {"Merci de le renvoyer", "Le bas de la photo est coupé.", `id="ask-identity" open`, `class="chip">À renvoyer<`},
		"refused":    {"merci d’en envoyer un autre", "La facture a plus de trois mois.", `id="ask-address" open`},
		"accepted":   {"et accepté.", `class="chip">Accepté<`},
		"card data":  {"détruit aussitôt", `id="ask-bank_statement" open`},
		"destroyed":  {"détruit depuis"},
	} {
		for _, text := range want {
			if !strings.Contains(pages[state], text) {
				t.Errorf("%s lacks %q", state, text)
			}
		}
	}
	for state, want := range map[string]string{"unreadable": `<a href="#ask-identity">À renvoyer`, "card data": `<a href="#ask-bank_statement">À renvoyer`, "talking": `<a href="#thread">Atelier Mémoire vous a écrit`} {
		if !strings.Contains(pages[state], want) {
			t.Errorf("the head of %s does not lead to what waits below", state)
		}
	}
	if strings.Contains(pages["received"], `class="news"`) {
		t.Error("there is news where nothing waits for the buyer")
	}
	if strings.Contains(pages["accepted"], `name="kind" value="identity"`) {
		t.Error("an accepted document is asked for again")
	}
	if strings.Contains(pages["full"], `type="file"`) {
		t.Error("the page asks for a document that would be refused")
	}
}

func TestFaultIsLedToItsFieldAndNeverToOneThatIsNotThere(t *testing.T) {
	p := paris(t)
	page := p.rendered(t, payment.English)["wrong file-identity"]
	for _, want := range []string{`<title>Error: `, `href="#file-identity"`, `wrong-identity" aria-invalid="true"`, `role="alert"`, `id="ask-identity" open`} {
		if !strings.Contains(page, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	link := regexp.MustCompile(`href="#([^"]+)"`)
	for name, change := range proofStates() {
		for _, field := range []string{fieldCode, fieldText, fieldAsks, fieldFile + "identity", fieldFile + "card_copy", ""} {
			v := p.proof(changed(change), payment.English, noon)
			v.stand(&fault{Field: field, Sentence: "No."})
			html := render(t, p, v)
			for _, m := range link.FindAllStringSubmatch(html, -1) {
				if !strings.Contains(html, `id="`+m[1]+`"`) {
					t.Errorf("%s with a fault at %q leads to %s, which is not there", name, field, m[1])
				}
			}
			if !strings.Contains(html, ">No.<") {
				t.Errorf("%s with a fault at %q does not say it", name, field)
			}
		}
	}
}

func TestProofPageStillTakesAnswersAfterTheBuyersDeadline(t *testing.T) {
	if html := paris(t).rendered(t, payment.French)["late"]; !strings.Contains(html, "vous pouvez répondre maintenant") || !strings.Contains(html, `type="file"`) {
		t.Error("a late buyer is not told that the order still waits")
	}
}

func TestACardCopyIsAskedForWithItsCodeCovered(t *testing.T) {
	html := paris(t).rendered(t, payment.English)["card copy"]
	if !strings.Contains(html, "security code of your card must always be covered") || strings.Contains(html, "Never send us a photo") {
		t.Error("the page contradicts what it asks for")
	}
	for _, profile := range []hold.Profile{hold.ProfileFR, hold.ProfileEU, hold.ProfileStandard} {
		html := render(t, paris(t), paris(t).proof(changed(func(f *flow.Proof) { f.Shop.Terms.Profile = profile }), payment.English, noon))
		if law := template.HTMLEscapeString(inWords(profile.Charter().Law, payment.English)); !strings.Contains(html, law) {
			t.Errorf("%s does not say %q", profile, law)
		}
	}
}

func TestBothLanguagesSayTheSameThings(t *testing.T) {
	p := paris(t)
	for key, fr := range p.words[payment.French] {
		en := p.words[payment.English][key]
		if fr == "" || en == "" {
			t.Errorf("%s lacks a language", key)
		}
		for _, mark := range []string{"%s", "|", "{n}", "{x}", "{y}", "{w}", "{h}"} {
			if strings.Count(fr, mark) != strings.Count(en, mark) {
				t.Errorf("%s is built differently in the two languages", key)
			}
		}
	}
	if all := len(pageTexts) + len(documentTexts) + len(doorTexts); all != len(p.words[payment.French]) {
		t.Errorf("of %d texts, %d are left: some are in two tables", all, len(p.words[payment.French]))
	}
	for _, kind := range hold.Kinds() {
		if p.words[payment.French]["drawing_"+string(kind)] == "" || hold.Rung(kind).Errand().Title.FR == "" {
			t.Errorf("no words for %s", kind)
		}
	}
}

func render(t *testing.T, p *pages, v proofView) string {
	t.Helper()
	var b strings.Builder
	if err := p.templates.ExecuteTemplate(&b, "proof.html", v); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestTextsAreSetAsInPrint(t *testing.T) {
	loose := regexp.MustCompile(`\pL'\pL| [;:?!»]|« |\d (Mo|MB|%|heures|hours)`)
	tags := regexp.MustCompile(`(?s)<style>.*?</style>|<[^>]*>`)
	for name, html := range paris(t).rendered(t, payment.French) {
		if name == "talking" {
			continue // what people wrote stays as they wrote it
		}
		if found := loose.FindString(gohtml.UnescapeString(tags.ReplaceAllString(html, "\n"))); found != "" {
			t.Errorf("%s holds %q", name, found)
		}
	}
}

func TestLengthsOfTimeAreRoundedDownInWords(t *testing.T) {
	for _, c := range []struct {
		d      time.Duration
		fr, en string
	}{{30 * time.Second, "1\u00a0minute", "1\u00a0minute"}, {59*time.Minute + 59*time.Second, "59\u00a0minutes", "59\u00a0minutes"}, {time.Hour, "1\u00a0heure", "1\u00a0hour"},
		{47*time.Hour + 59*time.Minute, "47\u00a0heures", "47\u00a0hours"}, {48 * time.Hour, "2\u00a0jours", "2\u00a0days"},
		{73*time.Hour + 59*time.Minute, "3\u00a0jours et 1\u00a0heure", "3\u00a0days and 1\u00a0hour"}, {200 * time.Hour, "8\u00a0jours", "8\u00a0days"}} {
		if fr, en := span(c.d, payment.French), span(c.d, payment.English); fr != c.fr || en != c.en {
			t.Errorf("%v: %q, %q", c.d, fr, en)
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
