package adyensim

import (
	"encoding/json"
	"net/http"
	"time"
)

// Fault makes the server misbehave. One fault is in force at a time; the zero Fault is good behaviour. Of Cut,
// Status, Garbage, Transient and ContentType the first that is set is the one that strikes.
type Fault struct {
	Operation string        `json:"operation,omitempty"` // payments, captures, …; "" is every one
	Times     int           `json:"times,omitempty"`     // requests it strikes; 0 is until another fault is set
	After     bool          `json:"after,omitempty"`     // strikes when the request has been carried out; else nothing is done
	Delay     time.Duration `json:"-"`                   // waits first; alone, the answer then is right
	DelayMS   int64         `json:"delay_ms,omitempty"`  // Delay, for PUT /faults
	Cut       bool          `json:"cut,omitempty"`       // closes the connection without an answer
	Status    int           `json:"status,omitempty"`    // answers with this HTTP status, 500 for example
	Garbage   bool          `json:"garbage,omitempty"`   // answers 200 with text that is no JSON
	Transient bool          `json:"transient,omitempty"` // answers with Adyen's Transient-Error header

	ContentType string `json:"content_type,omitempty"` // answers rightly, under this Content-Type

	HoldWebhooks      bool `json:"hold_webhooks,omitempty"`      // delivers none until another fault is set
	DuplicateWebhooks int  `json:"duplicate_webhooks,omitempty"` // further copies of each notification
	ReorderWebhooks   bool `json:"reorder_webhooks,omitempty"`   // newest first
	BatchWebhooks     int  `json:"batch_webhooks,omitempty"`     // most items per notification; 0 is one
}

// Fault puts f in force in place of the one before.
func (s *Server) Fault(f Fault) {
	if f.Delay == 0 {
		f.Delay = time.Duration(f.DelayMS) * time.Millisecond
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.fault, s.faultsIn = f, f.Times
	if f.Times <= 0 {
		s.faultsIn = -1
	}
	s.nudge()
}

// strike takes the fault that hits this request; the zero Fault when none does.
func (s *Server) strike(operation string) Fault {
	s.mu.Lock()
	defer s.mu.Unlock()
	f := s.fault
	if s.faultsIn == 0 || f.Operation != "" && f.Operation != operation {
		return Fault{}
	}
	if s.faultsIn > 0 {
		s.faultsIn--
	}
	return f
}

// apply carries out the fault and reports whether it has taken the place of the answer. A delay outlasts a caller
// that hangs up, as a slow server's work does, and ends early only when the server is closed.
func (f Fault) apply(s *Server, w http.ResponseWriter) bool {
	if f.Delay > 0 {
		t := time.NewTimer(min(f.Delay, time.Minute))
		defer t.Stop()
		select {
		case <-t.C:
		case <-s.closed:
		}
	}
	switch {
	case f.Cut:
		panic(http.ErrAbortHandler)
	case f.Status >= 200 && f.Status <= 599:
		writeJSON(w, f.Status, failure{f.Status, "000", "Simulated failure", "internal"})
	case f.Garbage:
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write([]byte(`{"pspReference":`))
	case f.Transient:
		writeOutcome(w, "", outcome{status: errNoConnection.Status, body: errNoConnection, transient: true})
	default:
		return false
	}
	return true
}

func (s *Server) putFault(w http.ResponseWriter, r *http.Request) {
	var f Fault
	d := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxBody))
	d.DisallowUnknownFields()
	if err := d.Decode(&f); err != nil {
		writeJSON(w, http.StatusBadRequest, failure{400, "702", "not a fault: unknown field or wrong type", "validation"})
		return
	}
	s.Fault(f)
	writeJSON(w, http.StatusOK, f)
}
