package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"octroi/gateway/flow"
	"octroi/gateway/hold"
	"octroi/gateway/payment"
	"octroi/gateway/store"
)

// seedSpan is how far back the orders of --orders go: shorter than any case may wait for its decision, so that what
// nobody decided can still be decided.
const seedSpan = 5 * 24 * time.Hour

// seeder makes up past orders in the real way: each is authorised, held, captured, documented and decided by the very
// code that serves shops, against the simulator, with the clock of the whole demo set back to its moment. Nothing is
// written beside the flow, so whatever the console shows of them did happen, only at a pretended time.
type seeder struct {
	*demo
	rand  *rand.Rand
	from  time.Time
	n     int
	ahead []step // soonest first
}

// step is something that somebody did at a moment of the past.
type step struct {
	at time.Time
	do func(context.Context) error
}

// seed makes up n orders when the database has none yet. The same n gives the same buyers and baskets. The clock only
// ever moves forward, and only while nothing is on its way.
func (d *demo) seed(ctx context.Context, n int) error {
	if n == 0 {
		return nil
	}
	have, _, err := d.store.Payments(ctx, store.PaymentFilter{Shop: demoShop, Limit: 1})
	if err != nil || len(have) > 0 {
		return err
	}
	s := &seeder{demo: d, rand: rand.New(rand.NewPCG(1, uint64(n))), from: time.Now().Add(-seedSpan), n: n}
	defer d.clock.by.Store(0)
	for i := range n {
		s.then(s.moment(i), func(ctx context.Context) error { return s.order(ctx, i) })
	}
	for len(s.ahead) > 0 {
		next := s.ahead[0]
		s.ahead = s.ahead[1:]
		d.clock.by.Store(min(0, int64(time.Until(next.at))))
		if err := errors.Join(next.do(ctx), s.rest(ctx)); err != nil {
			return fmt.Errorf("make up past orders: %w", err)
		}
	}
	return nil
}

// then puts a step in its place by time; one that would lie ahead of now has not happened yet and is left out.
func (s *seeder) then(at time.Time, do func(context.Context) error) {
	if time.Until(at) > 0 {
		return
	}
	i, _ := slices.BinarySearchFunc(s.ahead, at, func(x step, t time.Time) int { return x.at.Compare(t) })
	s.ahead = slices.Insert(s.ahead, i, step{at, do})
}

// moment is when the i-th order came: evenly spread, but for those of the burst, which came seconds apart.
func (s *seeder) moment(i int) time.Time {
	place, seconds := i, s.rand.IntN(120)
	if s.inBurst(i) {
		place, seconds = s.burst(), 9*(i-s.burst())
	}
	return s.from.Add(seedSpan*time.Duration(place)/time.Duration(s.n) + time.Duration(seconds)*time.Second)
}

// burst is the number of the first order of somebody who tries stolen cards: up to ten of them from one device.
func (s *seeder) burst() int { return s.n * 3 / 5 }

func (s *seeder) inBurst(i int) bool { return i >= s.burst() && i < s.burst()+min(10, s.n/6) }

// order makes up the i-th order, and plans what came after it.
func (s *seeder) order(ctx context.Context, i int) error {
	at := s.clock.Now()
	snap, buyer, err := s.pay(ctx, i)
	if err != nil || snap.Case == nil {
		return err
	}
	return s.plan(snap, buyer, at)
}

// pay sends an order through the flow as the API would.
func (s *seeder) pay(ctx context.Context, i int) (store.Snapshot, madeUp, error) {
	b := s.madeUp(i)
	body, err := json.Marshal(b.facts)
	if err != nil {
		return store.Snapshot{}, b, err
	}
	shop, _ := s.flow.Shop(demoShop)
	if wrong := b.request.Check(s.clock.Now(), shop.Accepts()); len(wrong) > 0 {
		return store.Snapshot{}, b, payment.Invalid(wrong...)
	}
	p, _, err := s.flow.Authorise(ctx, flow.Call{Shop: demoShop, Key: "made-up-" + b.facts.Reference, Body: body}, b.request)
	if err != nil {
		return store.Snapshot{}, b, err
	}
	snap, err := s.store.Payment(ctx, demoShop, p.ID)
	return snap, b, err
}

// plan is what buyer and analyst did about a held order: most buyers sent a document, some wrote, some kept silent; of
// the older cases most were decided.
func (s *seeder) plan(snap store.Snapshot, b madeUp, at time.Time) error {
	caseID, token := snap.Case.ID, tokenOf(s.flow.View(snap).Case.ProofURL)
	if s.rand.IntN(4) > 0 {
		statement, err := madeUpStatement(b)
		if err != nil {
			return err
		}
		s.then(at.Add(time.Duration(20+s.rand.IntN(300))*time.Minute), func(ctx context.Context) error {
			return s.flow.ReceiveDocument(ctx, token, hold.BankStatement, "releve.png", "image/png", statement)
		})
	}
	if s.rand.IntN(3) == 0 {
		s.then(at.Add(time.Duration(10+s.rand.IntN(300))*time.Minute), func(ctx context.Context) error {
			return s.flow.BuyerSays(ctx, token, "Bonjour, c'est un cadeau pour ma sœur, d'où l'adresse de livraison. Merci !")
		})
	}
	if s.rand.IntN(3) > 0 {
		s.then(at.Add(time.Duration(8+s.rand.IntN(24))*time.Hour), func(ctx context.Context) error { return s.decide(ctx, caseID, b) })
	}
	return nil
}

// decide is the analyst's word, with a second one where the amount asks for it.
func (s *seeder) decide(ctx context.Context, caseID string, b madeUp) error {
	if b.guilty {
		_, err := s.flow.Reject(ctx, demoUsers[0], caseID, "Le relevé n'est pas au nom du titulaire de la carte.")
		return err
	}
	_, err := s.flow.Approve(ctx, demoUsers[0], caseID, "Le relevé concorde avec la commande.")
	if err == nil && s.rand.IntN(2) == 0 && b.request.Amount.Value >= demoFourEyes {
		_, err = s.flow.Approve(ctx, demoUsers[1], caseID, "D'accord.")
	}
	return err
}

// Bounds of waiting for rest.
const (
	restEvery = 2 * time.Millisecond
	restTries = 5000
)

// rest waits until nothing is on its way any more: operations, notifications and mails. Only then may the clock jump,
// or leases would seem to have run out.
func (s *seeder) rest(ctx context.Context) error {
	for range restTries {
		c, err := s.store.Counts(ctx)
		if err != nil {
			return err
		}
		waiting := c.Notifications + s.sim.Ledger().PendingWebhooks
		for _, n := range c.Outbox {
			waiting += n
		}
		if waiting == 0 {
			return nil
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(restEvery):
		}
	}
	return errors.New("what it set in motion did not come to rest")
}
