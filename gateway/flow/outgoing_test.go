package flow_test

import (
	"bytes"
	"database/sql"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib"

	"octroi/gateway/flow"
	"octroi/gateway/payment"
	"octroi/gateway/store"
)

// raw opens the world's database beside its Store, as somebody who has taken a copy of it could.
func (w *world) raw() (db *sql.DB, tables string) {
	w.t.Helper()
	driver, dsn, tables := "pgx", w.url, "SELECT table_name FROM information_schema.tables WHERE table_schema = current_schema()"
	if path, ok := strings.CutPrefix(w.url, "sqlite:"); ok {
		driver, dsn, tables = "sqlite", "file:"+path+"?_pragma=busy_timeout(5000)", "SELECT name FROM sqlite_master WHERE type = 'table'"
	}
	db, err := sql.Open(driver, dsn)
	check(w.t, err)
	w.t.Cleanup(func() { db.Close() })
	return db, tables
}

// kept is everything that the database holds: the rows of all tables, and for SQLite the bytes of its files too.
func (w *world) kept() []byte {
	w.t.Helper()
	db, tables := w.raw()
	var all bytes.Buffer
	var names []string
	rows, err := db.QueryContext(w.t.Context(), tables)
	check(w.t, err)
	for rows.Next() {
		var name string
		check(w.t, rows.Scan(&name))
		names = append(names, name)
	}
	check(w.t, rows.Close())
	for _, name := range names {
		rows, err := db.QueryContext(w.t.Context(), `SELECT * FROM "`+name+`"`)
		check(w.t, err)
		columns, err := rows.Columns()
		check(w.t, err)
		row, into := make([][]byte, len(columns)), make([]any, len(columns))
		for i := range row {
			into[i] = &row[i]
		}
		for rows.Next() {
			check(w.t, rows.Scan(into...))
			all.Write(append(bytes.Join(row, []byte("|")), '\n'))
		}
		check(w.t, rows.Err())
		check(w.t, rows.Close())
	}
	if path, ok := strings.CutPrefix(w.url, "sqlite:"); ok {
		check(w.t, w.store.Scrub(w.t.Context())) // what the write-ahead log has goes into the file
		files, err := filepath.Glob(path + "*")
		check(w.t, err)
		for _, file := range files {
			content, err := os.ReadFile(file)
			check(w.t, err)
			all.Write(content)
		}
	}
	return all.Bytes()
}

// leaving claims the messages of a kind that wait, and gives what each says as it leaves, by payment.
func (w *world) leaving(kind store.Kind) (ms []store.Message, says map[string]string) {
	w.t.Helper()
	ms, err := w.store.Claim(w.t.Context(), []store.Kind{kind}, 100, time.Minute)
	check(w.t, err)
	says = map[string]string{}
	for _, m := range ms {
		says[m.PaymentID] = w.outgoing(m)
	}
	return ms, says
}

func (w *world) outgoing(m store.Message) string {
	w.t.Helper()
	body, err := w.flow.Outgoing(w.t.Context(), m)
	check(w.t, err)
	if !json.Valid(body) {
		w.t.Fatalf("what leaves is no JSON: %s", body)
	}
	return string(body)
}

func TestAStolenDatabaseOpensNoProofPage(t *testing.T) {
	for name, url := range databases {
		t.Run(name, func(t *testing.T) {
			w := beginOn(t, url(t), nil)
			var held []payment.Payment
			for i := range 6 {
				held = append(held, w.pay(risky(i)))
			}
			// Of the webhooks and of the mails some are delivered, some are given up on, some are on their way.
			for _, kind := range []store.Kind{store.KindWebhook, store.KindMail} {
				ms, says := w.leaving(kind)
				if len(ms) != len(held) {
					t.Fatalf("%d messages of kind %s for %d held payments", len(ms), kind, len(held))
				}
				for _, p := range held {
					if !strings.Contains(says[p.ID], p.Case.ProofURL) {
						t.Fatalf("the %s leaves without the link %s: %s", kind, p.Case.ProofURL, says[p.ID])
					}
				}
				for i, m := range ms {
					switch i % 3 {
					case 0:
						check(t, w.store.Done(t.Context(), m.ID))
					case 1:
						check(t, w.store.Bury(t.Context(), m.ID, "away"))
					}
				}
			}
			w.session(held[0], "home")
			check(t, w.flow.BuyerSays(t.Context(), token(held[1]), "Bonjour."))
			kept := w.kept()
			for _, p := range held {
				if !bytes.Contains(kept, []byte(p.Case.ID)) || !bytes.Contains(kept, []byte(p.OrderReference)) {
					t.Fatalf("the case %s was not looked for where it is", p.Case.ID)
				}
				if bytes.Contains(kept, []byte(token(p))) {
					t.Errorf("the link of %s is kept", p.Case.ID)
				}
			}
		})
	}
}

