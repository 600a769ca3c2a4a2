package main

import (
	"context"
	"encoding/json"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/redis/go-redis/v9"

	"octroi/gateway/store"
	"octroi/providers/adyensim"
	"octroi/risk/velocity"
)

func (w *world) ops(path string) answer {
	w.t.Helper()
	return w.request("GET", "http://"+w.demo.Addresses().Ops+path, nil, "")
}

// ready reads /readyz.
func (w *world) ready() (r readiness, status int) {
	w.t.Helper()
	a := w.ops("/readyz")
	if err := json.Unmarshal(a.body, &r); err != nil {
		w.t.Fatalf("%v: %s", err, a.body)
	}
	return r, a.status
}

func TestEveryMetricOfTheContractIsThereBeforeAnythingHappens(t *testing.T) {
	w := open(t, options(filepath.Join(t.TempDir(), "demo")))
	w.pay(purchase{reference: "M-1", email: "jean@example.org"}).is(201)
	text := string(w.ops("/metrics").is(200).body)
	for _, want := range []string{`octroi_decisions_total{outcome="decline"} 0`, `octroi_payments_total{status="refused"} 0`,
		"octroi_decision_duration_seconds_bucket{le=\"0.0005\"}", "octroi_request_duration_seconds_bucket{", "octroi_provider_request_duration_seconds_bucket{",
		"octroi_velocity_duration_seconds_", `octroi_refusals_total{code="expiry_incorrect"} 0`, `octroi_cases{status="awaiting_proof"} 0`,
		`octroi_case_oldest_seconds{status="awaiting_proof"} 0`, `octroi_outbox_pending{kind="capture"}`, `octroi_degraded{dependency="velocity"} 0`,
		`octroi_webhook_deliveries_total{result=`, `octroi_mails_total{result="sent",template="proof_request"} 0`, `octroi_outbox_oldest_seconds{kind="mail"} `,
		"octroi_build_info{", "octroi_policy_outdated{", "go_goroutines", "process_cpu_seconds_total"} {
		if !strings.Contains(text, want) {
			t.Errorf("no %s in /metrics", want)
		}
	}
	w.ops("/healthz").is(200)
	w.ops("/debug/pprof/goroutine?debug=1").is(200)
	w.ops("/debug/pprof/cmdline").is(404)
}

func TestReadyzSaysWhatIsAway(t *testing.T) {
	r := miniredis.RunT(t)
	o := options(filepath.Join(t.TempDir(), "demo"))
	o.Redis, o.HistoriesWithin = "redis://"+r.Addr(), time.Second
	w := open(t, o)
	if got, status := w.ready(); status != 200 || got.Status != ready || got.Parts["velocity"].Status != "ok" || got.Parts["database"].Status != "ok" {
		t.Fatalf("%d %+v", status, got)
	}
	r.Close()
	if got, status := w.ready(); status != 200 || got.Status != degraded || got.Parts["velocity"].Status != "away" {
		t.Errorf("without Redis: %d %+v", status, got)
	}
	a := w.pay(purchase{reference: "D-1", email: "jean@example.org"}).is(201)
	if a.at("status") != "held" || !strings.Contains(string(a.body), "VELOCITY_UNAVAILABLE") {
		t.Errorf("without Redis an order is %s: %s", a.at("status"), a.body)
	}
	if err := r.Restart(); err != nil {
		t.Fatal(err)
	}
	eventually(t, "Redis to be found again", func() bool { got, _ := w.ready(); return got.Status == ready })
}

func TestWithoutItsDatabaseTheProgramIsNotReadyAndTakesNoMoney(t *testing.T) {
	pg := startPostgres(t)
	o := options(filepath.Join(t.TempDir(), "demo"))
	o.Database = pg.url
	w := open(t, o)
	pg.stop()
	if got, status := w.ready(); status != http.StatusServiceUnavailable || got.Status != notReady || got.Parts["database"].Status != "away" {
		t.Errorf("without the database: %d %+v", status, got)
	}
	w.pay(purchase{reference: "D-2", email: "jean@example.org"}).is(503)
	if n := len(w.demo.sim.Ledger().Payments); n > 0 {
		t.Errorf("the provider was asked for %d payments", n)
	}
}

