package vault

import (
	"bytes"
	"context"
	"errors"
	"mime"
	"path"
	"strings"
	"time"
)

// The media types a document may have.
const (
	typeJPEG = "image/jpeg"
	typePNG  = "image/png"
	typePDF  = "application/pdf"
)

// Document is what passed the intake. Its bytes are not the buyer's when it is a picture: they were made anew from the
// pixels, turned upright, so that no place, device, thumbnail or trailing file comes along.
type Document struct {
	Type   string // image/jpeg, image/png or application/pdf
	Data   []byte
	Pages  int // 1 for a picture
	Width  int // pixels, as stored; 0 for a PDF
	Height int
}

// Limits bound what the intake takes and what it may cost. A field left at zero has its default.
type Limits struct {
	Bytes     int // of the file; 10 MiB
	Pixels    int // of a picture, also one inside a PDF; 40 million
	Side      int // pixels on one side of a picture; 12 000
	Memory    int // bytes a picture may take while it is decoded; 256 MiB
	Pages     int // of a PDF; 10
	Expansion int // bytes all streams of a PDF may unpack to; 50 MiB
}

// DefaultLimits are the limits of the OWASP File Upload Cheat Sheet and ASVS 5.0 chapter V5 put into figures: large
// enough for any phone's photo and any bank's statement.
func DefaultLimits() Limits {
	return Limits{Bytes: 10 << 20, Pixels: 40_000_000, Side: 12_000, Memory: 256 << 20, Pages: 10, Expansion: 50 << 20}
}

func (l Limits) filled() Limits {
	d := DefaultLimits()
	for _, f := range []struct{ have, def *int }{
		{&l.Bytes, &d.Bytes}, {&l.Pixels, &d.Pixels}, {&l.Side, &d.Side},
		{&l.Memory, &d.Memory}, {&l.Pages, &d.Pages}, {&l.Expansion, &d.Expansion},
	} {
		if *f.have <= 0 {
			*f.have = *f.def
		}
	}
	return l
}

// maxTime is how long one PDF may be read before it is refused as too complex.
const maxTime = 5 * time.Second

// Intake inspects files, a bounded number at a time: each may take Limits.Memory and a processor for a while.
type Intake struct {
	limits Limits
	slots  chan struct{}
}

// NewIntake bounds the decodes that run at once to parallel, at least 1. One for each two processors is a good number.
func NewIntake(lim Limits, parallel int) *Intake {
	return &Intake{limits: lim.filled(), slots: make(chan struct{}, max(parallel, 1))}
}

// Inspect waits for its turn and judges the file as the function Inspect does. Besides an *Unacceptable it can fail
// with the context's error, while waiting or while reading a PDF.
func (in *Intake) Inspect(ctx context.Context, filename, declaredType string, data []byte) (Document, error) {
	select {
	case in.slots <- struct{}{}:
		defer func() { <-in.slots }()
	case <-ctx.Done():
		return Document{}, ctx.Err()
	}
	if err := ctx.Err(); err != nil {
		return Document{}, err
	}
	return inspect(ctx, filename, declaredType, data, in.limits)
}

// Inspect judges a file from a stranger. The extension of its name, its declared media type, its first bytes and a
// full decode must agree on JPEG, PNG or PDF; a name without extension, or a declared type that is empty or
// application/octet-stream, claims nothing. Every refusal is an *Unacceptable; decoders that panic are a refusal too.
// It does not keep or change data, but a PDF's Document.Data is data itself.
func Inspect(filename, declaredType string, data []byte, lim Limits) (Document, error) {
	return inspect(context.Background(), filename, declaredType, data, lim.filled())
}

