package store

import (
	"context"
	"database/sql"
	"slices"

	"octroi/gateway/payment"
	"octroi/risk"
)

// SaveAssessments keeps assessments, all or none, in one transaction whatever their number: the caller gathers them so
// that one commit serves many. The attempt of each goes to the journal, from which the velocity histories can be built
// again, and from which they get it when it was not Observed; so does a decline, which no issuer will ever report.
func (s *Store) SaveAssessments(ctx context.Context, as []Assessment) error {
	var all []statement
	waiting := false
	for part := range slices.Chunk(as, s.db.rowsPerInsert()) {
		rows := make([][]any, len(part))
		events := make([]History, len(part), 2*len(part))
		var trials [][]any
		for i, a := range part {
			packed, err := s.deflater.pack(a.Recorded)
			if err != nil {
				return err
			}
			rows[i] = []any{a.ID, a.Shop, a.At, a.Observed, packed}
			events[i] = History{Shop: a.Shop, Record: a.Facts.Attempt(), Applied: a.Observed}
			trials = append(trials, trialRows(a.ID, a.At, a.Recorded)...)
			waiting = waiting || !a.Observed
			if a.Decision.Outcome == risk.Decline {
				declined := a.Facts.Attempt()
				declined.Kind = risk.EventDeclined
				events, waiting = append(events, History{Shop: a.Shop, Record: declined}), true
			}
		}
		history, err := s.historyStatements(events)
		if err != nil {
			return err
		}
		all = append(all, manyRows("INSERT INTO assessments (id, shop, at, observed, inputs) VALUES ", rows))
		all = append(all, history...)
		for some := range slices.Chunk(trials, s.db.rowsPerInsert()) {
			all = append(all, manyRows(insertTrials, some))
		}
	}
	if len(all) == 0 {
		return nil
	}
	if err := s.again(ctx, func() error { return s.db.run(ctx, all) }); err != nil {
		return written(err)
	}
	if waiting {
		s.wakes.signal(topicHistory)
	}
	return nil
}

// Assessment reads an assessment of the shop, or of any shop when shop is "".
func (s *Store) Assessment(ctx context.Context, shop, id string) (Assessment, error) {
	rows, err := s.db.query(ctx, "SELECT shop, at, observed, inputs FROM assessments WHERE id = $1", id)
	a, err := one(rows, err, func(r *sql.Rows) (Assessment, error) {
		a, at, packed := Assessment{ID: id}, int64(0), []byte(nil)
		if err := r.Scan(&a.Shop, &at, &a.Observed, &packed); err != nil {
			return a, err
		}
		a.At = moment(at)
		var err error
		a.Recorded, err = s.deflater.unpack(packed)
		return a, err
	})
	if errNone(err) || (err == nil && shop != "" && a.Shop != shop) {
		return Assessment{}, payment.Errorf(payment.CodeNotFound, "There is no such assessment.")
	}
	return a, failed(err)
}

// SavePolicy keeps the text of a policy under its version, which names that very text: saving it again changes nothing.
func (s *Store) SavePolicy(ctx context.Context, name, version string, source []byte) error {
	return failed(s.again(ctx, func() error {
		_, err := s.db.exec(ctx, `INSERT INTO policies (version, name, source, saved_at) VALUES ($1, $2, $3, $4)
 ON CONFLICT (version) DO NOTHING`, version, name, source, s.now())
		return err
	}))
}

// PolicySource gives the text of a policy by its version, so that decisions made with it can be replayed.
func (s *Store) PolicySource(ctx context.Context, version string) ([]byte, error) {
	rows, err := s.db.query(ctx, "SELECT source FROM policies WHERE version = $1", version)
	source, err := one(rows, err, func(r *sql.Rows) (b []byte, err error) { return b, r.Scan(&b) })
	if errNone(err) {
		return nil, payment.Errorf(payment.CodeNotFound, "There is no policy of this version.")
	}
	return source, failed(err)
}
