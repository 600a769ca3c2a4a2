package console

import (
	"context"
	"net/http"
	"net/url"
	"strings"

	"octroi/gateway/hold"
	"octroi/gateway/payment"
	"octroi/gateway/store"
)

// claimTries bounds how many cases are tried for one click: each one lost went to a colleague who clicked first.
// claimLook is among how many at a time they are looked for, claimPages how many times.
const claimTries, claimLook, claimPages = 10, 100, 10

// claimNext gives the analyst the most urgent case that nobody has and that waits for an analyst.
func (c *Console) claimNext(w http.ResponseWriter, r *http.Request, v visit) error {
	id, err := c.next(r.Context(), v)
	if err != nil {
		return err
	}
	to := "/?done=nothing"
	if id != "" {
		to = "/cases/" + url.PathEscape(id) + "?done=claimed"
	}
	http.Redirect(w, r, to, http.StatusSeeOther)
	return nil
}

// next claims that case; "" when there is none. A case whose first approval is the analyst's own is passed over: the
// second must be somebody else's. So is one that waits for the provider's analysts.
func (c *Console) next(ctx context.Context, v visit) (string, error) {
	f := store.CaseFilter{Statuses: []hold.Status{hold.AwaitingReview, hold.AwaitingSecond}, Unassigned: true, Limit: claimLook}
	tries := 0
	for range claimPages {
		all, cursor, err := c.Store.Cases(ctx, f)
		if err != nil {
			return "", err
		}
		for _, snap := range all {
			if snap.Case.FirstApproval == v.user.Name || snap.Case.Owner == hold.OwnerProvider {
				continue
			}
			if tries++; tries > claimTries {
				return "", nil
			}
			_, err := c.Flow.Claim(ctx, v.user, snap.Case.ID)
			if err == nil {
				return snap.Case.ID, nil
			}
			if payment.CodeOf(err) != payment.CodeWrongState {
				return "", err
			}
		}
		if f.Cursor = cursor; cursor == "" {
			break
		}
	}
	return "", nil
}

// onward leads away from a deed that is done: to the next case when the analyst wants that and has nothing left to do on
// this one, to the next document that nobody has judged, or back to the case.
func (c *Console) onward(w http.ResponseWriter, r *http.Request, v visit, name string, d deed, k hold.Case) error {
	done := name
	if name == "approve" && k.Status == hold.AwaitingSecond {
		done = "first"
	}
	to := "/cases/" + url.PathEscape(k.ID)
	if document := nextDocument(k, r.PathValue("document")); d.verdict != "" && k.Status != hold.AwaitingProof && document != "" {
		to += "/documents/" + url.PathEscape(document)
	}
	to += "?done=" + done
	if d.ends && (d.verdict == "" || k.Status == hold.AwaitingProof) {
		wants := r.PostForm.Get("next") != ""
		c.remember(w, r, wants)
		if wants {
			id, err := c.next(r.Context(), v)
			if err != nil {
				return err
			}
			to = "/"
			if id != "" {
				to = "/cases/" + url.PathEscape(id)
			}
			to += "?" + url.Values{"done": {done}, "of": {k.ID}}.Encode()
		}
	}
	http.Redirect(w, r, to, http.StatusSeeOther)
	return nil
}

// stay is the cookie of somebody who wants to be left where they are after a decision.
func (c *Console) stay() string { return c.cookieName() + "-stay" }

// goesOn reports whether the next case follows, unless the analyst said otherwise last time.
func (c *Console) goesOn(r *http.Request) bool {
	_, err := r.Cookie(c.stay())
	return err != nil
}

// remember keeps what an analyst wanted for the browser's session.
func (c *Console) remember(w http.ResponseWriter, r *http.Request, on bool) {
	if on == c.goesOn(r) {
		return
	}
	k := c.cookie("1", 0)
	if k.Name = c.stay(); on {
		k.Value, k.MaxAge = "", -1
	}
	http.SetCookie(w, k)
}

// doneTo is the case that something was just done to, when the page is another one; nil otherwise.
func (c *Console) doneTo(r *http.Request, v visit) *sighting {
	id := r.URL.Query().Get("of")
	if v.user.Name == "" || !strings.HasPrefix(id, payment.PrefixCase) {
		return nil
	}
	snap, err := c.Store.Case(r.Context(), id)
	if err != nil {
		return nil
	}
	return &sighting{CaseID: id, Order: snap.Payment.OrderReference}
}
