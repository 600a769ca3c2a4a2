package adyensim

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"strconv"
)

// The steps of a payment whose buyer has something to do.
const (
	stepNone        = ""
	stepFingerprint = "fingerprint" // native: the issuer's 3DS Method page in a hidden frame
	stepChallenge   = "challenge"   // native: the issuer's page in a frame
	stepRedirect    = "redirect"    // the browser goes to a page of the issuer, or of the method, and comes back
	stepDone        = "done"
)

// attempts is what the merchant asks for: always, never, preferNo or nothing.
func (q paymentRequest) attempts() string {
	if q.AuthenticationData == nil {
		return ""
	}
	return q.AuthenticationData.AttemptAuthentication
}

// native reports whether the merchant wants, and has sent what it takes, to authenticate without a redirect.
func (q paymentRequest) native() bool {
	a := q.AuthenticationData
	return a != nil && a.ThreeDSRequestData != nil && a.ThreeDSRequestData.NativeThreeDS == "preferred" && q.Origin != "" &&
		q.BrowserInfo.complete()
}

// demands reports an issuer that approves nothing without a challenge.
func demands(enrolled string) bool { return enrolled == challenges || enrolled == fullFlow }

// challenged reports whether the issuer will challenge the buyer, rather than recognise the browser.
func (q paymentRequest) challenged(enrolled string) bool {
	return demands(enrolled) || q.attempts() == "always" && enrolled != frictionless
}

// firstStep decides whether 3-D Secure is done, and how it begins. The simulated account authenticates where the
// merchant or the issuer asks for it, and where the native flow lets it be tried without disturbing the buyer.
func (q paymentRequest) firstStep(enrolled string) string {
	native := q.native() && enrolled != redirectOnly
	switch {
	case enrolled == notEnrolled || q.attempts() == "never":
		return stepNone
	case native && enrolled == challenges:
		return stepChallenge
	case native:
		return stepFingerprint
	case q.attempts() == "always" || demands(enrolled):
		return stepRedirect
	}
	return stepNone
}

// authentication is what came of 3-D Secure 2.
type authentication struct {
	Status     string // transStatus: Y, A, N, U or R
	Challenged bool   // the buyer had something to do
	Cancelled  bool   // by the buyer
	TransID    string // threeDSServerTransID
}

// messageVersion is that of EMV 3-D Secure which the simulated issuers speak.
const messageVersion = "2.2.0"

// threeDS2Result is Adyen's ThreeDS2Result.
type threeDS2Result struct {
	AuthenticationValue  string `json:"authenticationValue,omitempty"`
	CAVVAlgorithm        string `json:"cavvAlgorithm,omitempty"`
	ChallengeCancel      string `json:"challengeCancel,omitempty"`
	DSTransID            string `json:"dsTransID,omitempty"`
	ECI                  string `json:"eci,omitempty"`
	MessageVersion       string `json:"messageVersion"`
	ThreeDSServerTransID string `json:"threeDSServerTransID,omitempty"`
	TransStatus          string `json:"transStatus"`
	TransStatusReason    string `json:"transStatusReason,omitempty"`
}

// apply writes into an answer's additionalData how the buyer was authenticated, and refuses where it failed.
func (a authentication) apply(v verdict, p Payment, data map[string]string) verdict {
	if v.Code == 11 || v.Code == 42 { // asked for by the holder's name
		a.Status = "N"
	}
	shown := a.Status == "Y" || a.Status == "A"
	data["threeDOffered"], data["threeDOfferedResponse"], data["threeds2.cardEnrolled"] = "true", "Y", "true"
	if a.Challenged {
		data["threeDOfferedResponse"] = "C"
	}
	data["threeDAuthenticated"], data["threeDAuthenticatedResponse"] = strconv.FormatBool(shown), a.Status
	data["threeDSVersion"], data["eci"], data["dsTransID"] = messageVersion, eci(p.Brand, a.Status), derivedID("ds", a.TransID)
	data["liabilityShift"] = strconv.FormatBool(shown && data["scaExemptionRequested"] == "")
	if shown {
		data["cavv"], data["cavvAlgorithm"] = cavv(a.TransID), "1"
	}
	if a.Status != "N" && a.Status != "R" {
		return v
	}
	if v.Code != 42 {
		v = refusal("NOT_3D_AUTHENTICATED", p.Brand)
	}
	data["refusalReasonRaw"] = v.Raw
	data["fraudManualReview"], data["fraudResultType"] = "false", "GREEN"
	return v
}

// result is the threeDS2Result of the final answer.
func (a authentication) result(p Payment) *threeDS2Result {
	r := &threeDS2Result{ECI: eci(p.Brand, a.Status), MessageVersion: messageVersion, ThreeDSServerTransID: a.TransID,
		DSTransID: derivedID("ds", a.TransID), TransStatus: a.Status}
	if a.Status == "Y" || a.Status == "A" {
		r.AuthenticationValue, r.CAVVAlgorithm = cavv(a.TransID), "1"
	}
	if a.Status == "N" {
		r.TransStatusReason = "01" // card authentication failed
	}
	if a.Cancelled {
		r.ChallengeCancel = "01" // by the cardholder
	}
	return r
}

// eci is the electronic commerce indicator of the networks: Mastercard counts from 00, the others from 07.
func eci(brand, status string) string {
	mastercard := brand == "mc" || brand == "maestro"
	switch {
	case status == "Y" && mastercard:
		return "02"
	case status == "Y":
		return "05"
	case status == "A" && mastercard:
		return "01"
	case status == "A":
		return "06"
	case mastercard:
		return "00"
	}
	return "07"
}

// cavv is the proof of an authentication: twenty bytes that mean nothing here.
func cavv(transID string) string {
	sum := sha256.Sum256([]byte("cavv " + transID))
	return base64.StdEncoding.EncodeToString(sum[:20])
}

// derivedID is an identifier in the form of a UUID that belongs to another one.
func derivedID(kind, id string) string {
	sum := sha256.Sum256([]byte(kind + " " + id))
	return uuid(sum[:16])
}

// uuid writes sixteen bytes in the form of RFC 9562's version 4.
func uuid(b []byte) string {
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	h := hex.EncodeToString(b)
	return h[:8] + "-" + h[8:12] + "-" + h[12:16] + "-" + h[16:20] + "-" + h[20:]
}
