// Package conformance is one suite of tests that every providers.Provider passes against a real server of its
// dialect. It states the contract as behaviour: what a caller may rely on whichever provider is behind it.
//
// An adapter's tests describe their server as a Subject and call Run. The suite knows no provider.
package conformance

import (
	"context"
	"errors"
	"testing"
	"time"

	"octroi/providers"
)

// Trouble is a way for the subject's server to misbehave.
type Trouble int

// The troubles a Subject can bring about, until Calm.
const (
	Calm        Trouble = iota
	Slow                // answers later than Patience, having done the work
	CutBefore           // closes the connection with nothing done
	CutAfter            // closes the connection with the work done
	Failing             // answers with a server error, having done the work
	Garbage             // answers with success and a body that cannot be read, having done the work
	Overloaded          // answers that nothing was done and the same request may be sent again
	Unreachable         // refuses connections
)

// Patience is how long the suite waits for a Slow server; its answers take at least four times as long.
const Patience = 40 * time.Millisecond

// Deed is what a buyer does with a step that a provider asks for.
type Deed int

// The deeds of buyers.
const (
	Agrees  Deed = iota // shows who they are, or pays on the method's page
	Refuses             // fails to, or is turned away there
)

// Subject is a provider with the server it speaks to, fresh for each test.
type Subject struct {
	Provider providers.Provider
	// Authorisation makes a payment that will be approved, of at least 100 minor units, under a new id and key.
	Authorisation func() providers.Authorisation
	// Refusal turns a payment into one that will be refused for the reason; false where the server cannot.
	Refusal func(a providers.Authorisation, code providers.RefusalCode) (providers.Authorisation, bool)
	// Enrolled turns a payment into one by a card whose issuer authenticates its holder when it is asked to.
	Enrolled func(a providers.Authorisation) providers.Authorisation
	// Act takes the step of an action as the buyer's browser would, and gives what it brings back for Details.
	Act func(t *testing.T, step providers.Action, does Deed) map[string]providers.Secret
	// Methods are the means of payment beside cards that the provider has. Their buyers have a step to take.
	Methods []providers.Method
	// Authorised counts the approved authorisations that the server itself has under a payment id.
	Authorised func(paymentID string) int
	// Trouble makes the server misbehave until the next call.
	Trouble func(Trouble)
	// Reports waits until the server has reported everything so far, and gives the bodies it sent, oldest first.
	Reports func() [][]byte
	// Read verifies and reads one such body.
	Read func([]byte) ([]providers.Notification, error)
}

// Run runs the whole suite; build gives a fresh subject for each test and cleans up through t.
func Run(t *testing.T, build func(t *testing.T) Subject) {
	for _, c := range []struct {
		name string
		test func(*testing.T, Subject)
	}{
		{"ApprovalCarriesWhatTheGatewayNeeds", approval},
		{"RefusalIsAResultWithItsReason", refusals},
		{"SameKeyAuthorisesOnce", sameKey},
		{"SameKeyAtOnceAuthorisesOnce", sameKeyAtOnce},
		{"CaptureIsReceivedThenReported", capture},
		{"PartialCapturesAddUpToTheAuthorisation", partialCaptures},
		{"CancelReleasesTheAuthorisation", cancel},
		{"RefundIsBoundedByTheCapture", refund},
		{"CancelByReferenceFindsWhatWasNeverAnswered", cancelByReference},
		{"ModificationOfAnUnknownPaymentIsRejected", unknownPayment},
		{"DeadlineLeavesTheOutcomeUnknown", deadline},
		{"LostAnswersAreUnknownAndSettledByTheSameKey", lostAnswers},
		{"CertainNonEventsAreNotDone", notDone},
		{"ExpiredContextSendsNothing", expiredContext},
		{"BadKeysAreRejectedBeforeTheWire", badKeys},
		{"NotificationsAreVerified", notifications},
		{"ReversalCancelsBeforeTheCapture", reversalOfAuthorised},
		{"ReversalRefundsAfterTheCapture", reversalOfCaptured},
		{"ChallengedBuyerIsAuthenticatedAndTheIssuerLiable", authenticated},
		{"StepsInThePageEndLikeTheRedirect", native},
		{"FailedAuthenticationIsARefusal", notAuthenticated},
		{"SoftDeclineGoesAwayWithAChallenge", softDecline},
		{"SameDetailsSettleOnce", sameDetails},
		{"LostDetailsAreUnknownAndSettledByTheSameKey", lostDetails},
		{"DetailsOfAnotherPaymentSettleNothing", othersDetails},
		{"BadDetailsAreRejectedBeforeTheWire", badDetails},
		{"OtherMethodsTakeTheMoneyAtOnce", otherMethods},
		{"RefusalByAnotherMethodIsAResult", otherMethodsRefuse},
		{"MethodThatNobodyHasIsRejected", unknownMethod},
	} {
		t.Run(c.name, func(t *testing.T) { c.test(t, build(t)) })
	}
}

// pay authorises and expects approval.
func pay(t *testing.T, s Subject) (providers.Authorisation, providers.Result) {
	t.Helper()
	a := s.Authorisation()
	r, err := s.Provider.Authorise(context.Background(), a)
	if err != nil || r.Status != providers.StatusAuthorised {
		t.Fatalf("authorise: %q, %v", r.Status, err)
	}
	return a, r
}

// modification of a payment, under an operation id of its own.
func modification(a providers.Authorisation, r providers.Result, operation string, value int64) providers.Modification {
	return providers.Modification{Shop: a.Shop, PaymentID: a.PaymentID, PaymentReference: r.Reference,
		OperationID: a.PaymentID + "-" + operation, Amount: providers.Amount{Value: value, Currency: a.Amount.Currency}}
}

// reported finds what the server said of an operation, or of the payment when operation is "".
func reported(t *testing.T, s Subject, kind providers.NotificationKind, paymentID, operation string) providers.Notification {
	t.Helper()
	for _, body := range s.Reports() {
		ns, err := s.Read(body)
		if err != nil {
			t.Fatalf("the server's own report cannot be read: %v", err)
		}
		for _, n := range ns {
			if n.Kind == kind && (operation == "" && n.PaymentID == paymentID || operation != "" && n.OperationID == operation) {
				return n
			}
		}
	}
	t.Fatalf("no %s reported for %s %s", kind, paymentID, operation)
	return providers.Notification{}
}

// doubt expects an *providers.Error with the doubt.
func doubt(t *testing.T, what string, err error, want providers.Doubt) {
	t.Helper()
	var e *providers.Error
	if !errors.As(err, &e) || e.Doubt != want {
		t.Errorf("%s: %v, want an error whose doubt is %s", what, err, want)
	}
}

// settle repeats an authorisation under the same key until the server answers it.
func settle(t *testing.T, s Subject, a providers.Authorisation) providers.Result {
	t.Helper()
	return repeated(t, func() (providers.Result, error) { return s.Provider.Authorise(context.Background(), a) })
}

// repeated makes the same call again until it is answered.
func repeated(t *testing.T, call func() (providers.Result, error)) (r providers.Result) {
	t.Helper()
	var err error
	for range 200 {
		if r, err = call(); err == nil {
			return r
		}
		time.Sleep(Patience / 4)
	}
	t.Fatalf("the same key never brought an answer: %v", err)
	return providers.Result{}
}
