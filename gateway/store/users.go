package store

import (
	"context"
	"database/sql"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"time"

	"octroi/gateway/payment"
)

// A user who fails maxFailures times in a row is locked out for lockout, right password or not.
const (
	maxFailures = 10
	lockout     = 30 * time.Minute
	maxUserName = 64
)

// A session ends sessionIdle after it was last used and sessionLife after it began. Its last use is written only when
// it has moved by sessionGrain, so that reading pages costs no writes: a session may end that much early.
const (
	sessionIdle  = 15 * time.Minute
	sessionLife  = 8 * time.Hour
	sessionGrain = 10 * time.Second
)

// AddUser adds a person with a password of 12 to 256 bytes. CodeWrongState when the name is taken, by a disabled user
// too: the audit log must never mean two people by one name.
func (s *Store) AddUser(ctx context.Context, u User, password string) error {
	if u.Name == "" || len(u.Name) > maxUserName || u.Name != clean(u.Name) || !u.Role.Includes(RoleAnalyst) {
		return payment.Errorf(payment.CodeInvalid, "A user needs a name of at most %d bytes and a role: analyst, senior or admin.", maxUserName)
	}
	hash, err := s.hashPassword(ctx, password)
	if err != nil {
		return err
	}
	n, err := s.write(ctx, `INSERT INTO users (name, role, language, disabled, password, failures, locked_until, created_at)
 VALUES ($1, $2, $3, $4, $5, 0, 0, $6) ON CONFLICT DO NOTHING`, u.Name, u.Role, u.Language, u.Disabled, hash, s.now())
	if err == nil && n == 0 {
		return payment.Errorf(payment.CodeWrongState, "There is already a user %s.", u.Name)
	}
	return err
}

// CheckPassword signs a user in. A wrong password, an unknown, disabled or locked-out user are one and the same
// CodeUnauthorised after the same reads, the same hash and the same write.
func (s *Store) CheckPassword(ctx context.Context, name, password string) (User, error) {
	u, written, err := s.credential(ctx, name)
	if err != nil {
		return User{}, err
	}
	right, err := s.matches(ctx, written, password)
	if err != nil {
		return User{}, err
	}
	// Whether the user is locked out is decided in the very statement that counts, so that guesses made at the same
	// time are all counted.
	now := s.now()
	if right && !u.Disabled {
		n, err := s.write(ctx, "UPDATE users SET failures = 0 WHERE name = $1 AND password = $2 AND locked_until <= $3 AND NOT disabled",
			u.Name, written, now)
		if err != nil {
			return User{}, err
		}
		if n == 1 {
			return u, nil
		}
		return User{}, unauthorised()
	}
	_, err = s.write(ctx, `UPDATE users SET failures = CASE WHEN locked_until > $1 OR failures + 1 >= $2 THEN 0 ELSE failures + 1 END,
 locked_until = CASE WHEN locked_until <= $1 AND failures + 1 >= $2 THEN $3 ELSE locked_until END WHERE name = $4`,
		now, maxFailures, now.Add(lockout), u.Name)
	if err != nil {
		return User{}, err
	}
	return User{}, unauthorised()
}

// credential reads a user and the written hash; for an unknown name those of nobody, whom no password fits.
func (s *Store) credential(ctx context.Context, name string) (User, string, error) {
	rows, err := s.db.query(ctx, "SELECT "+userColumns+", u.password FROM users u WHERE u.name = $1 OR u.name = '' ORDER BY u.name DESC LIMIT 1", name)
	type row struct {
		u    User
		hash string
	}
	r, err := one(rows, err, func(rows *sql.Rows) (r row, err error) {
		return r, rows.Scan(&r.u.Name, &r.u.Role, &r.u.Language, &r.u.Disabled, &r.hash)
	})
	return r.u, r.hash, failed(err)
}

