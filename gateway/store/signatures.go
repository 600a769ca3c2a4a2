package store

import (
	"context"
	"errors"
	"io"
	"iter"
	"log/slog"
	"time"

	"octroi/gateway/payment"
)

// Config is what a Store takes from outside.
type Config struct {
	Clock    func() time.Time
	Rand     io.Reader
	AuditKey []byte // HMAC key of the audit chain, 32 bytes or more
	Logger   *slog.Logger
}

// Store is the database.
type Store struct{}

// ErrStale is the error of a write made from a version that is no longer the newest: read again and retry.
var ErrStale = errors.New("the record was changed meanwhile")

// Open opens the database at url, "sqlite:PATH" or "postgres://…", and brings its schema up to date.
func Open(ctx context.Context, url string, cfg Config) (*Store, error) {
	return nil, errors.ErrUnsupported
}

// Begin follows.
func (s *Store) Begin(ctx context.Context, b Begin) (Begun, Snapshot, error) {
	return 0, Snapshot{}, errors.ErrUnsupported
}

// Commit follows.
func (s *Store) Commit(ctx context.Context, w Writes) error { return errors.ErrUnsupported }

// Change follows.
func (s *Store) Change(ctx context.Context, paymentID string, fn func(Snapshot) (Writes, error)) (Snapshot, error) {
	return Snapshot{}, errors.ErrUnsupported
}

// ChangeCase follows.
func (s *Store) ChangeCase(ctx context.Context, caseID string, fn func(Snapshot) (Writes, error)) (Snapshot, error) {
	return Snapshot{}, errors.ErrUnsupported
}

// ChangeByToken follows.
func (s *Store) ChangeByToken(ctx context.Context, tokenHash []byte, fn func(Snapshot) (Writes, error)) (Snapshot, error) {
	return Snapshot{}, errors.ErrUnsupported
}

// Payment follows.
func (s *Store) Payment(ctx context.Context, shop, id string) (Snapshot, error) {
	return Snapshot{}, errors.ErrUnsupported
}

// PaymentByReference follows.
func (s *Store) PaymentByReference(ctx context.Context, provider, reference string) (Snapshot, error) {
	return Snapshot{}, errors.ErrUnsupported
}

// Payments follows.
func (s *Store) Payments(ctx context.Context, f PaymentFilter) (page []Snapshot, next string, err error) {
	return nil, "", errors.ErrUnsupported
}

// Case follows.
func (s *Store) Case(ctx context.Context, id string) (Snapshot, error) {
	return Snapshot{}, errors.ErrUnsupported
}

// CaseByToken follows.
func (s *Store) CaseByToken(ctx context.Context, tokenHash []byte) (Snapshot, error) {
	return Snapshot{}, errors.ErrUnsupported
}

// Cases follows.
func (s *Store) Cases(ctx context.Context, f CaseFilter) (page []Snapshot, next string, err error) {
	return nil, "", errors.ErrUnsupported
}

// Decisions follows.
func (s *Store) Decisions(ctx context.Context, paymentID string) ([]Decision, error) {
	return nil, errors.ErrUnsupported
}

// DueCases follows.
func (s *Store) DueCases(ctx context.Context, now time.Time, limit int) ([]string, error) {
	return nil, errors.ErrUnsupported
}

// StalePending follows.
func (s *Store) StalePending(ctx context.Context, olderThan time.Time, limit int) ([]string, error) {
	return nil, errors.ErrUnsupported
}

// StaleActions follows.
func (s *Store) StaleActions(ctx context.Context, olderThan time.Time, limit int) ([]string, error) {
	return nil, errors.ErrUnsupported
}

// AuditTrail follows.
func (s *Store) AuditTrail(ctx context.Context, subject string, limit int) ([]Audit, error) {
	return nil, errors.ErrUnsupported
}

// OperationByKey follows.
func (s *Store) OperationByKey(ctx context.Context, shop, paymentID, key string) (op payment.Operation, found bool, err error) {
	return payment.Operation{}, false, errors.ErrUnsupported
}

// Claim follows.
func (s *Store) Claim(ctx context.Context, kinds []Kind, limit int, lease time.Duration) ([]Message, error) {
	return nil, errors.ErrUnsupported
}

// Retry follows.
func (s *Store) Retry(ctx context.Context, id int64, due time.Time, lastErr string) error {
	return errors.ErrUnsupported
}

// Done follows.
func (s *Store) Done(ctx context.Context, ids ...int64) error { return errors.ErrUnsupported }

// Bury follows.
func (s *Store) Bury(ctx context.Context, id int64, lastErr string) error {
	return errors.ErrUnsupported
}

// Buried follows.
func (s *Store) Buried(ctx context.Context, limit int) ([]Message, error) {
	return nil, errors.ErrUnsupported
}

// Revive follows.
func (s *Store) Revive(ctx context.Context, id int64) error { return errors.ErrUnsupported }

// Wake follows.
func (s *Store) Wake(kinds ...Kind) <-chan struct{} { return nil }

