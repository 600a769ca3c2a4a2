package gateway

import (
	"context"
	"encoding/json"
	"errors"
	"math"
	"runtime/debug"
	"strconv"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"octroi/gateway/payment"
)

// problem is RFC 9457's problem details with the contract's code and field errors.
type problem struct {
	Type   string               `json:"type"`
	Title  string               `json:"title"`
	Status int                  `json:"status"`
	Code   payment.Code         `json:"code"`
	Detail string               `json:"detail"`
	Errors []payment.FieldError `json:"errors,omitempty"`
}

// outcome is what a code means on the wire.
type outcome struct {
	status  int
	title   string
	meaning string // for the page of the contract
}

// outcomes is the one table from codes to statuses.
var outcomes = map[payment.Code]outcome{
	payment.CodeMalformed:        {400, "Not HTTP", "The request's head is not what HTTP/1.1 allows, or the request did not arrive whole. Its body was not looked at."},
	payment.CodeInvalidJSON:      {400, "Not JSON", "The body could not be read. detail names the place."},
	payment.CodeUnauthorised:     {401, "Not authorised", "The key or token is missing, unknown or revoked."},
	payment.CodeForbidden:        {403, "Forbidden", "The credential is good, but not for this."},
	payment.CodeNotFound:         {404, "Not found", "There is no such thing, or it is another shop's."},
	payment.CodeMethodNotAllowed: {405, "Method not allowed", "The address exists; the header Allow names its methods."},
	payment.CodeInFlight:         {409, "In flight", "A request with the same Idempotency-Key is being worked on. Ask again after Retry-After."},
	payment.CodeOrderLive:        {409, "Order has a live payment", "An order has at most one live payment."},
	payment.CodeWrongState:       {409, "Wrong state", "The payment or case is not in a state that allows this."},
	payment.CodeTooLarge:         {413, "Too large", "The body or the headers are larger than the contract allows."},
	payment.CodeMediaType:        {415, "Unsupported media type", "The Content-Type must be application/json."},
	payment.CodeInvalid:          {422, "Validation failed", "The request is well formed but cannot be accepted. errors points at each wrong field."},
	payment.CodeKeyReused:        {422, "Idempotency-Key reused", "The Idempotency-Key was used before with another body."},
	payment.CodeAmountExceeded:   {422, "Amount exceeded", "More would be captured or refunded than there is."},
	payment.CodeRateLimited:      {429, "Too many requests", "Wait for as long as Retry-After says."},
	payment.CodeUnavailable:      {503, "Unavailable", "Nothing durable can be written now, and nothing was done. Try again after Retry-After."},
	payment.CodeInternal:         {500, "Internal error", "The fault is ours. Quote the response's Request-Id."},
}

// asError brings every error a handler or Fiber may return to the one kind.
func asError(err error) *payment.Error {
	var e *payment.Error
	if errors.As(err, &e) {
		return e
	}
	var f *fiber.Error
	if errors.As(err, &f) {
		return fiberError(f)
	}
	if errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled) {
		return payment.Unavailable("The gateway", err)
	}
	return &payment.Error{Code: payment.CodeInternal, Err: err}
}

// fiberError names what Fiber and its server refuse by themselves.
func fiberError(f *fiber.Error) *payment.Error {
	switch f.Code {
	case fiber.StatusNotFound:
		return payment.Errorf(payment.CodeNotFound, "There is nothing at this address.")
	case fiber.StatusMethodNotAllowed:
		return payment.Errorf(payment.CodeMethodNotAllowed, "The address does not take this method.")
	case fiber.StatusRequestEntityTooLarge:
		return payment.Errorf(payment.CodeTooLarge, "The body is larger than %d KiB.", maxBody>>10)
	case fiber.StatusRequestHeaderFieldsTooLarge:
		return payment.Errorf(payment.CodeTooLarge, "The headers are larger than %d KiB.", maxHeaders>>10)
	case fiber.StatusRequestTimeout:
		return payment.Errorf(payment.CodeMalformed, "The request did not arrive in time.")
	}
	return payment.Errorf(payment.CodeMalformed, "The request could not be read as HTTP: each header must be one line of a name, a colon and a value without control characters, with one Host and one length, and the body must come whole.")
}

