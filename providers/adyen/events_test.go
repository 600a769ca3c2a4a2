package adyen

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus/testutil"

	"octroi/providers"
)

// heard reads one signed item.
func heard(t *testing.T, it string) providers.Notification {
	t.Helper()
	ns, err := verifier(t, testHMAC).Notifications(hook(t, it))
	if err != nil || len(ns) == 0 {
		t.Fatalf("%s: %+v, %v", it, ns, err)
	}
	return ns[0]
}

func TestEveryEventCodeHasItsKind(t *testing.T) {
	kinds := map[string]string{
		"AUTHORISATION": "authorisation authorisation", "AUTHORISATION_ADJUSTMENT": "adjusted information",
		"CANCELLATION": "cancellation cancellation", "TECHNICAL_CANCEL": "cancellation cancellation", "CANCEL_OR_REFUND": "reversal reversal",
		"CAPTURE": "capture capture_failed", "CAPTURE_FAILED": "capture_failed capture_failed", "EXPIRE": "expired information",
		"REFUND": "refund refund_failed", "REFUND_FAILED": "refund_failed refund_failed", "REFUNDED_REVERSED": "refund_returned information",
		"REFUND_WITH_DATA": "information information", "POSTPONED_REFUND": "information information", "VOID_PENDING_REFUND": "information information",
		"NOTIFICATION_OF_FRAUD": "fraud_report fraud_report", "REQUEST_FOR_INFORMATION": "dispute dispute", "NOTIFICATION_OF_CHARGEBACK": "dispute dispute",
		"PREARBITRATION_OPEN": "dispute dispute", "SCHEME_ARBITRATION": "dispute dispute", "CHARGEBACK": "chargeback chargeback",
		"SECOND_CHARGEBACK": "chargeback chargeback", "CHARGEBACK_REVERSED": "chargeback_reversed information",
		"INFORMATION_SUPPLIED": "information information", "ISSUER_COMMENTS": "information information",
		"ISSUER_RESPONSE_TIMEFRAME_EXPIRED": "information information", "DISPUTE_DEFENSE_PERIOD_ENDED": "information information",
		"PREARBITRATION_ACCEPTED": "information information", "PREARBITRATION_DECLINED": "information information",
		"PREARBITRATION_ISSUER_WITHDRAWN": "information information", "PREARBITRATION_LOST": "information information",
		"PREARBITRATION_WON": "information information", "SCHEME_ARBITRATION_LOST": "information information", "SCHEME_ARBITRATION_WON": "information information",
		"MANUAL_REVIEW_ACCEPT": "review_accepted information", "MANUAL_REVIEW_REJECT": "review_rejected information",
		"ACH_NOTIFICATION_OF_CHANGE": "information information", "AUTORESCUE": "information information", "CANCEL_AUTORESCUE": "information information",
		"DIRECT_DEBIT_NOTICE_OF_CHANGE_NOTIFICATION": "information information", "OFFER_CLOSED": "information information",
		"ORDER_CLOSED": "information information", "ORDER_OPENED": "information information", "PAIDOUT_REVERSED": "information information",
		"PAYOUT_DECLINE": "information information", "PAYOUT_EXPIRE": "information information", "PAYOUT_THIRDPARTY": "information information",
		"RECURRING_CONTRACT": "information information", "REPORT_AVAILABLE": "information information",
		"SOMETHING_NEW": "information information",
	}
	for code, want := range kinds {
		var got []string
		for _, success := range []bool{true, false} {
			n := heard(t, fmt.Sprintf(event, code, success))
			if n.Code != code || n.Success != success {
				t.Fatalf("%s: %+v", code, n)
			}
			got = append(got, string(n.Kind))
		}
		if s := strings.Join(got, " "); s != want {
			t.Errorf("%s: %s, want %s", code, s, want)
		}
	}
	for code := range events {
		if _, covered := kinds[code]; !covered {
			t.Errorf("%s has no row here", code)
		}
	}
}

func TestUnknownEventCodesAreCountedAndTaken(t *testing.T) {
	a := verifier(t, testHMAC)
	for _, code := range []string{"SOMETHING_NEW", "CAPTURE", "OFFER_CLOSED"} {
		if ns, err := a.Notifications(hook(t, fmt.Sprintf(event, code, true))); err != nil || len(ns) != 1 {
			t.Fatalf("%s: %+v, %v", code, ns, err)
		}
	}
	if n := testutil.ToFloat64(a.unknowns.WithLabelValues(fieldEvent)); n != 1 {
		t.Errorf("%v unknown codes counted, want 1", n)
	}
}

