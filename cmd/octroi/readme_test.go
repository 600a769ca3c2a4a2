package main

import (
	"encoding/json"
	"os"
	"regexp"
	"strings"
	"testing"
)

// TestTheREADMEsAnswerIsARealOne sends the README's own request to a new demo and holds the answer printed there
// against what came, but for what differs every time: ids, references, moments and links.
func TestTheREADMEsAnswerIsARealOne(t *testing.T) {
	text := string(must[[]byte](t)(os.ReadFile("../../README.md")))
	command := between(t, text, "curl -s http://127.0.0.1:8080", "```")
	printed := between(t, text, "```json\n", "```")
	header := map[string]string{}
	for _, h := range regexp.MustCompile(`-H '([^:']+): ([^']+)'`).FindAllStringSubmatch(command, -1) {
		header[h[1]] = h[2]
	}
	path := strings.Fields(command)[0]
	body := between(t, command, "-d '", "'\n")
	w := open(t, options(t.TempDir()))
	a := w.request("POST", w.api()+path, header, body).is(201)
	if got, want := settled(t, string(a.body)), settled(t, printed); got != want {
		t.Errorf("the README prints\n%s\nbut the answer is\n%s", want, got)
	}
}

// between is what stands after the first start and before the end that follows it.
func between(t *testing.T, s, start, end string) string {
	t.Helper()
	_, s, found := strings.Cut(s, start)
	s, _, closed := strings.Cut(s, end)
	if !found || !closed {
		t.Fatalf("there is no %q … %q", start, end)
	}
	return s
}

// settled brings a JSON answer to one form, with what differs every time replaced.
func settled(t *testing.T, s string) string {
	t.Helper()
	for _, r := range []struct{ what, by string }{
		{`"(pay|case)_[a-z0-9]+"`, `"$1_…"`}, {`"20\d\d-[^"]+Z"`, `"…"`},
		{`"http://[^"]+/proof/[^"]+"`, `"…/proof/…"`}, {`"reference": ?"[A-Z0-9]{16}"`, `"reference":"…"`},
	} {
		s = regexp.MustCompile(r.what).ReplaceAllString(s, r.by)
	}
	var v any
	if err := json.Unmarshal([]byte(s), &v); err != nil {
		t.Fatalf("not JSON: %v\n%s", err, s)
	}
	return string(must[[]byte](t)(json.MarshalIndent(v, "", "  ")))
}