func TestUnsafeRedisSettingsAreSaid(t *testing.T) {
	for _, c := range []struct {
		args []string
		want []string
	}{
		{[]string{"--maxmemory-policy", "noeviction"}, nil},
		{[]string{"--maxmemory-policy", "allkeys-lru", "--appendonly", "no"}, []string{"maxmemory-policy is allkeys-lru", "appendonly is no"}},
		{[]string{"--rename-command", "CONFIG", ""}, []string{"maxmemory-policy could not be read", "appendonly could not be read"}},
	} {
		rdb := must[redis.UniversalClient](t)(velocity.Dial(startRedis(t, c.args...).url))
		got := readRedisSettings(t.Context(), rdb).problems
		_ = rdb.Close()
		if len(got) != len(c.want) || slices.ContainsFunc(c.want, func(w string) bool { return !strings.Contains(strings.Join(got, "\n"), w) }) {
			t.Errorf("%v: %q", c.args, got)
		}
	}
}

func TestAPolicyFileThatBecomesWrongLeavesTheLastGoodOneInForce(t *testing.T) {
	const good = "name: mine\nbands: {challenge: 30, hold: 50, decline: 100}\nrules:\n  - code: DEAR\n    when: amount > 5000\n    points: 60\n    detail: {en: dear, fr: cher}\n    why: {en: It costs., fr: Cela coûte.}\n"
	path := filepath.Join(t.TempDir(), "policy.yaml")
	put(t, path, good)
	db := must[*store.Store](t)(store.Open(t.Context(), "sqlite:"+filepath.Join(t.TempDir(), "p.db"), store.Config{Clock: time.Now,
		Rand: strings.NewReader(""), AuditKey: make([]byte, keySize), Logger: demoLogger(&terminal{}, &terminal{})}))
	defer db.Close()
	var log terminal
	cfg := Config{Logger: demoLogger(&log, &terminal{}), Shops: []Shop{{Policy: path}, {Policy: shippedPolicy, ShadowPolicy: path}}}
	cfg.Shops[0].ID, cfg.Shops[1].ID = "mine", "other"
	ps := must[*policies](t)(openPolicies(t.Context(), cfg, db, prometheus.NewRegistry()))
	first := ps.of("mine").Ref()
	look := func() { ps.look(t.Context(), ps.files[path]) }

	put(t, path, good+"  - code: DEAR\n")
	look()
	look()
	if ps.of("mine").Ref() != first || len(ps.problems()) != 1 || strings.Count(log.String(), "last good one") != 1 {
		t.Errorf("a wrong file: %v, %q, %s", ps.of("mine").Ref(), ps.problems(), log.String())
	}
	put(t, path, strings.Replace(good, "5000", "9000", 1))
	look()
	second := ps.of("mine").Ref()
	if second == first || len(ps.problems()) != 0 {
		t.Errorf("a mended file: %v %q", second, ps.problems())
	}
	for _, ref := range []string{first.Version, second.Version, ps.of("other").Ref().Version} {
		if _, err := db.PolicySource(t.Context(), ref); err != nil {
			t.Errorf("the text of %s is not kept: %v", ref, err)
		}
	}
	if ps.shadowOf("other").Ref() != second || ps.shadowOf("mine") != nil {
		t.Error("the shadow policy is not the file's")
	}
	if ps.of("nobody").Ref().Name != "default" {
		t.Error("a shop without a policy has none")
	}
	put(t, path, "name: [")
	if _, err := openPolicies(t.Context(), cfg, db, prometheus.NewRegistry()); err == nil {
		t.Error("a wrong policy is taken at start")
	}
}

func TestServeRunsOnItsFileAndStopsInOrder(t *testing.T) {
	sim := must[*adyensim.Server](t)(adyensim.New(adyensim.Config{APIKey: "AQE-an-api-key", MerchantAccount: "LumenFR", Clock: time.Now, Rand: strings.NewReader(strings.Repeat("x", 9999))}))
	defer sim.Close()
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	at, err := sim.Start(ctx, "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	r := miniredis.RunT(t)
	path, _ := onThisMachine(t, r.Addr(), "http://"+at.String())
	var log terminal
	ended := make(chan error, 1)
	serving, leave := context.WithCancel(ctx)
	go func() { ended <- serve(serving, path, &log) }()
	eventually(t, "serve to be ready: "+log.String(), func() bool { return strings.Contains(log.String(), `"msg":"ready"`) || len(ended) > 0 })
	for line := range strings.Lines(log.String()) {
		if !json.Valid([]byte(line)) {
			t.Errorf("a log line is not JSON: %s", line)
		}
	}
	if !strings.Contains(log.String(), "maxmemory-policy") {
		t.Errorf("nothing said about Redis' settings: %s", log.String())
	}
	leave()
	if err := <-ended; err != nil {
		t.Error(err)
	}
}
