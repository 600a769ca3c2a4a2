package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"octroi/gateway/store"
	"octroi/risk"
	"octroi/risk/policy"
)

// The shipped policy's name in place of a file, the most that is read of a file, and how soon a change to it is seen.
const (
	shippedPolicy = "default"
	maxPolicy     = 1 << 20
	policyEvery   = 5 * time.Second
)

// policies are the shops' policies in force. Files are looked at again every few seconds; one that has become wrong is
// reported, and the last good text of it stays in force.
type policies struct {
	store  *store.Store
	log    *slog.Logger
	files  map[string]*policyFile // by path: shops may share one
	byShop map[string]*policyFile
	trials map[string]*policyFile // the shadow policies, by shop
	stale  *prometheus.GaugeVec
}

type policyFile struct {
	path    string
	current atomic.Pointer[policy.Policy]
	problem atomic.Pointer[string] // what is wrong with the file now; nil when nothing
	seen    []byte                 // the text last looked at; of the watcher alone
	stale   prometheus.Gauge
}

// openPolicies reads every shop's policy; at start a wrong one is an error.
func openPolicies(ctx context.Context, cfg Config, s *store.Store, reg prometheus.Registerer) (*policies, error) {
	ps := &policies{store: s, log: cfg.Logger, files: map[string]*policyFile{}, byShop: map[string]*policyFile{},
		trials: map[string]*policyFile{}}
	ps.stale = prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: "octroi_policy_outdated",
		Help: "1 while a policy file is wrong and its last good text is in force."}, []string{"policy"})
	if err := reg.Register(ps.stale); err != nil {
		return nil, fmt.Errorf("policies: %w", err)
	}
	for _, shop := range cfg.Shops {
		var err error
		if ps.byShop[shop.ID], err = ps.open(ctx, shop.Policy); err != nil {
			return nil, err
		}
		if shop.ShadowPolicy == "" {
			continue
		}
		if ps.trials[shop.ID], err = ps.open(ctx, shop.ShadowPolicy); err != nil {
			return nil, err
		}
	}
	return ps, nil
}

// open reads a policy that has not been read yet.
func (ps *policies) open(ctx context.Context, path string) (*policyFile, error) {
	if f := ps.files[path]; f != nil {
		return f, nil
	}
	src, p, err := readPolicy(path)
	if err != nil {
		return nil, err
	}
	f := &policyFile{path: path}
	if err := ps.adopt(ctx, f, src, p); err != nil {
		return nil, err
	}
	f.stale = ps.stale.WithLabelValues(p.Ref().Name)
	ps.files[path] = f
	return f, nil
}

// readPolicy reads and compiles a policy: a file, or the shipped one.
func readPolicy(path string) ([]byte, *policy.Policy, error) {
	if path == shippedPolicy {
		return policy.DefaultSource(), policy.Default(), nil
	}
	src, err := readBounded(path, maxPolicy)
	if err != nil {
		return nil, nil, fmt.Errorf("policy: %w", err)
	}
	p, err := policy.Parse(path, src)
	return src, p, err
}

// readBounded reads a file of at most limit bytes.
func readBounded(path string, limit int64) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, limit+1))
	if err == nil && int64(len(b)) > limit {
		err = fmt.Errorf("%s is larger than %d bytes", path, limit)
	}
	return b, err
}

// adopt puts a policy in force, its text being in the database first: every decision must be open to replay.
func (ps *policies) adopt(ctx context.Context, f *policyFile, src []byte, p *policy.Policy) error {
	if err := ps.store.SavePolicy(ctx, p.Ref().Name, p.Ref().Version, src); err != nil {
		return err
	}
	f.seen = src
	f.current.Store(p)
	f.problem.Store(nil)
	return nil
}

// of is the policy of a shop; the shipped one for a shop nobody configured.
func (ps *policies) of(shop string) *policy.Policy {
	if f := ps.byShop[shop]; f != nil {
		return f.current.Load()
	}
	return policy.Default()
}

// shadowOf is the policy on trial at a shop; nil for none.
func (ps *policies) shadowOf(shop string) *policy.Policy {
	if f := ps.trials[shop]; f != nil {
		return f.current.Load()
	}
	return nil
}

// tallies are the counts of the whole shop that its policies ask for.
func (ps *policies) tallies(shop string) []risk.Tally {
	asked := ps.of(shop).Tallies()
	if trial := ps.shadowOf(shop); trial != nil {
		asked = append(asked, trial.Tallies()...)
	}
	return asked
}

// problems are the files that are wrong now.
func (ps *policies) problems() (out []string) {
	for _, f := range ps.files {
		if p := f.problem.Load(); p != nil {
			out = append(out, *p)
		}
	}
	return out
}

// watch looks at the files until ctx ends.
func (ps *policies) watch(ctx context.Context) error {
	tick := time.NewTicker(policyEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
			for _, f := range ps.files {
				ps.look(ctx, f)
			}
		}
	}
}

// look reads a file again. What did not change since the last look is not said twice.
func (ps *policies) look(ctx context.Context, f *policyFile) {
	if f.path == shippedPolicy {
		return
	}
	src, p, err := readPolicy(f.path)
	if err == nil && bytes.Equal(src, f.seen) && f.problem.Load() == nil {
		return
	}
	if err == nil {
		err = ps.adopt(ctx, f, src, p)
	}
	if err == nil {
		f.stale.Set(0)
		ps.log.Info("policy in force", "policy", p.Ref().Name, "version", p.Ref().Version)
		return
	}
	var path *os.PathError
	if errors.As(err, &path) {
		err = fmt.Errorf("policy: %s cannot be read", f.path)
	}
	text := err.Error()
	if old := f.problem.Load(); old == nil || *old != text {
		ps.log.Error("policy file is wrong, the last good one stays in force", "error", text)
	}
	f.problem.Store(&text)
	f.stale.Set(1)
}
