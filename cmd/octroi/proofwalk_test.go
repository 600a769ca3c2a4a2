package main

import (
	"bytes"
	"context"
	"encoding/json"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"net/url"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"octroi/gateway/vault"
)

// spoken is what a walk reads on the proof page in a language.
type spoken struct {
	lang, head, wrong, thanks, confirmed, accepted, gone, released string
}

var (
	inFrench = spoken{"fr", "Une vérification avant l’envoi de votre commande", "Ce ne sont pas les chiffres de ce paiement", "votre document est bien arrivé", "votre commande est confirmée",
		"et accepté", "Ce lien n’est plus valable", "est terminée"}
	inEnglish = spoken{"en", "A check before your order is sent", "These are not the digits of this payment", "your document has arrived", "your order is confirmed", "and accepted",
		"This link is no longer valid", "is done"}
)

// withoutScript makes the browser one that runs no scripts of pages.
func (k *walker) withoutScript() {
	k.t.Helper()
	_, err := chromedp.Run(k.ctx, func(ctx context.Context, t *chromedp.Target) (chromedp.Void, error) {
		_, err := cdp.Call(ctx, t, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true})
		return chromedp.Void{}, err
	})
	if err != nil {
		k.t.Fatal(err)
	}
}

// says ends the test when a part of the page does not say something.
func (k *walker) says(selector, text string) {
	k.t.Helper()
	k.do(chromedp.WaitVisible(chromedp.CSS(selector)))
	got, err := chromedp.Run(k.ctx, chromedp.Text(chromedp.CSS(selector)))
	if err != nil || !strings.Contains(got, text) {
		k.look("stuck")
		k.t.Fatalf("%s does not say %q but %q, %v", selector, text, got, err)
	}
}

// location is the address the browser shows.
func (k *walker) location() string {
	k.t.Helper()
	at, err := chromedp.Run(k.ctx, chromedp.Location())
	if err != nil {
		k.t.Fatal(err)
	}
	return at
}

// errand is a held order whose buyer stands on the proof page.
type errand struct {
	*walker
	spoken
	order     string // the address of its page in the shop
	reference string
}

// held orders for somebody else, finds the mail about it in the mailbox, and comes in by its link.
func (k *walker) held(in spoken) *errand {
	k.t.Helper()
	k.orderIn(in.lang, "good", "gift")
	k.ends("held")
	e := &errand{walker: k, spoken: in, order: k.location()}
	e.reference = path.Base(must[*url.URL](k.t)(url.Parse(e.order)).Path)
	eventually(k.t, "the mail to be in the mailbox", func() bool {
		k.do(chromedp.Navigate(k.w.demo.shop.url()+"/mailbox/"), chromedp.WaitVisible("main"))
		found, err := chromedp.Run(k.ctx, chromedp.Nodes("main a .subject", chromedp.AtLeast(0)))
		return err == nil && len(found) == 1
	})
	k.do(chromedp.Click("main a"), chromedp.WaitVisible("#text a"))
	k.look("mail")
	link, err := chromedp.Run(k.ctx, chromedp.AttributeValue("#text a", "href"))
	secret, ours := strings.CutPrefix(link.Value, k.w.api()+"/proof/")
	if err != nil || !ours {
		k.t.Fatalf("the mail's link is %q, %v", link.Value, err)
	}
	k.do(chromedp.Navigate(link.Value))
	k.says("main", "Mémoire Vive")
	k.look("link")
	k.sends("main button")
	k.says("h1", in.head)
	if at := k.location(); strings.Contains(at, secret) {
		k.t.Errorf("the address still holds the link's secret: %s", at)
	}
	k.look("page")
	return e
}

// paid follows the order to its end: the shop has the money, the link opens nothing, and a mail says so.
func (e *errand) paid() {
	e.t.Helper()
	e.do(chromedp.Navigate(e.w.api() + "/proof"))
	e.says("main", e.gone)
	e.look("gone")
	e.do(chromedp.Navigate(e.order))
	e.ends("captured")
	e.w.letter("jean@example.org", e.released)
}

// code is the one on the buyer's bank statement, which the pretend bank shows.
func (e *errand) code() string {
	e.t.Helper()
	e.do(chromedp.Navigate(e.w.demo.simulator + "/bank/1111?lang=" + e.lang))
	e.look("bank")
	line := regexp.MustCompile(`[A-Z] (\d{4})\b`).FindStringSubmatch(e.reads("tbody tr td:nth-child(2)"))
	if line == nil {
		e.t.Fatalf("no code on the statement: %s", e.location())
	}
	e.do(chromedp.Navigate(e.w.api()+"/proof?lang="+e.lang), chromedp.WaitVisible("#code"))
	return line[1]
}

func TestBuyerOfAHeldOrderReadsTheCodeOnTheStatementAndIsApproved(t *testing.T) {
	for name, c := range map[string]struct {
		in     spoken
		script bool
	}{"in French without script": {inFrench, false}, "in English": {inEnglish, true}} {
		t.Run(name, func(t *testing.T) {
			k := walk(t)
			if !c.script {
				k.withoutScript()
			}
			e := k.held(c.in)
			code := e.code()
			other := "0000"
			if code == other {
				other = "0001"
			}
			e.do(chromedp.SendKeys("#code", other))
			e.sends("#ask-code button")
			e.says(`[role="alert"]`, c.in.wrong)
			e.look("wrong")
			e.do(chromedp.SendKeys("#code", code))
			e.sends("#ask-code button")
			e.says("h1", c.in.confirmed)
			e.look("confirmed")
			e.paid()
		})
	}
}

