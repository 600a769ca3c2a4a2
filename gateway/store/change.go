package store

import (
	"context"
	"errors"

	"octroi/gateway/payment"
)

// Change reads a payment, hands it to fn, and writes what fn returns, all in one transaction during which nobody else
// changes the payment. It returns what the payment has become. An error of fn is returned as it is and nothing is
// written. fn may be called again when another transaction was in the way, must not call the Store (on SQLite it would
// wait for itself), and must be quick: on SQLite no other write proceeds meanwhile.
func (s *Store) Change(ctx context.Context, paymentID string, fn func(Snapshot) (Writes, error)) (Snapshot, error) {
	return s.change(ctx, "payment", "SELECT id FROM payments WHERE id = $1", paymentID, fn)
}

// ChangeCase is Change for the payment of a case.
func (s *Store) ChangeCase(ctx context.Context, caseID string, fn func(Snapshot) (Writes, error)) (Snapshot, error) {
	return s.change(ctx, "case", "SELECT id FROM payments WHERE id = (SELECT payment_id FROM cases WHERE id = $1)", caseID, fn)
}

// change locks the payment that find names and lets fn work on it.
func (s *Store) change(ctx context.Context, what, find string, key any, fn func(Snapshot) (Writes, error)) (Snapshot, error) {
	var after Snapshot
	var did Writes
	err := s.again(ctx, func() error {
		return s.db.write(ctx, func(tx transaction) (err error) {
			after, did, err = s.changeIn(ctx, tx, what, find+s.db.forUpdate(), key, fn)
			return err
		})
	})
	var no refused
	if errors.As(err, &no) {
		return Snapshot{}, no.error
	}
	if err != nil {
		return Snapshot{}, written(err)
	}
	s.wakeFor(did)
	return after, nil
}

// changeIn is the inside of change. The lock is a statement of its own: only statements begun after it is held see
// what its former holder wrote to the payment's case and operations.
func (s *Store) changeIn(ctx context.Context, tx transaction, what, lock string, key any,
	fn func(Snapshot) (Writes, error)) (Snapshot, Writes, error) {
	rows, err := tx.query(ctx, lock, key)
	id, err := one(rows, err, scanText)
	if errNone(err) {
		return Snapshot{}, Writes{}, payment.Errorf(payment.CodeNotFound, "There is no such %s.", what)
	}
	if err != nil {
		return Snapshot{}, Writes{}, err
	}
	before, err := locked(ctx, tx, id)
	if err != nil {
		return Snapshot{}, Writes{}, err
	}
	w, err := fn(before)
	if err != nil {
		return Snapshot{}, Writes{}, refused{err}
	}
	statements, err := s.statements(w)
	if err != nil {
		return Snapshot{}, Writes{}, err
	}
	if len(statements) == 0 {
		return before, w, nil
	}
	if err := tx.run(ctx, statements); err != nil {
		return Snapshot{}, Writes{}, err
	}
	after, err := locked(ctx, tx, id)
	return after, w, err
}

// locked reads a payment that is known to be there, leaving driver errors as they are for again to look at.
func locked(ctx context.Context, tx transaction, id string) (Snapshot, error) {
	all, err := snapshots(ctx, tx, " FROM payments p", " WHERE p.id = $1 ORDER BY p.id", id)
	if err != nil || len(all) == 0 {
		return Snapshot{}, err
	}
	return all[0], nil
}

// refused marks an error of the caller's own function, which must reach the caller as it is.
type refused struct{ error }

// ChangeCases is ChangeCase for several cases in one transaction, for work that comes in heaps. fn is called once for each
// case that is there and that no other transaction holds; what it returns for all of them is written together or not at
// all. A case that must not be written gets no Writes.
func (s *Store) ChangeCases(ctx context.Context, caseIDs []string, fn func(Snapshot) Writes) error {
	if len(caseIDs) == 0 {
		return nil
	}
	list, args := among(nil, caseIDs)
	lock := "SELECT id FROM payments WHERE id IN (SELECT payment_id FROM cases WHERE id IN " + list + ") ORDER BY id" + s.db.skipLocked()
	var did []Writes
	err := s.again(ctx, func() error {
		return s.db.write(ctx, func(tx transaction) (err error) {
			did, err = s.changeMany(ctx, tx, lock, args, fn)
			return err
		})
	})
	if err != nil {
		return written(err)
	}
	for _, w := range did {
		s.wakeFor(w)
	}
	return nil
}

// changeMany is the inside of ChangeCases.
func (s *Store) changeMany(ctx context.Context, tx transaction, lock string, args []any, fn func(Snapshot) Writes) ([]Writes, error) {
	rows, err := tx.query(ctx, lock, args...)
	ids, err := collect(rows, err, scanText)
	if err != nil || len(ids) == 0 {
		return nil, err
	}
	list, args := among(nil, ids)
	before, err := snapshots(ctx, tx, " FROM payments p", " WHERE p.id IN "+list+" ORDER BY p.id", args...)
	if err != nil {
		return nil, err
	}
	var did []Writes
	var all []statement
	for _, snap := range before {
		w := fn(snap)
		statements, err := s.statements(w)
		if err != nil {
			return nil, err
		}
		did, all = append(did, w), append(all, statements...)
	}
	return did, tx.run(ctx, all)
}
