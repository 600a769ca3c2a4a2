package store

import (
	"context"
	"database/sql"
	"slices"
	"strconv"
	"strings"

	"octroi/gateway/payment"
)

// assessmentsPerStatement is how many assessments one INSERT carries.
const assessmentsPerStatement = 50

// SaveAssessments keeps assessments, all or none, in one transaction whatever their number: the caller gathers them so
// that one commit serves many.
func (s *Store) SaveAssessments(ctx context.Context, as []Assessment) error {
	var all []statement
	for part := range slices.Chunk(as, assessmentsPerStatement) {
		st, err := s.assessmentStatement(part)
		if err != nil {
			return err
		}
		all = append(all, st)
	}
	if len(all) == 0 {
		return nil
	}
	return failed(s.again(ctx, func() error { return s.db.run(ctx, all) }))
}

func (s *Store) assessmentStatement(as []Assessment) (statement, error) {
	var text strings.Builder
	text.WriteString("INSERT INTO assessments (id, shop, at, inputs) VALUES ")
	args := make([]any, 0, 4*len(as))
	for i, a := range as {
		packed, err := s.deflater.pack(inputs{Facts: a.Facts, Histories: a.Histories, Decision: a.Decision})
		if err != nil {
			return statement{}, err
		}
		if i > 0 {
			text.WriteString(", ")
		}
		for n, before := range []string{"($", ", $", ", $", ", $"} {
			text.WriteString(before + strconv.Itoa(len(args)+n+1))
		}
		text.WriteString(")")
		args = append(args, a.ID, a.Shop, a.At, packed)
	}
	return statement{text.String(), args, int64(len(as))}, nil
}

// Assessment reads an assessment of the shop, or of any shop when shop is "".
func (s *Store) Assessment(ctx context.Context, shop, id string) (Assessment, error) {
	rows, err := s.db.query(ctx, "SELECT shop, at, inputs FROM assessments WHERE id = $1", id)
	a, err := one(rows, err, func(r *sql.Rows) (Assessment, error) {
		a, at, packed := Assessment{ID: id}, int64(0), []byte(nil)
		if err := r.Scan(&a.Shop, &at, &packed); err != nil {
			return a, err
		}
		in, err := s.deflater.unpack(packed)
		a.At, a.Facts, a.Histories, a.Decision = moment(at), in.Facts, in.Histories, in.Decision
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
