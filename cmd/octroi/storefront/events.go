package storefront

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"
)

// event is one webhook that came.
type event struct {
	ID      string
	At      time.Time
	Type    string
	Payment string
	Order   string
	Status  string
	Body    string
}

// maxEvents is how many webhooks are kept for the page.
const maxEvents = 200

// eventLog keeps the last webhooks, each once.
type eventLog struct {
	mu   sync.Mutex
	list []event
}

func (l *eventLog) add(e event) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, have := range l.list {
		if have.ID == e.ID {
			return // a retry of one that was taken
		}
	}
	l.list = append(l.list, e)
	if len(l.list) > maxEvents {
		l.list = l.list[len(l.list)-maxEvents:]
	}
}

// newest are the events, the last one first.
func (l *eventLog) newest() []event {
	l.mu.Lock()
	defer l.mu.Unlock()
	out := make([]event, len(l.list))
	for i, e := range l.list {
		out[len(out)-1-i] = e
	}
	return out
}

// tolerance is how far a webhook's time may be from the shop's (Standard Webhooks 1.0.0).
const tolerance = 5 * time.Minute

// webhook is POST /webhooks, a receiver as any shop would write it: the signature first, then the body.
func (s *Shop) webhook(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		http.Error(w, "The body could not be read.", http.StatusBadRequest)
		return
	}
	if !s.genuine(r.Header, body) {
		http.Error(w, "The signature does not match.", http.StatusUnauthorized)
		return
	}
	var b struct {
		Type      string    `json:"type"`
		Timestamp time.Time `json:"timestamp"`
		Data      payment   `json:"data"`
	}
	if err := json.Unmarshal(body, &b); err != nil {
		http.Error(w, "The body is not JSON.", http.StatusBadRequest)
		return
	}
	s.events.add(event{ID: r.Header.Get("webhook-id"), At: b.Timestamp, Type: b.Type, Payment: b.Data.ID, Order: b.Data.Order,
		Status: b.Data.Status, Body: string(body)})
	w.WriteHeader(http.StatusNoContent)
}

// genuine checks the signature of Standard Webhooks 1.0.0, in constant time, and the age.
func (s *Shop) genuine(h http.Header, body []byte) bool {
	stamp := h.Get("webhook-timestamp")
	seconds, err := strconv.ParseInt(stamp, 10, 64)
	key, kerr := base64.StdEncoding.DecodeString(strings.TrimPrefix(s.cfg.Secret, "whsec_"))
	if err != nil || kerr != nil || s.cfg.Clock().Sub(time.Unix(seconds, 0)).Abs() > tolerance {
		return false
	}
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(h.Get("webhook-id") + "." + stamp + "."))
	mac.Write(body)
	want := "v1," + base64.StdEncoding.EncodeToString(mac.Sum(nil))
	for signature := range strings.FieldsSeq(h.Get("webhook-signature")) {
		if hmac.Equal([]byte(signature), []byte(want)) {
			return true
		}
	}
	return false
}

// eventsPage is GET /events.
func (s *Shop) eventsPage(w http.ResponseWriter, r *http.Request) {
	s.show(w, r, http.StatusOK, "events", s.events.newest())
}
