package flow_test

import (
	"bytes"
	"encoding/json"
	"image"
	"image/color"
	stdpng "image/png"
	"net"
	"slices"
	"testing"
	"time"

	"octroi/gateway/payment"
	"octroi/gateway/store"
	"octroi/providers"
	"octroi/providers/adyen"
)

// testCards are ten of the card numbers that Adyen documents for tests.
var testCards = []string{"4111111111111111", "4988438843884305", "4166676667666746", "4646464646464644", "4000620000000007",
	"5555444433331111", "5555555555554444", "5577000055770004", "5136333333333335", "5585558555855583"}

// png is a small picture.
func png(t testing.TB) []byte {
	t.Helper()
	img := image.NewRGBA(image.Rect(0, 0, 40, 30))
	img.Set(3, 3, color.White)
	var b bytes.Buffer
	check(t, stdpng.Encode(&b, img))
	return b.Bytes()
}

// unreachable is a provider whose address nobody listens at.
func unreachable(t *testing.T) providers.Provider {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	check(t, err)
	check(t, l.Close())
	a, err := adyen.New(adyen.Config{Endpoint: "http://" + l.Addr().String() + "/v71", APIKey: "k", Account: "DemoFR",
		ReturnURL: "https://shop.example/return", Clock: time.Now})
	check(t, err)
	return a
}

// silence keeps the simulator's webhooks from arriving; hear lets them.
func (w *world) silence() { w.muted.Store(true) }
func (w *world) hear()    { w.muted.Store(false) }

// waiting is how many events have not reached the histories yet.
func (w *world) waiting() int {
	counts, err := w.store.Counts(w.t.Context())
	check(w.t, err)
	return counts.History
}

// outbox is how many messages of a kind wait.
func (w *world) outbox(k store.Kind) int {
	counts, err := w.store.Counts(w.t.Context())
	check(w.t, err)
	return counts.Outbox[k]
}

// webhooks are the events that shops were told of a payment, in their order. Nobody else takes them in these tests.
func (w *world) webhooks(id string) []string {
	w.t.Helper()
	for {
		msgs, err := w.store.Claim(w.t.Context(), []store.Kind{store.KindWebhook}, 64, time.Minute)
		check(w.t, err)
		if len(msgs) == 0 {
			return w.events[id]
		}
		for _, m := range msgs {
			var body struct{ Type string }
			check(w.t, json.Unmarshal(m.Payload, &body))
			w.events[m.PaymentID] = append(w.events[m.PaymentID], body.Type)
			check(w.t, w.store.Commit(w.t.Context(), store.Writes{Done: []int64{m.ID}}))
		}
	}
}

// told reports whether the shop was told of the event.
func (w *world) told(event, id string) bool {
	w.t.Helper()
	return slices.Contains(w.webhooks(id), event)
}

// counted is the value of a metric; label is that of its only label, "" when it has none.
func (w *world) counted(name, label string) float64 {
	w.t.Helper()
	families, err := w.reg.Gather()
	check(w.t, err)
	for _, f := range families {
		for _, m := range f.GetMetric() {
			if f.GetName() == name && (label == "" || len(m.GetLabel()) == 1 && m.GetLabel()[0].GetValue() == label) {
				return m.GetCounter().GetValue() + m.GetGauge().GetValue()
			}
		}
	}
	w.t.Fatalf("there is no metric %s %s", name, label)
	return 0
}

// settled waits until the provider has told everything and all of it is carried out.
func (w *world) settled() {
	w.t.Helper()
	w.eventually("everything is told and carried out", func() bool {
		if w.sim.Ledger().PendingWebhooks > 0 {
			return false
		}
		counts, err := w.store.Counts(w.t.Context())
		check(w.t, err)
		return counts.Notifications == 0
	})
}

// byHand is an order that the shop captures itself.
func byHand(number int) payment.Request {
	r := order(number)
	r.Capture = payment.CaptureManual
	return r
}

// operate asks for an operation under a key; a value of 0 is all that is left.
func (w *world) operate(key, id string, kind payment.OperationType, value int64) error {
	var a *providers.Amount
	if value > 0 {
		a = &providers.Amount{Value: value, Currency: "EUR"}
	}
	_, _, err := w.flow.Operate(w.t.Context(), w.call(key), id, kind, a, "")
	return err
}
