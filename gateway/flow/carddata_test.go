package flow_test

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"

	"octroi/gateway/hold"
	"octroi/gateway/intake"
	"octroi/gateway/payment"
)

// pdfSaying is a PDF of one page with a line of text.
func pdfSaying(line string) []byte {
	content := "BT /F 12 Tf 50 700 Td (" + line + ") Tj ET"
	var b bytes.Buffer
	var at []int
	b.WriteString("%PDF-1.4\n")
	for i, object := range []string{"<</Type/Catalog/Pages 2 0 R>>", "<</Type/Pages/Kids[3 0 R]/Count 1>>",
		"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Resources<</Font<</F 5 0 R>>>>>>",
		fmt.Sprintf("<</Length %d>>stream\n%s\nendstream", len(content), content), "<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>"} {
		at = append(at, b.Len())
		fmt.Fprintf(&b, "%d 0 obj\n%s\nendobj\n", i+1, object)
	}
	table := b.Len()
	fmt.Fprintf(&b, "xref\n0 %d\n0000000000 65535 f \n", len(at)+1)
	for _, offset := range at {
		fmt.Fprintf(&b, "%010d 00000 n \n", offset)
	}
	fmt.Fprintf(&b, "trailer<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n", len(at)+1, table)
	return b.Bytes()
}

func TestAPDFThatShowsACardNumberIsDestroyedAndAskedForAgain(t *testing.T) {
	w := begin(t, nil)
	p := w.pay(risky(1))
	const number = "5555 4444 3333 1111"
	err := w.flow.ReceiveDocument(t.Context(), token(p), hold.BankStatement, "s.pdf", "application/pdf", pdfSaying("Paid with "+number+" "+canary))
	var no *intake.Unacceptable
	if !errors.As(err, &no) || no.Code != intake.CodeCardData || !strings.Contains(no.Sentence("fr"), "détruit") || !strings.Contains(no.Sentence("en"), "destroyed") {
		t.Fatalf("the buyer is told %v", err)
	}
	got := w.see(p.ID)
	snap, err := w.store.Case(t.Context(), p.Case.ID)
	check(t, err)
	if got.Status != payment.Held || snap.Case.Status != hold.AwaitingProof || got.Case.ProofURL == "" || len(snap.Case.Proof.Documents) != 0 {
		t.Errorf("it is not asked for again: %s, %+v", got.Status, snap.Case)
	}
	if last := snap.Case.Events[len(snap.Case.Events)-1]; last.Type != "document_card_data" || last.Detail != string(hold.BankStatement) || last.Actor != hold.ActorPolicy {
		t.Errorf("the analyst sees %+v", last)
	}
	for name, file := range filesBelow(t, w.dir) {
		if strings.HasPrefix(name, "documents/") || bytes.Contains(file, []byte(number)) || bytes.Contains(file, []byte(strings.ReplaceAll(number, " ", ""))) || bytes.Contains(file, []byte(canary)) {
			t.Errorf("something of it is in %s", name)
		}
	}
	check(t, w.flow.ReceiveDocument(t.Context(), token(p), hold.BankStatement, "s.pdf", "application/pdf", pdfSaying("Paid with XXXX 1111")))
	if got := w.see(p.ID); got.Case.Status != string(hold.AwaitingReview) {
		t.Errorf("the one without the number: case %s", got.Case.Status)
	}
}

func TestCardNumbersSentAgainAndAgainFillNoHistory(t *testing.T) {
	w := begin(t, nil)
	p := w.pay(risky(1))
	page := pdfSaying("4111 1111 1111 1111")
	for range hold.MaxSent + 3 {
		if err := w.flow.ReceiveDocument(t.Context(), token(p), hold.Identity, "s.pdf", "", page); err == nil {
			t.Fatal("it was taken")
		}
	}
	snap, err := w.store.Case(t.Context(), p.Case.ID)
	check(t, err)
	if n := len(snap.Case.Events); n > hold.MaxSent+2 {
		t.Errorf("%d events", n)
	}
}
