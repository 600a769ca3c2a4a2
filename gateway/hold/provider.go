package hold

import (
	"time"

	"octroi/gateway/payment"
)

// A provider has analysts of its own. A payment has one owner all the same: ours, as soon as our policy holds it or one
// of our analysts asks the buyer for proof; theirs, when nothing but their look keeps it from going on. What the other
// side says is followed: their yes to a case of ours is noted, their no ends it, since they give the money back.

// OpenWithProvider makes the case of a payment that only the provider's analysts hold up. Nothing is asked of the buyer.
func OpenWithProvider(p payment.Payment, now time.Time, t Terms) Case {
	c := open(p, now, t, []Kind{})
	c.Status, c.Owner = AwaitingReview, OwnerProvider
	c.happened(now, ActorPolicy, "opened", "")
	return c
}

// ProviderAccepts takes the provider's analysts' yes: it ends a case that is theirs, and informs one that is ours.
func (c Case) ProviderAccepts(now time.Time) (Case, error) {
	if !c.Status.Open() {
		return c, wrongState(c, "accepted by the provider")
	}
	c = c.clone()
	if c.Owner != OwnerProvider {
		c.happened(now, ActorProvider, "provider_accepted", "")
		return c, nil
	}
	c.decide(Approved, now)
	c.happened(now, ActorProvider, "approved", "")
	return c, nil
}

// ProviderRejects takes their no, which ends the case whoever owns it.
func (c Case) ProviderRejects(now time.Time) (Case, error) {
	if !c.Status.Open() {
		return c, wrongState(c, "rejected by the provider")
	}
	c = c.clone()
	c.decide(Rejected, now)
	c.happened(now, ActorProvider, "rejected", "by the provider's analysts")
	return c, nil
}

// Heard notes something of the payment that whoever decides should know.
func (c Case) Heard(what string, now time.Time) Case {
	c = c.clone()
	c.happened(now, ActorProvider, what, "")
	return c
}
