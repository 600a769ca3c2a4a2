package gateway

import (
	"bytes"
	"iter"
	"strings"

	"github.com/valyala/fasthttp"
)

// A proxy and this server must never disagree about where a request ends: what one takes for a body the other would take
// for the next buyer's request. Whatever HTTP/1.1 allows to be read in two ways is therefore refused (RFC 9112, sections
// 2.2, 5.2 and 6.3), and so is what the server underneath would read its own way.

// unframe makes the server read no body of a request that is misframed, and end its connection.
func unframe(h *fasthttp.RequestHeader) {
	if misframed(h) {
		h.SetContentLength(0)
		h.Del("Expect")
		h.SetConnectionClose()
	}
}

// misframed reports a head whose lines are not cleanly a name, a colon and a value each, or that says in no way or in more
// than one whom the request is for and where it ends.
func misframed(h *fasthttp.RequestHeader) bool {
	hosts, lengths, codings := 0, 0, 0
	for line, clean := range lines(h.RawHeaders()) {
		name, value, ok := bytes.Cut(line, []byte(":"))
		if !clean || !ok || len(name) == 0 || bytes.ContainsFunc(name, notInFieldName) {
			return true // the folded lines of old begin with a space, which no name has
		}
		value = bytes.Trim(value, " \t")
		switch {
		case bytes.EqualFold(name, []byte("Host")):
			hosts++
		case bytes.EqualFold(name, []byte("Content-Length")):
			lengths++
			if len(value) == 0 || len(bytes.Trim(value, "0123456789")) > 0 {
				return true
			}
		case bytes.EqualFold(name, []byte("Transfer-Encoding")):
			codings++
			if !bytes.EqualFold(value, []byte("chunked")) {
				return true
			}
		}
	}
	one := h.IsHTTP11()
	return hosts > 1 || one && hosts == 0 || lengths+codings > 1 || !one && codings > 0
}

// lines are those of a head up to the empty one. A clean one ends in CR LF and has no other sign of control but the tab.
func lines(head []byte) iter.Seq2[[]byte, bool] {
	return func(yield func(line []byte, clean bool) bool) {
		for len(head) > 0 {
			line, rest, _ := bytes.Cut(head, []byte("\n"))
			line, clean := bytes.CutSuffix(line, []byte("\r"))
			if clean && len(line) == 0 {
				return
			}
			if !yield(line, clean && !bytes.ContainsFunc(line, isControl)) {
				return
			}
			head = rest
		}
	}
}

func isControl(r rune) bool { return r < ' ' && r != '\t' || r == 0x7f }

// notInFieldName tells what a token may not hold (RFC 9110, section 5.6.2).
func notInFieldName(r rune) bool {
	return (r < '0' || r > '9') && (r < 'A' || r > 'Z') && (r < 'a' || r > 'z') && !strings.ContainsRune("!#$%&'*+-.^_`|~", r)
}

// headField joins all lines of a field in the order they came, from the head alone: what comes behind a body in parts, as
// its trailer, was written by whoever wrote the body.
func headField(h *fasthttp.RequestHeader, field string) string {
	var values []string
	for line := range lines(h.RawHeaders()) {
		if name, value, ok := bytes.Cut(line, []byte(":")); ok && strings.EqualFold(string(name), field) {
			values = append(values, string(value))
		}
	}
	return strings.Join(values, ",")
}
