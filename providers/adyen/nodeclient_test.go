package adyen

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"octroi/providers"
	"octroi/providers/adyensim"
)

// node is Adyen's own client for Node, installed where nothing else is.
type node struct {
	t   *testing.T
	dir string
	env []string
}

// newNode installs the pinned client, or skips where that cannot be done and nothing says that it must.
func newNode(t *testing.T) node {
	t.Helper()
	if testing.Short() {
		t.Skip("installing Adyen's client for Node takes longer than -short allows")
	}
	missing := func(format string, args ...any) {
		t.Helper()
		if text := fmt.Sprintf(format, args...); os.Getenv("CI") == "true" {
			t.Fatal(text + ", and CI=true forbids skipping")
		} else {
			t.Skip(text + "; with CI=true this would fail")
		}
	}
	for _, program := range []string{"node", "npm"} {
		if _, err := exec.LookPath(program); err != nil {
			missing("%s is not installed", program)
		}
	}
	n := node{t: t, dir: t.TempDir()}
	for _, name := range []string{"client.js", "package.json"} {
		text, err := os.ReadFile(filepath.Join("testdata", "node", name))
		if err == nil {
			err = os.WriteFile(filepath.Join(n.dir, name), text, 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if _, err := n.run(5*time.Minute, "", "npm", "install", "--no-audit", "--no-fund", "--ignore-scripts", "--no-package-lock", "--loglevel=error"); err != nil {
		missing("npm cannot install Adyen's client: %v", err)
	}
	return n
}

// run starts a program in the client's folder and gives what it prints.
func (n node) run(limit time.Duration, input, program string, args ...string) (string, error) {
	ctx, cancel := context.WithTimeout(n.t.Context(), limit)
	defer cancel()
	cmd := exec.CommandContext(ctx, program, args...)
	cmd.Dir, cmd.Env, cmd.Stdin = n.dir, append(os.Environ(), n.env...), strings.NewReader(input)
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr, cmd.WaitDelay = &out, &errs, 5*time.Second
	if err := cmd.Run(); err != nil {
		return out.String(), errors.Join(err, errors.New(strings.TrimSpace(errs.String())))
	}
	return out.String(), nil
}

// said is one line that the script prints.
type said struct {
	Name   string         `json:"name"`
	Answer map[string]any `json:"answer"`
}

// script runs the client in one of its modes.
func (n node) script(mode, input string) string {
	n.t.Helper()
	out, err := n.run(time.Minute, input, "node", "client.js", mode)
	if err != nil {
		n.t.Fatalf("%s: %v\nafter %s", mode, err, out)
	}
	return out
}

func readSaid(t *testing.T, out string) (lines []said) {
	t.Helper()
	for line := range strings.Lines(out) {
		var s said
		if err := json.Unmarshal([]byte(line), &s); err != nil {
			t.Fatalf("%s: %v", line, err)
		}
		lines = append(lines, s)
	}
	return lines
}

// secureStage is a stage whose simulator speaks https, with its certificate trusted by the client.
func (n *node) secureStage() *stage {
	n.t.Helper()
	cert, trust, err := adyensim.SelfSigned(time.Now(), rand.Reader, "127.0.0.1")
	if err != nil {
		n.t.Fatal(err)
	}
	file := filepath.Join(n.dir, "trust.pem")
	if err := os.WriteFile(file, trust, 0o600); err != nil {
		n.t.Fatal(err)
	}
	s := newStage(n.t)
	secure := httptest.NewUnstartedServer(s.sim.Handler())
	secure.TLS = &tls.Config{Certificates: []tls.Certificate{cert}}
	secure.StartTLS()
	n.t.Cleanup(secure.Close)
	n.env = []string{"BASE=" + secure.URL, "API_KEY=" + testKey, "ACCOUNT=" + testAccount, "HMAC_KEY=" + testHMAC, "NODE_EXTRA_CA_CERTS=" + file}
	return s
}

// resultOf is what of an answer says how the call went.
func resultOf(a map[string]any) string {
	var words []string
	for _, name := range []string{"resultCode", "status", "refusalReasonCode", "errorCode", "statusCode", "same"} {
		if v, ok := a[name]; ok && v != nil {
			words = append(words, fmt.Sprint(v))
		}
	}
	return strings.Join(words, " ")
}

func TestAdyensOwnClient(t *testing.T) {
	n := newNode(t)
	s := n.secureStage()
	t.Run("drives the simulator without a complaint", func(t *testing.T) { n.on(t).drives(s) })
	t.Run("accepts what the simulator signs", func(t *testing.T) { n.on(t).accepts(s.reports()) })
	t.Run("signs what the adapter accepts", func(t *testing.T) { n.on(t).signs(s) })
}

// on is the client in another test.
func (n node) on(t *testing.T) node {
	n.t = t
	return n
}

// drives carries out every call, and compares what became of it.
func (n node) drives(s *stage) {
	t := n.t
	var got []string
	for _, l := range readSaid(t, n.script("pay", "")) {
		got = append(got, l.Name+": "+resultOf(l.Answer))
	}
	want := []string{"payment: Authorised", "same key: true", "refusal: Refused 12", "invalid number: 101 422",
		"redirect: RedirectShopper", "redirect details: Authorised", "details twice: 106 422",
		"fingerprint: IdentifyShopper", "challenge: ChallengeShopper", "challenge details: Authorised",
		"paypal: RedirectShopper", "paypal details: Authorised", "paypal refund: received",
		"alma: RedirectShopper", "alma details: Authorised", "alma refund: received",
		"capture: received", "capture again: received", "refund: received", "reversal: received", "capture of nothing: 167 422",
		"adjustment: received", "cancel: received", "cancel by reference: received"}
	if !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	ledger := s.sim.Ledger()
	first, _ := ledger.Payment("node-1")
	if first.Captured != 1000 || first.Refunded != 1000 || len(ledger.DoubleAuthorisations) != 0 || ledger.Authorisations["node-4"] != 1 {
		t.Errorf("%+v", ledger)
	}
}

// accepts has Adyen's validator look at what the simulator signed: all of it, and none of it once it is touched.
func (n node) accepts(bodies [][]byte) {
	n.t.Helper()
	for _, touched := range []bool{false, true} {
		input := string(bytes.Join(bodies, []byte("\n")))
		if touched {
			input = strings.ReplaceAll(input, `"success":"true"`, `"success":"false"`)
			input = strings.ReplaceAll(input, `"value":1000`, `"value":1001`)
		}
		lines := readSaid(n.t, n.script("check", input))
		if len(lines) < 15 {
			n.t.Errorf("%d items were checked", len(lines))
		}
		for _, l := range lines {
			if l.Answer["accepted"] == touched {
				n.t.Errorf("touched %t, %s: accepted is %v", touched, l.Name, l.Answer["accepted"])
			}
		}
	}
}

// signs has Adyen's library sign items with awkward references, and the adapter read them.
func (n node) signs(s *stage) {
	t := n.t
	var items strings.Builder
	references := []string{"pay_1", `\\slashes are fun`, ":slashes are fun", "//slashes are fun", `\\:/\\/slashes are fun`, "é accents 漢字", ""}
	for i, reference := range references {
		b, err := json.Marshal(map[string]any{"pspReference": fmt.Sprint("PSP", i), "originalReference": "", "merchantAccountCode": testAccount,
			"merchantReference": reference, "amount": map[string]any{"value": 1000 + i, "currency": "EUR"}, "eventCode": "AUTHORISATION",
			"eventDate": noon.Format(time.RFC3339), "success": "true"})
		if err != nil {
			t.Fatal(err)
		}
		items.Write(append(b, '\n'))
	}
	body := n.script("sign", items.String())
	ns, err := s.api.Notifications([]byte(body))
	if err != nil || len(ns) != len(references) {
		t.Fatalf("%d of %d, %v", len(ns), len(references), err)
	}
	for i, got := range ns {
		if got.Kind != providers.KindAuthorisation || !got.Success || got.PaymentID != references[i] || got.Amount.Value != int64(1000+i) {
			t.Errorf("%q: %+v", references[i], got)
		}
	}
	for i := range references {
		forged := strings.Replace(body, fmt.Sprintf(`"value":%d`, 1000+i), `"value":1`, 1)
		if _, err := s.api.Notifications([]byte(forged)); !errors.Is(err, ErrSignature) {
			t.Errorf("item %d, forged: %v", i, err)
		}
	}
}
