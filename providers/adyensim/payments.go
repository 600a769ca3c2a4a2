package adyensim

import (
	"encoding/json"
	"fmt"
	"io"
	"net/url"
	"strings"
)

// paymentRequest is what the simulator reads of a POST /payments; it ignores the rest, as Adyen does.
type paymentRequest struct {
	Amount                   *Amount           `json:"amount"`
	MerchantAccount          string            `json:"merchantAccount"`
	Reference                string            `json:"reference"`
	MerchantOrderReference   string            `json:"merchantOrderReference"`
	ShopperStatement         string            `json:"shopperStatement"`
	ShopperLocale            string            `json:"shopperLocale"`
	PaymentMethod            *paymentMethod    `json:"paymentMethod"`
	AdditionalData           map[string]string `json:"additionalData"`
	FraudOffset              int               `json:"fraudOffset"`
	ReturnURL                string            `json:"returnUrl"`
	RedirectFromIssuerMethod string            `json:"redirectFromIssuerMethod"`
	RedirectToIssuerMethod   string            `json:"redirectToIssuerMethod"`
	Origin                   string            `json:"origin"`
	BrowserInfo              *browserInfo      `json:"browserInfo"`
	BillingAddress           *struct {
		Street            string `json:"street"`
		HouseNumberOrName string `json:"houseNumberOrName"`
	} `json:"billingAddress"`
	AuthenticationData *struct {
		AttemptAuthentication string `json:"attemptAuthentication"`
		ThreeDSRequestData    *struct {
			NativeThreeDS string `json:"nativeThreeDS"`
		} `json:"threeDSRequestData"`
	} `json:"authenticationData"`
	ThreeDS2RequestData *struct {
		NotificationURL string `json:"notificationURL"`
	} `json:"threeDS2RequestData"`
}

// browserInfo holds what 3-D Secure 2 asks of the buyer's browser; the offset is zero in London's winter.
type browserInfo struct {
	AcceptHeader   string `json:"acceptHeader"`
	ColorDepth     int    `json:"colorDepth"`
	Language       string `json:"language"`
	ScreenHeight   int    `json:"screenHeight"`
	ScreenWidth    int    `json:"screenWidth"`
	TimeZoneOffset *int   `json:"timeZoneOffset"`
	UserAgent      string `json:"userAgent"`
}

func (b *browserInfo) complete() bool {
	return b != nil && b.AcceptHeader != "" && b.Language != "" && b.UserAgent != "" && b.ColorDepth > 0 && b.ScreenHeight > 0 &&
		b.ScreenWidth > 0 && b.TimeZoneOffset != nil
}

// paymentAnswer is Adyen's PaymentResponse and PaymentDetailsResponse. The reference comes with the final answer: one
// that asks for an action has none yet.
type paymentAnswer struct {
	AdditionalData    map[string]string `json:"additionalData,omitempty"`
	PSPReference      string            `json:"pspReference,omitempty"`
	RefusalReason     string            `json:"refusalReason,omitempty"`
	RefusalReasonCode string            `json:"refusalReasonCode,omitempty"`
	ResultCode        string            `json:"resultCode"`
	Amount            *Amount           `json:"amount,omitempty"`
	MerchantReference string            `json:"merchantReference,omitempty"`
	PaymentMethod     map[string]string `json:"paymentMethod,omitempty"`
	FraudResult       *fraudResult      `json:"fraudResult,omitempty"`
	ThreeDS2Result    *threeDS2Result   `json:"threeDS2Result,omitempty"`
	Action            *action           `json:"action,omitempty"`
}