// around is the outermost handler: headers, request id, recovery from panics, the error's form, and the measure.
func (s *Server) around(c *fiber.Ctx) error {
	start := s.cfg.Clock()
	s.dress(c)
	if err := s.guarded(c); err != nil {
		s.fail(c, err)
	}
	route := "unmatched"
	if r := c.Route(); r != nil && r.Path != "/" {
		route = r.Method + " " + r.Path
	}
	waited, _ := c.Locals(waitedKey{}).(time.Duration)
	s.observe(route, c.Response().StatusCode(), s.cfg.Clock().Sub(start)-waited)
	return nil
}

// dress sets what every answer carries. Pages widen the policy to their own style.
func (s *Server) dress(c *fiber.Ctx) {
	h := &c.Response().Header
	h.Set("Request-Id", s.requestID())
	h.Set(fiber.HeaderXContentTypeOptions, "nosniff")
	h.Set(fiber.HeaderContentSecurityPolicy, "default-src 'none'; frame-ancestors 'none'; base-uri 'none'")
	h.Set(fiber.HeaderReferrerPolicy, "no-referrer")
	h.Set(fiber.HeaderCacheControl, "no-store")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
}

// guarded runs the rest and turns a panic into an error. The panic's value may hold data of the request, so only its
// stack is logged.
func (s *Server) guarded(c *fiber.Ctx) (err error) {
	defer func() {
		if recover() != nil {
			s.log.Error("a request panicked", "request", string(c.Response().Header.Peek("Request-Id")), "stack", string(debug.Stack()))
			err = &payment.Error{Code: payment.CodeInternal}
		}
	}()
	return c.Next()
}

func (s *Server) observe(route string, status int, took time.Duration) {
	s.requests.WithLabelValues(route, strconv.Itoa(status)).Observe(took.Seconds())
}

// unreadable answers what the server could not even read as a request for a route: too large, too slow, malformed.
func (s *Server) unreadable(c *fiber.Ctx, err error) error {
	s.dress(c)
	s.fail(c, err)
	s.observe("unmatched", c.Response().StatusCode(), 0)
	return nil
}

// fail writes the error: a page for buyers, a problem document for everybody else.
func (s *Server) fail(c *fiber.Ctx, err error) {
	e := asError(err)
	o := outcomes[e.Code]
	s.record(c, e, o)
	if e.RetryAfter > 0 {
		c.Set(fiber.HeaderRetryAfter, strconv.Itoa(int(math.Ceil(e.RetryAfter.Seconds()))))
	}
	if c.Path() == "/proof" || strings.HasPrefix(c.Path(), "/proof/") {
		s.notice(c, e.Code, o.status)
		return
	}
	if e.Code == payment.CodeUnauthorised {
		c.Set(fiber.HeaderWWWAuthenticate, `Bearer realm="octroi"`)
	}
	p := problem{Type: "/docs#" + string(e.Code), Title: o.title, Status: o.status, Code: e.Code, Detail: e.Detail, Errors: e.Fields}
	if p.Detail == "" {
		p.Detail = o.meaning
	}
	body, _ := json.Marshal(p) // strings and numbers only: it cannot fail
	c.Response().Header.SetContentType("application/problem+json")
	c.Status(o.status).Response().SetBodyRaw(body)
}

// record logs the failure by its code; only our own faults come with their cause, and nothing with a body.
func (s *Server) record(c *fiber.Ctx, e *payment.Error, o outcome) {
	args := []any{"request", string(c.Response().Header.Peek("Request-Id")), "status", o.status, "code", string(e.Code)}
	if o.status < 500 {
		s.log.Debug("request refused", args...)
		return
	}
	s.log.Error("request failed", append(args, "error", e.Err)...)
}
