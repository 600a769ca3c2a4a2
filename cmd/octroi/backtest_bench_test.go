package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"octroi/gateway/payment"
	"octroi/providers"
	"octroi/risk"
	"octroi/risk/traffic"
)

// recorder writes recorded orders to a file.
type recorder struct {
	w      *bufio.Writer
	orders int
}

func (r *recorder) line(at time.Time, id, what string, v any) error {
	b, err := json.Marshal(v)
	if err == nil {
		_, err = fmt.Fprintf(r.w, `{"at":%q,"id":%q,%q:%s}`+"\n", at.Format(time.RFC3339Nano), id, what, b)
	}
	return err
}

func (r *recorder) event(at time.Time, id string, k risk.EventKind, refusal string) error {
	v := map[string]string{"type": k.String()}
	if refusal != "" {
		v["refusal"] = refusal
	}
	return r.line(at, id, "event", v)
}

// order writes an order as an assessment's body, as a checkout would send it.
func (r *recorder) order(f risk.Facts) error {
	r.orders++
	items := make([]payment.Item, len(f.Order.Items))
	for i, it := range f.Order.Items {
		items[i] = payment.Item{SKU: it.SKU, Name: it.Name, Quantity: it.Quantity, UnitAmount: it.UnitAmount, Category: it.Category}
	}
	return r.line(f.At, f.ID, "order", map[string]any{
		"order": payment.Order{Reference: f.Order.Reference, Items: items, Delivery: payment.Delivery{Method: f.Delivery.Method,
			Recipient: f.Delivery.Recipient, Address: payment.Address(f.Delivery.Address)}},
		"amount": providers.Amount{Value: f.Amount, Currency: f.Currency},
		"card": map[string]string{"fingerprint": f.Card.Fingerprint, "bin": f.Card.BIN, "last4": f.Card.Last4,
			"issuer_country": f.Card.IssuerCountry},
		"billing": payment.Party{Name: f.Billing.Name, Address: payment.Address(f.Billing.Address)},
		"buyer": payment.Buyer{ID: f.Buyer.ID, Email: f.Buyer.Email, Phone: f.Buyer.Phone, IP: f.Buyer.IP, DeviceID: f.Buyer.DeviceID,
			UserAgent: f.Buyer.UserAgent, Locale: f.Buyer.Locale, AccountCreatedAt: f.Buyer.AccountCreatedAt},
	})
}

// recording is a file of recorded orders that write fills.
func recording(b *testing.B, write func(r *recorder) error) (path string, orders int) {
	b.Helper()
	path = filepath.Join(b.TempDir(), "orders.jsonl")
	out, err := os.Create(path)
	if err != nil {
		b.Fatal(err)
	}
	r := &recorder{w: bufio.NewWriterSize(out, 1<<20)}
	if err := errors.Join(write(r), r.w.Flush(), out.Close()); err != nil {
		b.Fatal(err)
	}
	return path, r.orders
}

// month writes 30 days of a shop with every attack, had each order been let through: the issuer's answer, captures, refunds,
// claims and disputes.
func month(r *recorder) error {
	paid := map[string]bool{}
	g := traffic.New(7, traffic.Options{OrdersPerDay: 2000, Attacks: traffic.Attacks(), Cards: 5000})
	for it := range g.Items() {
		if it.Kind != risk.EventAttempt {
			if paid[it.Facts.ID] {
				if err := r.event(it.At, it.Facts.ID, it.Kind, ""); err != nil {
					return err
				}
			}
			continue
		}
		kind := risk.EventAuthorised
		if it.Answer != "" {
			kind = risk.EventRefused
		}
		paid[it.Facts.ID] = it.Answer == ""
		if err := errors.Join(r.order(it.Facts), r.event(it.At, it.Facts.ID, kind, it.Answer)); err != nil {
			return err
		}
	}
	return nil
}

// regulars writes a month of so few buyers that every list of theirs is full, each order naming all that an order can.
func regulars(r *recorder) error {
	dice, at := rand.New(rand.NewPCG(5, 6)), time.Date(2026, 9, 1, 0, 0, 0, 0, time.UTC)
	const orders, buyers = 60_000, 60
	for i := range orders {
		at = at.Add(30 * 24 * time.Hour / orders)
		n := dice.IntN(buyers)
		home := risk.Address{Lines: []string{fmt.Sprint(n+1, " rue des Tanneurs")}, PostalCode: "59800", City: "Lille", Country: "FR"}
		there := home
		if dice.IntN(4) == 0 {
			there = risk.Address{Lines: []string{fmt.Sprint(n+1, " quai de la Fosse")}, PostalCode: "44000", City: "Nantes", Country: "FR"}
		}
		name := fmt.Sprint("Camille Durand", n)
		f := risk.Facts{ID: fmt.Sprint("o", i), At: at, Amount: 1000 + int64(dice.ExpFloat64()*9000), Currency: "EUR",
			Order: risk.Order{Reference: fmt.Sprint("R-", i), Items: []risk.Item{{SKU: "INK-603", Name: "Cartouches d'encre",
				Category: "ink", Quantity: 1, UnitAmount: 3290}}},
			Card:     risk.Card{Fingerprint: fmt.Sprint("card", n), BIN: fmt.Sprint(90000000 + n%8), Last4: "0000", IssuerCountry: "FR"},
			Billing:  risk.Party{Name: name, Address: home},
			Delivery: risk.Delivery{Method: "home", Recipient: name, Address: there},
			Buyer: risk.Buyer{ID: fmt.Sprint("c-", n), Email: fmt.Sprintf("camille%d@courriel.example", n), Phone: fmt.Sprintf("06000000%02d", n),
				IP: fmt.Sprint("10.0.0.", n), DeviceID: fmt.Sprint("d-", n), Locale: "fr-FR", AccountCreatedAt: at.Add(-1000 * time.Hour)}}
		kind, refusal := risk.EventAuthorised, ""
		if dice.IntN(20) == 0 {
			kind, refusal = risk.EventRefused, "insufficient_funds"
		}
		if err := errors.Join(r.order(f), r.event(at, f.ID, kind, refusal)); err != nil {
			return err
		}
	}
	return nil
}

// processorTime is what this process has used so far.
func processorTime() time.Duration {
	var u syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &u)
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// BenchmarkBacktest is the whole command on one core: reading, histories and a decision of the policy for every order.
// Where the machine has other work, orders/cpu-s is the figure to look at.
func BenchmarkBacktest(b *testing.B) {
	small := filepath.Join(b.TempDir(), "start.yaml")
	if err := os.WriteFile(small, []byte(smallPolicy), 0o600); err != nil {
		b.Fatal(err)
	}
	for _, c := range []struct {
		name, policy string
		write        func(*recorder) error
	}{{"small policy, a month", small, month}, {"shipped policy, a month", "default", month}, {"shipped policy, every list full", "default", regulars}} {
		b.Run(strings.ReplaceAll(c.name, " ", "_"), func(b *testing.B) {
			defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
			orders, n := recording(b, c.write)
			began := processorTime()
			for b.Loop() {
				if code := run([]string{"policy", "backtest", c.policy, "--input", orders, "--test", "2026-09-01..2026-12-31", "--json"}, io.Discard, os.Stderr); code != 0 {
					b.Fatal(code)
				}
			}
			b.ReportMetric(float64(n)*float64(b.N)/b.Elapsed().Seconds(), "orders/s")
			b.ReportMetric(float64(n)*float64(b.N)/(processorTime()-began).Seconds(), "orders/cpu-s")
		})
	}
}
