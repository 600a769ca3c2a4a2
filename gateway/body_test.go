package gateway

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"mime/multipart"
	"net"
	"net/http"
	"net/netip"
	"net/textproto"
	"strings"
	"testing"
	"time"
)

func TestTheBudgetIsSharedAndGivenBack(t *testing.T) {
	b := newBudget(100)
	var back []func()
	for range 2 {
		give, ok := b.take(12, "a", "case")
		if !ok {
			t.Fatal("room was refused")
		}
		back = append(back, give)
	}
	if _, ok := b.take(2, "a"); ok {
		t.Error("one sender has more than a quarter")
	}
	if _, ok := b.take(2, "b", "case"); ok {
		t.Error("one case has more than a quarter, from two networks")
	}
	give, ok := b.take(60, "c")
	if !ok {
		t.Error("one body that is larger than a share cannot come at all")
	}
	if _, ok := b.take(20, "d"); ok {
		t.Error("more is taken than there is")
	}
	for _, f := range append(back, give, give, back[0]) {
		f()
	}
	if b.used != 0 || len(b.of) != 0 {
		t.Errorf("left: %d bytes, %v", b.used, b.of)
	}
}

// held is how many bytes are taken from a budget now.
func (b *budget) held() int64 {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.used
}

// begun opens a connection, sends a head that promises a body and the beginning of one, and gives the connection.
func (h *house) begun(head string, promised, sent int) net.Conn {
	h.t.Helper()
	c := got[net.Conn](h.t)(net.Dial("tcp", strings.TrimPrefix(h.url, "http://")))
	h.t.Cleanup(func() { _ = c.Close() })
	_ = c.SetDeadline(time.Now().Add(20 * time.Second))
	fmt.Fprintf(c, "%s HTTP/1.1\r\nHost: x\r\nContent-Type: multipart/form-data; boundary=b\r\nContent-Length: %d\r\n\r\n", head, promised)
	_, _ = c.Write(bytes.Repeat([]byte("A"), sent))
	return c
}

// first reads the status of what a connection is answered; 0 when nothing came.
func first(c net.Conn) (status int) {
	buf := make([]byte, 64)
	n, _ := io.ReadAtLeast(c, buf, 12)
	_, _ = fmt.Sscanf(string(buf[:n]), "HTTP/1.1 %d", &status)
	return status
}

func TestWhoIsNotLetInIsAnsweredBeforeTheBodyIsRead(t *testing.T) {
	h := newHouse(t, nil)
	for head, want := range map[string]int{"POST /proof/nosuchtoken/documents": 404, "POST /proof/documents": 404, "POST /v1/payments": 401,
		"PUT /proof/documents": 405, "POST /nowhere": 404} {
		// Nine kilobytes of eleven megabytes come, and no more ever: an answer shows that nobody waits for them.
		if got := first(h.begun(head, maxUpload, 9<<10)); got != want {
			t.Errorf("%s: %d, want %d", head, got, want)
		}
	}
	if got := first(h.begun("POST /v1/notifications/adyen", maxBody+1, 9<<10)); got != 413 {
		t.Errorf("a notification that is too large: %d", got)
	}
	if h.server.uploads.held() != 0 || h.server.small.held() != 0 {
		t.Error("who was refused holds room")
	}
}

func TestWhatWasNotReadOfABodyIsNoRequest(t *testing.T) {
	h := newHouse(t, nil)
	const inner = "GET /docs HTTP/1.1\r\nHost: x\r\n\r\n"
	for name, body := range map[string]string{"small": inner, "large": strings.Repeat("x", 9000) + inner} {
		answer, _ := h.raw(fmt.Sprintf("POST /v1/payments HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n%sGET /v1/payments HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", len(body), body))
		if strings.Contains(answer, " 200 ") || !strings.HasPrefix(answer, "HTTP/1.1 401 ") {
			t.Errorf("%s: %.300q", name, answer)
		}
	}
	answer, closed := h.raw("POST /v1/payments HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer " + demoKey + "\r\nIdempotency-Key: k\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n2;a\nb\r\n{}\r\n0\r\n\r\n" + inner)
	if !closed || strings.Count(answer, "HTTP/1.1 ") != 1 || !strings.HasPrefix(answer, "HTTP/1.1 422 ") {
		t.Errorf("after a body in parts comes nothing: closed %v %.300q", closed, answer)
	}
}

func TestABodyThatEndsTooSoonIsNotTaken(t *testing.T) {
	h := newHouse(t, nil)
	b := h.buyer("A-1")
	form := "text=" + strings.Repeat("a", 1500)
	c := got[net.Conn](t)(net.Dial("tcp", strings.TrimPrefix(h.url, "http://")))
	fmt.Fprintf(c, "POST /proof/messages HTTP/1.1\r\nHost: x\r\nCookie: %s\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 20000\r\n\r\n%s", b.cookie, form+strings.Repeat("&a=b", 2500))
	_ = c.(*net.TCPConn).CloseWrite()
	_ = c.SetReadDeadline(time.Now().Add(20 * time.Second))
	if got := first(c); got != 400 {
		t.Errorf("%d", got)
	}
	_ = c.Close()
	if a := h.call("GET", "/v1/cases/"+b.caseID, demoReader(h), ""); strings.Contains(string(a.body), "aaaa") {
		t.Error("half a message is kept")
	}
}

