package adyensim

import (
	"encoding/json"
	"maps"
	"strings"
)

// detailsRequest is the body of POST /payments/details.
type detailsRequest struct {
	PaymentData string `json:"paymentData"`
	Details     *struct {
		RedirectResult  string `json:"redirectResult"`
		ThreeDSResult   string `json:"threeDSResult"`
		Fingerprint     string `json:"threeds2.fingerprint"`
		ChallengeResult string `json:"threeds2.challengeResult"`
	} `json:"details"`
}

// browserResult is what the values of native 3-D Secure 2 decode to.
type browserResult struct {
	CompInd            string `json:"threeDSCompInd"`
	TransStatus        string `json:"transStatus"`
	AuthorisationToken string `json:"authorisationToken"`
}

// details is POST /payments/details. Each value serves once: with another idempotency key a second use is an error, as
// is one after the offer has closed.
func (s *Server) details(r request) (outcome, error) {
	var q detailsRequest
	if err := json.Unmarshal(r.body, &q); err != nil {
		return refuse(errJSON), nil
	}
	token, step, result, f := q.read()
	if f != nil {
		return refuse(*f), nil
	}
	ses, f := s.sessionOf(token, step)
	if f != nil {
		return refuse(*f), nil
	}
	p := *s.book.payments[ses.PSP]
	switch {
	case p.Method != methodCard:
		return s.walletDetails(ses, p), nil
	case step == stepFingerprint && ses.Challenge:
		ses.Step = stepChallenge
		if err := s.newToken(&ses); err != nil {
			return outcome{}, err
		}
		a := ses.action(p.Method)
		p.ResultCode = ses.resultCode()
		return outcome{status: 200, body: paymentAnswer{ResultCode: p.ResultCode, Action: &a},
			entry: entry{Payments: []Payment{p}, Sessions: []session{ses}}}, nil
	}
	auth := ses.authenticated(result)
	ses.Step = stepDone
	out, err := s.conclude(p, ses.Verdict, maps.Clone(ses.Data), &auth)
	out.entry.Sessions = []session{ses}
	return out, err
}

// read finds the token of the session in a request, which step it ends, and what the browser says of it.
func (q detailsRequest) read() (token, step string, result browserResult, f *failure) {
	d := q.Details
	if d == nil {
		return "", "", result, &errNoDetails
	}
	value := ""
	token = q.PaymentData
	switch {
	case d.RedirectResult != "":
		return d.RedirectResult, stepRedirect, result, nil
	case d.Fingerprint != "":
		step, value = stepFingerprint, d.Fingerprint
	case d.ThreeDSResult != "":
		step, value = stepChallenge, d.ThreeDSResult
	case d.ChallengeResult != "":
		step, value = stepChallenge, d.ChallengeResult
	default:
		return "", "", result, &errNoDetails
	}
	if !decodeToken(value, &result) {
		return "", "", result, &errPayload
	}
	if token == "" {
		token = result.AuthorisationToken
	}
	switch {
	case token == "":
		return "", "", result, &errNoPaymentData
	case step == stepFingerprint && !oneOf(result.CompInd, "Y N U"), step == stepChallenge && !oneOf(result.TransStatus, "Y A N U R"):
		return "", "", result, &errPayload
	}
	return token, step, result, nil
}

func oneOf(s, words string) bool {
	for w := range strings.FieldsSeq(words) {
		if s == w {
			return true
		}
	}
	return false
}

// sessionOf finds the open session that a token belongs to. The caller holds the lock.
func (s *Server) sessionOf(token, step string) (session, *failure) {
	known, ok := s.book.sessions[s.book.byToken[token]]
	if !ok {
		return session{}, &errPayload
	}
	ses := *known
	switch p := s.book.payments[ses.PSP]; {
	case p == nil || s.cfg.Clock().After(ses.Expires):
		return session{}, &errPayload
	case token != ses.Token || ses.Step == stepDone:
		return session{}, &errUsed
	case step != ses.Step || step == stepRedirect && ses.Chosen == "":
		return session{}, &errPayload
	}
	return ses, nil
}

// authenticated is the outcome of 3-D Secure: what the issuer's page saw. Where the buyer was never sent there, what
// the browser says is believed, so that a merchant's server can be tested without a browser.
func (ses session) authenticated(result browserResult) authentication {
	a := authentication{Status: "Y", Challenged: ses.Challenge, TransID: ses.TransID}
	switch {
	case ses.Chosen == choseCancel:
		a.Status, a.Cancelled = "N", true
	case ses.Chosen == choseRefusal:
		a.Status = "N"
	case ses.Chosen == "" && ses.Challenge && result.TransStatus != "":
		a.Status = result.TransStatus
	}
	return a
}
