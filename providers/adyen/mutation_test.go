package adyen

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"octroi/providers"
)

// mutationsDefault is how many mutations of each kind a usual run tries; OCTROI_MUTATIONS sets another number:
//
//	OCTROI_MUTATIONS=1000000 go test -run Million ./providers/adyen
const mutationsDefault = 5_000

func mutations(t *testing.T) int {
	t.Helper()
	n, err := strconv.Atoi(os.Getenv("OCTROI_MUTATIONS"))
	if err != nil && os.Getenv("OCTROI_MUTATIONS") != "" || n < 0 {
		t.Fatalf("OCTROI_MUTATIONS is no number: %v", err)
	}
	if n == 0 {
		return mutationsDefault
	}
	return n
}

// truths are answers as Adyen gives them, from which mutations start.
var truths = []string{
	approved(`,"additionalData":{"cardSummary":"1111","issuerBin":"41111111","paymentMethod":"visa","avsResult":"7 Both match","cvcResult":"1 Matches","liabilityShift":"true","authorisedAmountValue":"12990","authorisedAmountCurrency":"EUR"},"threeDS2Result":{"transStatus":"Y"}`),
	approved(`,"paymentMethod":{"brand":"mc","type":"scheme"},"additionalData":{"fraudResultType":"AMBER","scaExemptionRequested":"lowValue"}`),
	`{"pspReference":"X","resultCode":"PartiallyAuthorised","merchantReference":"pay_1","additionalData":{"authorisedAmountValue":"5000","authorisedAmountCurrency":"EUR"}}`,
	`{"pspReference":"X","resultCode":"Refused","refusalReason":"Expired Card","refusalReasonCode":"6","merchantReference":"pay_1","additionalData":{"refusalReasonRaw":"54 : Expired card","merchantAdviceCode":"01 : New account information available","expiryDate":"3/2030"}}`,
	`{"pspReference":"X","resultCode":"Refused","refusalReason":"Authentication required","refusalReasonCode":"38","merchantReference":"pay_1"}`,
	`{"pspReference":"X","resultCode":"Error","refusalReason":"Acquirer Error","refusalReasonCode":"4","merchantReference":"pay_1"}`,
	`{"pspReference":"X","resultCode":"Cancelled","refusalReason":"FRAUD-CANCELLED","refusalReasonCode":"22","merchantReference":"pay_1"}`,
	`{"resultCode":"RedirectShopper","action":{"type":"redirect","method":"POST","url":"https://issuer.example/3ds","data":{"PaReq":"p","MD":"m"}}}`,
	`{"resultCode":"IdentifyShopper","action":{"type":"threeDS2","subtype":"fingerprint","token":"t","paymentData":"d","authorisationToken":"a"}}`,
	`{"resultCode":"ChallengeShopper","action":{"type":"threeDS2","subtype":"challenge","token":"t","paymentData":"d"}}`,
	`{"pspReference":"X","resultCode":"Pending","merchantReference":"pay_1"}`,
	`{"status":422,"errorCode":"140","message":"Invalid expiryMonth for 4111111111111111","errorType":"validation","pspReference":"P"}`,
	`{"status":422,"errorCode":"704","message":"request already processed or in progress","errorType":"validation"}`,
	`{"status":500,"errorCode":"905","message":"4111 1111 1111 1111","errorType":"internal"}`,
	`{"pspReference":"M","status":"received","merchantAccount":"TestMerchant","paymentPspReference":"X","reference":"op_1"}`,
}

// vocabulary are words that mutations put in each other's place.
var vocabulary = strings.Fields(`Authorised PartiallyAuthorised Refused Error Cancelled RedirectShopper IdentifyShopper ChallengeShopper Pending Received
	PresentToShopper AuthenticationFinished Success authorised AUTHORISED pay_1 pay_2 true false null 0 1 -1 38 11 6 140 101 704 903 1e3 12990 99999999999999999999
	EUR USD received AUTHORISATION CAPTURE CAPTURE_FAILED REFUND REFUND_FAILED CANCELLATION EXPIRE CHARGEBACK CHARGEBACK_REVERSED TestMerchant OtherMerchant
	resultCode merchantReference pspReference originalReference eventCode success amount value currency additionalData action type url token status errorCode
	redirect threeDS2 fingerprint challenge https:// javascript: http:// 4111111111111111 AMBER : \u0041 "" [] {} \ "`)

// mutator spoils texts, always alike for the same seed.
type mutator struct {
	*rand.Rand
	texts []string
}

func (m mutator) pick(from []string) string { return from[m.IntN(len(from))] }

// mutate gives one of the texts with one to four changes.
func (m mutator) mutate() []byte {
	b := []byte(m.pick(m.texts))
	for range 1 + m.IntN(4) {
		if len(b) == 0 {
			return b
		}
		at := m.IntN(len(b))
		end := min(len(b), at+1+m.IntN(24))
		switch m.IntN(9) {
		case 0:
			b = slices.Concat(b[:at], []byte{b[at] ^ 1<<m.IntN(8)}, b[at+1:])
		case 1:
			b = slices.Concat(b[:at], b[end:])
		case 2:
			b = slices.Concat(b[:end], b[at:])
		case 3:
			b = slices.Concat(b[:at], []byte(m.pick(vocabulary)), b[at:])
		case 4:
			b = bytes.Replace(b, []byte(m.pick(vocabulary)), []byte(m.pick(vocabulary)), 1+m.IntN(3))
		case 5:
			other := m.pick(m.texts)
			b = slices.Concat(b[:at], []byte(other[m.IntN(len(other)):]))
		default:
			b = m.restructure(b)
		}
	}
	return b
}

