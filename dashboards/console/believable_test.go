package console

import (
	"maps"
	"strings"
	"time"

	"octroi/gateway/flow"
	"octroi/gateway/hold"
	"octroi/gateway/payment"
	"octroi/gateway/store"
	"octroi/providers"
	"octroi/risk/policy"
)

// lively is a shop that takes every means of payment, listens to webhooks, and has a policy on trial.
func lively(c *flow.Config) {
	everyMeans(c)
	listening(c)
	source := strings.NewReplacer("name: default", "name: autumn", "hold: 50", "hold: 65").Replace(string(policy.DefaultSource()))
	trial, err := policy.Parse("autumn.yaml", []byte(source))
	if err != nil {
		panic(err)
	}
	c.Shadow = func(string) *policy.Policy { return trial }
}

// believable fills the office with orders such as a day brings, and names the pages worth looking at.
func (o *office) believable() map[string]string {
	names := []string{"Inès Moreau", "Hugo Lefèvre", "Léa Fontaine", "Noah Girard", "Zélie Marchand", "Adam Roussel", "Rose Barbier", "Malo Renard", "Jade Colin"}
	goods := []payment.Item{{Name: "DDR5 32 GB kit", Category: "memory", Quantity: 2, UnitAmount: 11990}, {Name: "Mechanical keyboard", Category: "gaming", Quantity: 1, UnitAmount: 14950},
		{Name: "Ink cartridge XL, black", Category: "ink", Quantity: 4, UnitAmount: 2490}, {Name: "Graphics card 16 GB", Category: "gaming", Quantity: 1, UnitAmount: 74900}}
	cities := []payment.Address{{Lines: []string{"3 quai du Modèle", "bât B"}, PostalCode: "13001", City: "Marseille", Country: "FR"},
		{Lines: []string{"18 rue Exemple"}, PostalCode: "69003", City: "Lyon", Country: "FR"}, {Lines: []string{"7 Musterstraße"}, PostalCode: "10115", City: "Berlin", Country: "DE"}}
	o.offset = -70 * time.Hour
	var all []payment.Payment
	for i, name := range names {
		r := risky(i)
		r.Billing.Name, r.Method.HolderName, r.Order.Delivery.Recipient = name, name, names[(i*i+1)%len(names)]
		r.Order.Items = []payment.Item{goods[i%len(goods)], goods[(i+2)%len(goods)]}
		r.Amount.Value = r.Order.Items[0].UnitAmount*r.Order.Items[0].Quantity + r.Order.Items[1].UnitAmount*r.Order.Items[1].Quantity
		r.Order.Delivery.Address = cities[i%len(cities)]
		r.Buyer.UserAgent = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
		r.Buyer.AccountCreatedAt = o.now().Add(-time.Duration(i*i*70+3) * time.Hour)
		all = append(all, o.held(r))
		o.later(7 * time.Hour)
	}
	o.mu.Lock()
	o.offset = 0
	o.mu.Unlock()
	ctx, sam := o.t.Context(), people[2]
	for _, i := range []int{0, 2, 3, 5} {
		o.sends(all[i], hold.Identity)
	}
	check(o.t, o.flow.BuyerSays(ctx, tokenOf(all[2]), "Bonjour, c'est un cadeau pour ma sœur qui habite à Marseille. Faut-il aussi un justificatif de domicile ?"))
	do := func(_ store.Snapshot, err error) { o.t.Helper(); check(o.t, err) }
	do(o.flow.Claim(ctx, sam, all[2].Case.ID))
	do(o.flow.Reply(ctx, sam, all[2].Case.ID, "Bonjour, merci. La pièce d'identité suffit, nous revenons vers vous aujourd'hui."))
	do(o.flow.Claim(ctx, people[0], all[3].Case.ID))
	do(o.flow.Approve(ctx, people[0], all[0].Case.ID, "Identity matches the holder."))
	do(o.flow.Reject(ctx, sam, all[5].Case.ID, "The documents do not match the order or the card holder."))
	check(o.t, o.flow.PutListEntry(ctx, sam, store.ListEntry{List: "blocked_emails", Value: "drop@example.org", Note: "three stolen cards in May"}))
	worked := o.worked()
	o.leaves()
	refused := risky(40)
	refused.Order.Delivery.Address, refused.Method.HolderName = paris(), "NOT_ENOUGH_BALANCE"
	refused.Order.Reference = all[2].OrderReference + "-2"
	refused.Amount = providers.Amount{Value: 4990, Currency: "EUR"}
	no, _, err := o.flow.Authorise(ctx, call("refused"), refused)
	check(o.t, err)
	doc := o.caseOf(all[0]).Proof.Documents[0].ID
	troubled, parcel := o.troubled(all[6]), o.parcel()
	paths := map[string]string{"queue": "/", "case": "/cases/" + all[2].Case.ID, "closed": "/cases/" + all[5].Case.ID, "document": "/cases/" + all[0].Case.ID + "/documents/" + doc,
		"payments": "/payments", "refused": "/payments/" + no.ID, "lists": "/lists", "theirs": "/cases/" + all[3].Case.ID, "empty": "/?status=awaiting_second", "missing": "/cases/case_nothing"}
	for name, path := range map[string]string{"troubled": "/payments/" + troubled.ID, "trial": "/cases/" + all[1].Case.ID, "parcel": "/cases/" + parcel.Case.ID,
		"trials": "/trials", "rules": "/trials?kind=rules", "office": "/office", "webhooks": "/webhooks"} {
		paths[name] = path
	}
	maps.Copy(paths, worked)
	return paths
}

