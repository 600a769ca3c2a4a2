package flow

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"strings"
	"time"
	"unicode"

	"octroi/gateway/hold"
	"octroi/gateway/payment"
	"octroi/gateway/store"
)

// tokenBytes is the size of a proof link's token, and of what signs a session: 192 bits.
const tokenBytes = 24

// proofToken derives a case's proof-link token from the link key, so that the link can be repeated in mails and
// answers although the database holds only the token's hash, and a stolen database gives no links. What is kept of a
// message has a place for the link: see Outgoing.
func (f *Flow) proofToken(caseID string) string {
	m := hmac.New(sha256.New, f.Keys.Link)
	m.Write([]byte("proof-link\x00" + caseID))
	return base64.RawURLEncoding.EncodeToString(m.Sum(nil)[:tokenBytes])
}

// proofURL is the whole link.
func (f *Flow) proofURL(caseID string) string {
	return f.PublicURL + "/proof/" + f.proofToken(caseID)
}

// tokenHash is what is stored of a token. The token is random enough that a plain hash cannot be undone.
func tokenHash(token string) []byte {
	h := sha256.Sum256([]byte(token))
	return h[:]
}

// errNoLink is the one answer to every link and session that does not open a case: unknown, expired, used and locked
// alike.
func errNoLink() error {
	return payment.Errorf(payment.CodeNotFound, "This link is not valid any more.")
}

// sessionTime is how long a session lasts: time to find a bill and to photograph it. The link opens another.
const sessionTime = 4 * time.Hour

// sessionMark begins every session, and no token.
const sessionMark = "s."

// SessionFor is what a buyer's browser holds in place of the link: the case and an end, signed. It says when it ends,
// which is never later than the case's own deadline.
func (f *Flow) SessionFor(c hold.Case) (session string, until time.Time) {
	until = f.now().Add(sessionTime)
	if c.DecideBy.Before(until) {
		until = c.DecideBy
	}
	body := append(binary.BigEndian.AppendUint64(nil, uint64(until.Unix())), c.ID...)
	return sessionMark + base64.RawURLEncoding.EncodeToString(append(f.signed(body), body...)), until
}

// signed is the signature of a session's body.
func (f *Flow) signed(body []byte) []byte {
	m := hmac.New(sha256.New, f.purposes.session)
	m.Write(body)
	return m.Sum(nil)[:tokenBytes]
}

// CaseOfSession is the case a session was made for; false for one that is not ours or is over. Whether the case is still
// open is another question: see ProofPage.
func (f *Flow) CaseOfSession(session string) (caseID string, ok bool) {
	encoded, ok := strings.CutPrefix(session, sessionMark)
	b, err := base64.RawURLEncoding.DecodeString(encoded)
	if !ok || err != nil || len(b) <= tokenBytes+8 || len(b) > 256 {
		return "", false
	}
	signature, body := b[:tokenBytes], b[tokenBytes:]
	if !hmac.Equal(signature, f.signed(body)) {
		return "", false
	}
	until := time.Unix(int64(binary.BigEndian.Uint64(body)), 0)
	return string(body[8:]), f.Clock().Before(until)
}

// behind finds the open case behind what a buyer came with: a link's token, or a session. What opens no case is looked
// for in the same way whatever it is, so that its answer says nothing by its time either.
func (f *Flow) behind(ctx context.Context, pass string) (store.Snapshot, error) {
	var snap store.Snapshot
	var err error
	if strings.HasPrefix(pass, sessionMark) {
		id, ok := f.CaseOfSession(pass)
		if !ok {
			return store.Snapshot{}, errNoLink()
		}
		snap, err = f.Store.OpenCase(ctx, id)
	} else {
		snap, err = f.Store.OpenCaseByToken(ctx, tokenHash(pass))
	}
	if payment.CodeOf(err) == payment.CodeNotFound && err != nil {
		err = errNoLink()
	}
	return f.lawful(snap), err
}

// lawful takes from a case what the shop may no longer ask for.
func (f *Flow) lawful(snap store.Snapshot) store.Snapshot {
	if snap.Case != nil {
		c := snap.Case.Under(f.Shops[snap.Payment.Shop].Terms)
		snap.Case = &c
	}
	return snap
}

