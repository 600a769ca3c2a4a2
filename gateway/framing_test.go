package gateway

import (
	"bufio"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/valyala/fasthttp"
)

// raw writes bytes to the server and gives all that comes back until it closes the connection, or has said nothing for a
// while; closed tells which.
func (h *house) raw(text string) (answer string, closed bool) {
	h.t.Helper()
	c := got[net.Conn](h.t)(net.Dial("tcp", strings.TrimPrefix(h.url, "http://")))
	defer c.Close()
	if _, err := io.WriteString(c, text); err != nil {
		h.t.Fatal(err)
	}
	_ = c.SetReadDeadline(time.Now().Add(5 * time.Second))
	b, err := io.ReadAll(c)
	return string(b), err == nil
}

func TestRequestsThatCanBeReadInTwoWaysAreRefusedAndTheirConnectionIsClosed(t *testing.T) {
	h := newHouse(t, nil)
	const post, next = "POST /v1/payments HTTP/1.1\r\n", "GET /docs HTTP/1.1\r\nHost: x\r\n\r\n"
	for name, text := range map[string]string{
		"two lengths, the last none":      post + "Host: x\r\nContent-Length: 31\r\nContent-Length: 0\r\n\r\n" + next,
		"two lengths, the first none":     post + "Host: x\r\nContent-Length: 0\r\nContent-Length: 31\r\n\r\n" + next,
		"the same length twice":           post + "Host: x\r\nContent-Length: 2\r\nContent-Length: 2\r\n\r\n{}" + next,
		"a list of lengths":               post + "Host: x\r\nContent-Length: 2, 2\r\n\r\n{}" + next,
		"a length with a sign":            post + "Host: x\r\nContent-Length: +2\r\n\r\n{}" + next,
		"an empty length":                 post + "Host: x\r\nContent-Length:\r\n\r\n" + next,
		"a length and chunks":             post + "Host: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + next,
		"chunks and a length":             post + "Host: x\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n" + next,
		"chunks twice":                    post + "Host: x\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + next,
		"another coding":                  post + "Host: x\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n" + next,
		"no coding by its name":           post + "Host: x\r\nTransfer-Encoding: identity\r\n\r\n" + next,
		"chunks in HTTP/1.0":              "POST /v1/payments HTTP/1.0\r\nConnection: keep-alive\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + next,
		"a space before the colon":        post + "Host: x\r\nContent-Length : 31\r\n\r\n" + next,
		"a folded line":                   post + "Host: x\r\nX-A: b\r\n c\r\n\r\n" + next,
		"a folded line with a colon":      post + "Host: x\r\nX-A: b\r\n Content-Length: 31\r\n\r\n" + next,
		"a folded coding":                 post + "Host: x\r\nTransfer-Encoding:\r\n chunked\r\n\r\n0\r\n\r\n" + next,
		"a line that ends in LF":          post + "Host: x\r\nX-A: b\nContent-Length: 31\r\n\r\n" + next,
		"a head that ends in LF":          post + "Host: x\r\n\n" + next,
		"a CR within a value":             post + "Host: x\r\nX-A: b\rContent-Length: 31\r\n\r\n" + next,
		"a nought within a value":         post + "Host: x\r\nX-A: b\x00\r\n\r\n" + next,
		"a sign of control within a name": post + "Host: x\r\nContent-Length\x0b: 31\r\n\r\n" + next,
		"two hosts":                       "GET /docs HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n" + next,
		"no host":                         "GET /docs HTTP/1.1\r\nX-A: b\r\n\r\n" + next,
		"a length that may wait":          post + "Host: x\r\nExpect: 100-continue\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n" + next,
	} {
		answer, closed := h.raw(text)
		if n := strings.Count(answer, "HTTP/1.1 "); n != 1 || !strings.HasPrefix(answer, "HTTP/1.1 400 ") || !closed {
			t.Errorf("%s: %d answers, closed %v: %.300q", name, n, closed, answer)
		}
		if !strings.Contains(answer, "application/problem+json") || !strings.Contains(strings.ToLower(answer), "connection: close") {
			t.Errorf("%s: the answer is not a problem that says it is the last: %.300q", name, answer)
		}
	}
}

func TestRequestsThatFollowOneAnotherAreAllAnswered(t *testing.T) {
	h := newHouse(t, nil)
	const last = "GET /v1/payments HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
	for name, c := range map[string]struct {
		text    string
		answers int
	}{
		"with a length":        {"POST /v1/payments HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{}" + last, 2},
		"without a body":       {"GET /v1/payments HTTP/1.1\r\nhost: x\r\nX-Empty:\r\n\r\n" + last, 2},
		"of the old protocol":  {"GET /v1/payments HTTP/1.0\r\nConnection: keep-alive\r\n\r\n" + last, 2},
		"with every odd token": {"GET /v1/payments HTTP/1.1\r\nHost: x\r\nX-!#$%&'*+.^_`|~: caf\xe9\tb\r\n\r\n" + last, 2},
	} {
		answer, closed := h.raw(c.text)
		if n := strings.Count(answer, "HTTP/1.1 401 "); n != c.answers || !closed {
			t.Errorf("%s: %d answers, closed %v: %.300q", name, n, closed, answer)
		}
	}
}

func BenchmarkMisframed(b *testing.B) {
	var ctx fasthttp.RequestHeader
	head := "POST /v1/payments HTTP/1.1\r\nHost: pay.example\r\nContent-Length: 2000\r\nContent-Type: application/json\r\nAuthorization: Bearer sk_test_0123456789abcdef0123456789abcdef\r\nIdempotency-Key: 550e8400-e29b-41d4-a716-446655440000\r\n\r\n"
	if err := ctx.Read(bufio.NewReader(strings.NewReader(head))); err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if misframed(&ctx) {
			b.Fatal("refused")
		}
	}
}
