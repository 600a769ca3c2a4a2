package adyen

import (
	"context"
	"crypto/rand"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"octroi/providers"
	"octroi/providers/adyensim"
)

const (
	testKey     = "test-api-key"
	testAccount = "TestMerchant"
	testHMAC    = "44782DEF547AAA06C910C43932B1EB0C71FC68D9D0C057550C48EC2ACF6BA056" // of Adyen's own documentation
)

// noon is the time of every test: the documented test cards are valid until March 2030.
var noon = time.Date(2026, 5, 4, 12, 0, 0, 0, time.UTC)

func clock() time.Time { return noon }

// stage is an adapter in front of a simulated Adyen over real HTTP, with a mailbox for webhooks.
type stage struct {
	t    *testing.T
	sim  *adyensim.Server
	api  *Adyen
	mu   sync.Mutex
	mail [][]byte
	n    int
	url  string
}

func (s *stage) endpoint() string { return s.url + "/v71" }

// newStage starts a simulator, with changes to its configuration where a test needs them.
func newStage(t *testing.T, changes ...func(*adyensim.Config)) *stage {
	t.Helper()
	s := &stage{t: t}
	cfg := adyensim.Config{APIKey: testKey, MerchantAccount: testAccount, HMACKey: testHMAC, Clock: clock,
		Rand: rand.Reader, WebhookBackoff: []time.Duration{time.Millisecond}}
	for _, change := range changes {
		change(&cfg)
	}
	var err error
	s.sim, err = adyensim.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(s.sim.Handler())
	mailbox := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		s.mu.Lock()
		s.mail = append(s.mail, body)
		s.mu.Unlock()
	}))
	s.sim.NotifyAt(mailbox.URL)
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() { _ = s.sim.Run(ctx); close(done) }()
	t.Cleanup(func() {
		stop()
		<-done
		_ = s.sim.Close()
		server.Close()
		mailbox.Close()
	})
	s.url = server.URL
	s.api = adapter(t, s.endpoint(), nil)
	return s
}

func adapter(t *testing.T, endpoint string, c *http.Client) *Adyen {
	t.Helper()
	a, err := New(Config{Endpoint: endpoint, APIKey: testKey, Accounts: map[string]string{"shop": testAccount},
		HMACKeys: []providers.Secret{testHMAC}, ReturnURL: "https://shop.example/return", HTTPClient: c, Clock: clock})
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// answering is an adapter in front of a server that always gives the same answer.
func answering(t *testing.T, status int, contentType, body string, header ...string) *Adyen {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", contentType)
		for i := 0; i+1 < len(header); i += 2 {
			w.Header().Set(header[i], header[i+1])
		}
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}))
	t.Cleanup(server.Close)
	return adapter(t, server.URL+"/v71", nil)
}

// payment is an authorisation of Adyen's first test card.
func payment(id string) providers.Authorisation {
	return providers.Authorisation{Shop: "shop", PaymentID: id, IdempotencyKey: id + "-1", OrderReference: "A-" + id,
		Amount: providers.Amount{Value: 12990, Currency: "EUR"},
		Card:   providers.Card{Number: "4111111111111111", ExpiryMonth: "03", ExpiryYear: "2030", CVC: "737", HolderName: "Jean Dupont"},
		Shopper: providers.Shopper{Reference: "cust_42", Name: "Jean Dupont", Email: "jean@example.org", Phone: "+33612345678",
			IP: "203.0.113.7", UserAgent: "Mozilla/5.0", Locale: "fr-FR"},
		Billing:   &providers.Address{Lines: []string{"12 boulevard St Michel"}, PostalCode: "75006", City: "Paris", Country: "FR"},
		Delivery:  &providers.Address{Lines: []string{"Hauptstr. 5"}, PostalCode: "10115", City: "Berlin", Country: "DE"},
		ReturnURL: "https://shop.example/checkout/return", Statement: "OCTROI 4821"}
}

func (s *stage) authorisation() providers.Authorisation {
	s.n++
	return payment(fmt.Sprintf("pay_%d", s.n))
}

// reports waits until every webhook so far is delivered.
func (s *stage) reports() [][]byte {
	s.t.Helper()
	for range 500 {
		if s.sim.Ledger().PendingWebhooks == 0 {
			s.mu.Lock()
			defer s.mu.Unlock()
			return append([][]byte(nil), s.mail...)
		}
		time.Sleep(10 * time.Millisecond)
	}
	s.t.Fatal("webhooks are not delivered")
	return nil
}

// closedPort is an address that refuses connections.
func closedPort(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	return l.Addr().String()
}