// changeBehind is changeCase for the open case behind a link or a session.
func (f *Flow) changeBehind(ctx context.Context, pass string, fn func(store.Snapshot) (store.Writes, error)) error {
	snap, err := f.behind(ctx, pass)
	if err != nil {
		return err
	}
	_, err = f.changeCase(ctx, snap.Case.ID, func(cur store.Snapshot) (store.Writes, error) {
		if !f.takes(cur) {
			return store.Writes{}, errNoLink()
		}
		return fn(f.lawful(cur))
	})
	return err
}

// takes reports whether the case still takes anything from the buyer.
func (f *Flow) takes(snap store.Snapshot) bool {
	return snap.Case != nil && snap.Case.Status.Open() && f.Clock().Before(snap.Case.DecideBy)
}

// Visit is how somebody comes to a proof link.
type Visit struct {
	Network string // where from, as far as the listener tells networks apart
	Fact    string // what was typed when a second fact was asked for, "" for nothing
}

// Opened is what a proof link gave.
type Opened struct {
	// Session stands for the link from now until Until; "" while a second fact is missing.
	Session string
	Until   time.Time
	// AskFact says that the link was opened from so many networks that somebody else may have it: the postcode of the
	// billing address or the last four digits of the card must come with it. Wrong says that what came was neither.
	AskFact, Wrong bool
	Shop           string // its name
	Language       string // the buyer's
}

// OpenLink swaps a proof link's token for a session. Errors: CodeNotFound for a link that opens nothing, whatever the
// reason.
func (f *Flow) OpenLink(ctx context.Context, token string, v Visit) (Opened, error) {
	if strings.HasPrefix(token, sessionMark) {
		return Opened{}, errNoLink()
	}
	var came hold.Visit
	var c hold.Case
	err := f.changeBehind(ctx, token, func(cur store.Snapshot) (store.Writes, error) {
		before := *cur.Case
		c, came = before.OpenFrom(f.network(before.ID, v.Network), fact(cur.Payment, v.Fact), f.now())
		if len(c.Events) == len(before.Events) {
			return store.Writes{}, nil
		}
		return store.Writes{Case: &c, Audit: []store.Audit{{At: c.UpdatedAt, Actor: hold.ActorBuyer, Action: "case." + c.Events[len(c.Events)-1].Type,
			Subject: c.ID}}}, nil
	})
	if err == nil && came == hold.VisitLocked {
		err = errNoLink()
	}
	if err != nil {
		return Opened{}, err
	}
	o := Opened{Shop: f.Shops[c.Shop].Name, Language: c.Language, AskFact: came != hold.VisitWelcome, Wrong: came == hold.VisitWrong}
	if came == hold.VisitWelcome {
		o.Session, o.Until = f.SessionFor(c)
	}
	return o, nil
}

// network names a network for one case only, so that what is kept of it cannot be followed from case to case.
func (f *Flow) network(caseID, network string) string {
	m := hmac.New(sha256.New, f.purposes.network)
	m.Write([]byte(caseID + "\x00" + network))
	return hex.EncodeToString(m.Sum(nil)[:8])
}

// fact holds what was typed against what only the buyer and the shop know of the order, in constant time.
func fact(p payment.Payment, typed string) hold.Fact {
	last4, postcode := "", plainFact(p.Detail.Billing.Address.PostalCode)
	if p.Card != nil {
		last4 = p.Card.Last4
	}
	typed = plainFact(typed)
	same := func(known string) int {
		return subtle.ConstantTimeCompare([]byte(known), []byte(typed)) & min(len(known), 1)
	}
	switch {
	case last4 == "" && postcode == "":
		return hold.FactMoot
	case typed == "":
		return hold.FactNone
	case same(last4)|same(postcode) == 1:
		return hold.FactRight
	}
	return hold.FactWrong
}

// plainFact is a postcode or digits without what people write between them.
func plainFact(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return unicode.ToUpper(r)
		}
		return -1
	}, s)
}
