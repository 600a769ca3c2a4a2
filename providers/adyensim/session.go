package adyensim

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/url"
	"strings"
	"time"
)

// offerLife is how long a buyer may take: Adyen closes the offer of a card payment after twelve hours.
const offerLife = 12 * time.Hour

// What a buyer can have done on a page of the issuer or of a payment method, beside the transStatus of 3-D Secure.
const (
	chosePay     = "pay"
	choseRefusal = "refuse"
	choseCancel  = "cancel"
	choseWait    = "wait" // the method has yet to decide
)

// session is a payment whose buyer has something to do. It holds no more of the card than its payment does.
type session struct {
	ID           string            `json:"id"` // in the addresses of pages
	PSP          string            `json:"psp"`
	Step         string            `json:"step"`
	Challenge    bool              `json:"challenge,omitempty"` // the issuer wants to see the buyer
	TransID      string            `json:"trans_id"`
	ACSTransID   string            `json:"acs_trans_id"`
	ReturnURL    string            `json:"return_url,omitempty"`
	ReturnByForm bool              `json:"return_by_form,omitempty"` // the buyer comes back with a POST
	Notify       string            `json:"notify,omitempty"`         // the merchant's own page for the challenge's result
	Origin       string            `json:"origin,omitempty"`
	Base         string            `json:"base"` // scheme and host under which the merchant knows this server
	Locale       string            `json:"locale,omitempty"`
	Verdict      verdict           `json:"verdict"`
	Data         map[string]string `json:"data,omitempty"`
	Token        string            `json:"token"`             // paymentData and authorisationToken of the step, or redirectResult
	Retired      []string          `json:"retired,omitempty"` // tokens of the steps before
	Chosen       string            `json:"chosen,omitempty"`  // what the buyer did on a page
	Tries        int               `json:"tries,omitempty"`   // wrong codes typed
	Expires      time.Time         `json:"expires"`
}

// action is Adyen's action of the types redirect and threeDS2.
type action struct {
	Type               string            `json:"type"`
	Subtype            string            `json:"subtype,omitempty"`
	PaymentMethodType  string            `json:"paymentMethodType"`
	URL                string            `json:"url,omitempty"`
	Method             string            `json:"method,omitempty"`
	Data               map[string]string `json:"data,omitempty"`
	PaymentData        string            `json:"paymentData,omitempty"`
	AuthorisationToken string            `json:"authorisationToken,omitempty"`
	Token              string            `json:"token,omitempty"`
}

// sendShopper opens a session and answers with the action that its buyer must take. The caller holds the lock.
func (s *Server) sendShopper(r request, q paymentRequest, p Payment, v verdict, data map[string]string, step string, challenge bool) (outcome, error) {
	if step == stepRedirect {
		if f := checkReturn(q.ReturnURL); f != nil {
			return refuse(*f), nil
		}
	}
	ses := session{PSP: p.PSPReference, Step: step, Challenge: challenge, ReturnURL: q.ReturnURL, Base: r.base,
		ReturnByForm: strings.EqualFold(q.RedirectFromIssuerMethod, "POST"), Origin: q.Origin, Locale: q.ShopperLocale, Verdict: v,
		Data: data, Expires: p.CreatedAt.Add(offerLife)}
	if n := q.ThreeDS2RequestData; n != nil && checkReturn(n.NotificationURL) == nil {
		ses.Notify = n.NotificationURL
	}
	var random [48]byte
	if _, err := io.ReadFull(s.cfg.Rand, random[:]); err != nil {
		return outcome{}, fmt.Errorf("adyensim: draw a session: %w", err)
	}
	ses.ID, ses.TransID, ses.ACSTransID = hex.EncodeToString(random[:16]), uuid(random[16:32]), uuid(random[32:])
	if err := s.newToken(&ses); err != nil {
		return outcome{}, err
	}
	a := ses.action(p.Method)
	if a.Type == "redirect" && strings.EqualFold(q.RedirectToIssuerMethod, "POST") {
		a.URL, a.Method, a.Data = ses.Base+pathRedirect, "POST", map[string]string{"MD": ses.ID}
	}
	p.ResultCode = ses.resultCode()
	return outcome{status: 200, body: paymentAnswer{ResultCode: p.ResultCode, Action: &a},
		entry: entry{Payments: []Payment{p}, Sessions: []session{ses}}}, nil
}

func (ses session) resultCode() string {
	return map[string]string{stepFingerprint: "IdentifyShopper", stepChallenge: "ChallengeShopper", stepRedirect: "RedirectShopper"}[ses.Step]
}

// action says what the buyer's browser must do in the session's step.
func (ses session) action(method string) action {
	if ses.Step == stepRedirect {
		return action{Type: "redirect", PaymentMethodType: method, Method: "GET", URL: ses.Base + pathRedirect + "?" + url.Values{"MD": {ses.ID}}.Encode()}
	}
	a := action{Type: "threeDS2", Subtype: ses.Step, PaymentMethodType: method, PaymentData: ses.Token, AuthorisationToken: ses.Token}
	if ses.Step == stepFingerprint {
		a.Token = encodeToken(fingerprintToken{messageVersion, ses.TransID, ses.Base + pathMethodNotification, ses.Base + pathMethod})
		return a
	}
	notify := ses.Notify
	if notify == "" {
		notify = ses.Base + pathChallengeNotification
	}
	a.Token = encodeToken(challengeToken{"ADYENSIM-ACS", ses.ACSTransID, ses.Base + pathChallenge, messageVersion, notify, ses.TransID})
	return a
}

// fingerprintToken and challengeToken are what an action's token decodes to, spelt as Adyen's web library reads them.
type fingerprintToken struct {
	MessageVersion  string `json:"threeDSMessageVersion"`
	ServerTransID   string `json:"threeDSServerTransID"`
	NotificationURL string `json:"threeDSMethodNotificationURL"`
	MethodURL       string `json:"threeDSMethodUrl"`
}

type challengeToken struct {
	ACSReferenceNumber string `json:"acsReferenceNumber"`
	ACSTransID         string `json:"acsTransID"`
	ACSURL             string `json:"acsURL"`
	MessageVersion     string `json:"messageVersion"`
	NotificationURL    string `json:"threeDSNotificationURL"`
	ServerTransID      string `json:"threeDSServerTransID"`
}

// encodeToken writes JSON in base64. Spaces at its end make up whole groups of three bytes: without padding, readers of
// the two alphabets of RFC 4648 understand it alike.
func encodeToken(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		return ""
	}
	for len(b)%3 != 0 {
		b = append(b, ' ')
	}
	return base64.URLEncoding.EncodeToString(b)
}

// decodeToken reads base64 of either alphabet, padded or not, holding a JSON object.
func decodeToken(s string, to any) bool {
	s = strings.NewReplacer("+", "-", "/", "_", "=", "").Replace(s)
	b, err := base64.RawURLEncoding.DecodeString(s)
	return err == nil && json.Unmarshal(b, to) == nil
}

// newToken draws what the merchant will send back: as long, and with the same awkward characters, as Adyen's. The one
// before is retired. The caller holds the lock.
func (s *Server) newToken(ses *session) error {
	var random [96]byte
	if _, err := io.ReadFull(s.cfg.Rand, random[:]); err != nil {
		return fmt.Errorf("adyensim: draw a token: %w", err)
	}
	if ses.Token != "" {
		ses.Retired = append(ses.Retired[:len(ses.Retired):len(ses.Retired)], ses.Token)
	}
	ses.Token = "Ab02b4c0!" + base64.StdEncoding.EncodeToString(random[:])
	return nil
}