// restructure changes the JSON where it is JSON: a field loses its value, takes another's, or one of another type.
func (m mutator) restructure(b []byte) []byte {
	var v any
	if json.Unmarshal(b, &v) != nil {
		return b
	}
	m.change(v)
	if out, err := json.Marshal(v); err == nil {
		return out
	}
	return b
}

func (m mutator) change(v any) {
	switch v := v.(type) {
	case map[string]any:
		if len(v) == 0 {
			return
		}
		names := slices.Sorted(maps.Keys(v))
		name := m.pick(names)
		switch inner := v[name]; {
		case m.IntN(2) == 0 && !isText(inner):
			m.change(inner)
		case m.IntN(4) == 0:
			delete(v, name)
		case m.IntN(3) == 0:
			v[m.pick(vocabulary)] = inner
		case m.IntN(2) == 0:
			v[name] = v[m.pick(names)]
		default:
			v[name] = []any{nil, true, 12990, -1.5, []any{inner}, map[string]any{name: inner}, m.pick(vocabulary), m.pick(vocabulary), m.pick(vocabulary)}[m.IntN(9)]
		}
	case []any:
		if len(v) > 0 {
			m.change(v[m.IntN(len(v))])
		}
	}
}

func isText(v any) bool { _, ok := v.(string); return ok }

// try judges as many mutations as asked for; one that panics is told like one that is misread.
func (m mutator) try(t *testing.T, n int, judge func([]byte) string) {
	t.Helper()
	for i := range n {
		b := m.mutate()
		wrong := func() (wrong string) {
			defer func() {
				if p := recover(); p != nil {
					wrong = fmt.Sprint("panic: ", p)
				}
			}()
			return judge(b)
		}()
		if wrong != "" {
			t.Fatalf("mutation %d: %s\n%q", i, wrong, b)
		}
	}
}

// statuses of HTTP that answers come with; success is the most telling.
var httpStatuses = []int{200, 200, 200, 201, 302, 400, 401, 403, 422, 422, 429, 500, 503}

func TestAMillionMutatedAnswersGiveNoFalseWord(t *testing.T) {
	a, m := verifier(t, testHMAC), mutator{rand.New(rand.NewPCG(4, 71)), truths}
	read := map[bool]int{}
	m.try(t, mutations(t), func(b []byte) string {
		status := httpStatuses[m.IntN(len(httpStatuses))]
		read[json.Valid(b)]++
		if wrong := misreadReceipt(status, b); wrong != "" {
			return wrong
		}
		return misreadAnswer(a, status, b, m.IntN(2) == 0)
	})
	if read[true] < mutations(t)/5 {
		t.Errorf("only %d of %d mutations were still JSON: they try nothing", read[true], mutations(t))
	}
}

// reports are items as Adyen sends them.
func reports() (items []string) {
	for code := range events {
		items = append(items, fmt.Sprintf(event, code, true))
	}
	slices.Sort(items)
	return append(items, fmt.Sprintf(event, "CAPTURE", false), fmt.Sprintf(event, "AUTHORISATION", false), fmt.Sprintf(event, "SOMETHING_NEW", true),
		strings.Replace(fmt.Sprintf(event, "AUTHORISATION", false), `"reason":""`, `"reason":"Expired Card","additionalData":{"expiryDate":"4/2026","cardSummary":"1111","refusalReasonRaw":"54 : Expired card"}`, 1),
		strings.Replace(fmt.Sprintf(event, "CAPTURE", true), `"reason":""`, `"reason":"Transaction Recaptured"`, 1))
}

func TestAMillionMutatedReportsGiveNoFalseWord(t *testing.T) {
	a, m := verifier(t, testHMAC), mutator{rand.New(rand.NewPCG(5, 71)), reports()}
	m.try(t, mutations(t), func(b []byte) string { return misreadItem(a, b) })
}

func TestAMillionMutatedWebhooksAreBelievedOnlyWhereSigned(t *testing.T) {
	a, items := verifier(t, testHMAC), reports()
	var texts []string
	signed, whole := map[string]bool{}, 0
	for i, it := range items {
		bodies := [][]byte{hook(t, it), hook(t, it, items[(i+7)%len(items)])}
		for _, body := range bodies {
			ns, err := a.Notifications(body)
			if err != nil {
				t.Fatal(err)
			}
			for _, n := range ns {
				signed[essence(n)] = true
				n.Kind, n.ID, n.Reason = providers.KindInformation, n.ID+":again", ""
				signed[essence(n)] = true // a capture may be said to be made anew: that informs
			}
			texts = append(texts, string(body))
		}
	}
	m := mutator{rand.New(rand.NewPCG(6, 71)), texts}
	m.try(t, mutations(t), func(b []byte) string {
		if ns, err := a.Notifications(b); err == nil && len(ns) > 0 {
			whole++
		}
		return misreadWebhook(a, b, signed)
	})
	if n := mutations(t); whole < n/100 || whole > n*9/10 {
		t.Errorf("%d of %d mutations were believed: they try too little, or too much is believed", whole, n)
	}
}