func inspect(ctx context.Context, filename, declaredType string, data []byte, lim Limits) (doc Document, err error) {
	// The decoders read hostile bytes; whatever trips one of them makes the file unreadable, not the gateway.
	defer func() {
		if recover() != nil {
			doc, err = Document{}, refuse(CodeUnreadable)
		}
	}()
	if len(data) == 0 {
		return Document{}, refuse(CodeEmpty)
	}
	if len(data) > lim.Bytes {
		return Document{}, &Unacceptable{Code: CodeTooLarge, Limit: lim.Bytes >> 20}
	}
	kind, err := agree(filename, declaredType, data)
	if err != nil {
		return Document{}, err
	}
	if kind != typePDF {
		return inspectPicture(kind, data, lim)
	}
	timed, cancel := context.WithTimeout(ctx, maxTime)
	defer cancel()
	doc, err = inspectPDF(timed, data, lim)
	if err == nil || ctx.Err() == nil && !errors.Is(err, context.DeadlineExceeded) {
		return doc, err
	}
	if ctx.Err() != nil {
		return Document{}, ctx.Err()
	}
	return Document{}, refuse(CodePDFExpansion)
}

// agree settles what the file is, or why its claims do not hold.
func agree(filename, declaredType string, data []byte) (string, error) {
	named, declared := extensionType(filename), declaredMedia(declaredType)
	actual := sniff(data)
	if actual == "" {
		for _, claim := range []string{named, declared} {
			if _, ok := claims[claim]; ok && !heif(data) {
				return "", &Unacceptable{Code: CodeMismatch, Claim: claim}
			}
		}
		if heif(data) || named == typeHEIC || declared == typeHEIC {
			return "", refuse(CodeHEIC)
		}
		return "", refuse(CodeNotAllowed)
	}
	for _, claim := range []string{named, declared} {
		if claim == "" || claim == actual {
			continue
		}
		if _, ok := claims[claim]; ok {
			return "", &Unacceptable{Code: CodeMismatch, Claim: claim}
		}
		if claim == typeHEIC {
			return "", refuse(CodeMismatch)
		}
		return "", refuse(CodeNotAllowed)
	}
	return actual, nil
}

const (
	typeHEIC  = "image/heic" // stands for HEIF's whole family
	typeOther = "other"
)

// sniff gives the allowed type whose signature stands at the very first byte, or "". Looking nowhere else keeps a
// file that is two things at once from being taken for the second.
func sniff(data []byte) string {
	for kind, signature := range signatures {
		if bytes.HasPrefix(data, []byte(signature)) {
			return kind
		}
	}
	return ""
}

// signatures: ITU-T T.81 B.1.1.3 (SOI and the next marker), PNG third edition 5.2, ISO 32000-1 7.5.2.
var signatures = map[string]string{typeJPEG: "\xFF\xD8\xFF", typePNG: "\x89PNG\r\n\x1a\n", typePDF: "%PDF-"}

// heif tells the HEIF family by its ISO base media "ftyp" brand (ISO/IEC 23008-12).
func heif(data []byte) bool {
	if len(data) < 12 || string(data[4:8]) != "ftyp" {
		return false
	}
	switch string(data[8:12]) {
	case "heic", "heix", "heim", "heis", "hevc", "hevx", "hevm", "hevs", "mif1", "msf1":
		return true
	}
	return false
}

// extensionType is the type a file name claims, "" for a name without extension. Both kinds of slash end a folder,
// because some browsers send the path of the buyer's own machine.
func extensionType(filename string) string {
	base := path.Base(strings.ReplaceAll(filename, `\`, "/"))
	switch strings.ToLower(path.Ext(base)) {
	case "", ".":
		return ""
	case ".jpg", ".jpeg", ".jpe", ".jfif":
		return typeJPEG
	case ".png":
		return typePNG
	case ".pdf":
		return typePDF
	case ".heic", ".heif", ".hif":
		return typeHEIC
	}
	return typeOther
}

func declaredMedia(declared string) string {
	if declared == "" {
		return ""
	}
	media, _, err := mime.ParseMediaType(declared)
	if err != nil {
		return typeOther
	}
	switch media {
	case "application/octet-stream":
		return ""
	case "image/jpeg", "image/jpg", "image/pjpeg":
		return typeJPEG
	case "image/png", "image/x-png":
		return typePNG
	case "application/pdf", "application/x-pdf":
		return typePDF
	case "image/heic", "image/heif", "image/heic-sequence", "image/heif-sequence":
		return typeHEIC
	}
	return typeOther
}
