package flow

import (
	"context"
	"time"

	"octroi/gateway/hold"
	"octroi/gateway/payment"
	"octroi/gateway/store"
)

// stepCases does what the clock asks of cases: remind, bring before an analyst, end, destroy documents.
func (f *Flow) stepCases(ctx context.Context) (bool, error) {
	ids, err := f.Store.DueCases(ctx, f.Clock(), claimLimit)
	if err != nil {
		return false, err
	}
	for _, id := range ids {
		if err := f.tend(ctx, id); err != nil {
			f.Logger.Error("case not tended", "case", id, "error", err)
		}
	}
	return false, nil
}

// tend does what is due on one case. What is due is asked again under the case's lock, so that two workers, a restart
// or a jump of the clock do it once.
func (f *Flow) tend(ctx context.Context, id string) error {
	snap, err := f.Store.Case(ctx, id)
	if err != nil {
		return err
	}
	if snap.Case.Due(f.Clock()) == hold.DueDestruction {
		return f.destroyDocuments(ctx, *snap.Case)
	}
	_, err = f.changeCase(ctx, id, func(cur store.Snapshot) (store.Writes, error) {
		now := f.now()
		p, c := cur.Payment, *cur.Case
		w := store.Writes{Case: &c}
		due := c.Due(now)
		switch due {
		case hold.DueReminder:
			c = c.Remind(now)
			w.Outbox = []store.Message{f.mail(store.MailProofReminder, p, &c, "")}
		case hold.DueReview:
			c = c.Unanswered(now)
		case hold.DueExpiry:
			expired, err := c.Expire(hold.ActorPolicy, "not decided in time", now)
			if err != nil {
				return store.Writes{}, err
			}
			c = expired
			if err := f.giveBack(c, &p, &w, store.MailExpired, "case not decided in time", hold.ActorPolicy); err != nil {
				return store.Writes{}, err
			}
		default:
			return store.Writes{}, nil
		}
		w.Audit = []store.Audit{{At: now, Actor: hold.ActorPolicy, Action: "case." + string(due), Subject: c.ID}}
		return w, nil
	})
	return err
}

// orphanAge is how old a sealed document must be before it is held against the cases: no upload takes that long.
const orphanAge = time.Hour

// stepOrphans destroys sealed documents that no case lists: a crash between sealing a document and writing it down must
// not let it outlive every rule of retention.
func (f *Flow) stepOrphans(ctx context.Context) (bool, error) {
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
	for _, d := range c.Proof.Documents {
		if d.Status == hold.DocumentDestroyed {
			continue
		}
		if err := f.Sealer.Destroy(ctx, d.ID); err != nil {
			return payment.Unavailable("The document store", err)
		}
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
