package flow

import (
	"context"
	"sync/atomic"
	"time"

	"octroi/gateway/hold"
	"octroi/gateway/payment"
	"octroi/gateway/store"
)

// caseBatch is how many cases are tended in one transaction. On SQLite nobody else writes meanwhile.
const caseBatch = 100

// stepCases does what the clock asks of cases: remind, warn, bring before an analyst, end, destroy documents.
func (f *Flow) stepCases(ctx context.Context) (more bool, err error) {
	if !f.steady() {
		return false, nil
	}
	ids, err := f.Store.DueCases(ctx, f.Clock(), caseBatch)
	if err != nil || len(ids) == 0 {
		return false, err
	}
	done, err := f.tend(ctx, ids)
	if err != nil && payment.CodeOf(err) != payment.CodeUnavailable {
		f.Logger.Error("cases not tended together, trying one by one", "cases", len(ids), "error", err)
		done, err = f.tendAlone(ctx, ids)
	}
	// A batch in which nothing could be done is not tried again at once.
	return done > 0 && len(ids) == caseBatch, err
}

// tendAlone gives each case a transaction of its own, so that one that cannot be written holds up no other.
func (f *Flow) tendAlone(ctx context.Context, ids []string) (done int, err error) {
	for _, id := range ids {
		n, failed := f.tend(ctx, []string{id})
		if failed != nil {
			f.Logger.Error("case not tended", "case", id, "error", failed)
		}
		done += n
	}
	return done, nil
}

// tended is what the clock made of one case in a transaction, which may be run more than once.
type tended struct {
	writes store.Writes
	due    hold.Due
	alarms []hold.Alarm
	bury   *hold.Case // its documents are to be destroyed, which is no matter of the database
}

// tend does what is due on cases, many in one transaction, and counts those that are done with. What is due is asked
// again under each case's lock, so that two workers, a restart or a jump of the clock do it once.
func (f *Flow) tend(ctx context.Context, ids []string) (done int, err error) {
	made := map[string]*tended{}
	err = f.Store.ChangeCases(ctx, ids, func(cur store.Snapshot) store.Writes {
		one, err := f.due(cur)
		if err != nil {
			f.Logger.Error("case not tended", "case", cur.Case.ID, "error", err)
			delete(made, cur.Case.ID)
			return store.Writes{}
		}
		made[cur.Case.ID] = &one
		return one.writes
	})
	if err != nil {
		return 0, err
	}
	var bury []hold.Case
	for _, one := range made {
		if one.bury != nil {
			bury = append(bury, *one.bury)
			continue
		}
		done++
		f.metrics.tended(*one)
	}
	buried := atomic.Int64{}
	each(bury, func(c hold.Case) {
		if err := f.destroyDocuments(ctx, c); err != nil {
			f.Logger.Error("documents not destroyed", "case", c.ID, "error", err)
			return
		}
		buried.Add(1)
	})
	return done + int(buried.Load()), nil
}

// due says what the clock makes of one case.
func (f *Flow) due(cur store.Snapshot) (t tended, err error) {
	now := f.now()
	p, c := cur.Payment, *cur.Case
	t.due = c.Due(now)
	w := store.Writes{}
	switch t.due {
	case hold.DueNothing:
		return t, nil
	case hold.DueDestruction:
		t.bury = &c
		return t, nil
	case hold.DueReminder:
		var last bool
		c, last = c.Remind(now)
		if c.Told() {
			w.Outbox = []store.Message{f.mail(store.MailProofReminder, p, &c, "", func(m *store.Mail) { m.Last = last })}
		}
	case hold.DueReview:
		c = c.Unanswered(now)
	case hold.DueAlarm:
		c, t.alarms = c.Raise(now)
		w.Outbox = f.webhook("case.alarm", store.Snapshot{Payment: p, Case: &c})
	case hold.DueExpiry:
		if c, err = f.lapse(c, &p, &w, now); err != nil {
			return t, err
		}
	}
	w.Case = &c
	w.Audit = append(w.Audit, store.Audit{At: now, Actor: hold.ActorPolicy, Action: "case." + string(t.due), Subject: c.ID, Detail: string(c.Status)})
	t.writes = w
	return t, nil
}

// lapse ends a case that nobody decided in time: released if the shop's terms say so and the payment can be, else given
// back.
func (f *Flow) lapse(c hold.Case, p *payment.Payment, w *store.Writes, now time.Time) (hold.Case, error) {
	terms := f.Shops[c.Shop].Terms
	if p.Status != payment.Held || running(p.Operations, payment.OpCancel) {
		terms.AtDeadline = hold.DeadlineCancel
	}
	c, err := c.Lapse(terms, now)
	if err != nil {
		return c, err
	}
	if c.Status == hold.Approved {
		return c, f.release(c, p, w, hold.ActorPolicy)
	}
	return c, f.giveBack(c, p, w, store.MailExpired, "case not decided in time", hold.ActorPolicy)
}

// orphanAge is how old a sealed document must be before it is held against the cases: no upload takes that long.
const orphanAge = time.Hour

// stepOrphans destroys sealed documents that no case lists: a crash between sealing a document and writing it down must
// not let it outlive every rule of retention.
func (f *Flow) stepOrphans(ctx context.Context) (bool, error) {
	if !f.steady() {
		return false, nil
	}
	return false, f.Sealer.Sealed(ctx, f.Clock().Add(-orphanAge), func(id string) error {
		known, err := f.Store.HasDocument(ctx, id)
		if err != nil || known {
			return err
		}
		if err := f.Sealer.Destroy(ctx, id); err != nil {
			return err
		}
		return f.Store.Commit(ctx, store.Writes{Audit: []store.Audit{{At: f.now(), Actor: hold.ActorPolicy, Action: "document.destroyed",
			Subject: id, Detail: "no case lists it"}}})
	})
}

// destroyDocuments makes the documents of a decided case unreadable for good and then says so. A crash in between does
// it again.
func (f *Flow) destroyDocuments(ctx context.Context, c hold.Case) error {
	if err := destroyAll(ctx, f.Sealer, c); err != nil {
		return err
	}
	_, err := f.changeCase(ctx, c.ID, func(cur store.Snapshot) (store.Writes, error) {
		now := f.now()
		after, destroyed := cur.Case.Destroy(now)
		w := store.Writes{Case: &after}
		for _, id := range destroyed {
			w.Audit = append(w.Audit, store.Audit{At: now, Actor: hold.ActorPolicy, Action: "document.destroyed", Subject: id, Detail: c.ID})
		}
		return w, nil
	})
	return err
}
