package gateway

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"octroi/gateway/flow"
	"octroi/gateway/hold"
	"octroi/gateway/payment"
)

// proofView is what the proof page is rendered from.
type proofView struct {
	frame
	Case                       string // named in every form: a browser that opened another order must not send to this one
	Order, Amount              string
	Deadline, DeadlineAt, Left string // in words, as RFC 3339, and how long that is
	Waiting                    string // said in the deadline's place when the buyer need not hurry
	Answered                   bool   // nothing more is needed from the buyer
	Why                        string
	WhyMore                    []string
	Steps                      []stage
	AsksHead, AsksLead         string
	Code                       *codeView // nil when no statement code is part of the case
	Asks                       []ask
	Never                      string
	Full                       bool
	After, Law                 []string
	News                       []news // what waits further down the page
	Messages                   []said
	Talks                      bool   // the message's form is unfolded
	Human                      bool   // a person has been asked for
	Sent                       string // thanks for what was just sent
	TextWrong                  string // why the message was not taken
}

// news leads to what has come since the buyer was here.
type news struct{ Text, To string }

// stage is one of the three of every case.
type stage struct{ Text, State, Spoken string }

// codeView is the rung of the statement code.
type codeView struct {
	Title, What    string
	Line           string // how the bank's line begins
	Example        string
	Tries          string
	Passed, Failed bool
	Wrong          string
}

// ask is one kind of document asked for.
type ask struct {
	frame
	Case        string
	Kind        hold.Kind
	Title, What string
	Show, Cover []string
	Drawing     string // what the picture shows
	State       string // where the last document of the kind stands, in a word
	Got         []receipt
	Again       bool   // the last one could not be used
	Takes, Open bool   // the form is there; the card is unfolded
	Wrong       string // why the last one was not taken
}

// receipt is one document that came.
type receipt struct{ State, Text, Reason string }

// said is one message of the thread.
type said struct {
	Own      bool
	Who, At  string
	DateTime string
	Text     string
}

// proof makes the view of a case in a language.
func (p *pages) proof(f flow.Proof, lang string, now time.Time) proofView {
	v := proofView{frame: p.frame(lang, f.Shop.Name, "title", "/proof"), Case: f.Case.ID, Order: f.OrderReference, Amount: money(f.Amount, lang),
		Human: f.Case.HumanLook}
	v.Script = assets + p.scriptName
	v.Why = v.T["why_reserved"]
	if f.Taken {
		v.Why = v.T["why_taken"]
	}
	v.WhyMore = items(v.T["why_items"])
	p.deadline(&v, f.Case, now)
	v.Steps = steps(v.T, f.Case.Status)
	p.asks(&v, f)
	charter := f.Shop.Terms.Profile.Charter()
	v.Never = inWords(charter.Never, lang)
	v.After = items(fmt.Sprintf(v.T["after_items"], f.Shop.Name, span(hold.Retention, lang)))
	v.Law = append([]string{inWords(charter.Law, lang)}, items(fmt.Sprintf(v.T["law_items"], f.Shop.Name, f.Shop.Name))...)
	for _, m := range f.Case.Messages {
		one := said{Own: m.From == hold.FromBuyer, Who: f.Shop.Name, Text: m.Text, At: p.moment(m.At, lang),
			DateTime: m.At.UTC().Format(time.RFC3339)}
		if one.Own {
			one.Who = v.T["you"]
		}
		v.Messages = append(v.Messages, one)
	}
	v.Talks = len(v.Messages) > 0
	v.tell()
	return v
}

// tell puts at the head of the page what the shop has said last, and which documents are to be sent again.
func (v *proofView) tell() {
	if n := len(v.Messages); n > 0 && !v.Messages[n-1].Own {
		v.News = append(v.News, news{Text: fmt.Sprintf(v.T["news_message"], v.Shop), To: "thread"})
	}
	for _, a := range v.Asks {
		if a.Again && a.Takes {
			v.News = append(v.News, news{Text: fmt.Sprintf(v.T["news_again"], a.Title), To: "ask-" + string(a.Kind)})
		}
	}
}

// items takes a text of the table apart.
func items(text string) []string { return strings.Split(text, "|") }

