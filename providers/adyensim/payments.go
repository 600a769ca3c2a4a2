package adyensim

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
)

// paymentRequest is what the simulator reads of a POST /payments; it ignores the rest, as Adyen does.
type paymentRequest struct {
	Amount                 *Amount           `json:"amount"`
	MerchantAccount        string            `json:"merchantAccount"`
	Reference              string            `json:"reference"`
	MerchantOrderReference string            `json:"merchantOrderReference"`
	ShopperStatement       string            `json:"shopperStatement"`
	PaymentMethod          *paymentMethod    `json:"paymentMethod"`
	AdditionalData         map[string]string `json:"additionalData"`
	BillingAddress         *struct {
		Street            string `json:"street"`
		HouseNumberOrName string `json:"houseNumberOrName"`
	} `json:"billingAddress"`
	AuthenticationData *struct {
		AttemptAuthentication string `json:"attemptAuthentication"`
	} `json:"authenticationData"`
}

// paymentAnswer is Adyen's PaymentResponse, as far as a card payment fills it.
type paymentAnswer struct {
	AdditionalData    map[string]string `json:"additionalData"`
	PSPReference      string            `json:"pspReference"`
	RefusalReason     string            `json:"refusalReason,omitempty"`
	RefusalReasonCode string            `json:"refusalReasonCode,omitempty"`
	ResultCode        string            `json:"resultCode"`
	Amount            Amount            `json:"amount"`
	MerchantReference string            `json:"merchantReference"`
	PaymentMethod     map[string]string `json:"paymentMethod"`
}

// pay is POST /payments.
func (s *Server) pay(r request) (outcome, error) {
	var q paymentRequest
	if err := json.Unmarshal(r.body, &q); err != nil {
		return refuse(errJSON), nil
	}
	c, f := s.checkPayment(q)
	if f != nil {
		return refuse(*f), nil
	}
	switch q.AdditionalData["RequestedTestErrorResponseCode"] {
	case "NO_CONNECTION_AVAILABLE":
		out := refuse(errNoConnection)
		out.transient = true
		return out, nil
	case "IOEXCEPTION_RECEIVED":
		return refuse(errIO), nil
	}
	return s.authorise(q, c)
}

// checkPayment validates in Adyen's order: the account, the payment, then the card.
func (s *Server) checkPayment(q paymentRequest) (card, *failure) {
	if f := s.checkAccount(q.MerchantAccount); f != nil {
		return card{}, f
	}
	if f := checkAmount(q.Amount); f != nil {
		return card{}, f
	}
	if q.Reference == "" || len(q.Reference) > 80 {
		return card{}, &errReference
	}
	if q.PaymentMethod == nil {
		return card{}, &errNoMethod
	}
	c, ok := q.PaymentMethod.card()
	if !ok {
		return card{}, &errUndecryptable
	}
	return c, c.check(s.cfg.Clock())
}

func (s *Server) checkAccount(account string) *failure {
	if account != s.cfg.MerchantAccount {
		return &errAccount
	}
	return nil
}

func checkAmount(a *Amount) *failure {
	switch {
	case a == nil:
		return &errNoAmount
	case a.Value < 0 || a.Value > 1_000_000_000_000:
		return &errAmount
	case len(a.Currency) != 3 || strings.ToUpper(a.Currency) != a.Currency:
		return &errCurrency
	}
	return nil
}

// authorise asks the simulated issuer, and keeps what it says. The caller holds the lock.
func (s *Server) authorise(q paymentRequest, c card) (outcome, error) {
	psp, err := s.newPSP()
	if err != nil {
		return outcome{}, err
	}
	known, right := c.lookup()
	v := judge(c, right, q.AdditionalData["RequestedTestAcquirerResponseCode"])
	p := Payment{PSPReference: psp, Reference: q.Reference, OrderReference: q.MerchantOrderReference, Amount: *q.Amount,
		Status: StatusRefused, ResultCode: v.result, RefusalReason: v.name, RefusalRaw: v.raw, Brand: known.brand,
		BIN: c.number[:8], Last4: c.number[len(c.number)-4:], ShopperStatement: q.ShopperStatement,
		FailCapture: c.holder == "capture failed", FailRefund: c.holder == "refund failed", CreatedAt: s.cfg.Clock().UTC()}
	if v.approved() {
		p.Status, p.RefusalReason, p.RefusalRaw = StatusAuthorised, "", ""
	}
	code, err := s.authCode()
	if err != nil {
		return outcome{}, err
	}
	data := describe(q, c, known, v)
	if v.approved() {
		data["authCode"] = code
	}
	a := paymentAnswer{AdditionalData: data, PSPReference: psp, ResultCode: v.result, Amount: p.Amount,
		MerchantReference: p.Reference, PaymentMethod: map[string]string{"brand": p.Brand, "type": "scheme"}}
	if !v.approved() {
		a.RefusalReason = v.name
		if !v.codeless {
			a.RefusalReasonCode = fmt.Sprint(v.code)
		}
	}
	return outcome{status: 200, body: a, entry: entry{Payments: []Payment{p}, Webhooks: s.hooks(authorisation(p, v, data))}}, nil
}

// authCode draws the six digits an issuer gives with an approval. The caller holds the lock.
func (s *Server) authCode() (string, error) {
	var b [4]byte
	if _, err := io.ReadFull(s.cfg.Rand, b[:]); err != nil {
		return "", fmt.Errorf("adyensim: draw an authorisation code: %w", err)
	}
	n := uint32(b[0])<<24 | uint32(b[1])<<16 | uint32(b[2])<<8 | uint32(b[3])
	return fmt.Sprintf("%06d", n%1_000_000), nil
}

// describe fills the additionalData that Adyen returns when every field is switched on in the customer area.
func describe(q paymentRequest, c card, known testCard, v verdict) map[string]string {
	d := map[string]string{
		"cardSummary": c.number[len(c.number)-4:], "cardBin": c.number[:6], "issuerBin": c.number[:8],
		"paymentMethod": known.brand, "merchantReference": q.Reference,
		"avsResult": avsResult(q), "cvcResult": cvcWords[c.cvc != ""], "threeDOffered": "false", "threeDAuthenticated": "false",
	}
	if c.cvc != "" && v.code == 24 {
		d["cvcResult"] = "2 Doesn't Match"
	}
	if known.country != "" {
		d["cardIssuingCountry"] = known.country
	}
	if known.funding != "" {
		d["fundingSource"] = known.funding
	}
	if v.raw != "" {
		d["refusalReasonRaw"] = v.raw
	}
	if known.enrolled && q.AuthenticationData != nil && q.AuthenticationData.AttemptAuthentication == "always" {
		d["threeDOffered"], d["threeDOfferedResponse"] = "true", "Y"
		d["threeDAuthenticated"], d["threeDAuthenticatedResponse"], d["liabilityShift"] = "true", "Y", "true"
		if v.code == 11 {
			d["threeDAuthenticated"], d["threeDAuthenticatedResponse"], d["liabilityShift"] = "false", "N", "false"
		}
	}
	return d
}

// avsResult answers the address check: the number in the house number when the street is "Test AVS result", else
// that the card type has none, which is what European issuers say.
func avsResult(q paymentRequest) string {
	switch b := q.BillingAddress; {
	case b == nil:
		return "5 No AVS data provided"
	case b.Street == "Test AVS result" && len(b.HouseNumberOrName) <= 2:
		return b.HouseNumberOrName + " Test AVS result"
	default:
		return "4 AVS not supported for this card type"
	}
}
