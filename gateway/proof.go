package gateway

import (
	"bytes"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/gofiber/fiber/v2"

	"octroi/gateway/flow"
	"octroi/gateway/hold"
	"octroi/gateway/intake"
	"octroi/gateway/payment"
)

// Costs of the buyer's acts against Limits.Proof.
const (
	costPage   = 1
	costUpload = 5
)

// maxFile is the intake's own bound on a document, in bytes.
const maxFile = 10 << 20

// fault is what the buyer did that could not be taken: the sentence, and the field it stands at.
type fault struct {
	Field    string // the id of its place on the page
	Sentence string
}

// admit bounds how often one client comes, and refuses forms that another site sent.
func (s *Server) admit(k *call, cost int) error {
	if wait := s.visits.take(s.client(k.c), cost); wait > 0 {
		return tooMany("requests", wait)
	}
	if k.c.Method() == fiber.MethodPost && !sameSite(k.c) {
		return payment.Errorf(payment.CodeForbidden, "The form must be sent from its own page.")
	}
	return nil
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

// proofPage is GET /proof/{token}.
func (s *Server) proofPage(k *call) error {
	if err := s.admit(k, costPage); err != nil {
		return err
	}
	p, err := s.cfg.Flow.ProofPage(k.ctx, k.token())
	if err != nil {
		return err
	}
	return s.showProof(k, 200, p, nil)
}

// token is the link's secret. It is never logged: requests are logged by their route.
func (k *call) token() string { return strings.Clone(k.c.Params("token")) }

// language is the buyer's, unless the page's own switch asks for the other one.
func (k *call) language(p flow.Proof) string {
	if l := k.c.Query("lang"); l == payment.French || l == payment.English {
		return strings.Clone(l)
	}
	return payment.Language(p.Language)
}

// showProof writes the page, with what went wrong if something did.
func (s *Server) showProof(k *call, status int, p flow.Proof, wrong *fault) error {
	v := s.pages.proof(p, k.language(p), s.cfg.Clock())
	v.Token, v.Fault = k.token(), wrong
	for i := range v.Asks {
		if wrong != nil && wrong.Field == fieldOf(p, v.Asks[i].Kind) {
			v.Asks[i].Sentence = wrong.Sentence
		}
	}
	if sent := k.c.Query("sent"); wrong == nil && (sent == "document" || sent == "message") {
		v.Sent = v.T["sent_"+sent]
	}
	return s.pages.write(k.c, status, "proof.html", v)
}

// receiveDocument is POST /proof/{token}/documents.
func (s *Server) receiveDocument(k *call) error {
	if err := s.admit(k, costUpload); err != nil {
		return err
	}
	p, err := s.cfg.Flow.ProofPage(k.ctx, k.token())
	if err != nil {
		return err
	}
	f, err := readUpload(k.c)
	if err != nil {
		return s.refuse(k, p, fieldOf(p, f.kind), err)
	}
	if err := s.cfg.Flow.ReceiveDocument(k.ctx, k.token(), f.kind, f.name, f.media, f.data); err != nil {
		return s.refuse(k, p, fieldOf(p, f.kind), err)
	}
	return s.thank(k, p, "document")
}

// receiveMessage is POST /proof/{token}/messages.
func (s *Server) receiveMessage(k *call) error {
	if err := s.admit(k, costPage); err != nil {
		return err
	}
	p, err := s.cfg.Flow.ProofPage(k.ctx, k.token())
	if err != nil {
		return err
	}
	media, _, _ := mime.ParseMediaType(k.c.Get(fiber.HeaderContentType))
	text := string(k.c.Context().PostArgs().Peek("text"))
	// Browsers end lines with CR LF in forms.
	text = strings.ReplaceAll(text, "\r\n", "\n")
	if payment.HoldsCard(text) {
		return s.showProof(k, fiber.StatusUnprocessableEntity, p, &fault{Field: fieldText, Sentence: wordsIn(k.language(p))["card_in_text"]})
	}
	switch {
	case media != fiber.MIMEApplicationForm:
		err = payment.Errorf(payment.CodeMediaType, "The form must be sent as %s.", fiber.MIMEApplicationForm)
	case !utf8.ValidString(text):
		err = payment.Invalid(payment.FieldError{Pointer: "/text", Detail: "must be UTF-8"})
	default:
		if err = plain("/text", text); err == nil {
			err = s.cfg.Flow.BuyerSays(k.ctx, k.token(), text)
		}
	}
	if err != nil {
		return s.refuse(k, p, fieldText, err)
	}
	return s.thank(k, p, "message")
}

// thank sends the browser back to the page, so that a reload does not send the form again.
func (s *Server) thank(k *call, p flow.Proof, what string) error {
	k.c.Set(fiber.HeaderLocation, "/proof/"+k.token()+"?lang="+k.language(p)+"&sent="+what)
	k.c.Status(fiber.StatusSeeOther)
	return nil
}

// fieldText is the message's field on the page; fieldAsks the head above all documents.
const (
	fieldText = "text"
	fieldAsks = "asks"
)

// fieldOf is where on the page a fault with a document of the kind stands.
func fieldOf(p flow.Proof, kind hold.Kind) string {
	if slices.Contains(p.Case.Proof.Requested, kind) {
		return "file-" + string(kind)
	}
	return fieldAsks
}

// refuse shows the page again with a sentence about what could not be taken. What is not the buyer's doing stays an
// error.
func (s *Server) refuse(k *call, p flow.Proof, field string, err error) error {
	words, document := wordsIn(k.language(p)), field != fieldText
	status, sentence := fiber.StatusUnprocessableEntity, ""
	var bad *intake.Unacceptable
	switch code := payment.CodeOf(err); {
	case errors.As(err, &bad):
		sentence = bad.Sentence(k.language(p))
		switch bad.Code {
		case intake.CodeTooLarge:
			status = fiber.StatusRequestEntityTooLarge
		case intake.CodeBusy:
			status = fiber.StatusServiceUnavailable
			k.c.Set(fiber.HeaderRetryAfter, "60")
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
	return s.showProof(k, status, p, &fault{Field: field, Sentence: sentence})
}

// upload is the form of one document.
type upload struct {
	kind        hold.Kind
	name, media string
	data        []byte
}

// errNoFile is a form without a file, or one that is not the page's.
var errNoFile = errors.New("no file came with the form")

// maxParts bounds the parts of the form: kind and file, and what a browser may add.
const maxParts = 8

// readUpload reads the form part by part. The document stays in memory: it must not touch a disk before it is sealed.
func readUpload(c *fiber.Ctx) (u upload, err error) {
	media, params, err := mime.ParseMediaType(c.Get(fiber.HeaderContentType))
	if err != nil || media != fiber.MIMEMultipartForm {
		return u, payment.Errorf(payment.CodeMediaType, "The form must be sent as %s.", fiber.MIMEMultipartForm)
	}
	r := multipart.NewReader(bytes.NewReader(c.Context().PostBody()), params["boundary"])
	for range maxParts {
		part, err := r.NextRawPart()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return u, errNoFile
		}
		if err := u.take(part); err != nil {
			return u, err
		}
	}
	if u.name == "" && len(u.data) == 0 {
		return u, errNoFile
	}
	return u, nil
}

// take reads one part of the form.
func (u *upload) take(part *multipart.Part) error {
	switch part.FormName() {
	case "kind":
		kind, err := io.ReadAll(io.LimitReader(part, 64))
		if err != nil {
			return errNoFile
		}
		u.kind = hold.Kind(kind)
	case "file":
		data, err := io.ReadAll(io.LimitReader(part, maxFile+1))
		if err != nil {
			return errNoFile
		}
		if len(data) > maxFile {
			return &intake.Unacceptable{Code: intake.CodeTooLarge, Limit: maxFile >> 20}
		}
		u.name, u.media, u.data = part.FileName(), part.Header.Get("Content-Type"), data
	}
	return nil
}