// ClaimHistory follows.
func (s *Store) ClaimHistory(ctx context.Context, limit int, lease time.Duration) ([]JournalEntry, error) {
	return nil, errors.ErrUnsupported
}

// HistoryApplied follows.
func (s *Store) HistoryApplied(ctx context.Context, seqs ...int64) error {
	return errors.ErrUnsupported
}

// WakeHistory follows.
func (s *Store) WakeHistory() <-chan struct{} { return nil }

// Journal follows.
func (s *Store) Journal(ctx context.Context, since time.Time) iter.Seq2[JournalEntry, error] {
	return func(yield func(JournalEntry, error) bool) { yield(JournalEntry{}, errors.ErrUnsupported) }
}

// SaveNotifications follows.
func (s *Store) SaveNotifications(ctx context.Context, ns []StoredNotification) (fresh int, err error) {
	return 0, errors.ErrUnsupported
}

// ClaimNotifications follows.
func (s *Store) ClaimNotifications(ctx context.Context, limit int, lease time.Duration) ([]StoredNotification, error) {
	return nil, errors.ErrUnsupported
}

// RetryNotification follows.
func (s *Store) RetryNotification(ctx context.Context, key string, due time.Time, lastErr string) error {
	return errors.ErrUnsupported
}

// WakeNotifications follows.
func (s *Store) WakeNotifications() <-chan struct{} { return nil }

// SaveAssessments follows.
func (s *Store) SaveAssessments(ctx context.Context, as []Assessment) error {
	return errors.ErrUnsupported
}

// Assessment follows.
func (s *Store) Assessment(ctx context.Context, shop, id string) (Assessment, error) {
	return Assessment{}, errors.ErrUnsupported
}

// SavePolicy follows.
func (s *Store) SavePolicy(ctx context.Context, name, version string, source []byte) error {
	return errors.ErrUnsupported
}

// PolicySource follows.
func (s *Store) PolicySource(ctx context.Context, version string) ([]byte, error) {
	return nil, errors.ErrUnsupported
}

// ListEntries follows.
func (s *Store) ListEntries(ctx context.Context, now time.Time) ([]ListEntry, error) {
	return nil, errors.ErrUnsupported
}

// PutListEntry follows.
func (s *Store) PutListEntry(ctx context.Context, e ListEntry, a Audit) error {
	return errors.ErrUnsupported
}

// RemoveListEntry follows.
func (s *Store) RemoveListEntry(ctx context.Context, list, value string, a Audit) error {
	return errors.ErrUnsupported
}

// AddKey follows.
func (s *Store) AddKey(ctx context.Context, shop, name, key string) error {
	return errors.ErrUnsupported
}

// ShopOfKey follows.
func (s *Store) ShopOfKey(ctx context.Context, key string) (shop string, err error) {
	return "", errors.ErrUnsupported
}

// RevokeKey follows.
func (s *Store) RevokeKey(ctx context.Context, shop, name string) error { return errors.ErrUnsupported }

// AddUser follows.
func (s *Store) AddUser(ctx context.Context, u User, password string) error {
	return errors.ErrUnsupported
}

// CheckPassword follows.
func (s *Store) CheckPassword(ctx context.Context, name, password string) (User, error) {
	return User{}, errors.ErrUnsupported
}

// SetPassword follows.
func (s *Store) SetPassword(ctx context.Context, name, password string) error {
	return errors.ErrUnsupported
}

// DisableUser follows.
func (s *Store) DisableUser(ctx context.Context, name string) error { return errors.ErrUnsupported }

// Users follows.
func (s *Store) Users(ctx context.Context) ([]User, error) { return nil, errors.ErrUnsupported }

// AddToken follows.
func (s *Store) AddToken(ctx context.Context, user, token string) error { return errors.ErrUnsupported }

// UserOfToken follows.
func (s *Store) UserOfToken(ctx context.Context, token string) (User, error) {
	return User{}, errors.ErrUnsupported
}

// NewSession follows.
func (s *Store) NewSession(ctx context.Context, user string) (token string, err error) {
	return "", errors.ErrUnsupported
}

// UserOfSession follows.
func (s *Store) UserOfSession(ctx context.Context, token string) (User, error) {
	return User{}, errors.ErrUnsupported
}

// EndSession follows.
func (s *Store) EndSession(ctx context.Context, token string) error { return errors.ErrUnsupported }

// SealAudit follows.
func (s *Store) SealAudit(ctx context.Context, limit int) (sealed int, err error) {
	return 0, errors.ErrUnsupported
}

// VerifyAudit follows.
func (s *Store) VerifyAudit(ctx context.Context) (checked int, err error) {
	return 0, errors.ErrUnsupported
}

// Counts follows.
func (s *Store) Counts(ctx context.Context) (Counts, error) { return Counts{}, errors.ErrUnsupported }

// Ping follows.
func (s *Store) Ping(ctx context.Context) error { return errors.ErrUnsupported }

// Close follows.
func (s *Store) Close() error { return errors.ErrUnsupported }