// paper is a picture of one bright colour, as a file.
func paper(t *testing.T, name string) string {
	t.Helper()
	m := image.NewGray(image.Rect(0, 0, 800, 500))
	for i := range m.Pix {
		m.Pix[i] = 0xe0 + byte(i/800%16) // lines, so that one page is not like the other
	}
	var b bytes.Buffer
	var err error
	if strings.HasSuffix(name, ".png") {
		err = png.Encode(&b, m)
	} else {
		err = jpeg.Encode(&b, m, nil)
	}
	file := filepath.Join(t.TempDir(), name)
	if err == nil {
		err = os.WriteFile(file, b.Bytes(), 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
	return file
}

// chooses unfolds a kind of document by keyboard and chooses a file for it.
func (e *errand) chooses(kind, file string) {
	e.t.Helper()
	e.do(chromedp.Focus("#ask-"+kind+" summary"), chromedp.KeyEvent(kb.Enter), chromedp.WaitVisible("#file-"+kind),
		chromedp.SetUploadFiles("#file-"+kind, []string{file}), chromedp.WaitVisible("#ask-"+kind+" .area canvas"))
}

// sendsDocument sends what was chosen, by keyboard, and is thanked.
func (e *errand) sendsDocument(kind string) {
	e.t.Helper()
	e.do(chromedp.Focus("#ask-"+kind+` button[type="submit"]`), chromedp.KeyEvent(kb.Enter),
		chromedp.WaitReady(chromedp.CSS("#ask-"+kind+" .got")))
	e.says(`main > [role="status"]`, e.thanks)
	e.look("sent-" + kind)
}

// sealed is a document as it was kept, opened with the key that only the console has.
func (w *world) sealed(id string) image.Image {
	w.t.Helper()
	dir := w.demo.options.Dir
	kept := must[*vault.Disk](w.t)(vault.OpenDisk(filepath.Join(dir, demoDocuments)))
	opener := must[*vault.Opener](w.t)(vault.NewOpener(kept, must[demoSecrets](w.t)(readDemoSecrets(dir)).Identity))
	m, _, err := image.Decode(bytes.NewReader(must[[]byte](w.t)(opener.Open(w.t.Context(), id))))
	if err != nil {
		w.t.Fatal(err)
	}
	return m
}

// dark reports whether a picture is black at a place, given in hundredths of its sides.
func dark(m image.Image, x, y int) bool {
	b := m.Bounds()
	return color.GrayModel.Convert(m.At(b.Min.X+b.Dx()*x/100, b.Min.Y+b.Dy()*y/100)).(color.Gray).Y < 16
}

func TestBuyerOfAHeldOrderSendsTwoPhotosAndAnAnalystApproves(t *testing.T) {
	for _, in := range []spoken{inFrench, inEnglish} {
		t.Run(in.lang, func(t *testing.T) {
			e := walk(t).held(in)
			e.chooses("address", paper(t, "bill.png"))
			// By keyboard alone: after the file comes the button that adds a box, which then has the keys.
			e.do(chromedp.Focus("#file-address"), chromedp.KeyEvent(kb.Tab), chromedp.KeyEvent(kb.Enter), chromedp.WaitVisible(chromedp.CSS(".cover.chosen")))
			for range 20 {
				e.do(chromedp.KeyEvent(kb.ArrowDown))
			}
			e.look("covered")
			e.sendsDocument("address")
			e.chooses("bank_statement", paper(t, "statement.jpg"))
			e.sendsDocument("bank_statement")

			var found struct {
				Data []struct {
					Case struct{ ID string }
				}
			}
			decode(t, e.w.shop("GET", "/v1/payments?order_reference="+e.reference, "").is(200), &found)
			at := "/v1/cases/" + found.Data[0].Case.ID
			var c struct {
				Status string
				Proof  struct {
					Documents []struct{ ID, Kind, Status string }
				}
			}
			decode(t, e.w.analyst("GET", at, "").is(200), &c)
			if len(c.Proof.Documents) != 2 || c.Status != "awaiting_review" {
				t.Fatalf("the analyst finds %+v", c)
			}
			// The box stood at 10 % of the height and went down by 40: it is 8 % tall, from 30 % to 70 % of the width.
			bill, statement := e.w.sealed(c.Proof.Documents[0].ID), e.w.sealed(c.Proof.Documents[1].ID)
			if !dark(bill, 50, 54) || dark(bill, 50, 14) || dark(bill, 20, 54) || dark(statement, 50, 54) {
				t.Error("what was kept is not covered where the box was, and nowhere else")
			}
			for _, d := range c.Proof.Documents {
				e.w.analyst("POST", at+"/documents/"+d.ID+"/accept", "").is(200)
			}
			e.do(chromedp.Navigate(e.w.api() + "/proof?lang=" + in.lang))
			for _, d := range c.Proof.Documents {
				e.do(chromedp.Click("#ask-" + d.Kind + " summary"))
				e.says("#ask-"+d.Kind, in.accepted)
			}
			e.look("accepted")
			e.w.analyst("POST", at+"/approve", `{"note": "same holder"}`).is(200)
			e.paid()
		})
	}
}

// decode reads a JSON answer.
func decode(t *testing.T, a answer, v any) {
	t.Helper()
	if err := json.Unmarshal(a.body, v); err != nil {
		t.Fatalf("%v: %.300s", err, a.body)
	}
}
