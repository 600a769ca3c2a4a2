package adyensim

import (
	"crypto/subtle"
	"encoding/json"
	"io"
	"net/http"
	"strings"
)

// maxBody bounds a request: Adyen's own payments stay far below.
const maxBody = 128 << 10

// maxKey is the longest idempotency key Adyen takes.
const maxKey = 64

// request is one call as an operation sees it.
type request struct {
	psp  string // of the path; "" when the path names none
	base string // scheme and host under which the caller knows this server
	body []byte
}

// outcome is what an operation makes of a request: the answer, and what it changes.
type outcome struct {
	status int
	body   any
	entry  entry
	// transient errors are not kept under the idempotency key, and say so in a header.
	transient bool
}

// operation handles a request. It is called with the server's lock held, so each one is a step of its own.
type operation func(request) (outcome, error)

// endpoint wraps an operation in what every Checkout call shares: the key of the API, the bound of the body, faults
// and idempotency.
func (s *Server) endpoint(name string, op operation) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
		if err != nil {
			writeOutcome(w, "", refuse(errJSON))
			return
		}
		if s.cfg.APIKey == "" || subtle.ConstantTimeCompare([]byte(r.Header.Get("X-API-Key")), []byte(s.cfg.APIKey)) != 1 {
			writeOutcome(w, "", refuse(errUnauthorised))
			return
		}
		key := r.Header.Get("Idempotency-Key")
		if len(key) > maxKey {
			writeOutcome(w, "", refuse(errKeyTooLong))
			return
		}
		if out, taken := s.claim(key); taken {
			writeOutcome(w, key, out)
			return
		}
		defer s.release(key)
		f := s.strike(name)
		if !f.After && f.apply(s, w) {
			return
		}
		out := s.process(key, op, request{psp: r.PathValue("psp"), base: s.base(r), body: body})
		s.nudge()
		if f.After && f.apply(s, w) {
			return
		}
		if f.ContentType != "" {
			w.Header().Set("Content-Type", f.ContentType)
		}
		writeOutcome(w, key, out)
	})
}

// base is the scheme and host under which the caller reaches this server.
func (s *Server) base(r *http.Request) string {
	switch {
	case s.cfg.PublicURL != "":
		return strings.TrimRight(s.cfg.PublicURL, "/")
	case r.TLS != nil:
		return "https://" + r.Host
	}
	return "http://" + r.Host
}

// claim takes an idempotency key for processing; it gives the answer when the key has one already, or is taken.
func (s *Server) claim(key string) (outcome, bool) {
	if key == "" {
		return outcome{}, false
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if a, known := s.book.answers[key]; known {
		return outcome{status: a.Status, body: a.Body}, true
	}
	if s.inFlight[key] {
		return refuse(errInProgress), true
	}
	s.inFlight[key] = true
	return outcome{}, false
}

func (s *Server) release(key string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.inFlight, key)
}

// process runs the operation and records what it changed together with the answer, in one journal entry.
func (s *Server) process(key string, op operation, r request) outcome {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.shut {
		return refuse(errInternal)
	}
	out, err := op(r)
	if err != nil {
		s.log.Error("adyensim cannot process a request", "error", err)
		return refuse(errInternal)
	}
	if out.transient {
		return out
	}
	if key != "" {
		b, err := json.Marshal(out.body)
		if err != nil {
			return refuse(errInternal)
		}
		out.entry.Key, out.entry.Answer, out.body = key, &answer{Status: out.status, Body: b}, json.RawMessage(b)
	}
	if err := s.record(out.entry); err != nil {
		s.log.Error("adyensim cannot keep its journal", "error", err)
		return refuse(errInternal)
	}
	return out
}

func writeOutcome(w http.ResponseWriter, key string, out outcome) {
	if out.transient {
		w.Header().Set("Transient-Error", "true")
	} else if key != "" {
		w.Header().Set("Idempotency-Key", key)
	}
	writeJSON(w, out.status, out.body)
}

func writeJSON(w http.ResponseWriter, status int, v any) {
	b, encoded := v.(json.RawMessage)
	if !encoded {
		var err error
		if b, err = json.Marshal(v); err != nil {
			http.Error(w, "cannot encode", http.StatusInternalServerError)
			return
		}
	}
	if w.Header().Get("Content-Type") == "" {
		w.Header().Set("Content-Type", "application/json")
	}
	w.WriteHeader(status)
	_, _ = w.Write(b)
}
