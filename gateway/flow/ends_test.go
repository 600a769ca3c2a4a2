package flow_test

import (
	"testing"
	"time"

	"octroi/gateway/hold"
	"octroi/gateway/payment"
	"octroi/gateway/store"
	"octroi/providers"
)

// TestNoEndOfAHoldIsSilent brings a case to each end it can come to, and asks what the buyer, who was asked for proof, and
// the shop were told.
func TestNoEndOfAHoldIsSilent(t *testing.T) {
	reported := func(kind providers.NotificationKind, code string) func(*world, payment.Payment) {
		return func(w *world, p payment.Payment) {
			w.report(providers.Notification{ID: code, Kind: kind, Code: code, PaymentReference: p.Authorisation.Reference,
				ModificationReference: "BACKOFFICE1", Success: true, Amount: p.Amount})
		}
	}
	for name, c := range map[string]struct {
		come  func(w *world, p payment.Payment)
		ends  hold.Status
		buyer store.MailTemplate
		shop  string
	}{
		"an analyst approves": {func(w *world, p payment.Payment) {
			check(t, second(w.flow.Approve(t.Context(), analyst, p.Case.ID, "")))
		}, hold.Approved, store.MailReleased, "payment.released"},
		"an analyst rejects": {func(w *world, p payment.Payment) {
			check(t, second(w.flow.Reject(t.Context(), analyst, p.Case.ID, "not the holder")))
		}, hold.Rejected, store.MailRejected, "payment.cancelled"},
		"the code is right": {func(w *world, p payment.Payment) {
			check(t, second(w.flow.EnterCode(t.Context(), token(p), w.onStatement(p))))
		}, hold.Approved, store.MailReleased, "payment.released"},
		"nobody decides": {func(w *world, p payment.Payment) {
			w.later(p.Case.DecideBy.Sub(w.now()) + time.Second)
		}, hold.Expired, store.MailExpired, "payment.cancelled"},
		"the buyer gives up": {func(w *world, p payment.Payment) {
			check(t, w.flow.Withdraw(t.Context(), token(p)))
		}, hold.Expired, store.MailWithdrawn, "payment.cancelled"},
		"the shop cancels": {func(w *world, p payment.Payment) {
			check(t, w.operate("cancel", p.ID, payment.OpCancel, 0))
		}, hold.Expired, store.MailCancelled, "payment.cancelled"},
		"it is cancelled at the provider":         {reported(providers.KindCancellation, "CANCELLATION"), hold.Expired, store.MailCancelled, "payment.cancelled"},
		"the authorisation ends at the provider":  {reported(providers.KindExpired, "EXPIRE"), hold.Expired, store.MailExpired, "payment.expired"},
		"it is captured at the provider":          {reported(providers.KindCapture, "CAPTURE"), hold.Expired, store.MailReleased, "payment.captured"},
		"the provider's analysts reject the case": {reported(providers.KindReviewRejected, "MANUAL_REVIEW_REJECT"), hold.Rejected, store.MailRejected, "payment.cancelled"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := begin(t, nil)
			p := w.pay(risky(1))
			if _, ok := w.mailed(store.MailProofRequest, p.ID); !ok {
				t.Fatal("the buyer was not asked for anything")
			}
			c.come(w, p)
			w.eventually("the case ends", func() bool { return w.see(p.ID).Case.Status == string(c.ends) })
			if _, ok := w.mailed(c.buyer, p.ID); !ok {
				t.Errorf("the buyer got no mail %s: %+v", c.buyer, w.mails(p.ID))
			}
			w.eventually("the shop is told "+c.shop, func() bool { return w.told(c.shop, p.ID) })
			if n := len(w.mails(p.ID)); n != 2 {
				t.Errorf("%d mails, want the question and the end: %+v", n, w.mails(p.ID))
			}
		})
	}
}

// TestTheBuyerOfACaseThatIsTheProvidersIsNotToldOfItsEnd: nobody told them of the hold.
func TestTheBuyerOfACaseThatIsTheProvidersIsNotToldOfItsEnd(t *testing.T) {
	w := begin(t, nil)
	p := w.pay(amber(order(1)))
	check(t, w.operate("cancel", p.ID, payment.OpCancel, 0))
	w.becomes(p.ID, payment.Cancelled)
	if mails := w.mails(p.ID); len(mails) != 0 || !w.told("payment.cancelled", p.ID) {
		t.Errorf("mails %+v, webhooks %v", mails, w.webhooks(p.ID))
	}
}

