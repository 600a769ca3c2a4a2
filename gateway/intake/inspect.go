package intake

import (
	"bytes"
	"context"
	"mime"
	"path"
	"strings"
)

// judge decides about a file from a stranger. The extension of its name, its declared media type, its first bytes and a
// full decode must agree on JPEG, PNG, WebP or PDF; a name without extension, or a declared type that is empty or
// application/octet-stream, claims nothing. Every refusal is an *Unacceptable; decoders that panic are a refusal too. It
// does not keep or change data, but a PDF's Document.Data is data itself. A picture that takes more memory than room is
// errLarge. Only a child does this (child.go).
func judge(ctx context.Context, filename, declaredType string, data []byte, lim Limits, room int) (doc Document, err error) {
	defer func() {
		if recover() != nil {
			doc, err = Document{}, refuse(CodeUnreadable)
		}
	}()
	if err := sized(data, lim); err != nil {
		return Document{}, err
	}
	kind, err := agree(filename, declaredType, data)
	if err != nil {
		return Document{}, err
	}
	if kind == typePDF {
		return judgePDF(ctx, data, lim)
	}
	return judgePicture(kind, data, lim, room)
}

// sized refuses what is not worth a look.
func sized(data []byte, lim Limits) error {
	switch {
	case len(data) == 0:
		return refuse(CodeEmpty)
	case len(data) > lim.Bytes:
		return &Unacceptable{Code: CodeTooLarge, Limit: lim.Bytes >> 20}
	}
	return nil
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
	if sniffWebP(data) {
		return typeWebP
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
	case ".webp":
		return typeWebP
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
	case "image/webp":
		return typeWebP
	case "application/pdf", "application/x-pdf":
		return typePDF
	case "image/heic", "image/heif", "image/heic-sequence", "image/heif-sequence":
		return typeHEIC
	}
	return typeOther
}