// SetPassword changes a user's password, lifts a lock-out and ends the user's sessions and tokens: whoever knew the old
// one may have taken them.
func (s *Store) SetPassword(ctx context.Context, name, password string) error {
	hash, err := s.hashPassword(ctx, password)
	if err != nil {
		return err
	}
	return s.changeUser(ctx, name, []statement{
		{"UPDATE users SET password = $1, failures = 0, locked_until = 0 WHERE name = $2 AND name <> ''", []any{hash, name}, 1},
		{"DELETE FROM sessions WHERE user_name = $1", []any{name}, anyRows},
		{"DELETE FROM tokens WHERE user_name = $1", []any{name}, anyRows}})
}

// DisableUser shuts a user out: sessions and tokens end at once.
func (s *Store) DisableUser(ctx context.Context, name string) error {
	return s.changeUser(ctx, name, []statement{
		{"UPDATE users SET disabled = TRUE WHERE name = $1 AND name <> ''", []any{name}, 1},
		{"DELETE FROM sessions WHERE user_name = $1", []any{name}, anyRows},
		{"DELETE FROM tokens WHERE user_name = $1", []any{name}, anyRows}})
}

func (s *Store) changeUser(ctx context.Context, name string, statements []statement) error {
	err := s.again(ctx, func() error { return s.db.run(ctx, statements) })
	if errors.Is(err, ErrStale) {
		return payment.Errorf(payment.CodeNotFound, "There is no user %s.", name)
	}
	return failed(err)
}

// Users lists everybody, disabled users too, by name.
func (s *Store) Users(ctx context.Context) ([]User, error) {
	rows, err := s.db.query(ctx, "SELECT "+userColumns+" FROM users u WHERE u.name <> '' ORDER BY u.name")
	all, err := collect(rows, err, scanUser)
	return all, failed(err)
}

// NewSession begins a session of a user who has just signed in and gives its token: 256 random bits, of which only a
// hash is kept. Sessions that are over are swept away by the way.
func (s *Store) NewSession(ctx context.Context, user string) (token string, err error) {
	var b [32]byte
	if _, err := io.ReadFull(s.rand, b[:]); err != nil {
		return "", fmt.Errorf("make a session: %w", err)
	}
	token = base64.RawURLEncoding.EncodeToString(b[:])
	now := s.now()
	err = s.changeUser(ctx, user, []statement{
		{"DELETE FROM sessions WHERE seen_at <= $1 OR created_at <= $2", []any{now.Add(-sessionIdle), now.Add(-sessionLife)}, anyRows},
		{`INSERT INTO sessions (hash, user_name, created_at, seen_at)
 SELECT $1, name, $2, $2 FROM users WHERE name = $3 AND NOT disabled`, []any{hashOf(token), now, user}, 1}})
	if err != nil {
		return "", err
	}
	return token, nil
}

// UserOfSession tells whose session it is and counts as using it; CodeUnauthorised for one that is unknown or over.
func (s *Store) UserOfSession(ctx context.Context, token string) (User, error) {
	now, hash := s.now(), hashOf(token)
	rows, err := s.db.query(ctx, "SELECT "+userColumns+`, s.seen_at FROM sessions s JOIN users u ON u.name = s.user_name
 WHERE s.hash = $1 AND s.seen_at > $2 AND s.created_at > $3 AND NOT u.disabled`, hash, now.Add(-sessionIdle), now.Add(-sessionLife))
	type row struct {
		u    User
		seen int64
	}
	r, err := one(rows, err, func(rows *sql.Rows) (r row, err error) {
		return r, rows.Scan(&r.u.Name, &r.u.Role, &r.u.Language, &r.u.Disabled, &r.seen)
	})
	if errNone(err) {
		return User{}, unauthorised()
	}
	if err != nil {
		return User{}, failed(err)
	}
	if now.Sub(moment(r.seen)) >= sessionGrain {
		if _, err := s.write(ctx, "UPDATE sessions SET seen_at = $1 WHERE hash = $2 AND seen_at < $1", now, hash); err != nil {
			return User{}, err
		}
	}
	return r.u, nil
}

// EndSession signs out. Ending a session that is over does nothing.
func (s *Store) EndSession(ctx context.Context, token string) error {
	_, err := s.write(ctx, "DELETE FROM sessions WHERE hash = $1", hashOf(token))
	return err
}
