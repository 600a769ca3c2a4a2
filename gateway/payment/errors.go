package payment

import (
	"errors"
	"fmt"
	"time"
)

// Code names a way a request can fail. Package gateway holds the one table from codes to HTTP statuses.
type Code string

// Every way a request can fail.
const (
	CodeMalformed        Code = "malformed_request" // not HTTP as this server reads it
	CodeInvalidJSON      Code = "invalid_json"
	CodeUnauthorised     Code = "unauthorised"
	CodeForbidden        Code = "forbidden"
	CodeNotFound         Code = "not_found"
	CodeMethodNotAllowed Code = "method_not_allowed"
	CodeInFlight         Code = "in_flight"  // the same Idempotency-Key is being worked on
	CodeOrderLive        Code = "order_live" // the order already has a live payment
	CodeWrongState       Code = "wrong_state"
	CodeTooLarge         Code = "body_too_large"
	CodeMediaType        Code = "unsupported_media_type"
	CodeInvalid          Code = "validation_failed"
	CodeKeyReused        Code = "idempotency_key_reused"
	CodeAmountExceeded   Code = "amount_exceeded"
	CodeRateLimited      Code = "rate_limited"
	CodeUnavailable      Code = "unavailable"
	CodeInternal         Code = "internal"
)

// Codes lists every code, for the exhaustive test of the status table.
func Codes() []Code {
	return []Code{CodeMalformed, CodeInvalidJSON, CodeUnauthorised, CodeForbidden, CodeNotFound, CodeMethodNotAllowed, CodeInFlight, CodeOrderLive,
		CodeWrongState, CodeTooLarge, CodeMediaType, CodeInvalid, CodeKeyReused, CodeAmountExceeded, CodeRateLimited,
		CodeUnavailable, CodeInternal}
}

// Error is how the gateway says no. Detail and Fields are shown to the caller; Err is for the log only.
type Error struct {
	Code       Code
	Detail     string
	Fields     []FieldError
	RetryAfter time.Duration // for CodeRateLimited, CodeUnavailable and CodeInFlight
	Err        error
}

// FieldError points at one wrong field by JSON Pointer (RFC 6901).
type FieldError struct {
	Pointer string `json:"pointer"`
	Detail  string `json:"detail"`
}

// Errorf makes an Error whose detail the caller may see.
func Errorf(code Code, format string, args ...any) *Error {
	return &Error{Code: code, Detail: fmt.Sprintf(format, args...)}
}

// Invalid makes the error of a request with wrong fields.
func Invalid(fields ...FieldError) *Error {
	return &Error{Code: CodeInvalid, Detail: "The request has fields that cannot be accepted.", Fields: fields}
}

// Unavailable wraps a failure of a part without which nothing durable can be written.
func Unavailable(what string, err error) *Error {
	return &Error{Code: CodeUnavailable, Detail: what + " is not available; nothing was done. Try again.", RetryAfter: 2 * time.Second, Err: err}
}

// Error implements error. It is for logs: it names the cause, never the request's content.
func (e *Error) Error() string {
	if e.Err != nil {
		return fmt.Sprintf("%s: %s: %v", e.Code, e.Detail, e.Err)
	}
	return fmt.Sprintf("%s: %s", e.Code, e.Detail)
}

// Unwrap gives the cause.
func (e *Error) Unwrap() error { return e.Err }

// CodeOf is the code of an error: CodeInternal for anything that is not an *Error.
func CodeOf(err error) Code {
	var e *Error
	if errors.As(err, &e) {
		return e.Code
	}
	return CodeInternal
}
