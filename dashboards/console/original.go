package console

import (
	"context"
	"net/http"
	"net/netip"
	"strconv"
	"time"

	"octroi/gateway/hold"
	"octroi/gateway/payment"
)

// How many files of documents one person may take in a window: whoever needs more than these does no longer decide
// cases.
const (
	maxHanded    = 10
	handedWindow = time.Hour
)

// original hands the kept file of a document over, to be saved, to somebody who has given their own password again just
// now. Looking at pages decides a case; a file that leaves the house is another matter. The line in the audit log is
// durable before the file is opened, and so is one for every refusal.
func (c *Console) original(w http.ResponseWriter, r *http.Request, v visit) error {
	snap, d, err := c.found(r)
	if err != nil {
		return err
	}
	if d.Status == hold.DocumentDestroyed {
		return payment.Errorf(payment.CodeNotFound, "The document is destroyed.")
	}
	again := func(status int, key string) error {
		return c.renderCase(w, r, v, snap.Case.ID, status, in(v.lang, key), typed{Deed: "original"})
	}
	if wait := c.handed.left(v.user.Name); wait > 0 {
		return again(later(w, wait), "original.many")
	}
	from := c.network(r)
	if wait := c.guesses.left(from); wait > 0 {
		return again(later(w, wait), "signin.network")
	}
	right, err := c.samePerson(r.Context(), v, from, r.PostFormValue("password"))
	if payment.CodeOf(err) == payment.CodeRateLimited {
		return again(http.StatusServiceUnavailable, "signin.busy")
	}
	if err != nil {
		return err
	}
	if !right {
		if err := c.Flow.KeptBack(r.Context(), v.user, snap.Case.ID, d.ID); err != nil {
			return err
		}
		return again(http.StatusForbidden, "original.wrong")
	}
	c.handed.add(v.user.Name)
	if err := c.Flow.HandedOut(r.Context(), v.user, snap.Case.ID, d.ID); err != nil {
		return err
	}
	f := file{name: string(d.Kind) + "-" + d.ID, mediaType: "application/octet-stream", ending: "bin"}
	if ending := pictures[d.Type]; ending != "" {
		f.mediaType, f.ending = d.Type, ending
	} else if d.Type == "application/pdf" {
		f.mediaType, f.ending = d.Type, "pdf"
	}
	if f.data, err = c.Documents.Open(r.Context(), d.ID); err != nil {
		return payment.Unavailable("The document", err)
	}
	c.hand(w, r, f)
	return nil
}

// later says when to come back.
func later(w http.ResponseWriter, wait time.Duration) int {
	w.Header().Set("Retry-After", strconv.Itoa(int(wait/time.Second)+1))
	return http.StatusTooManyRequests
}

// samePerson checks the visitor's own password, as a sign-in does and under the same limits: a wrong one counts against
// the network and the name. CodeRateLimited says that too many are being checked just now.
func (c *Console) samePerson(ctx context.Context, v visit, from netip.Prefix, password string) (bool, error) {
	select {
	case c.signingIn <- struct{}{}:
		defer func() { <-c.signingIn }()
	default:
		return false, payment.Errorf(payment.CodeRateLimited, "Too many passwords are being checked.")
	}
	ctx, cancel := context.WithTimeout(ctx, signInBudget)
	defer cancel()
	u, err := c.Store.CheckPassword(ctx, v.user.Name, password)
	if payment.CodeOf(err) == payment.CodeUnauthorised {
		c.guesses.add(from)
		c.Logger.WarnContext(ctx, "password refused for a document", "user", v.user.Name, "from", from)
		return false, nil
	}
	return err == nil && u.Name == v.user.Name, err
}
