package store

import (
	"context"
	"crypto/sha256"
	"database/sql"

	"octroi/gateway/payment"
)

// hashOf is what is kept of a key, token or session. They are long and random, so a plain hash cannot be undone, and
// looking rows up by the hash leaks nothing of the credential through time.
func hashOf(credential string) []byte {
	sum := sha256.Sum256([]byte(credential))
	return sum[:]
}

// unauthorised is the one error of every credential that does not open anything.
func unauthorised() error {
	return payment.Errorf(payment.CodeUnauthorised, "The credentials are not valid.")
}

// AddKey lets key speak for the shop. Its name is for people and is free again once the key is revoked. Adding the same
// key again changes nothing; a name in use, or a key that is another shop's or revoked, is CodeWrongState.
func (s *Store) AddKey(ctx context.Context, shop, name, key string) error {
	if shop == "" || name == "" || key == "" {
		return payment.Errorf(payment.CodeInvalid, "A key needs a shop, a name and the key itself.")
	}
	n, err := s.write(ctx, `INSERT INTO api_keys (hash, shop, name, created_at, revoked_at) VALUES ($1, $2, $3, $4, 0)
 ON CONFLICT DO NOTHING`, hashOf(key), shop, name, s.now())
	if err != nil || n == 1 {
		return err
	}
	if owner, err := s.ShopOfKey(ctx, key); err == nil && owner == shop {
		return nil
	}
	return payment.Errorf(payment.CodeWrongState, "The shop %s already has a key named %s, or the key was used before.", shop, name)
}

// write runs one statement that commits by itself and tells how many rows it changed.
func (s *Store) write(ctx context.Context, text string, args ...any) (n int64, err error) {
	err = s.again(ctx, func() (err error) { n, err = s.db.exec(ctx, text, args...); return err })
	return n, failed(err)
}

// ShopOfKey tells which shop a key speaks for; CodeUnauthorised for an unknown or revoked key.
func (s *Store) ShopOfKey(ctx context.Context, key string) (shop string, err error) {
	rows, err := s.db.query(ctx, "SELECT shop FROM api_keys WHERE hash = $1 AND revoked_at = 0", hashOf(key))
	shop, err = one(rows, err, scanText)
	if errNone(err) {
		return "", unauthorised()
	}
	return shop, failed(err)
}

// RevokeKey ends a shop's key by its name; CodeNotFound when the shop has no such key in force.
func (s *Store) RevokeKey(ctx context.Context, shop, name string) error {
	n, err := s.write(ctx, "UPDATE api_keys SET revoked_at = $1 WHERE shop = $2 AND name = $3 AND revoked_at = 0", s.now(), shop, name)
	if err == nil && n == 0 {
		return payment.Errorf(payment.CodeNotFound, "The shop %s has no key named %s.", shop, name)
	}
	return err
}

// AddToken lets token speak for a user at the API. Adding the same token again changes nothing; a token that is
// another user's is CodeWrongState, an unknown user CodeNotFound.
func (s *Store) AddToken(ctx context.Context, user, token string) error {
	if token == "" {
		return payment.Errorf(payment.CodeInvalid, "The token is empty.")
	}
	n, err := s.write(ctx, `INSERT INTO tokens (hash, user_name, created_at)
 SELECT $1, name, $2 FROM users WHERE name = $3 AND NOT disabled AND name <> '' ON CONFLICT DO NOTHING`, hashOf(token), s.now(), user)
	if err != nil || n == 1 {
		return err
	}
	owner, err := s.UserOfToken(ctx, token)
	switch {
	case err == nil && owner.Name == user:
		return nil
	case err == nil:
		return payment.Errorf(payment.CodeWrongState, "The token belongs to another user.")
	}
	return payment.Errorf(payment.CodeNotFound, "There is no user %s who may sign in.", user)
}

// UserOfToken tells whose token it is; CodeUnauthorised for an unknown one and for a disabled user's.
func (s *Store) UserOfToken(ctx context.Context, token string) (User, error) {
	rows, err := s.db.query(ctx, "SELECT "+userColumns+` FROM tokens t JOIN users u ON u.name = t.user_name
 WHERE t.hash = $1 AND NOT u.disabled`, hashOf(token))
	u, err := one(rows, err, scanUser)
	if errNone(err) {
		return User{}, unauthorised()
	}
	return u, failed(err)
}

// userColumns are a User as scanUser reads it, of a table called u.
const userColumns = "u.name, u.role, u.language, u.disabled"

func scanUser(r *sql.Rows) (u User, err error) {
	return u, r.Scan(&u.Name, &u.Role, &u.Language, &u.Disabled)
}
