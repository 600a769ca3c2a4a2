package main

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"
)

// judged reads a line as encoding/json does, strictly.
func judged(line string) (l recordedLine, ok bool) {
	d := json.NewDecoder(strings.NewReader(line))
	d.DisallowUnknownFields()
	return l, d.Decode(&l) == nil && strings.TrimSpace(line[d.InputOffset():]) == ""
}

// inFull has every name that a line may have.
const inFull = `{"at":"2026-03-01T10:00:00Z", "id":"a", "order":{"order":{"reference":"R","items":[{"sku":"s","name":"n","quantity":-2,` +
	`"unit_amount":0,"category":"c"},{}],"delivery":{"method":"home","recipient":"Zo\u00e9 \"Z\" \ud83c\udf81","address":{"lines":["1 rue d’Été",""],` +
	`"postal_code":"59800","city":"Lille","country":"FR"}}},"amount":{"value":123456789012345678,"currency":"EUR"},"card":{"fingerprint":"f",` +
	`"number":"4111111111111111","bin":"41111111","last4":"1111","expiry_month":"03","expiry_year":"2030","issuer_country":"FR"},` +
	`"billing":{"name":"n","address":{"lines":[]}},"buyer":{"id":"b","email":"b@example.org","phone":"1","ip":"10.0.0.1","device_id":"d",` +
	`"user_agent":"u","locale":"fr","account_created_at":"2026-01-01T00:00:00.5+01:00"},"capture":"manual","return_url":"https://shop.example/",` +
	`"metadata":{"terminal":"7","terminal":"8","":""}}, "event" : {"type":"refused","refusal":"x","detail":""} } `

func TestWhatIsWrittenPlainlyIsReadWithoutTheLibrary(t *testing.T) {
	s := shapeOf(reflect.TypeFor[recordedLine]())
	for _, line := range []string{anOrder, anEvent, inFull, "{}", ` {"order":{"metadata":{}}}`} {
		var got recordedLine
		want, ok := judged(line)
		if !ok || !s.into(line, &got) || !reflect.DeepEqual(got, want) {
			t.Errorf("%s is read as %+v", line, got)
		}
	}
}

func TestWhatIsNotPlainIsLeftToTheLibrary(t *testing.T) {
	s := shapeOf(reflect.TypeFor[recordedLine]())
	with := func(old, new string) string { return strings.Replace(anOrder, old, new, 1) }
	for _, line := range []string{"", "[]", "null", anOrder[:70], anOrder + anEvent, anOrder + ",", with(`"id":"a"`, `"ID":"a"`), with(`"id":"a"`, `"id":null`),
		with(`"id":"a"`, `"id":"a","id":"b"`), with(`"id":"a"`, `"id":"\xff"`), with(`"id":"a"`, "\"id\":\"\x01\""), with(`"id":"a"`, `"id":"\q"`),
		with(`"id":"a"`, `"id":7`), with(`"id":"a"`, `"it":"a"`), with("100", "1e2"), with("100", "1.0"), with("100", "010"), with("100", "-"),
		with("100", "1234567890123456789"), with(`"metadata":{"terminal":"7"}`, `"metadata":null`), with(`"metadata":{"terminal":"7"}`, `"metadata":{"terminal":7}`),
		with(`"id":"b"`, `"id":"b","account_created_at":"1 March"`)} {
		if s.into(line, new(recordedLine)) {
			t.Errorf("%q was read", line)
		}
	}
}

// FuzzPlain holds the plain reader to the library: what it reads, the library reads as the same.
func FuzzPlain(f *testing.F) {
	for _, line := range []string{anOrder, anEvent, inFull, anOrder[:70], `{"at":"\u0000","id":"\ud800"}`, `{"order":{"amount":{"value":-0}}}`} {
		f.Add(line)
	}
	s := shapeOf(reflect.TypeFor[recordedLine]())
	f.Fuzz(func(t *testing.T, line string) {
		var got recordedLine
		if !s.into(line, &got) {
			return
		}
		if want, ok := judged(line); !ok || !reflect.DeepEqual(got, want) {
			t.Fatalf("%q is read as %+v, by the library as %+v", line, got, want)
		}
	})
}