// deadline says until when the buyer may answer, or that nothing presses.
func (p *pages) deadline(v *proofView, c hold.Case, now time.Time) {
	sent := c.Proof.Code == hold.CodePassed || slices.ContainsFunc(c.Proof.Documents, func(d hold.Document) bool {
		return d.Status == hold.DocumentReceived || d.Status == hold.DocumentAccepted
	}) || slices.ContainsFunc(c.Messages, func(m hold.Message) bool { return m.From == hold.FromBuyer })
	switch {
	case c.Status != hold.AwaitingProof && sent:
		v.Waiting, v.Answered = v.T["waiting"], true
	case c.Status != hold.AwaitingProof && c.HumanLook:
		v.Waiting, v.Answered = v.T["waiting_human"], true
	case !now.Before(c.RespondBy):
		v.Waiting = v.T["deadline_late"]
	default:
		v.Deadline, v.DeadlineAt = p.moment(c.RespondBy, v.Lang), c.RespondBy.UTC().Format(time.RFC3339)
		v.Left = fmt.Sprintf(v.T["left"], span(c.RespondBy.Sub(now), v.Lang))
	}
}

// steps are the three of every case; the first is the buyer's.
func steps(t map[string]string, s hold.Status) []stage {
	at := 0
	if s != hold.AwaitingProof {
		at = 1
	}
	var out []stage
	for i, key := range []string{"step_answer", "step_look", "step_send"} {
		state := "later"
		switch {
		case i < at:
			state = "done"
		case i == at:
			state = "now"
		}
		out = append(out, stage{Text: t[key], State: state, Spoken: t["spoken_"+state]})
	}
	return out
}

// asks fills in the rungs, cheapest first.
func (p *pages) asks(v *proofView, f flow.Proof) {
	proof := f.Case.Proof
	if proof.Code != "" {
		v.Code = code(v.T, v.Lang, f)
	}
	live := 0
	for _, d := range proof.Documents {
		if d.Status == hold.DocumentReceived || d.Status == hold.DocumentAccepted {
			live++
		}
	}
	v.Full = live >= hold.MaxDocuments || len(proof.Documents) >= hold.MaxSent
	for i, kind := range proof.Requested {
		a := p.ask(v.frame, kind, proof.Documents)
		a.Case = f.Case.ID
		a.Takes = a.Takes && !v.Full
		a.Open = a.Open || i == 0 && proof.Code != hold.CodeOffered && !v.Answered
		v.Asks = append(v.Asks, a)
	}
	v.AsksHead = v.T["asks_head"]
	switch {
	case v.Answered:
		v.AsksHead = v.T["asks_more"]
	case len(v.Asks) > 1 || len(v.Asks) == 1 && proof.Code == hold.CodeOffered:
		v.AsksLead = v.T["asks_either"]
	}
}

// code is the rung of the statement code.
func code(t map[string]string, lang string, f flow.Proof) *codeView {
	errand := hold.RungStatementCode.Errand()
	c := &codeView{Title: inWords(errand.Title, lang), What: inWords(errand.What, lang), Tries: t["code_tries"],
		Line: hold.StatementLine(cmp.Or(f.Shop.Statement, f.Shop.Name), ""), Passed: f.Case.Proof.Code == hold.CodePassed,
		Failed: f.Case.Proof.Code == hold.CodeFailed}
	if left := f.Case.CodeTriesLeft(); left == 1 || left == 2 {
		c.Tries = t[fmt.Sprintf("code_tries_%d", left)]
	}
	c.Example = fmt.Sprintf(t["code_example"], c.Line)
	return c
}

// ask is a rung that a document climbs.
func (p *pages) ask(f frame, kind hold.Kind, documents []hold.Document) ask {
	errand := hold.Rung(kind).Errand()
	a := ask{frame: f, Kind: kind, Title: inWords(errand.Title, f.Lang), What: inWords(errand.What, f.Lang), Drawing: f.T["drawing_"+string(kind)], Takes: true}
	for _, w := range errand.Show {
		a.Show = append(a.Show, inWords(w, f.Lang))
	}
	for _, w := range errand.Cover {
		a.Cover = append(a.Cover, inWords(w, f.Lang))
	}
	for _, d := range documents {
		if d.Kind != kind {
			continue
		}
		state := standing(d)
		a.Got = append(a.Got, receipt{State: state, Text: fmt.Sprintf(f.T["got_"+state], p.moment(d.ReceivedAt, f.Lang)), Reason: d.Reason})
		a.State = f.T["state_"+state]
		a.Takes = state != string(hold.DocumentAccepted)
		a.Again = a.Takes && state != string(hold.DocumentReceived) && state != string(hold.DocumentDestroyed)
		a.Open = a.Again
	}
	return a
}

// standing is where a document stands for its buyer. One destroyed for the card data on it is not like one whose time
// was over.
func standing(d hold.Document) string {
	if d.Status == hold.DocumentDestroyed && d.Verdict == hold.VerdictCardData {
		return string(hold.VerdictCardData)
	}
	return string(d.Status)
}

// language is the buyer's, unless the page's own switch asks for the other one.
func (k *call) language(theirs string) string {
	if l := k.c.Query("lang"); slices.Contains(languages(), l) {
		return strings.Clone(l)
	}
	return payment.Language(theirs)
}
