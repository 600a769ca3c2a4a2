package gateway

import (
	"bytes"
	"errors"
	"io"
	"mime"
	"mime/multipart"

	"github.com/gofiber/fiber/v2"

	"octroi/gateway/hold"
	"octroi/gateway/intake"
	"octroi/gateway/payment"
)

// maxFile is the intake's own bound on a document, in bytes.
const maxFile = 10 << 20

// receiveDocument is POST /proof/documents. Where the form brings both a photo and a file, both are taken, the photo
// first; what is refused does not take back what came before it.
func (s *Server) receiveDocument(v *visitor) error {
	u, err := readUpload(v.c)
	if v.another(u.caseID) {
		return s.showProof(v, fiber.StatusConflict, &fault{Sentence: s.pages.words[v.lang]["other_case"]})
	}
	if err == nil && len(u.files) == 0 {
		err = errNoFile
	}
	for _, f := range u.files {
		if err == nil {
			err = s.cfg.Flow.ReceiveDocument(v.ctx, v.session, u.kind, f.name, f.media, f.data)
		}
	}
	if err != nil {
		return s.refuse(v, fieldOf(v.page, u.kind), err)
	}
	return s.thank(v, "document")
}

// upload is the form of one kind of document.
type upload struct {
	caseID string
	kind   hold.Kind
	files  []file
}

type file struct {
	name, media string
	data        []byte
}

// errNoFile is a form without a file, or one that is not the page's.
var errNoFile = errors.New("no file came with the form")

// maxParts bounds the parts of the form: case, kind, photo and file, and what a browser may add.
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
	return u, nil
}

// take reads one part of the form. A field that no file was chosen for comes as a part without a name.
func (u *upload) take(part *multipart.Part) error {
	switch name := part.FormName(); name {
	case "case", "kind":
		text, err := io.ReadAll(io.LimitReader(part, 64))
		if err != nil {
			return errNoFile
		}
		if name == "case" {
			u.caseID = string(text)
		} else {
			u.kind = hold.Kind(text)
		}
	case "file":
		data, err := io.ReadAll(io.LimitReader(part, maxFile+1))
		if err != nil {
			return errNoFile
		}
		if len(data) > maxFile {
			return &intake.Unacceptable{Code: intake.CodeTooLarge, Limit: maxFile >> 20}
		}
		if part.FileName() != "" || len(data) > 0 {
			u.files = append(u.files, file{name: part.FileName(), media: part.Header.Get("Content-Type"), data: data})
		}
	}
	return nil
}
