package conformance

import (
	"context"
	"testing"

	"octroi/providers"
)

// maxSteps is how many steps a payment may ask of its buyer: a fingerprint and a challenge are two.
const maxSteps = 4

// begun authorises, expects that the buyer has a step to take and that nothing is reserved for it yet, and gives the step.
func begun(t *testing.T, s Subject, a providers.Authorisation) providers.Action {
	t.Helper()
	r, err := s.Provider.Authorise(context.Background(), a)
	if err != nil || r.Status != providers.StatusActionRequired || r.Action == nil {
		t.Fatalf("authorise: %q, action %v, %v, want a step for the buyer", r.Status, r.Action, err)
	}
	switch r.Action.Type {
	case "redirect":
		if r.Action.URL == "" {
			t.Errorf("a redirect to nowhere: %+v", r.Action)
		}
	case "threeds2_fingerprint", "threeds2_challenge":
		if !a.Native || len(r.Action.Data) == 0 {
			t.Errorf("a step in a page that did not ask for it, or without what it takes: %+v", r.Action)
		}
	default:
		t.Errorf("a step that no checkout knows: %q", r.Action.Type)
	}
	if n := s.Authorised(a.PaymentID); n != 0 || r.Refusal != nil || r.Captured || r.Authorised != (providers.Amount{}) {
		t.Errorf("before the step: %d authorisations, %+v", n, r)
	}
	return *r.Action
}

// detailsOf is what the browser brought back, for the payment and under the key.
func detailsOf(a providers.Authorisation, key string, values map[string]providers.Secret) providers.Details {
	return providers.Details{Shop: a.Shop, PaymentID: a.PaymentID, IdempotencyKey: key, Amount: a.Amount, Method: a.Method, Values: values}
}

// walked takes steps until there are no more, and gives the last result and the last details.
func walked(t *testing.T, s Subject, a providers.Authorisation, does Deed) (providers.Result, providers.Details) {
	t.Helper()
	step := begun(t, s, a)
	for n := range maxSteps {
		d := detailsOf(a, a.IdempotencyKey+"-step"+string(rune('a'+n)), s.Act(t, step, does))
		r, err := s.Provider.Details(context.Background(), d)
		if err != nil {
			t.Fatalf("details of step %d: %v", n, err)
		}
		if r.Status != providers.StatusActionRequired {
			return r, d
		}
		if r.Action == nil || s.Authorised(a.PaymentID) != 0 {
			t.Fatalf("after step %d: %+v, %d authorisations", n, r, s.Authorised(a.PaymentID))
		}
		step = *r.Action
	}
	t.Fatalf("no end after %d steps", maxSteps)
	return providers.Result{}, providers.Details{}
}

// challenged is a payment whose buyer must show who they are.
func challenged(s Subject) providers.Authorisation {
	a := s.Enrolled(s.Authorisation())
	a.Challenge = true
	return a
}

// approvedBy checks an approval that came after steps, against the server and its report.
func approvedBy(t *testing.T, s Subject, a providers.Authorisation, r providers.Result) {
	t.Helper()
	if r.Status != providers.StatusAuthorised || r.Reference == "" || r.Authorised != a.Amount || r.Refusal != nil || r.Action != nil {
		t.Fatalf("after the steps: %+v", r)
	}
	if n := s.Authorised(a.PaymentID); n != 1 {
		t.Errorf("%d authorisations", n)
	}
	n := reported(t, s, providers.KindAuthorisation, a.PaymentID, "")
	if !n.Success || n.PaymentReference != r.Reference || n.Amount != a.Amount || n.Result == nil || n.Result.Captured != r.Captured ||
		n.Result.Liability != r.Liability && n.Result.Liability != "" {
		t.Errorf("the report disagrees with the answer: %+v %+v, %+v", n, n.Result, r)
	}
}

func authenticated(t *testing.T, s Subject) {
	a := challenged(s)
	r, _ := walked(t, s, a, Agrees)
	approvedBy(t, s, a, r)
	if r.ThreeDS != "authenticated" || r.Liability != "issuer" || r.Captured || r.ExpiresAt.IsZero() {
		t.Errorf("an authenticated approval: %+v", r)
	}
	m := modification(a, r, "capture", a.Amount.Value)
	if _, err := s.Provider.Capture(context.Background(), m); err != nil {
		t.Fatalf("capture: %v", err)
	}
	reported(t, s, providers.KindCapture, a.PaymentID, m.OperationID)
}

func native(t *testing.T, s Subject) {
	a := challenged(s)
	a.Native, a.Origin = true, "https://shop.example"
	a.Browser = &providers.Browser{AcceptHeader: "text/html", Language: "fr-FR", ColorDepth: 24, ScreenHeight: 900, ScreenWidth: 1440, ScriptEnabled: true}
	r, _ := walked(t, s, a, Agrees)
	approvedBy(t, s, a, r)
	if r.ThreeDS != "authenticated" || r.Liability != "issuer" {
		t.Errorf("an authenticated approval: %+v", r)
	}
}

