package adyensim

import (
	"encoding/json"
	"net/http"
)

// challengeMessage is a CReq or a CRes (EMV 3-D Secure, challenge messages).
type challengeMessage struct {
	ServerTransID string `json:"threeDSServerTransID"`
	ACSTransID    string `json:"acsTransID"`
	MessageType   string `json:"messageType"`
	Version       string `json:"messageVersion"`
	Completed     string `json:"challengeCompletionInd,omitempty"`
	TransStatus   string `json:"transStatus,omitempty"`
}

// challengePage is the issuer's page in the merchant's frame: it takes a CReq, asks the buyer, and sends the CRes to
// the notification address.
func (s *Server) challengePage(w http.ResponseWriter, r *http.Request) {
	if !s.form(w, r) {
		return
	}
	creq := r.PostForm.Get("creq")
	var m challengeMessage
	if !decodeToken(creq, &m) || m.MessageType != "CReq" {
		s.notice(w, r, http.StatusBadRequest, "", "unreadable")
		return
	}
	ses, ok := s.transaction(m.ServerTransID)
	again := ""
	if ok = ok && ses.ACSTransID == m.ACSTransID; ok {
		ses, again, ok = s.act(ses.ID, stepChallenge, r.PostForm.Get("choice"), r.PostForm.Get("code"))
	}
	switch {
	case !ok:
		s.notice(w, r, http.StatusGone, "", "over")
	case ses.Chosen == "":
		s.ask(w, r, ses, again, choice{Action: pathChallenge, Field: "creq", Value: creq})
	default:
		m.MessageType, m.Completed, m.TransStatus = "CRes", "Y", ses.authenticated(browserResult{}).Status
		to := ses.Notify
		if to == "" {
			to = ses.Base + pathChallengeNotification
		}
		s.show(w, r, http.StatusOK, "post", ses.Locale, post{Title: "going_back", URL: to, Fields: map[string]string{"cres": encodeToken(m)}})
	}
}

// message is a page in a frame that tells the merchant's page what happened, as Adyen's own notification pages do.
type message struct {
	Text   string // JSON
	Target string // the origin that may read it
}

// notification is the text of such a message, in the words that Adyen's web library waits for.
type notification struct {
	Result browserWord `json:"result"`
	Type   string      `json:"type"`
}

type browserWord struct {
	TransStatus   string `json:"transStatus,omitempty"`
	CompInd       string `json:"threeDSCompInd,omitempty"`
	ServerTransID string `json:"threeDSServerTransID"`
}

// methodNotification is told by the issuer's 3DS Method page that it has looked at the browser.
func (s *Server) methodNotification(w http.ResponseWriter, r *http.Request) {
	if !s.form(w, r) {
		return
	}
	var m methodMessage
	_ = decodeToken(r.PostForm.Get("threeDSMethodData"), &m)
	s.tell(w, r, m.ServerTransID, notification{browserWord{CompInd: "Y", ServerTransID: m.ServerTransID}, "fingerPrintResult"})
}

// challengeNotification is told by the issuer's challenge page how it ended.
func (s *Server) challengeNotification(w http.ResponseWriter, r *http.Request) {
	if !s.form(w, r) {
		return
	}
	var m challengeMessage
	_ = decodeToken(r.PostForm.Get("cres"), &m)
	s.tell(w, r, m.ServerTransID, notification{browserWord{TransStatus: m.TransStatus, ServerTransID: m.ServerTransID}, "challengeResult"})
}

// tell shows a page that passes a notification to the merchant's page around it.
func (s *Server) tell(w http.ResponseWriter, r *http.Request, transID string, n notification) {
	ses, ok := s.transaction(transID)
	text, err := json.Marshal(n)
	if !ok || err != nil {
		s.notice(w, r, http.StatusGone, "", "over")
		return
	}
	s.show(w, r, http.StatusOK, "message", ses.Locale, message{Text: string(text), Target: ses.Origin})
}
