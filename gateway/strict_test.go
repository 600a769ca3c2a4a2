package gateway

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"octroi/gateway/payment"
)

func TestEachWrongFieldIsNamedByItsPointer(t *testing.T) {
	b := newBodies()
	for _, c := range []struct{ body, pointer, detail string }{
		{`{"buyer":{"emial":"x"}}`, "/buyer/emial", "is not a known field"},
		{`{"Order":{}}`, "/Order", "is not a known field"},
		{`{"order":{"items":[{},{"a/b~c":1}]}}`, "/order/items/1/a~1b~0c", "is not a known field"},
		{`{"order":{"items":[{"\u0073ku":"x","colour":{"x":[1,2]}}]}}`, "/order/items/0/colour", "is not a known field"},
		{`{"amount":{"value":"12"}}`, "/amount/value", "must be a whole number, not a string"},
		{`{"amount":{"value":1.5}}`, "/amount/value", "must be a whole number, written without fraction or exponent"},
		{`{"amount":{"value":1e30}}`, "/amount/value", "must be a whole number, written without fraction or exponent"},
		{`{"amount":{"value":99999999999999999999}}`, "/amount/value", "is too large a number"},
		{`{"amount":12}`, "/amount", "must be an object, not a number"},
		{`{"order":[]}`, "/order", "must be an object, not an array"},
		{`{"order":{"items":{}}}`, "/order/items", "must be an array, not an object"},
		{`{"buyer":{"email":null}}`, "/buyer/email", "must be a string, not null"},
		{`{"buyer":{"email":true}}`, "/buyer/email", "must be a string, not true"},
		{`{"buyer":{"account_created_at":"yesterday"}}`, "/buyer/account_created_at", "must be an RFC 3339 time such as 2026-01-31T12:00:00Z"},
		{`{"metadata":{"a":1}}`, "/metadata/a", "must be a string, not a number"},
		{`{"buyer":{"email":"a","email":"b"}}`, "/buyer/email", "is given twice"},
		{`{"buyer":{"email":"a","\u0065mail":"b"}}`, "/buyer/email", "is given twice"},
		{`[]`, "", "must be an object, not an array"},
	} {
		var r payment.Request
		err := decode([]byte(c.body), b.payment, &r)
		var e *payment.Error
		if !errors.As(err, &e) || e.Code != payment.CodeInvalid || len(e.Fields) != 1 {
			t.Errorf("%s: %v", c.body, err)
			continue
		}
		if e.Fields[0].Pointer != c.pointer || e.Fields[0].Detail != c.detail {
			t.Errorf("%s: %q %q", c.body, e.Fields[0].Pointer, e.Fields[0].Detail)
		}
	}
}

func TestEverythingWrongIsSaidAtOnceUpToABound(t *testing.T) {
	b, body := newBodies(), `{"amount":{"value":"x","currency":1},"buyer":{"x":1}`
	var e *payment.Error
	if errors.As(decode([]byte(body+"}"), b.payment, new(payment.Request)), &e); e == nil || len(e.Fields) != 3 {
		t.Errorf("%v", e)
	}
	for i := range 100 {
		body += fmt.Sprintf(`,"f%d":1`, i)
	}
	if errors.As(decode([]byte(body+"}"), b.payment, new(payment.Request)), &e); len(e.Fields) != maxErrors {
		t.Errorf("%d errors", len(e.Fields))
	}
}

func TestWhatIsNotOneJSONValueIsRefusedWithItsPlace(t *testing.T) {
	b := newBodies()
	many := make([]string, 300)
	for i := range many {
		many[i] = fmt.Sprintf(`"k%d":""`, i)
	}
	for _, c := range []struct{ body, detail string }{
		{"", "empty"}, {" \n", "empty"}, {"{", "a name in quotes is missing at line 1, column 2"}, {`{"order":{}} {}`, "more than one JSON value"},
		{`{"order":{},}`, "a name in quotes is missing"}, {"{\n \"order\" {}}", "a colon is missing at line 2, column 10"}, {`{"a":tru}`, "unexpected word"},
		{`{"a":01}`, "a comma or a closing bracket is missing"}, {`{"a":1.}`, "after its point"}, {`{"a":-}`, "without digits"}, {`{"a":1e}`, "in its exponent"},
		{`{"a":"x` + "\x01" + `"}`, "a control character inside a string"}, {`{"a":"\x"}`, "an unknown escape"}, {`{"a":"\ud800"}`, "half a character"},
		{`{"a":"\ud800\u0041"}`, "half a character"}, {`{"a":"\u12"}`, "hexadecimal"}, {`{"a":"`, "does not end"}, {"{\"a\":\"\xff\"}", "not UTF-8"},
		{"\ufeff{}", "unexpected character"}, {`{'a':1}`, "a name in quotes is missing"}, {`NaN`, "unexpected character"},
		{strings.Repeat("[", 17), "more than 16 levels"}, {"{" + strings.Join(many, ",") + "}", "more than 256 names"},
	} {
		err := decode([]byte(c.body), b.payment, new(payment.Request))
		if payment.CodeOf(err) != payment.CodeInvalidJSON || !strings.Contains(err.Error(), c.detail) {
			t.Errorf("%.40q: %v", c.body, err)
		}
	}
}

func TestAGoodBodyComesThroughWhole(t *testing.T) {
	var r payment.Request
	body := order("A-1", "Paris")
	if err := decode([]byte(body), newBodies().payment, &r); err != nil {
		t.Fatal(err)
	}
	if r.Order.Items[0].UnitAmount != 6495 || r.Method.Number.Reveal() != "4111111111111111" || r.Metadata["channel"] != "web" {
		t.Errorf("%+v", r.Order)
	}
}

// FuzzDecode holds the strict reader against encoding/json: what it accepts the library reads into the same type
// without an error, and what the library cannot read it never accepts.
func FuzzDecode(f *testing.F) {
	f.Add([]byte(order("A-1", "Paris")))
	for _, s := range []string{"{}", "[]", `{"order":{"reference":"\ud83d\ude00"}}`, `{"metadata":{"a":"b","a":"c"}}`, `{"amount":{"value":-0}}`,
		`{"buyer":{"account_created_at":"2025-01-01T00:00:00+24:00"}}`, `{"a":1e`, "{\"a\":\"\xc3\x28\"}", `nul`} {
		f.Add([]byte(s))
	}
	b := newBodies()
	f.Fuzz(func(t *testing.T, body []byte) {
		var e *payment.Error
		var r payment.Request
		err := decode(body, b.payment, &r)
		if err == nil {
			strict := json.NewDecoder(strings.NewReader(string(body)))
			strict.DisallowUnknownFields()
			if err := strict.Decode(new(payment.Request)); err != nil {
				t.Fatalf("accepted what encoding/json refuses: %v", err)
			}
			return
		}
		if !errors.As(err, &e) || e.Err != nil {
			t.Fatalf("the check passed and the reader failed: %v", err)
		}
		if e.Code == payment.CodeInvalid && !json.Valid(body) {
			t.Fatal("wrong fields were named in what is not JSON")
		}
		for _, field := range e.Fields {
			if len(field.Pointer) > 4096 || len(e.Fields) > maxErrors {
				t.Fatal("the answer is not bounded")
			}
		}
	})
}

func BenchmarkDecode(b *testing.B) {
	body, shapes := []byte(order("A-1", "Paris")), newBodies()
	b.SetBytes(int64(len(body)))
	b.ReportAllocs()
	for b.Loop() {
		var r payment.Request
		if err := decode(body, shapes.payment, &r); err != nil {
			b.Fatal(err)
		}
	}
}
