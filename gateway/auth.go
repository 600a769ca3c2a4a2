package gateway

import (
	"context"
	"crypto/sha256"
	"strings"
	"sync"
	"time"

	"github.com/gofiber/fiber/v2"

	"octroi/gateway/flow"
	"octroi/gateway/payment"
	"octroi/gateway/store"
)

// need is who may use a route.
type need int

const (
	anybody need = iota
	aShop
	anAnalyst
	aSenior
)

// role is the least role of a person who may use the route.
func (n need) role() store.Role {
	if n == aSenior {
		return store.RoleSenior
	}
	return store.RoleAnalyst
}

// Bounds of the credential memory. fresh is how long a revoked credential may still pass; known is how long a client
// that once showed a good one is not taken for somebody who guesses.
const (
	maxCredential = 256 // bytes
	fresh         = 5 * time.Second
	known         = time.Hour
	remembered    = 4096
)

// credentials remembers for seconds whom a secret belongs to, so that a busy shop does not cost a query per call. It
// keeps hashes only: the secrets are long and random, so a plain SHA-256 cannot be undone, and a lookup by hash does
// not tell by its time how much of a guess was right.
type credentials[V any] struct {
	clock func() time.Time
	ask   func(ctx context.Context, secret string) (V, error)

	mu   sync.RWMutex
	have map[[sha256.Size]byte]credential[V]
}

type credential[V any] struct {
	owner V
	at    time.Time
}

func newCredentials[V any](clock func() time.Time, ask func(context.Context, string) (V, error)) *credentials[V] {
	return &credentials[V]{clock: clock, ask: ask, have: map[[sha256.Size]byte]credential[V]{}}
}

// owner finds whose the secret is. guess is called before the question is asked when the secret is not known, and its
// error ends the matter.
func (m *credentials[V]) owner(ctx context.Context, secret string, guess func() error) (V, error) {
	sum, now := sha256.Sum256([]byte(secret)), m.clock()
	m.mu.RLock()
	c, ok := m.have[sum]
	m.mu.RUnlock()
	age := now.Sub(c.at)
	if ok && age >= 0 && age < fresh {
		return c.owner, nil
	}
	if !ok || age > known {
		if err := guess(); err != nil {
			var none V
			return none, err
		}
	}
	owner, err := m.ask(ctx, strings.Clone(secret))
	m.mu.Lock()
	defer m.mu.Unlock()
	if err != nil {
		if refusedCredential(err) {
			delete(m.have, sum)
		}
		var none V
		return none, err
	}
	if _, again := m.have[sum]; !again && len(m.have) >= remembered {
		for k := range m.have { // any one will do
			delete(m.have, k)
			break
		}
	}
	m.have[sum] = credential[V]{owner: owner, at: now}
	return owner, nil
}

// refusedCredential tells a wrong credential from a store that could not say.
func refusedCredential(err error) bool {
	code := payment.CodeOf(err)
	return code == payment.CodeUnauthorised || code == payment.CodeNotFound || code == payment.CodeForbidden
}

// errNoShop is a key whose shop the configuration does not name any more.
var errNoShop = payment.Errorf(payment.CodeForbidden, "The shop of this key is not configured.")

// shopOfKey finds the shop of an API key.
func (s *Server) shopOfKey(ctx context.Context, key string) (flow.Shop, error) {
	id, err := s.cfg.Store.ShopOfKey(ctx, key)
	if err != nil {
		return flow.Shop{}, err
	}
	shop, ok := s.cfg.Flow.Shop(id)
	if !ok {
		return flow.Shop{}, errNoShop
	}
	return shop, nil
}

// authorise finds out who calls and whether they may. The one answer for an unknown, malformed or revoked credential
// tells nothing of which it was.
func (s *Server) authorise(k *call, n need) error {
	if n == anybody {
		return nil
	}
	secret, kind := bearer(k.c.Get(fiber.HeaderAuthorization))
	if secret == "" {
		return payment.Errorf(payment.CodeUnauthorised, "The request needs the header Authorization: Bearer and a key.")
	}
	who := s.client(k.c)
	guess := func() error {
		if wait := s.guesses.wait(who, 1); wait > 0 {
			return tooMany("wrong credentials", wait)
		}
		return nil
	}
	var err error
	switch kind {
	case aShop:
		k.shop, err = s.shops.owner(k.ctx, secret, guess)
	case anAnalyst:
		k.user, err = s.users.owner(k.ctx, secret, guess)
	default:
		if err = guess(); err == nil {
			err = payment.Errorf(payment.CodeUnauthorised, "")
		}
	}
	switch {
	case err != nil && err != error(errNoShop) && refusedCredential(err):
		s.guesses.take(who, 1)
		return payment.Errorf(payment.CodeUnauthorised, "The key or token is not valid.")
	case err != nil:
		return err
	}
	return s.permit(k, kind, n)
}

// permit holds a known caller against what the route needs.
func (s *Server) permit(k *call, kind, n need) error {
	switch {
	case n == aShop && kind != aShop:
		return payment.Errorf(payment.CodeForbidden, "This call takes a shop's key (sk_…), not a person's token.")
	case n == aShop:
		return nil
	case kind == aShop:
		return payment.Errorf(payment.CodeForbidden, "This call takes a person's token (an_…), not a shop's key.")
	case k.user.Disabled || !k.user.Role.Includes(n.role()):
		return payment.Errorf(payment.CodeForbidden, "This call needs the role %s.", n.role())
	}
	return nil
}

// bearer takes the credential out of the Authorization header (RFC 6750 section 2.1) and tells its kind by its prefix.
func bearer(header string) (secret string, kind need) {
	scheme, secret, ok := strings.Cut(header, " ")
	secret = strings.TrimSpace(secret)
	if !ok || !strings.EqualFold(scheme, "Bearer") || len(secret) > maxCredential {
		return "", anybody
	}
	switch {
	case strings.HasPrefix(secret, "sk_"):
		return secret, aShop
	case strings.HasPrefix(secret, "an_"):
		return secret, anAnalyst
	}
	return secret, anybody
}

// tooMany is the error of a client that must wait.
func tooMany(what string, wait time.Duration) error {
	e := payment.Errorf(payment.CodeRateLimited, "Too many %s from this address. Try again later.", what)
	e.RetryAfter = wait
	return e
}