func notAuthenticated(t *testing.T, s Subject) {
	a := challenged(s)
	r, _ := walked(t, s, a, Refuses)
	if r.Status != providers.StatusRefused || r.Refusal == nil || r.Refusal.Code != providers.AuthenticationFailed || r.Liability == "issuer" {
		t.Errorf("a buyer who failed: %+v %+v", r, r.Refusal)
	}
	if n := s.Authorised(a.PaymentID); n != 0 {
		t.Errorf("%d authorisations", n)
	}
	if n := reported(t, s, providers.KindAuthorisation, a.PaymentID, ""); n.Success || n.Result == nil || n.Result.Status != providers.StatusRefused {
		t.Errorf("the report of a refusal: %+v", n)
	}
}

func softDecline(t *testing.T, s Subject) {
	a, can := s.Refusal(s.Authorisation(), providers.AuthenticationRequired)
	if !can {
		t.Fatal("every issuer in Europe may decline softly: the server must be able to")
	}
	r, err := s.Provider.Authorise(context.Background(), a)
	if err != nil || r.Refusal == nil || r.Refusal.Code != providers.AuthenticationRequired || r.Refusal.Retry != providers.RetryAuthenticate {
		t.Fatalf("soft decline: %+v %+v, %v", r, r.Refusal, err)
	}
	a.Challenge, a.IdempotencyKey = true, a.IdempotencyKey+"-again"
	r, _ = walked(t, s, a, Agrees)
	if r.Status != providers.StatusAuthorised || s.Authorised(a.PaymentID) != 1 {
		t.Errorf("authenticated: %+v %+v, %d authorisations", r, r.Refusal, s.Authorised(a.PaymentID))
	}
}

func sameDetails(t *testing.T, s Subject) {
	a := challenged(s)
	first, d := walked(t, s, a, Agrees)
	again, err := s.Provider.Details(context.Background(), d)
	if err != nil || again.Reference != first.Reference || again.Status != first.Status {
		t.Errorf("the same key gave %+v after %+v (%v)", again, first, err)
	}
	d.IdempotencyKey += "-other"
	if other, err := s.Provider.Details(context.Background(), d); err == nil && other.Reference != first.Reference {
		t.Errorf("the same details under another key made another payment: %+v", other)
	}
	if n := s.Authorised(a.PaymentID); n != 1 {
		t.Errorf("%d authorisations", n)
	}
}

func lostDetails(t *testing.T, s Subject) {
	for _, trouble := range []Trouble{CutBefore, CutAfter, Failing, Garbage} {
		a := challenged(s)
		d := detailsOf(a, a.IdempotencyKey+"-step", s.Act(t, begun(t, s, a), Agrees))
		s.Trouble(trouble)
		if _, err := s.Provider.Details(context.Background(), d); err != nil {
			doubt(t, "lost details", err, providers.OutcomeUnknown)
		}
		s.Trouble(Calm)
		r := repeated(t, func() (providers.Result, error) { return s.Provider.Details(context.Background(), d) })
		if r.Status != providers.StatusAuthorised || s.Authorised(a.PaymentID) != 1 {
			t.Errorf("trouble %d settled as %q with %d authorisations", trouble, r.Status, s.Authorised(a.PaymentID))
		}
	}
}

// othersDetails holds that a buyer cannot pay a dear order with what came back for a cheap one.
func othersDetails(t *testing.T, s Subject) {
	cheap, dear := challenged(s), challenged(s)
	values := s.Act(t, begun(t, s, cheap), Agrees)
	begun(t, s, dear)
	r, err := s.Provider.Details(context.Background(), detailsOf(dear, dear.IdempotencyKey+"-step", values))
	if err == nil && r.Status != providers.StatusPending && r.Status != providers.StatusUnknown {
		t.Errorf("another payment's details settled this one: %+v", r)
	}
	if err != nil && providers.DoubtOf(err) == providers.NotDone {
		t.Errorf("another payment's details are %v: sending them again would be no better", err)
	}
	if n := s.Authorised(dear.PaymentID); n != 0 || r.Reference != "" {
		t.Errorf("%d authorisations, reference %q", n, r.Reference)
	}
}

func badDetails(t *testing.T, s Subject) {
	a := challenged(s)
	good := s.Act(t, begun(t, s, a), Agrees)
	for name, d := range map[string]providers.Details{
		"no values":  detailsOf(a, "key", nil),
		"other name": detailsOf(a, "key", map[string]providers.Secret{"no provider's name": "x"}),
		"no key":     detailsOf(a, "", good),
		"no payment": {Shop: a.Shop, IdempotencyKey: "key", Amount: a.Amount, Values: good},
	} {
		_, err := s.Provider.Details(context.Background(), d)
		doubt(t, name, err, providers.Rejected)
	}
	if n := s.Authorised(a.PaymentID); n != 0 {
		t.Errorf("%d authorisations", n)
	}
}