// worked are cases that much was done on, and one whose buyer is no longer known.
func (o *office) worked() map[string]string {
	o.t.Helper()
	ctx, sam := o.t.Context(), people[2]
	do := func(_ store.Snapshot, err error) { o.t.Helper(); check(o.t, err) }
	code := o.held(risky(70))
	for range 2 {
		_, err := o.flow.EnterCode(ctx, tokenOf(code), o.wrongCode(code))
		check(o.t, err)
	}
	o.sends(code, hold.BankStatement)
	o.sends(code, hold.Identity)
	check(o.t, o.flow.AskHuman(ctx, tokenOf(code)))
	docs := o.caseOf(code).Proof.Documents
	do(o.flow.JudgeDocument(ctx, sam, code.Case.ID, docs[0].ID, hold.VerdictUnreadable, "Le bas de la page manque."))
	check(o.t, o.flow.ReceiveDocument(ctx, tokenOf(code), hold.BankStatement, "extrait.pdf", "application/pdf", twoPages(o.t)))
	pages := o.caseOf(code).Proof.Documents[2].ID
	theirs := o.held(risky(71))
	_, err := o.store.ChangeCase(ctx, theirs.Case.ID, func(cur store.Snapshot) (store.Writes, error) {
		cur.Case.Owner, cur.Case.Status, cur.Case.ReviewSince = hold.OwnerProvider, hold.AwaitingReview, o.now()
		return store.Writes{Case: cur.Case}, nil
	})
	check(o.t, err)
	gone := o.reviewed(72)
	do(o.flow.Reject(ctx, sam, gone.Case.ID, "The buyer did not answer."))
	_, err = o.store.ChangeCase(ctx, gone.Case.ID, func(cur store.Snapshot) (store.Writes, error) {
		p, c := cur.Payment.Pseudonymised(), cur.Case.Forgotten()
		for i := range c.Proof.Documents {
			c.Proof.Documents[i].Status = hold.DocumentDestroyed
		}
		return store.Writes{Payment: &p, Case: &c}, nil
	})
	check(o.t, err)
	return map[string]string{"worked": "/cases/" + code.Case.ID, "pages": "/cases/" + code.Case.ID + "/documents/" + pages, "provider": "/cases/" + theirs.Case.ID,
		"forgotten": "/cases/" + gone.Case.ID, "pseudonym": "/payments/" + gone.ID}
}

// wrongCode is a statement code that is not the payment's.
func (o *office) wrongCode(p payment.Payment) string {
	if o.codeOf(p) == "0000" {
		return "1111"
	}
	return "0000"
}

// codeOf is the code on the buyer's bank statement.
func (o *office) codeOf(p payment.Payment) string {
	o.t.Helper()
	for _, l := range o.sim.Statement(p.Card.Last4) {
		if l.Amount.Value == -p.Amount.Value {
			return l.Text[len(l.Text)-4:]
		}
	}
	o.t.Fatalf("no statement has the line of %s", p.ID)
	return ""
}

// troubled gives a payment what can go wrong with its money.
func (o *office) troubled(p payment.Payment) payment.Payment {
	o.t.Helper()
	_, err := o.store.Change(o.t.Context(), p.ID, func(cur store.Snapshot) (store.Writes, error) {
		q := cur.Payment
		q.Attempt, q.Superseded, q.Steps = 2, []string{"8815658961765250"}, []payment.Step{{Done: true}, {Done: true}}
		q.Authorisation.ThreeDS, q.Authorisation.Liability, q.Authorisation.Exemption = "authenticated", "issuer", ""
		q.Dispute = &payment.Dispute{Status: payment.DisputeOpen, UpdatedAt: o.now()}
		op := payment.Operation{ID: "op_1", PaymentID: q.ID, Type: payment.OpCapture, Status: payment.OpFailed, Amount: q.Amount, Confirmed: 1, Failed: 1,
			CreatedAt: o.now(), UpdatedAt: o.now(), Actor: hold.ActorPolicy, Reference: "WFLKJ2CWC2V2GZ75"}
		return store.Writes{Payment: &q, Operations: []payment.Operation{op}}, nil
	})
	check(o.t, err)
	return p
}

// parcel is an order by transfer that is held after its money has come.
func (o *office) parcel() payment.Payment {
	o.t.Helper()
	r := risky(60)
	r.Method = payment.Method{Type: payment.MeansTransfer}
	p, _, err := o.flow.Authorise(o.t.Context(), call("parcel"), r)
	check(o.t, err)
	p, err = o.flow.PaymentHappened(o.t.Context(), "demo", p.ID, flow.Happening{Type: "funds_received", At: o.now()})
	check(o.t, err)
	return p
}

// leaves delivers what waits, and lets some of it fail.
func (o *office) leaves() {
	o.t.Helper()
	for name, version := range map[string]string{"default": o.flow.Policy("demo").Ref().Version, "autumn": o.flow.Shadow("demo").Ref().Version} {
		check(o.t, o.store.SavePolicy(o.t.Context(), name, version, []byte(name)))
	}
	all, err := o.store.Claim(o.t.Context(), []store.Kind{store.KindWebhook, store.KindMail}, 9, time.Minute)
	check(o.t, err)
	for i, m := range all {
		if i%3 == 2 {
			check(o.t, o.store.Bury(o.t.Context(), m.ID, "the shop answered 500"))
			continue
		}
		check(o.t, o.store.Done(o.t.Context(), m.ID))
	}
	check(o.t, o.store.CloseEndpoint(o.t.Context(), store.ClosedEndpoint{Shop: "demo", URLHash: []byte("x"), ClosedAt: o.now(), Reason: "answered 410"}))
}
