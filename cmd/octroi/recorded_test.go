package main

import (
	"bytes"
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"

	"octroi/risk"
	"octroi/risk/backtest"
)

const (
	anOrder = `{"at":"2026-03-01T10:00:00Z","id":"a","order":{"order":{"reference":"R"},"amount":{"value":100,"currency":"EUR"},"card":{"fingerprint":"c1"},"buyer":{"id":"b","email":"b@example.org"},"metadata":{"terminal":"7"}}}`
	anEvent = `{"at":"2026-03-01T10:00:00Z","id":"a","event":{"type":"refused","refusal":"expiry_incorrect"}}`
)

// entriesOf reads recorded orders; the error is the last thing.
func entriesOf(text string) (out []backtest.Entry, err error) {
	for e, err := range recordedOrders(strings.NewReader(text), []byte("key")) {
		if err != nil {
			return out, err
		}
		out = append(out, e)
	}
	return out, nil
}

func TestRecordedOrdersAreReadWhole(t *testing.T) {
	got, err := entriesOf(anOrder + "\n" + anEvent) // the last line may lack its end
	if err != nil || len(got) != 2 {
		t.Fatal(got, err)
	}
	at := time.Date(2026, 3, 1, 10, 0, 0, 0, time.UTC)
	f := got[0].Order
	if got[0].Line != 1 || got[0].ID != "a" || !got[0].At.Equal(at) || f.Amount != 100 || f.Currency != "EUR" ||
		f.Card.Fingerprint != "c1" || f.Buyer.ID != "b" || f.Metadata["terminal"] != "7" {
		t.Errorf("%+v %+v", got[0], f)
	}
	if got[1].Line != 2 || got[1].Order != nil || got[1].Event != (risk.Event{Kind: risk.EventRefused, Code: "expiry_incorrect"}) {
		t.Errorf("%+v", got[1])
	}
}

func TestALineLeavesNothingToTheNext(t *testing.T) {
	alone, err := entriesOf(anOrder)
	if err != nil {
		t.Fatal(err)
	}
	full := strings.NewReplacer(`, "event" : {"type":"refused","refusal":"x","detail":""}`, "", `"fingerprint":"f",`, "", "123456789012345678", "1234").Replace(inFull)
	var read []risk.Facts
	for e, err := range recordedOrders(strings.NewReader(full+"\n"+anOrder+"\n"+full+"\n"), []byte("key")) {
		if err != nil {
			t.Fatal(err)
		}
		read = append(read, *e.Order)
	}
	if len(read) != 3 || read[0].Buyer.Phone == "" || !reflect.DeepEqual(read[0], read[2]) {
		t.Fatalf("%+v", read)
	}
	if !reflect.DeepEqual(read[1], *alone[0].Order) {
		t.Errorf("%+v\nread alone: %+v", read[1], *alone[0].Order)
	}
}

func TestAClearCardNumberIsHashed(t *testing.T) {
	const number = "4111111111111111" // Adyen's test card
	got, err := entriesOf(strings.Replace(anOrder, `"fingerprint":"c1"`, `"number":"`+number+`"`, 1))
	if err != nil {
		t.Fatal(err)
	}
	c := got[0].Order.Card
	if c.Fingerprint == "" || strings.Contains(c.Fingerprint, number) || c.BIN != number[:8] || c.Last4 != number[12:] || c.Brand != "visa" {
		t.Errorf("%+v", c)
	}
}

func TestWrongLinesAreToldWithoutTheirValues(t *testing.T) {
	with := func(old, new string) string { return strings.Replace(anOrder, old, new, 1) }
	for _, c := range []struct{ line, want string }{
		{anOrder[:70], "line 2: the file ends in the middle of the line: it was cut"},
		{anOrder[:70] + "\n" + anEvent, "line 2: this is not JSON at byte 71"},
		{`{"at":"2026-03-01T10:00:00Z",` + "\n" + anEvent, "line 2: the JSON ends in the middle"},
		{"\n", "line 2: the line is empty"},
		{"orders", "line 2: this is not JSON at byte 1"},
		{"[]", "line 2: the line cannot be a JSON array"},
		{anOrder + anEvent, "line 2: more than one JSON value stands on the line"},
		{with(`"amount"`, `"amuont"`), `line 2: unknown field "amuont"`},
		{with(`"value":100`, `"value":"100"`), "line 2: order.amount.value cannot be a JSON string"},
		{with(`"value":100`, `"value":4111111111111111111111`), "line 2: order.amount.value cannot be a JSON number"},
		{with(`"value":100`, `"value":-1`), "line 2: order.amount.value must be between 0 and 1000000000000 minor units"},
		{with(`"fingerprint":"c1"`, `"fingerprint":"c1","number":"4111111111111111"`), "line 2: order.card has both a fingerprint and a number: it may have one"},
		{with(`"id":"b"`, `"id":"b","account_created_at":"4111111111111111"`), "line 2: a time is not written as RFC 3339 wants it, such as 2018-08-08T09:30:00Z"},
		{with(`2026-03-01T10:00:00Z`, `1 March`), "line 2: at must be a time as RFC 3339 writes it, such as 2018-08-08T09:30:00Z"},
		{with(`"id":"a"`, `"id":""`), "line 2: id must have 1 to 256 bytes"},
		{with(`"id":"a"`, `"event":{"type":"captured"},"id":"a"`), "line 2: the line must have either an order or an event"},
		{`{"at":"2026-03-01T10:00:00Z","id":"a"}`, "line 2: the line must have either an order or an event"},
		{strings.Replace(anEvent, `refused"`, `attempt"`, 1), "line 2: event.type is not one of authorised, refused, declined, held, captured, cancelled, refunded, chargeback, fraud_report, delivered, returned, claim, dispute, code_failed"},
		{strings.Replace(anEvent, `refused"`, `captured"`, 1), "line 2: event.refusal goes with the type refused alone"},
		{strings.Replace(anEvent, `expiry_`, `date_`, 1), "line 2: event.refusal is not a refusal code"},
		{with(`"R"`, `"`+strings.Repeat("R", maxRecorded)+`"`), "line 2: the line has more than 266240 bytes"},
	} {
		before, err := entriesOf(anOrder + "\n" + c.line)
		if err == nil || err.Error() != c.want || len(before) != 1 {
			t.Errorf("got %v, want %s", err, c.want)
		}
	}
}

func FuzzRecordedOrders(f *testing.F) {
	f.Add([]byte(anOrder + "\n" + anEvent + "\n"))
	f.Add([]byte(anOrder[:70]))
	f.Add([]byte("{\"at\":\"\",\"id\":\"\xff\"}\n\n[]"))
	f.Fuzz(func(t *testing.T, text []byte) {
		line := 0
		for e, err := range recordedOrders(bytes.NewReader(text), []byte("key")) {
			line++
			var wrong *backtest.Error
			if err != nil && (!errors.As(err, &wrong) || wrong.Line != line) {
				t.Fatalf("%v on line %d", err, line)
			}
			if err == nil && (e.Line != line || e.ID == "" || e.Order == nil && e.Event.Kind == risk.EventAttempt) {
				t.Fatalf("%+v on line %d", e, line)
			}
		}
	})
}
