package payment_test

import (
	"crypto/rand"
	"encoding/json"
	"reflect"
	"slices"
	"testing"
	"time"

	"octroi/gateway/payment"
	"octroi/providers"
)

// canary stands for what a buyer is known by.
const canary = "canary-7f3a"

// fill puts the canary into every text that v can hold.
func fill(v reflect.Value) {
	switch v.Kind() {
	case reflect.String:
		v.SetString(canary)
	case reflect.Int, reflect.Int64:
		v.SetInt(1)
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Uint8:
		v.SetUint('c')
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fill(v.Elem())
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 1, 1))
		fill(v.Index(0))
	case reflect.Array:
		for i := range v.Len() {
			fill(v.Index(i))
		}
	case reflect.Map:
		key, value := reflect.New(v.Type().Key()).Elem(), reflect.New(v.Type().Elem()).Elem()
		fill(key)
		fill(value)
		v.Set(reflect.MakeMap(v.Type()))
		v.SetMapIndex(key, value)
	case reflect.Struct:
		if v.Type() == reflect.TypeFor[time.Time]() {
			v.Set(reflect.ValueOf(time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)))
			return
		}
		for i := range v.NumField() {
			fill(v.Field(i))
		}
	}
}

// holding names the fields of v that hold the canary.
func holding(v reflect.Value, path string) (found []string) {
	switch v.Kind() {
	case reflect.String:
		if v.String() == canary {
			return []string{path}
		}
	case reflect.Uint8:
		if v.Uint() == 'c' {
			return []string{path}
		}
	case reflect.Pointer:
		if !v.IsNil() {
			return holding(v.Elem(), path)
		}
	case reflect.Slice, reflect.Array:
		for i := range v.Len() {
			found = append(found, holding(v.Index(i), path)...)
		}
	case reflect.Map:
		for _, k := range v.MapKeys() {
			found = append(found, holding(v.MapIndex(k), path)...)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			found = append(found, holding(v.Field(i), path+"."+v.Type().Field(i).Name)...)
		}
	}
	return slices.Compact(found)
}

// full is a payment with the canary everywhere.
func full(t *testing.T) (p payment.Payment) {
	t.Helper()
	fill(reflect.ValueOf(&p).Elem())
	if n := len(holding(reflect.ValueOf(p), "")); n < 60 {
		t.Fatalf("only %d fields were filled", n)
	}
	return p
}

func TestPseudonymisedPaymentKeepsNothingOfItsBuyer(t *testing.T) {
	got := holding(reflect.ValueOf(full(t).Pseudonymised()), "")
	// Every one of these is the shop's, the provider's, the policy's, or shared by thousands of buyers.
	want := []string{".ID", ".Status", ".OrderReference", ".Amount.Currency", ".Captured.Currency", ".Refunded.Currency", ".Method.Type",
		".Card.Brand", ".Card.BIN", ".Card.IssuerCountry", ".Card.Funding",
		".Decision.Outcome", ".Decision.Policy.Name", ".Decision.Policy.Version", ".Decision.Reasons.Code", ".Decision.Reasons.Forces",
		".Decision.Degraded", ".Decision.Signals.Address.Grade", ".Decision.Signals.Address.Traits",
		".Authorisation.Provider", ".Authorisation.Reference", ".Authorisation.AVS", ".Authorisation.CVC", ".Authorisation.ThreeDS",
		".Authorisation.Liability", ".Authorisation.Exemption", ".Refusal.Code", ".Refusal.Retry", ".Dispute.Status", ".Shop",
		".Detail.Order.Reference", ".Detail.Order.Delivery.Method", ".Detail.Order.Delivery.Address.Country", ".Detail.Billing.Address.Country",
		".Detail.Buyer.Locale", ".Detail.Capture", ".Superseded"}
	if !slices.Equal(got, want) {
		t.Errorf("kept %q\nwant %q", got, want)
	}
}