// pay is POST /payments.
func (s *Server) pay(r request) (outcome, error) {
	var q paymentRequest
	if err := json.Unmarshal(r.body, &q); err != nil {
		return refuse(errJSON), nil
	}
	if f := s.checkPayment(q); f != nil {
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
	if isWallet(q.PaymentMethod.Type) {
		return s.payWallet(r, q)
	}
	c, ok := q.PaymentMethod.card()
	if !ok {
		return refuse(errUndecryptable), nil
	}
	if f := c.check(s.cfg.Clock()); f != nil {
		return refuse(*f), nil
	}
	return s.authorise(r, q, c)
}

// checkPayment validates what every payment has, in Adyen's order.
func (s *Server) checkPayment(q paymentRequest) *failure {
	if f := s.checkAccount(q.MerchantAccount); f != nil {
		return f
	}
	if f := checkAmount(q.Amount); f != nil {
		return f
	}
	switch m := q.PaymentMethod; {
	case q.Reference == "" || len(q.Reference) > 80:
		return &errReference
	case m == nil:
		return &errNoMethod
	case m.Type != methodCard && m.Type != "card" && !isWallet(m.Type):
		return &errMethod
	}
	return nil
}

func (s *Server) checkAccount(name string) *failure {
	if name != s.cfg.MerchantAccount {
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

// checkReturn validates where the buyer comes back to after a redirect.
func checkReturn(address string) *failure {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" || len(address) > 8000 {
		return &errReturnURL
	}
	return nil
}

// authorise asks the simulated issuer, or sends the buyer to be authenticated by it first. The caller holds the lock.
func (s *Server) authorise(r request, q paymentRequest, c card) (outcome, error) {
	psp, err := s.newPSP()
	if err != nil {
		return outcome{}, err
	}
	known, right := c.lookup()
	v := judge(q, c, known, right)
	p := Payment{PSPReference: psp, Reference: q.Reference, OrderReference: q.MerchantOrderReference, Amount: *q.Amount,
		Status: StatusAwaiting, Method: methodCard, Brand: known.brand, BIN: c.number[:8], Last4: c.number[len(c.number)-4:],
		ShopperStatement: q.ShopperStatement, FailCapture: c.holder == "capture failed", FailRefund: c.holder == "refund failed",
		CreatedAt: s.cfg.Clock().UTC()}
	data := describe(q, c, known, v)
	enrolled := known.threeDS
	if v.soft(p.Brand) && q.attempts() == "always" { // the authentication the issuer had asked for
		v = verdict{reason: reasons["APPROVED"]}
		delete(data, "refusalReasonRaw")
		if enrolled == notEnrolled {
			enrolled = onRequest
		}
	}
	switch step := q.firstStep(enrolled); step {
	case stepNone:
		if q.attempts() == "always" || q.native() {
			data["threeDOfferedResponse"] = "N"
		}
		if demands(enrolled) {
			v = refusal("AUTHENTICATION_REQUIRED", p.Brand)
			data["refusalReasonRaw"] = v.Raw
		}
		return s.conclude(p, v, data, nil)
	default:
		return s.sendShopper(r, q, p, v, data, step, q.challenged(enrolled))
	}
}

// conclude gives the final answer to a payment, with how its buyer was authenticated, when it was tried. The caller
// holds the lock.
func (s *Server) conclude(p Payment, v verdict, data map[string]string, auth *authentication) (outcome, error) {
	if auth != nil {
		v = auth.apply(v, p, data)
	}
	p.ResultCode, p.RefusalReason, p.RefusalCode, p.RefusalRaw = v.Result, v.Name, v.refusalCode(), v.Raw
	p.Status = StatusRefused
	if v.approved() {
		if p.Method == methodCard {
			code, err := s.authCode()
			if err != nil {
				return outcome{}, err
			}
			data["authCode"] = code
		}
		p.Status, p.RefusalReason, p.RefusalCode, p.RefusalRaw, p.UnderReview = StatusAuthorised, "", "", "", v.Review
	}
	a := answerOf(p, data)
	a.FraudResult = v.fraud()
	if auth != nil {
		a.ThreeDS2Result = auth.result(p)
	}
	return outcome{status: 200, body: a, entry: entry{Payments: []Payment{p}, Webhooks: s.hooks(authorisation(p, v, data))}}, nil
}

// answerOf is the final answer to a payment.
func answerOf(p Payment, data map[string]string) paymentAnswer {
	method := map[string]string{"type": p.Method}
	if p.Method == methodCard {
		method["brand"] = p.Brand
	}
	return paymentAnswer{AdditionalData: data, PSPReference: p.PSPReference, ResultCode: p.ResultCode, Amount: &p.Amount,
		MerchantReference: p.Reference, RefusalReason: p.RefusalReason, RefusalReasonCode: p.RefusalCode, PaymentMethod: method}
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
