package gateway

import (
	"errors"
	"mime"
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/gofiber/fiber/v2"

	"octroi/gateway/flow"
	"octroi/gateway/hold"
	"octroi/gateway/intake"
	"octroi/gateway/payment"
	"octroi/gateway/typeset"
)

// Costs of the buyer's acts against Limits.Proof.
const (
	costPage   = 1
	costUpload = 5
	costSecret = 10 // of whoever may be guessing: a code, a second fact
)

// fault is what the buyer did that could not be taken: the sentence, and the field it stands at.
type fault struct {
	Field    string // the id of its place on the page; "" for none
	Sentence string
}

// admit bounds how often one client comes, refuses forms that another site sent, and then reads them, but for documents:
// those come when it is known whose they are.
func (s *Server) admit(k *call, cost int) error {
	if wait := s.visits.take(s.client(k.c), cost); wait > 0 {
		return tooMany("requests", wait)
	}
	if k.c.Method() == fiber.MethodPost && !sameSite(k.c) {
		return payment.Errorf(payment.CodeForbidden, "The form must be sent from its own page.")
	}
	if cost == costUpload {
		return nil
	}
	return s.readBody(k)
}

// sameSite tells our own form from another site's (Fetch Metadata; Origin for browsers without it). Because the page
// sends no referrer, its own forms come with the Origin "null".
func sameSite(c *fiber.Ctx) bool {
	if site := c.Get("Sec-Fetch-Site"); site != "" {
		return site == "same-origin" || site == "none"
	}
	origin := c.Get(fiber.HeaderOrigin)
	if origin == "" || origin == "null" {
		return true
	}
	u, err := url.Parse(origin)
	return err == nil && u.Host != "" && u.Host == string(c.Context().Host())
}

// visitor is a buyer who has come in.
type visitor struct {
	*call
	session string
	page    flow.Proof // the case as it stood when the request came
	lang    string
}

// proofPage is GET /proof.
func (s *Server) proofPage(v *visitor) error { return s.showProof(v, fiber.StatusOK, nil) }

// showProof writes the page, with what went wrong if something did.
func (s *Server) showProof(v *visitor, status int, wrong *fault) error {
	view := s.pages.proof(v.page, v.lang, s.cfg.Clock())
	view.stand(wrong)
	sent := v.c.Query("sent")
	if wrong == nil && slices.Contains([]string{"document", "message", "human", "code"}, sent) {
		view.Sent = view.T["sent_"+sent]
	}
	return s.pages.write(v.c, status, "proof.html", view)
}

// again shows the page with a fault, as the case stands now.
func (s *Server) again(v *visitor, status int, wrong *fault) error {
	page, err := s.cfg.Flow.ProofPage(v.ctx, v.session)
	if err != nil {
		return err
	}
	v.page = page
	return s.showProof(v, status, wrong)
}

// thank sends the browser back to the page, so that a reload does not send the form again.
func (s *Server) thank(v *visitor, what string) error {
	v.c.Set(fiber.HeaderLocation, "/proof?lang="+v.lang+"&sent="+what)
	v.c.Status(fiber.StatusSeeOther)
	return nil
}

// end is the page after a buyer has brought the case to its end. The link and its sessions open nothing from now on.
func (s *Server) end(v *visitor, how string) error {
	s.leave(v.call)
	return s.pages.write(v.c, fiber.StatusOK, "over.html", s.pages.over(v.page, v.lang, how))
}

// field reads a field of a form that carries no file.
func (v *visitor) field(name string) (string, error) {
	media, _, _ := mime.ParseMediaType(v.c.Get(fiber.HeaderContentType))
	if media != fiber.MIMEApplicationForm {
		return "", payment.Errorf(payment.CodeMediaType, "The form must be sent as %s.", fiber.MIMEApplicationForm)
	}
	return string(v.c.Context().PostArgs().Peek(name)), nil
}

// another reports a form that was made for another case than the one this browser has open now.
func (v *visitor) another(caseID string) bool { return caseID != "" && caseID != v.page.Case.ID }

// meant takes the form's own word for which case it is meant; without one it is meant for this.
func (s *Server) meant(v *visitor) (ok bool, err error) {
	id, err := v.field("case")
	if err != nil || !v.another(id) {
		return err == nil, err
	}
	return false, s.showProof(v, fiber.StatusConflict, &fault{Sentence: s.pages.words[v.lang]["other_case"]})
}

// enterCode is POST /proof/code.
func (s *Server) enterCode(v *visitor) error {
	if ok, err := s.meant(v); !ok {
		return err
	}
	typed, err := v.field("code")
	if err != nil {
		return err
	}
	words := s.pages.words[v.lang]
	entry, err := s.cfg.Flow.EnterCode(v.ctx, v.session, typed)
	switch code := payment.CodeOf(err); {
	case err == nil && entry.Approved:
		return s.end(v, endApproved)
	case err == nil && entry.Right:
		return s.thank(v, "code")
	case err == nil && entry.TriesLeft > 0:
		return s.again(v, fiber.StatusUnprocessableEntity, &fault{Field: fieldCode, Sentence: words["code_wrong"]})
	case err == nil || code == payment.CodeWrongState:
		return s.again(v, fiber.StatusConflict, &fault{Sentence: words["code_failed"]})
	case code == payment.CodeInvalid:
		return s.again(v, fiber.StatusUnprocessableEntity, &fault{Field: fieldCode, Sentence: words["code_form"]})
	}
	return err
}