func TestTechnicalCancelIsFoundByEitherReference(t *testing.T) {
	if n := heard(t, fmt.Sprintf(event, "TECHNICAL_CANCEL", true)); n.PaymentID != "ref_1" || n.OperationID != "ref_1" || n.PaymentReference != "PSP" {
		t.Errorf("%+v", n)
	}
}

func TestNoUnsignedFieldMakesANewEvent(t *testing.T) {
	replayed := [][2]string{{"2026-05-04T11:00:00+02:00", "2026-05-05T11:00:00+02:00"}, {`"eventDate":"2026-05-04T11:00:00+02:00",`, ""},
		{`"reason":""`, `"reason":"again"`}, {`"reason":""`, `"paymentMethod":"paypal","operations":["CAPTURE"]`},
		{`"reason":""`, `"additionalData":{"modification.action":"refund","disputeStatus":"Lost","liabilityShift":"true"}`}}
	for code := range events {
		once := fmt.Sprintf(event, code, true)
		first := heard(t, once)
		for _, change := range replayed {
			again := heard(t, strings.Replace(once, change[0], change[1], 1))
			if again.ID != first.ID || again.Kind != first.Kind || again.Amount != first.Amount {
				t.Errorf("%s: a replay with %s is %s %s, the report was %s %s", code, change[1], again.Kind, again.ID, first.Kind, first.ID)
			}
		}
	}
}

func TestReportsOfDifferentEventsAreToldApart(t *testing.T) {
	refund, chargeback := fmt.Sprintf(event, "REFUND", true), fmt.Sprintf(event, "CHARGEBACK", true)
	if id := heard(t, refund).ID; id != "REFUND:MOD:true" {
		t.Errorf("a refund is %s", id)
	}
	seen := map[string]string{}
	for name, it := range map[string]string{"refund": refund, "refund that failed": fmt.Sprintf(event, "REFUND", false), "another refund": strings.Replace(refund, "MOD", "MOD2", 1),
		"chargeback": chargeback, "chargeback of another part": strings.Replace(chargeback, `"value":100`, `"value":101`, 1), "its notice": fmt.Sprintf(event, "NOTIFICATION_OF_CHARGEBACK", true)} {
		id := heard(t, it).ID
		if other, taken := seen[id]; taken {
			t.Errorf("%s and %s share the identity %s", name, other, id)
		}
		seen[id] = name
	}
	if long := heard(t, strings.Replace(refund, "MOD", strings.Repeat("M", 5000), 1)).ID; len(long) > 120 {
		t.Errorf("an identity of %d bytes", len(long))
	}
}

func TestCaptureMadeAnewInformsAndUndoesNoFailure(t *testing.T) {
	first := heard(t, fmt.Sprintf(event, "CAPTURE", true))
	for _, reason := range []string{"Transaction Recaptured", "Transaction Auto-recaptured"} {
		ns, err := verifier(t, testHMAC).Notifications(hook(t, strings.Replace(fmt.Sprintf(event, "CAPTURE", true), `"reason":""`, `"reason":"`+reason+`"`, 1)))
		if err != nil || len(ns) != 2 || ns[0].ID != first.ID || ns[0].Kind != providers.KindCapture {
			t.Fatalf("%s: %+v, %v", reason, ns, err)
		}
		if ns[1].Kind != providers.KindInformation || ns[1].ID == first.ID || ns[1].Reason != reason || ns[1].OperationID != "ref_1" {
			t.Errorf("%s: nobody is told: %+v", reason, ns[1])
		}
	}
	if ns, _ := verifier(t, testHMAC).Notifications(hook(t, strings.Replace(fmt.Sprintf(event, "CAPTURE", false), `"reason":""`, `"reason":"Transaction Recaptured"`, 1))); len(ns) != 1 || ns[0].Kind != providers.KindCaptureFailed {
		t.Errorf("a failure that calls itself recaptured: %+v", ns)
	}
}

func TestReportsOfForeignAccountsAreTakenAndLeftOut(t *testing.T) {
	a := verifier(t, testHMAC)
	own, foreign := fmt.Sprintf(event, "CAPTURE", true), strings.Replace(fmt.Sprintf(event, "AUTHORISATION", true), testAccount, "SomebodyElse", 1)
	second := strings.Replace(fmt.Sprintf(event, "REFUND", true), testAccount, "OtherMerchant", 1)
	ns, err := a.Notifications(hook(t, foreign, own, strings.Replace(foreign, "SomebodyElse", "", 1), second))
	if err != nil || len(ns) != 2 || ns[0].Account != testAccount || ns[1].Account != "OtherMerchant" {
		t.Errorf("%+v, %v", ns, err)
	}
	if n := testutil.ToFloat64(a.unknowns.WithLabelValues(fieldAccount)); n != 2 {
		t.Errorf("%v foreign accounts counted, want 2", n)
	}
	if ns, err := a.Notifications(hook(t, foreign)); err != nil || len(ns) != 0 {
		t.Errorf("alone: %+v, %v", ns, err)
	}
}

