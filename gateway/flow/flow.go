package flow

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"octroi/gateway/hold"
	"octroi/gateway/intake"
	"octroi/gateway/payment"
	"octroi/gateway/store"
	"octroi/gateway/vault"
	"octroi/providers"
	"octroi/risk/policy"
	"octroi/risk/velocity"
)

// Keys are the secrets of keyed hashes, one per purpose.
type Keys struct {
	FingerprintID string // goes in front of every card fingerprint, so that keys can be rotated
	Fingerprint   []byte
	Body          []byte // of request bodies, for the comparison of retries
	Link          []byte // of what buyers are given: proof links, and by derived keys sessions and statement codes
}

// Config is what a Flow is made of.
type Config struct {
	Store    *store.Store
	Velocity *velocity.Store
	// Policy is the shop's current policy; it may change between calls.
	Policy func(shop string) *policy.Policy
	// Shadow is the policy on trial beside it, nil for none; nil altogether when no shop has one. Entities that
	// the live policy does not declare are not known to it.
	Shadow    func(shop string) *policy.Policy
	Provider  providers.Provider
	Shops     map[string]Shop
	Sealer    *vault.Sealer
	Intake    *intake.Intake
	Keys      Keys
	PublicURL string // of the buyers' listener, without a slash at the end
	// ProviderBudget is how long an authorisation may take at most; 10 s when 0.
	ProviderBudget time.Duration
	// Country finds an IP address's country (ISO 3166-1 alpha-2), "" when unknown; nil when no database is configured.
	Country func(ip string) string
	Clock   func() time.Time
	// Elapsed is how much time has passed since some moment, whatever is done to the wall clock; nil asks Clock, whose
	// times carry a monotonic reading when they come from time.Now.
	Elapsed    func() time.Duration
	Rand       io.Reader
	Logger     *slog.Logger
	Registerer prometheus.Registerer
}

// Flow carries out everything that changes a payment. It is safe for concurrent use.
type Flow struct {
	Config
	metrics       *metrics
	lists         atomic.Pointer[listsSnapshot]
	degraded      degradedMeter
	asksWhileAway mailMeter
	codes         chan struct{} // held by whoever enters a statement code
	assessments   *batcher
	providerAway  atomic.Bool // the provider's last call brought no answer
	purposes      purposes
	watch         clockWatch
}

// New makes a Flow. Call Run for its background work.
func New(cfg Config) (*Flow, error) {
	switch {
	case cfg.Store == nil || cfg.Velocity == nil || cfg.Policy == nil || cfg.Provider == nil || cfg.Sealer == nil || cfg.Intake == nil:
		return nil, errors.New("flow: store, velocity, policy, provider, sealer and intake are all needed")
	case len(cfg.Keys.Fingerprint) < 32 || len(cfg.Keys.Body) < 32 || len(cfg.Keys.Link) < 32:
		return nil, errors.New("flow: every key must have at least 32 bytes")
	case cfg.Clock == nil || cfg.Rand == nil || cfg.Logger == nil || cfg.Registerer == nil:
		return nil, errors.New("flow: clock, randomness, logger and registerer are all needed")
	}
	for id, shop := range cfg.Shops {
		if err := shop.check(); err != nil {
			return nil, fmt.Errorf("flow: shop %s: %w", id, err)
		}
	}
	if cfg.ProviderBudget <= 0 {
		cfg.ProviderBudget = 10 * time.Second
	}
	if cfg.Elapsed == nil {
		begun := cfg.Clock()
		cfg.Elapsed = func() time.Duration { return cfg.Clock().Sub(begun) }
	}
	f := &Flow{Config: cfg, codes: make(chan struct{}, 1)}
	var err error
	if f.purposes, err = newPurposes(cfg.Keys.Link); err != nil {
		return nil, fmt.Errorf("flow: %w", err)
	}
	m, err := newMetrics(cfg.Registerer, f)
	if err != nil {
		return nil, err
	}
	f.metrics = m
	f.assessments = newBatcher(cfg.Store)
	f.degraded.clock = cfg.Clock
	f.lists.Store(&listsSnapshot{})
	return f, nil
}

// Shop finds a shop by its id.
func (f *Flow) Shop(id string) (Shop, bool) {
	s, ok := f.Shops[id]
	return s, ok
}

// View is what a shop sees of a payment: the payment itself and a summary of its case.
func (f *Flow) View(s store.Snapshot) payment.Payment {
	p := s.Payment
	if s.Case == nil {
		return p
	}
	sum := &payment.CaseSummary{ID: s.Case.ID, Status: string(s.Case.Status), DecideBy: s.Case.DecideBy}
	if s.Case.Status == hold.AwaitingProof {
		sum.RespondBy = s.Case.RespondBy
	}
	for _, a := range s.Case.Alarms {
		sum.Alarms = append(sum.Alarms, string(a))
	}
	if s.Case.Status.Open() && (len(s.Case.Proof.Requested) > 0 || s.Case.Proof.Code != "") {
		sum.ProofURL = f.proofURL(s.Case.ID)
	}
	p.Case = sum
	return p
}

// durably is the context for writes that must not be cut short by a caller who has gone: the money has already moved.
func durably(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
}

// now is the time to write down. Microseconds are what both databases keep: an answer must say the same today and when
// it is read again, and a decision that is replayed must see the very same clock.
func (f *Flow) now() time.Time { return f.Clock().UTC().Truncate(time.Microsecond) }

// id makes a new id.
func (f *Flow) id(prefix string) (string, error) {
	id, err := payment.NewID(prefix, f.Clock(), f.Rand)
	if err != nil {
		return "", &payment.Error{Code: payment.CodeInternal, Detail: "No randomness.", Err: err}
	}
	return id, nil
}