func TestBuyersAreToldKindlyWhenThereIsNoRoomForTheirDocument(t *testing.T) {
	h := newHouse(t, nil)
	b := h.buyer("A-1")
	give, ok := h.server.uploads.take(256<<20, "somebody")
	if !ok {
		t.Fatal("the room is taken")
	}
	a := b.documents("/proof/documents?lang=fr", b.caseID, "identity", photo(t))
	if a.status != 503 || a.header.Get("Retry-After") != "60" || !strings.Contains(string(a.body), "Beaucoup de documents arrivent en ce moment") {
		t.Errorf("%d, Retry-After %q, %.200s", a.status, a.header.Get("Retry-After"), a.body)
	}
	large := b.documents("/proof/documents?lang=fr", b.caseID, "identity", sheet{"a.jpg", "image/jpeg", make([]byte, 4<<20)})
	if large.status != 503 {
		t.Errorf("a large one, which is dropped on the way: %d", large.status)
	}
	give()
	if a := b.documents("/proof/documents", b.caseID, "identity", photo(t)); a.status != 303 {
		t.Errorf("once there is room: %d", a.status)
	}
	if n := h.server.uploads.held(); n != 0 {
		t.Errorf("%d bytes of room are not given back", n)
	}
}

// slow gives what it has in two parts, the second when it is told.
type slow struct {
	parts []io.Reader
	wait  chan struct{}
}

func (s *slow) Read(p []byte) (int, error) {
	for len(s.parts) > 0 {
		n, err := s.parts[0].Read(p)
		if n > 0 || err == nil {
			return n, nil
		}
		if !errors.Is(err, io.EOF) {
			return 0, err
		}
		if s.parts = s.parts[1:]; len(s.parts) > 0 {
			<-s.wait
		}
	}
	return 0, io.EOF
}

func TestOneUploadHoldsItsRoomWhileItComesAndNoLonger(t *testing.T) {
	h := newHouse(t, nil)
	b := h.buyer("A-1")
	var form bytes.Buffer
	w := multipart.NewWriter(&form)
	_ = w.WriteField("kind", "identity")
	part := got[io.Writer](t)(w.CreatePart(textproto.MIMEHeader{"Content-Disposition": {`form-data; name="file"; filename="a.jpg"`}, "Content-Type": {"image/jpeg"}}))
	_, _ = part.Write(picture(t, 60))
	_ = w.WriteField("padding", strings.Repeat("x", 100<<10))
	_ = w.Close()
	all, size := form.Bytes(), int64(form.Len())
	body := &slow{parts: []io.Reader{bytes.NewReader(all[:20<<10]), bytes.NewReader(all[20<<10:])}, wait: make(chan struct{})}
	r := got[*http.Request](t)(http.NewRequestWithContext(t.Context(), "POST", h.url+"/proof/documents", body))
	r.ContentLength = size
	r.Header = http.Header{"Cookie": {b.cookie}, "Content-Type": {w.FormDataContentType()}, "Sec-Fetch-Site": {"same-origin"}}
	answer := make(chan int, 1)
	go func() {
		resp, err := (&http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}).Do(r)
		if err != nil {
			answer <- 0
			return
		}
		_ = resp.Body.Close()
		answer <- resp.StatusCode
	}()
	h.eventually("the upload holds its room", func() bool { return h.server.uploads.held() == size })
	close(body.wait)
	if got := <-answer; got != 303 {
		t.Errorf("the slow upload: %d", got)
	}
	if n := h.server.uploads.held(); n != 0 {
		t.Errorf("%d bytes are held after it", n)
	}
}

func TestOneNetworkHasOnlySoManyConnections(t *testing.T) {
	for proxy, want := range map[string]int{"198.51.100.1": 503, "127.0.0.1": 404} {
		h := newHouse(t, func(c *Config) {
			c.Limits.PerNetwork = 3
			c.TrustedProxies = []string{proxy}
		})
		var open []net.Conn
		for range 3 {
			open = append(open, h.begun("POST /proof/documents", maxUpload, 10))
		}
		fourth := got[net.Conn](t)(net.Dial("tcp", strings.TrimPrefix(h.url, "http://")))
		_ = fourth.SetDeadline(time.Now().Add(20 * time.Second))
		_, _ = io.WriteString(fourth, "GET /proof/x HTTP/1.1\r\nHost: x\r\n\r\n")
		if got := first(fourth); got != want {
			t.Errorf("with %s trusted, the fourth is answered %d, want %d", proxy, got, want)
		}
		for _, c := range append(open, fourth) {
			_ = c.Close()
		}
		h.eventually("a place is free again", func() bool {
			c, err := net.Dial("tcp", strings.TrimPrefix(h.url, "http://"))
			if err != nil {
				return false
			}
			defer c.Close()
			_ = c.SetDeadline(time.Now().Add(5 * time.Second))
			_, _ = io.WriteString(c, "GET /proof/x HTTP/1.1\r\nHost: x\r\n\r\n")
			return first(c) == 404
		})
	}
}

func TestConnectionsAreCountedByWhatASubscriberHolds(t *testing.T) {
	d := &door{most: 2, free: func(netip.Addr) bool { return false }, open: map[netip.Prefix]int{}}
	enter := func(from string) (func(), bool) {
		return d.enter(net.TCPAddrFromAddrPort(netip.MustParseAddrPort(from)))
	}
	leave, _ := enter("[2001:db8::1]:1")
	_, second := enter("[2001:db8::2]:1")
	_, third := enter("[2001:db8::3]:1")
	_, other := enter("[2001:db8:0:1::3]:1")
	if !second || third || !other {
		t.Errorf("of one /64 the second %v, the third %v; of another %v", second, third, other)
	}
	leave()
	leave()
	if _, again := enter("[2001:db8::4]:1"); !again || d.open[netip.MustParsePrefix("2001:db8::/64")] != 2 {
		t.Errorf("leaving twice counts twice: %v", d.open)
	}
}
