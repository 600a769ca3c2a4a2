package gateway

import (
	"bytes"
	"testing"
	"time"

	"octroi/gateway/flow"
	"octroi/gateway/hold"
	"octroi/gateway/intake"
	"octroi/gateway/payment"
	"octroi/gateway/typeset"
	"octroi/providers"
)

var noon = time.Date(2026, time.November, 20, 12, 0, 0, 0, time.UTC)

// sampleProof is a case whose buyer has been asked, may type a code, and has written already.
func sampleProof() flow.Proof {
	return flow.Proof{Shop: flow.Shop{ID: "demo", Name: "Atelier Mémoire", Terms: hold.DefaultTerms()}, OrderReference: "A-1001", Language: payment.French,
		Amount: providers.Amount{Value: 12990, Currency: "EUR"},
		Case: hold.Case{ID: "case_1", Status: hold.AwaitingProof, RespondBy: noon.Add(73 * time.Hour), DecideBy: noon.Add(144 * time.Hour), Score: 9173,
			Proof: hold.Proof{Requested: []hold.Kind{hold.Identity, hold.AddressProof, hold.BankStatement}, Documents: []hold.Document{}, Code: hold.CodeOffered}}}
}

// changed is the sample case after something was done to it.
func changed(change func(*flow.Proof)) flow.Proof {
	f := sampleProof()
	change(&f)
	return f
}

// sent is a document that came an hour ago.
func sent(kind hold.Kind, s hold.DocumentStatus, v hold.Verdict, reason string) hold.Document {
	return hold.Document{ID: "doc_1", Kind: kind, Status: s, Verdict: v, Reason: reason, ReceivedAt: noon.Add(-time.Hour)}
}

// proofStates are the states of the proof page, each with what makes it one.
func proofStates() map[string]func(*flow.Proof) {
	review := func(f *flow.Proof) { f.Case.Status, f.Case.ReviewSince = hold.AwaitingReview, noon }
	came := func(d ...hold.Document) func(*flow.Proof) {
		return func(f *flow.Proof) { f.Case.Proof.Documents = d }
	}
	return map[string]func(*flow.Proof){
		"asked":          func(*flow.Proof) {},
		"documents only": func(f *flow.Proof) { f.Case.Proof.Code, f.Shop.Terms.Profile = "", hold.ProfileEU },
		"code only":      func(f *flow.Proof) { f.Case.Proof.Requested = []hold.Kind{} },
		"last try":       func(f *flow.Proof) { f.Case.Marks.CodeTries = 2 },
		"code failed":    func(f *flow.Proof) { f.Case.Proof.Code = hold.CodeFailed },
		"code passed":    func(f *flow.Proof) { review(f); f.Case.Proof.Code = hold.CodePassed },
		"received": func(f *flow.Proof) {
			review(f)
			came(sent(hold.Identity, hold.DocumentReceived, "", ""), sent(hold.Identity, hold.DocumentReceived, "", ""))(f)
		},
		"unreadable": came(sent(hold.Identity, hold.DocumentUnreadable, hold.VerdictUnreadable, "Le bas de la photo est coupé.")),
		"refused":    came(sent(hold.AddressProof, hold.DocumentRefused, hold.VerdictRefused, "La facture a plus de trois mois.")),
		"accepted": func(f *flow.Proof) {
			came(sent(hold.Identity, hold.DocumentAccepted, hold.VerdictAccepted, ""))(f)
			f.Case.Proof.Requested = []hold.Kind{hold.Identity, hold.BankStatement}
		},
		"card data":     came(sent(hold.BankStatement, hold.DocumentDestroyed, hold.VerdictCardData, "")),
		"destroyed":     came(sent(hold.BankStatement, hold.DocumentDestroyed, "", "")),
		"late":          func(f *flow.Proof) { f.Case.RespondBy = noon.Add(-time.Hour) },
		"taken":         func(f *flow.Proof) { f.Taken, f.Case.Proof.Code = true, "" },
		"human":         func(f *flow.Proof) { review(f); f.Case.HumanLook = true },
		"nothing asked": func(f *flow.Proof) { review(f); f.Case.Proof = hold.Proof{Requested: []hold.Kind{}} },
		"card copy": func(f *flow.Proof) {
			f.Shop.Terms.Profile, f.Case.Proof.Code, f.Case.Proof.Requested = hold.ProfileStandard, "", []hold.Kind{hold.CardCopy}
		},
		"full": func(f *flow.Proof) {
			review(f)
			for range hold.MaxDocuments {
				f.Case.Proof.Documents = append(f.Case.Proof.Documents, sent(hold.Identity, hold.DocumentReceived, "", ""))
			}
		},
		"talking": func(f *flow.Proof) {
			f.Case.Messages = []hold.Message{{ID: "msg_1", At: noon, From: hold.FromBuyer, Text: "Bonjour, <b>mon relevé</b> arrive lundi."},
				{ID: "msg_2", At: noon.Add(time.Hour), From: "ana", Text: "Parfait, prenez votre temps.\nUne capture d'écran suffit."}}
		},
	}
}

// rendered is every page that a buyer can meet, in a language, by the name of its state.
func (p *pages) rendered(t *testing.T, lang string) map[string]string {
	t.Helper()
	out := map[string]string{}
	put := func(name, template string, v any) {
		var b bytes.Buffer
		if err := p.templates.ExecuteTemplate(&b, template, v); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		out[name] = b.String()
	}
	for name, change := range proofStates() {
		put(name, "proof.html", p.proof(changed(change), lang, noon))
	}
	for _, field := range []string{fieldCode, fieldText, fieldAsks, fieldFile + "identity", ""} {
		v := p.proof(sampleProof(), lang, noon)
		sentence := p.words[lang]["no_file"]
		if field != fieldCode && field != "" { // the longest of all
			sentence = typeset.Text((&intake.Unacceptable{Code: intake.CodeHEIC}).Sentence(lang), lang)
		}
		v.stand(&fault{Field: field, Sentence: sentence})
		put("wrong "+field, "proof.html", v)
	}
	thanked := p.proof(changed(proofStates()["received"]), lang, noon)
	thanked.Sent = thanked.T["sent_document"]
	put("thanked", "proof.html", thanked)
	link := p.link(lang, "Atelier Mémoire", "tok")
	put("link", "link.html", link)
	link.Fact = true
	put("link with a fact", "link.html", link)
	link.FactWrong = link.T["fact_wrong"]
	link.Fault = &fault{Field: "fact", Sentence: link.FactWrong}
	put("link with a wrong fact", "link.html", link)
	put("withdraw", "withdraw.html", p.withdraw(sampleProof(), lang))
	put("withdraw what was taken", "withdraw.html", p.withdraw(changed(proofStates()["taken"]), lang))
	put("approved", "over.html", p.over(sampleProof(), lang, endApproved))
	put("withdrawn", "over.html", p.over(sampleProof(), lang, endWithdrawn))
	for _, code := range []payment.Code{payment.CodeNotFound, payment.CodeRateLimited, payment.CodeTooLarge, payment.CodeUnavailable, payment.CodeForbidden, payment.CodeInternal} {
		put("notice "+string(code), "notice.html", p.noticeOf(code))
	}
	return out
}