func TestAccountSpeaksForItsOwnShopsAlone(t *testing.T) {
	a := verifier(t) // testAccount serves every shop but "other", whose account is OtherMerchant
	for _, c := range []struct {
		account, shop string
		want          bool
	}{{testAccount, "shop", true}, {testAccount, "other", false}, {"OtherMerchant", "other", true}, {"OtherMerchant", "shop", false}, {"", "shop", false}, {"SomebodyElse", "shop", false}} {
		if got := a.Serves(c.account, c.shop); got != c.want {
			t.Errorf("%s for %s: %v", c.account, c.shop, got)
		}
	}
	b, err := New(Config{Endpoint: "https://checkout-test.adyen.com/v71", APIKey: "k", Accounts: map[string]string{"shop": "A"}, Clock: clock})
	if err != nil || b.Serves("", "nobody") || b.ours("") {
		t.Errorf("a shop without an account is served by none: %v", err)
	}
}

// Whoever may choose references in one system of an account must not be able to have Adyen sign a text that reads as a
// report about another's payment.
func TestBordersOfSignedFieldsCannotBeMoved(t *testing.T) {
	const chosen = `{"eventCode":"AUTHORISATION","success":"true","pspReference":"P","merchantReference":"TestMerchant:pay_1",
		"merchantAccountCode":"M","amount":{"value":100,"currency":"EUR"}}`
	moved := strings.NewReplacer(`"pspReference":"P"`, `"pspReference":"P:","originalReference":"M"`, "TestMerchant:pay_1", "pay_1", `"merchantAccountCode":"M"`, `"merchantAccountCode":"TestMerchant"`).Replace(chosen)
	before, fine := signedText(item(t, chosen))
	after, forged := signedText(item(t, moved))
	if before != after || !fine || forged {
		t.Fatalf("%s (%v) and %s (%v)", before, fine, after, forged)
	}
	if _, err := verifier(t, testHMAC).Notifications(hook(t, moved)); !errors.Is(err, ErrSignature) {
		t.Errorf("the moved text is believed: %v", err)
	}
}

func TestNoUnsignedFieldSpeaksForAPayment(t *testing.T) {
	for fields, want := range map[string]string{
		`"additionalData":{"liabilityShift":"true","threeDAuthenticatedResponse":"Y","threeDAuthenticated":"true","avsResult":"7 Both match","cvcResult":"1 Matches","scaExemptionRequested":"lowValue"}`: "    ",
		`"additionalData":{"threeDAuthenticatedResponse":"N","threeDOfferedResponse":"Y","avsResult":"2 Neither matches","cvcResult":"2 Doesn't Match"}`:                                                  "failed  mismatch mismatch ",
	} {
		r := heard(t, strings.Replace(fmt.Sprintf(event, "AUTHORISATION", true), `"reason":""`, fields, 1)).Result
		if got := fmt.Sprint(r.ThreeDS, " ", r.Liability, " ", r.AVS, " ", r.CVC, " ", r.Exemption); got != want {
			t.Errorf("%s: %q, want %q", fields, got, want)
		}
	}
}

func TestMoneyTakenAtOnceAndReviewAreReported(t *testing.T) {
	for fields, want := range map[string]string{
		`"paymentMethod":"visa"`:   "captured=false review=false lapses=true",
		`"paymentMethod":"paypal"`: "captured=true review=false lapses=false",
		`"paymentMethod":"alma"`:   "captured=true review=false lapses=false",
		`"paymentMethod":"mc","additionalData":{"fraudResultType":"AMBER","liabilityShift":"true"}`: "captured=false review=true lapses=true",
	} {
		r := heard(t, strings.Replace(fmt.Sprintf(event, "AUTHORISATION", true), `"reason":""`, fields, 1)).Result
		if got := fmt.Sprintf("captured=%v review=%v lapses=%v", r.Captured, r.UnderReview, !r.ExpiresAt.IsZero()); got != want {
			t.Errorf("%s: %s, want %s", fields, got, want)
		}
	}
}