func TestAWebhookSaysTheSameAsLongAsItsCaseIsOpen(t *testing.T) {
	w := begin(t, nil)
	p := w.pay(risky(1))
	ms, says := w.leaving(store.KindWebhook)
	if len(ms) != 1 {
		t.Fatalf("%d webhooks", len(ms))
	}
	first := says[p.ID]
	check(t, w.store.Done(t.Context(), ms[0].ID))
	w.later(time.Hour)
	check(t, w.flow.ReplayWebhook(t.Context(), admin, ms[0].ID))
	again, says := w.leaving(store.KindWebhook)
	if len(again) != 1 || again[0].ID != ms[0].ID || !again[0].CreatedAt.Equal(ms[0].CreatedAt) || says[p.ID] != first {
		t.Fatalf("sent again it says\n%s\nand said\n%s", says[p.ID], first)
	}
	_, err := w.flow.Approve(t.Context(), analyst, p.Case.ID, "")
	check(t, err)
	if got, want := w.outgoing(again[0]), strings.Replace(first, `,"proof_url":"`+p.Case.ProofURL+`"`, "", 1); got != want || got == first {
		t.Errorf("once the case is decided it says\n%s\nwant\n%s", got, want)
	}
}

func TestAMailOfACaseThatIsOverHasNoLink(t *testing.T) {
	w := begin(t, nil)
	p := w.pay(risky(1))
	ms, says := w.leaving(store.KindMail)
	var mail store.Mail
	check(t, json.Unmarshal([]byte(says[p.ID]), &mail))
	if mail.Template != store.MailProofRequest || mail.Link != p.Case.ProofURL {
		t.Fatalf("asked with %+v", mail)
	}
	w.later(p.Case.DecideBy.Sub(w.now()))
	mail = store.Mail{}
	check(t, json.Unmarshal([]byte(w.outgoing(ms[0])), &mail))
	if mail.Link != "" || mail.To != "buyer1@example.org" {
		t.Errorf("after its deadline: %+v", mail)
	}
}

func TestAMailAboutAHoldThatRanOutLeadsBackToTheShop(t *testing.T) {
	w := begin(t, func(c *flow.Config) {
		s := c.Shops["demo"]
		s.RetryURL = "https://shop.example/pay?order=" + flow.RetryOrder
		c.Shops["demo"] = s
	})
	p := w.pay(risky(1))
	w.later(p.Case.DecideBy.Sub(w.now()) + time.Second)
	w.becomes(p.ID, payment.Cancelled)
	if m, ok := w.mailed(store.MailExpired, p.ID); !ok || m.Link != "https://shop.example/pay?order=A-1" {
		t.Errorf("the mail leads to %q, %v", m.Link, ok)
	}
}

// TestNobodyCanTypeALink lets a buyer and a shop write what stands for a link into whatever they may write.
func TestNobodyCanTypeALink(t *testing.T) {
	w := begin(t, nil)
	r := risky(1)
	r.Billing.Name = `x","link":"octroi:proof-link`
	r.Metadata = map[string]string{"proof_url": "octroi:proof-link", "note": `","proof_url":"octroi:proof-link"`}
	p := w.pay(r)
	ms, says := w.leaving(store.KindMail)
	var mail store.Mail
	check(t, json.Unmarshal([]byte(says[p.ID]), &mail))
	if mail.ToName != r.Billing.Name || mail.Link != p.Case.ProofURL || strings.Count(says[p.ID], token(p)) != 1 {
		t.Errorf("the mail is %s", says[p.ID])
	}
	_, says = w.leaving(store.KindWebhook)
	if n := strings.Count(says[p.ID], token(p)); n != 1 {
		t.Errorf("the webhook has %d links: %s", n, says[p.ID])
	}
	stranger := ms[0]
	stranger.PaymentID = "pay_unknown"
	if got := w.outgoing(stranger); strings.Contains(got, fmt.Sprintf(`"link":%q`, "octroi:proof-link")) || strings.Contains(got, token(p)) {
		t.Errorf("of a payment that is not there: %s", got)
	}
}