// receiveMessage is POST /proof/messages.
func (s *Server) receiveMessage(v *visitor) error {
	if ok, err := s.meant(v); !ok {
		return err
	}
	text, err := v.field("text")
	if err != nil {
		return err
	}
	// Browsers end lines with CR LF in forms.
	text = strings.ReplaceAll(text, "\r\n", "\n")
	if payment.HoldsCard(text) {
		return s.showProof(v, fiber.StatusUnprocessableEntity, &fault{Field: fieldText, Sentence: s.pages.words[v.lang]["card_in_text"]})
	}
	if !utf8.ValidString(text) {
		err = payment.Invalid(payment.FieldError{Pointer: "/text", Detail: "must be UTF-8"})
	} else if err = plain("/text", text); err == nil {
		err = s.cfg.Flow.BuyerSays(v.ctx, v.session, text)
	}
	if err != nil {
		return s.refuse(v, fieldText, err)
	}
	return s.thank(v, "message")
}

// askHuman is POST /proof/human (GDPR article 22).
func (s *Server) askHuman(v *visitor) error {
	if ok, err := s.meant(v); !ok {
		return err
	}
	if err := s.cfg.Flow.AskHuman(v.ctx, v.session); err != nil {
		return err
	}
	return s.thank(v, "human")
}

// withdrawPage is GET /proof/withdraw: giving up an order takes a second word.
func (s *Server) withdrawPage(v *visitor) error {
	return s.pages.write(v.c, fiber.StatusOK, "withdraw.html", s.pages.withdraw(v.page, v.lang))
}

// withdraw is POST /proof/withdraw.
func (s *Server) withdraw(v *visitor) error {
	if ok, err := s.meant(v); !ok {
		return err
	}
	if err := s.cfg.Flow.Withdraw(v.ctx, v.session); err != nil {
		return err
	}
	return s.end(v, endWithdrawn)
}

// Fields of the page that a fault can stand at; a document's is made of its kind.
const (
	fieldCode = "code"
	fieldText = "text"
	fieldAsks = "asks" // the head above all that is asked
	fieldFile = "file-"
)

// fieldOf is where on the page a fault with a document of the kind stands.
func fieldOf(p flow.Proof, kind hold.Kind) string {
	if slices.Contains(p.Case.Proof.Requested, kind) {
		return fieldFile + string(kind)
	}
	return fieldAsks
}

// stand puts a fault where it belongs on the page; where the page has no such field any more it stands alone.
func (v *proofView) stand(wrong *fault) {
	if wrong == nil {
		return
	}
	v.Fault = wrong
	there := wrong.Field == fieldAsks && (v.Code != nil || len(v.Asks) > 0)
	switch {
	case wrong.Field == fieldText:
		v.TextWrong, v.Talks, there = wrong.Sentence, true, true
	case wrong.Field == fieldCode && v.Code != nil && !v.Code.Passed && !v.Code.Failed:
		v.Code.Wrong, there = wrong.Sentence, true
	}
	for i, a := range v.Asks {
		if a.Takes && wrong.Field == fieldFile+string(a.Kind) {
			v.Asks[i].Wrong, v.Asks[i].Open, there = wrong.Sentence, true, true
		}
	}
	if !there {
		v.Fault = &fault{Sentence: wrong.Sentence}
	}
}

// refuse shows the page again with a sentence about what could not be taken. What is not the buyer's doing stays an
// error.
func (s *Server) refuse(v *visitor, field string, err error) error {
	words, document := s.pages.words[v.lang], field != fieldText
	status, sentence := fiber.StatusUnprocessableEntity, ""
	var bad *intake.Unacceptable
	switch code := payment.CodeOf(err); {
	case errors.As(err, &bad):
		sentence = typeset.Text(bad.Sentence(v.lang), v.lang)
		switch bad.Code {
		case intake.CodeTooLarge:
			status = fiber.StatusRequestEntityTooLarge
		case intake.CodeBusy:
			status = fiber.StatusServiceUnavailable
			v.c.Set(fiber.HeaderRetryAfter, "60")
		}
	case errors.Is(err, errNoFile):
		sentence = words["no_file"]
	case code == payment.CodeInvalid && document:
		sentence = words["not_asked"]
	case code == payment.CodeInvalid:
		sentence = words["bad_text"]
	case code == payment.CodeWrongState && document:
		status, sentence = fiber.StatusConflict, words["enough_documents"]
	case code == payment.CodeWrongState:
		status, sentence = fiber.StatusConflict, words["enough_messages"]
	default:
		return err
	}
	return s.again(v, status, &fault{Field: field, Sentence: sentence})
}
