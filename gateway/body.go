package gateway

import (
	"errors"
	"io"
	"net"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/valyala/fasthttp"

	"octroi/gateway/intake"
	"octroi/gateway/payment"
)

// The server underneath reads no more of a body than what comes with the head; the rest waits on the connection until
// somebody who was let in asks for it, and there is room. Who is refused has cost a few kilobytes.

// Bounds of what is read from a connection. Card data is never larger than the first; a document of the intake's
// 10 MiB and its form fit the second.
const (
	maxBody    = 256 << 10
	maxUpload  = 11 << 20
	maxHeaders = 16 << 10
	smallBody  = 8 << 10 // comes with the head
)

// chunked is what the server gives for the length of a body that comes in parts.
const chunked = -1

// uploadTime is how long the document of a buyer who was let in may take: over a poor mobile network, its time.
const uploadTime = 2 * time.Minute

// readBody reads the body into memory, where the request's own accessors find it until the call ends.
func (s *Server) readBody(k *call) error {
	req := k.c.Request()
	if !req.IsBodyStream() {
		return nil
	}
	n := req.Header.ContentLength()
	if n > maxBody {
		return fiber.ErrRequestEntityTooLarge
	}
	if n < 0 {
		n = maxBody
	}
	if n > smallBody {
		giveBack, ok := s.small.take(int64(n), s.client(k.c).String())
		if !ok {
			return payment.Unavailable("Room for more requests", nil)
		}
		k.after(giveBack)
	}
	defer s.waiting(k)()
	body, err := io.ReadAll(&bounded{r: req.BodyStream(), left: n})
	if err != nil {
		return cutShort(err)
	}
	if known := req.Header.ContentLength(); known >= 0 && len(body) < known {
		return fiber.ErrBadRequest
	}
	req.SetBodyRaw(body)
	return nil
}

// waitedKey is where a call keeps how long it has waited for its body.
type waitedKey struct{}

// waiting begins to count how long the call waits for the client's network, and gives what ends it.
func (s *Server) waiting(k *call) (stop func()) {
	from := s.cfg.Clock()
	return func() {
		before, _ := k.c.Locals(waitedKey{}).(time.Duration)
		k.c.Locals(waitedKey{}, before+s.cfg.Clock().Sub(from))
	}
}

// bounded reads no more than it may, and fails when there is more.
type bounded struct {
	r    io.Reader
	left int
}

// Read implements io.Reader.
func (b *bounded) Read(p []byte) (int, error) {
	if len(p) > b.left+1 {
		p = p[:b.left+1]
	}
	n, err := b.r.Read(p)
	if b.left -= n; b.left < 0 {
		return 0, fiber.ErrRequestEntityTooLarge
	}
	return n, err
}

// cutShort says why a body did not come whole.
func cutShort(err error) error {
	var known *fiber.Error
	var slow net.Error
	switch {
	case errors.As(err, &known):
		return known
	case errors.As(err, &slow) && slow.Timeout():
		return fiber.ErrRequestTimeout
	}
	return fiber.ErrBadRequest
}

// documentOf finds room for the form of a buyer who was let in, and gives it to be read. What is not read of it is dropped
// on the way: only to whoever has sent everything can a browser show an answer.
func (s *Server) documentOf(v *visitor) (form io.Reader, size int, err error) {
	req, conn := v.c.Request(), v.c.Context().Conn()
	if !req.IsBodyStream() {
		return nil, 0, errNoFile
	}
	if err := conn.SetReadDeadline(v.c.Context().Time().Add(uploadTime)); err != nil {
		return nil, 0, fiber.ErrBadRequest
	}
	v.after(func() { defer s.waiting(v.call)(); drop(req) })
	size = req.Header.ContentLength()
	if size > maxUpload {
		return nil, 0, fiber.ErrRequestEntityTooLarge
	}
	if size < 0 {
		size = maxUpload
	}
	giveBack, ok := s.uploads.take(int64(size), s.client(v.c).String(), v.page.Case.ID)
	if !ok {
		return nil, 0, &intake.Unacceptable{Code: intake.CodeBusy}
	}
	v.after(giveBack)
	return &bounded{r: req.BodyStream(), left: size}, size, nil
}

// drop reads what is left of a body and keeps nothing of it.
func drop(req *fasthttp.Request) {
	if !req.IsBodyStream() {
		return
	}
	if _, err := io.Copy(io.Discard, &bounded{r: req.BodyStream(), left: 4 * maxUpload}); err == nil {
		req.SetBodyRaw(nil)
	}
}

// settle makes sure that what was not read of a body is never taken for the next request. A small one has come already;
// whoever sends a larger one, or one in parts, comes again on another connection.
func settle(ctx *fasthttp.RequestCtx) {
	n := ctx.Request.Header.ContentLength()
	if n >= 0 && n <= smallBody {
		drop(&ctx.Request)
	}
	if n == chunked || ctx.Request.IsBodyStream() {
		ctx.Response.SetConnectionClose()
	}
}