func TestErasedPaymentKeepsTheEvidenceOfADisputeAndNoWayToReachTheBuyer(t *testing.T) {
	got := holding(reflect.ValueOf(full(t).Erased()), "")
	for _, gone := range []string{".Detail.Buyer.ID", ".Detail.Buyer.Email", ".Detail.Buyer.Phone", ".Detail.Buyer.DeviceID", ".Detail.Buyer.UserAgent",
		".Detail.Metadata", ".Detail.ReturnURL", ".Decision.Reasons.Detail", ".Decision.Reasons.DetailFR", ".Refusal.ToBuyer.BuyerMessage",
		".Decline.BuyerMessage", ".Action.URL", ".Action.Data", ".Steps.Hash"} {
		if slices.Contains(got, gone) {
			t.Errorf("%s is kept", gone)
		}
		if !slices.Contains(holding(reflect.ValueOf(full(t)), ""), gone) {
			t.Errorf("%s is no field of a payment", gone)
		}
	}
	for _, kept := range []string{".Detail.Billing.Name", ".Detail.Order.Delivery.Address.Lines", ".Detail.Buyer.IP", ".Card.Fingerprint", ".Refusal.Raw"} {
		if !slices.Contains(got, kept) {
			t.Errorf("%s is gone, and a dispute could not be answered", kept)
		}
	}
}

func TestErasingChangesNothingBehindItsCallersBack(t *testing.T) {
	p := full(t)
	before := mustText(t, p.Detail) + mustText(t, p.Decision) + mustText(t, p.Refusal)
	p.Erased()
	p.Pseudonymised()
	if after := mustText(t, p.Detail) + mustText(t, p.Decision) + mustText(t, p.Refusal); after != before {
		t.Errorf("was %s\nis  %s", before, after)
	}
}

func mustText(t *testing.T, v any) string {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestRecordIsKeptThirteenMonthsOrFifteenWhereTheAccountIsDebitedLater(t *testing.T) {
	at := time.Date(2026, 1, 31, 10, 0, 0, 0, time.UTC)
	for funding, want := range map[string]time.Time{"debit": at.AddDate(0, 13, 0), "prepaid": at.AddDate(0, 13, 0), "": at.AddDate(0, 13, 0), "credit": at.AddDate(0, 15, 0)} {
		p := payment.Payment{Card: &payment.Card{Funding: funding}, CreatedAt: at.AddDate(0, -2, 0), UpdatedAt: at}
		if got := p.KeptUntil(); !got.Equal(want) {
			t.Errorf("%q: %v, want %v", funding, got, want)
		}
	}
	if got := (payment.Payment{UpdatedAt: at}).KeptUntil(); !got.Equal(at.AddDate(0, 13, 0)) {
		t.Errorf("without a card: %v", got)
	}
}

func TestPaymentIsSettledOnceNothingIsUnderWay(t *testing.T) {
	open := []payment.Status{payment.Pending, payment.ActionRequired, payment.Held, payment.Authorised}
	for _, s := range payment.Statuses() {
		if got := (payment.Payment{Status: s}).Settled(); got == slices.Contains(open, s) {
			t.Errorf("%s: settled %v", s, got)
		}
	}
	for status, want := range map[payment.OperationStatus]bool{payment.OpRequested: false, payment.OpSent: false, payment.OpDone: true, payment.OpFailed: true} {
		p := payment.Payment{Status: payment.Captured, Operations: []payment.Operation{{Type: payment.OpRefund, Status: status, Amount: providers.Amount{Value: 1}}}}
		if got := p.Settled(); got != want {
			t.Errorf("with a refund that is %s: settled %v", status, got)
		}
	}
}

func TestFirstIDPartsOldIDsFromNewOnes(t *testing.T) {
	at := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	first := payment.FirstID(payment.PrefixPayment, at)
	for _, c := range []struct {
		by    time.Duration
		older bool
	}{{-time.Millisecond, true}, {0, false}, {time.Millisecond, false}, {-400 * 24 * time.Hour, true}} {
		id, err := payment.NewID(payment.PrefixPayment, at.Add(c.by), rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		if older := id < first; older != c.older {
			t.Errorf("made %v after the moment, older: %v", c.by, older)
		}
	}
}
