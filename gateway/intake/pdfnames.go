package intake

import (
	"bytes"
	"strconv"
)

// activeNames are the PDF names that make a document act, carry or reach for something (ISO 32000-1 clause 12.6,
// 7.11.4 and 12.7.8, ISO 32000-2 13.7), and the refusal that each brings. OpenAction is not refused where it is an array,
// which can only choose the first view (ISO 32000-1, 7.7.2): common word processors write one into every letter.
var activeNames = map[string]string{
	"JavaScript": CodePDFScript, "JS": CodePDFScript, "OpenAction": CodePDFScript, "AA": CodePDFScript, "Launch": CodePDFScript,
	"Rendition":    CodePDFScript,
	"EmbeddedFile": CodePDFFiles, "EmbeddedFiles": CodePDFFiles, "EF": CodePDFFiles, "FileAttachment": CodePDFFiles,
	"RichMedia": CodePDFFiles, "GoToE": CodePDFFiles, "GoToR": CodePDFFiles,
	"XFA": CodePDFForm, "SubmitForm": CodePDFForm, "ImportData": CodePDFForm,
}

// shortName: names up to this length turn up by chance in megabytes of compressed bytes, so inside stream bodies they
// prove nothing. A longer one does not: eight chosen bytes in ten megabytes happen once in a million million files.
const shortName = 5

// maxColumns bounds a predictor's row, which a decoder sets aside before it sees a byte. No scanner reaches it.
const maxColumns = 100_000

// nameScan is what the names in some bytes tell.
type nameScan struct {
	active             string // the refusal of the worst name, "" for none
	encrypted, hugeRow bool
	objectStreams      int // object and cross-reference streams
}

func (n nameScan) verdict() error {
	switch {
	case n.encrypted:
		return refuse(CodePDFEncrypted)
	case n.active != "":
		return refuse(n.active)
	case n.hugeRow:
		return refuse(CodeUnreadable)
	}
	return nil
}

// acts takes note of a name's refusal. A script weighs more than a file, and a file more than a form.
func (n *nameScan) acts(code string) {
	for _, worst := range []string{CodePDFScript, CodePDFFiles, CodePDFForm} {
		if code == worst || n.active == worst {
			n.active = worst
			return
		}
	}
}

// named is the scan of one name. A parser may leave #-escapes in it.
func named(name string) (n nameScan) {
	n.acts(activeNames[unescape([]byte(name))])
	return n
}

// scanNames reads every name in the bytes, with #-escapes undone, whether or not it stands where a name can. In a
// whole file short names are passed over inside stream bodies.
func scanNames(data []byte, wholeFile bool) nameScan {
	var n nameScan
	body := 0 // end of the latest stream body seen
	for i := 0; i < len(data); {
		next := bytes.IndexByte(data[i:], '/')
		if next < 0 {
			break
		}
		if wholeFile && i >= body {
			body = bodyEnd(data, i, i+next)
			// Without an end there is none further on either: looking again would make the scan quadratic.
			wholeFile = body >= 0
		}
		i += next + 1
		end := i
		for end < len(data) && end-i < 127 && regular(data[end]) {
			end++
		}
		name := unescape(data[i:end])
		if i >= body || len(name) > shortName {
			n.note(name, data[end:])
		}
		i = end
	}
	return n
}

// bodyEnd looks for the start of a stream body in data[from:to] and tells where it ends: 0 when none starts there, -1
// when it has no end.
func bodyEnd(data []byte, from, to int) int {
	at := bytes.LastIndex(data[from:to], []byte("stream"))
	if at < 0 || bytes.HasSuffix(data[:from+at], []byte("end")) {
		return 0
	}
	start := from + at + len("stream")
	if start < len(data) && data[start] != '\r' && data[start] != '\n' {
		return 0
	}
	end := bytes.Index(data[start:], []byte("endstream"))
	if end < 0 {
		return -1
	}
	return start + end
}

func (n *nameScan) note(name string, rest []byte) {
	switch name {
	case "Encrypt":
		n.encrypted = true
	case "ObjStm", "XRef":
		n.objectStreams++
	case "Columns":
		rest = bytes.TrimLeft(rest, "\x00\t\n\f\r +")
		digits := 0
		for digits < len(rest) && rest[digits] >= '0' && rest[digits] <= '9' {
			digits++
		}
		v, err := strconv.Atoi(string(rest[:digits]))
		n.hugeRow = n.hugeRow || digits > 0 && (err != nil || v > maxColumns)
	case "OpenAction":
		if !bytes.HasPrefix(bytes.TrimLeft(rest, "\x00\t\n\f\r "), []byte("[")) {
			n.acts(CodePDFScript)
		}
	default:
		n.acts(activeNames[name])
	}
}

// regular tells the characters a name is made of: all but white space and delimiters (ISO 32000-1, 7.2.2).
func regular(c byte) bool {
	return c > ' ' && bytes.IndexByte([]byte("()<>[]{}/%"), c) < 0
}

// unescape undoes "#xx" in a name (ISO 32000-1, 7.3.5). What is not two hex digits stays as it is.
func unescape(name []byte) string {
	if bytes.IndexByte(name, '#') < 0 {
		return string(name)
	}
	out := make([]byte, 0, len(name))
	for i := 0; i < len(name); i++ {
		if name[i] == '#' && i+2 < len(name) {
			if v, err := strconv.ParseUint(string(name[i+1:i+3]), 16, 8); err == nil {
				out, i = append(out, byte(v)), i+2
				continue
			}
		}
		out = append(out, name[i])
	}
	return string(out)
}
