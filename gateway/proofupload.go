package gateway

import (
	"context"
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
	u, err := s.readUpload(v)
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
	room   []byte // for all files, as large as the form
}

type file struct {
	name, media string
	data        []byte
}

// errNoFile is a form without a file, or one that is not the page's.
var errNoFile = errors.New("no file came with the form")

// maxParts bounds the parts of the form: case, kind, photo and file, and what a browser may add.
const maxParts = 8

// readUpload reads the form part by part as it comes. The document stays in memory: it must not touch a disk before it is
// sealed. What follows has the whole of a call's time, however long the buyer's network took.
func (s *Server) readUpload(v *visitor) (u upload, err error) {
	media, params, err := mime.ParseMediaType(v.c.Get(fiber.HeaderContentType))
	if err != nil || media != fiber.MIMEMultipartForm {
		return u, payment.Errorf(payment.CodeMediaType, "The form must be sent as %s.", fiber.MIMEMultipartForm)
	}
	form, size, err := s.documentOf(v)
	if err != nil {
		return u, err
	}
	u.room = make([]byte, 0, size)
	stop := s.waiting(v.call)
	err = u.read(multipart.NewReader(form, params["boundary"]))
	stop()
	ctx, cancel := context.WithTimeout(context.Background(), s.cfg.Limits.Request)
	v.after(cancel)
	v.ctx = ctx
	return u, err
}

func (u *upload) read(r *multipart.Reader) error {
	for range maxParts {
		part, err := r.NextRawPart()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return notWhole(err)
		}
		if err := u.take(part); err != nil {
			return err
		}
	}
	return nil
}

// notWhole tells a form that came too slowly, or is too large, from one that is not the page's.
func notWhole(err error) error {
	if why := cutShort(err); why != error(fiber.ErrBadRequest) {
		return why
	}
	return errNoFile
}

// take reads one part of the form. A field that no file was chosen for comes as a part without a name.
func (u *upload) take(part *multipart.Part) error {
	switch name := part.FormName(); name {
	case "case", "kind":
		text, err := io.ReadAll(io.LimitReader(part, 64))
		if err != nil {
			return notWhole(err)
		}
		if name == "case" {
			u.caseID = string(text)
		} else {
			u.kind = hold.Kind(text)
		}
	case "file":
		data, err := u.fill(part)
		if err != nil {
			return notWhole(err)
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

// fill reads a file into what room there is left, which a file that is part of the form cannot need all of.
func (u *upload) fill(part io.Reader) ([]byte, error) {
	from := len(u.room)
	for len(u.room) < cap(u.room) {
		n, err := part.Read(u.room[len(u.room):cap(u.room)])
		u.room = u.room[:len(u.room)+n]
		if errors.Is(err, io.EOF) {
			return u.room[from:len(u.room):len(u.room)], nil
		}
		if err != nil {
			return nil, err
		}
	}
	return nil, errNoFile
}
