package main

import (
	"context"
	"encoding/json"
	"maps"
	"net/http"
	"net/http/pprof"
	"slices"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"octroi/dashboards/console"
)

// readyWithin bounds the questions behind /readyz.
const readyWithin = 2 * time.Second

// opsHandler is listener 3: metrics, health, profiles. It authenticates nobody, so it must be reachable by operators
// alone; nothing on it names a buyer, an order or a secret.
func opsHandler(p *Program, reg *prometheus.Registry) http.Handler {
	m := http.NewServeMux()
	m.Handle("GET /metrics", promhttp.HandlerFor(reg, promhttp.HandlerOpts{MaxRequestsInFlight: 4, Timeout: 10 * time.Second,
		ErrorLog: promLog{p}}))
	m.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) {
		writeJSON(w, http.StatusOK, map[string]string{"status": "alive"})
	})
	m.HandleFunc("GET /readyz", func(w http.ResponseWriter, r *http.Request) {
		ready := p.readiness(r.Context())
		status := http.StatusOK
		if ready.Status == notReady {
			status = http.StatusServiceUnavailable
		}
		writeJSON(w, status, ready)
	})
	m.HandleFunc("GET /debug/pprof/", pprof.Index)
	m.HandleFunc("GET /debug/pprof/profile", pprof.Profile)
	m.HandleFunc("GET /debug/pprof/symbol", pprof.Symbol)
	m.HandleFunc("GET /debug/pprof/trace", pprof.Trace)
	return m
}

// promLog sends the metrics handler's complaints to the log.
type promLog struct{ p *Program }

// Println implements promhttp.Logger.
func (l promLog) Println(v ...any) { l.p.log.Warn("metrics", "problem", v) }

// What /readyz can say. A program that holds every order because Redis is away is still ready: it is the answer the
// design wants, and taking it out of rotation would turn holds into failed checkouts.
const (
	ready    = "ready"
	degraded = "degraded"
	notReady = "not_ready"
)

// readiness is the body of /readyz.
type readiness struct {
	Status string          `json:"status"`
	Parts  map[string]part `json:"parts"`
}

// part is how one dependency does: ok, degraded or away.
type part struct {
	Status string   `json:"status"`
	Detail []string `json:"detail,omitempty"`
}

// readiness asks every part. Without the database no payment can be begun, which alone makes the program not ready.
func (p *Program) readiness(ctx context.Context) readiness {
	ctx, cancel := context.WithTimeout(ctx, readyWithin)
	defer cancel()
	ok := part{Status: "ok"}
	r := readiness{Status: ready, Parts: map[string]part{"database": ok, "velocity": ok, "provider": ok, "policies": ok, "notify": ok}}
	worse := func(name, status string, detail ...string) {
		r.Parts[name] = part{Status: status, Detail: detail}
		r.Status = degraded
	}
	if err := p.velocity.Ping(ctx); err != nil {
		worse("velocity", "away", "redis does not answer: orders are held")
	} else if len(p.redis.problems) > 0 {
		worse("velocity", "degraded", p.redis.problems...)
	}
	if p.flow.ProviderAway() {
		worse("provider", "away", "the payment provider did not answer its last call: payments are pending")
	}
	if problems := p.policies.problems(); len(problems) > 0 {
		worse("policies", "degraded", problems...)
	}
	if problems := p.notifier.Problems(); len(problems) > 0 {
		worse("notify", "degraded", problems...)
	}
	if err := p.store.Ping(ctx); err != nil {
		worse("database", "away", "the database does not answer: payments are refused with 503")
		r.Status = notReady
	}
	if p.stopping.Load() || !p.ready.Load() {
		r.Status = notReady
	}
	return r
}

// parts is readiness as the console shows it, in a fixed order.
func (p *Program) parts(ctx context.Context) (all []console.Part) {
	r := p.readiness(ctx)
	for _, name := range slices.Sorted(maps.Keys(r.Parts)) {
		all = append(all, console.Part{Name: name, Status: r.Parts[name].Status, Detail: r.Parts[name].Detail})
	}
	return all
}

func writeJSON(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	// The client has gone when this fails; there is nobody left to tell.
	_ = json.NewEncoder(w).Encode(body)
}