func TestTheBuyersDeadlineBringsTwoRemindersAndThenAnAnalyst(t *testing.T) {
	t.Parallel() // it waits more than it works
	w := begin(t, nil)
	p := w.pay(risky(1))
	for _, c := range []struct {
		after time.Duration
		sent  int
		last  bool
	}{{24*time.Hour + time.Minute, 1, false}, {36 * time.Hour, 2, true}} {
		w.later(c.after)
		w.eventually("the buyer is reminded", func() bool { return len(w.reminders(p.ID)) == c.sent })
		if got := w.reminders(p.ID)[c.sent-1]; got.Last != c.last || got.Link == "" || !got.RespondBy.Equal(p.Case.RespondBy) {
			t.Errorf("reminder %d: %+v", c.sent, got)
		}
	}
	w.later(12 * time.Hour)
	w.eventually("the case is before an analyst", func() bool { return w.see(p.ID).Case.Status == string(hold.AwaitingReview) })
	if n := len(w.reminders(p.ID)); n != 2 {
		t.Errorf("%d reminders", n)
	}
	if _, err := w.flow.ProofPage(t.Context(), token(p)); err != nil {
		t.Errorf("an answer that is late, though nobody has decided: %v", err)
	}
}

func (w *world) reminders(id string) (got []store.Mail) {
	w.t.Helper()
	for _, m := range w.mails(id) {
		if m.Template == store.MailProofReminder {
			got = append(got, m)
		}
	}
	return got
}

// TestEveryAlarmOfACaseIsRaisedToldAndCountedOnce lets a case lie until its deadline.
func TestEveryAlarmOfACaseIsRaisedToldAndCountedOnce(t *testing.T) {
	t.Parallel() // it waits more than it works
	w := begin(t, nil)
	p := w.pay(risky(1))
	check(t, w.flow.ReceiveDocument(t.Context(), token(p), hold.Identity, "id.png", "image/png", png(t)))
	told := 0
	for _, c := range []struct {
		at    time.Duration // since the case came before the analysts, and was opened
		alarm hold.Alarm
	}{{24 * time.Hour, hold.AlarmFirstLook}, {48 * time.Hour, hold.AlarmDecision}, {72 * time.Hour, hold.AlarmHalf}, {115*time.Hour + 12*time.Minute, hold.AlarmMost}} {
		before := p.CreatedAt.Add(c.at - 5*time.Minute)
		w.later(before.Sub(w.now()))
		w.rests()
		if n := w.alarmed(c.alarm); n != 0 {
			t.Errorf("%s was raised before its time", c.alarm)
		}
		w.later(10 * time.Minute)
		w.eventually(string(c.alarm)+" is raised", func() bool { return w.alarmed(c.alarm) == 1 })
		told++
		w.eventually("the shop is told of it", func() bool { return count(w.webhooks(p.ID), "case.alarm") == told })
		if got := w.see(p.ID).Case.Alarms; len(got) != told || got[told-1] != string(c.alarm) {
			t.Errorf("the payment shows the alarms %v after %s", got, c.alarm)
		}
	}
	w.later(time.Hour)
	w.rests()
	for _, a := range hold.Alarms() {
		if n := w.alarmed(a); n != 1 {
			t.Errorf("%s was raised %v times", a, n)
		}
	}
	check(t, second(w.flow.Approve(t.Context(), analyst, p.Case.ID, "")))
	if got := w.becomes(p.ID, payment.Captured); len(got.Case.Alarms) != 0 {
		t.Errorf("a decided case still shows %v", got.Case.Alarms)
	}
}

func (w *world) alarmed(a hold.Alarm) float64 {
	return w.counted("octroi_case_alarms_total", string(a))
}

// rests lets the clock of the cases look twice at what there is.
func (w *world) rests() {
	time.Sleep(2500 * time.Millisecond)
}

func count(all []string, one string) (n int) {
	for _, s := range all {
		if s == one {
			n++
		}
	}
	return n
}
