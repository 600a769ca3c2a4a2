package main

import (
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

// reads gives the text of a part of the page.
func (k *walker) reads(selector string) string {
	k.t.Helper()
	text, err := chromedp.Run(k.ctx, chromedp.Text(selector))
	if err != nil {
		k.t.Fatal(err)
	}
	return text
}

// sends clicks a button that sends its form, and waits for the page that comes of it.
func (k *walker) sends(button string) {
	k.t.Helper()
	if _, err := chromedp.Run(k.ctx, chromedp.Evaluate[string](`document.body.dataset.left = "yes"`)); err != nil {
		k.t.Fatal(err)
	}
	k.do(chromedp.Click(button), chromedp.WaitVisible("body:not([data-left])"))
}

func TestBuyerPaysInInstalmentsWithAlmaAndIsRefundedInOne(t *testing.T) {
	k := walk(t)
	k.order("alma", "home")
	k.do(chromedp.WaitVisible(`button[value="pay"]`))
	k.look("alma")
	k.sends(`button[value="pay"]`)
	k.ends("captured")
	k.sends(`form[action*="/refund"] button`)
	k.ends("refunded")
}

func TestBuyerTurnsBackFromPayPalAndPaysByTransfer(t *testing.T) {
	k := walk(t)
	k.order("paypal", "home")
	k.do(chromedp.WaitVisible(`button[value="refuse"]`))
	k.sends(`button[value="refuse"]`)
	k.ends("refused")
	if text := k.reads("main"); !strings.Contains(text, "Bank transfer") || !strings.Contains(text, "Cheque") {
		t.Errorf("nothing else is offered: %s", text)
	}
	k.do(chromedp.Click("#again"), chromedp.WaitVisible("#pay"), chromedp.Click("#means-bank_transfer"), chromedp.Click("#pay"), chromedp.WaitVisible("#transfer"))
	k.look("transfer")
	if text := k.reads("#transfer"); !strings.Contains(text, "FR14 2004 1010 0505 0001 3M02 606") || !strings.Contains(text, "129.90 EUR") {
		t.Errorf("the buyer reads %s", text)
	}
	k.sends("#funds")
	k.ends("captured")
}

func TestBuyerPaysByChequeAndAHeldParcelWaitsForItsMoney(t *testing.T) {
	k := walk(t)
	k.order("cheque", "gift")
	k.do(chromedp.WaitVisible("#transfer"))
	k.look("cheque")
	if text := k.reads("#transfer"); !strings.Contains(text, "1 rue des Exemples") {
		t.Errorf("the buyer reads %s", text)
	}
	k.sends("#funds")
	k.ends("held")
	k.sends(`form[action*="/cancel"] button`)
	if text := k.reads("#status"); text != "held" {
		t.Errorf("before the shop has sent the money back it is %s", text)
	}
	k.sends("#returned")
	k.ends("refunded")
}
