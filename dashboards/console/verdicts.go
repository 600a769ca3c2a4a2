package console

import "octroi/gateway/hold"

// toldOf are the lines to the buyer that a verdict's form begins with, in the buyer's language: the analyst changes them
// as the case asks for.
func toldOf(lang string) map[hold.Verdict]string {
	return map[hold.Verdict]string{hold.VerdictUnreadable: in(lang, "told.unreadable"), hold.VerdictRefused: in(lang, "told.refused")}
}

// cautions are what somebody should know before they let an order go.
func cautions(b caseBody, lang string) (all []string) {
	unseen, unjudged := 0, 0
	for _, d := range b.Documents {
		if d.Status == hold.DocumentReceived {
			unjudged++
			if d.Viewed == nil {
				unseen++
			}
		}
	}
	if unseen > 0 {
		all = append(all, plural(lang, "caution.unseen", unseen))
	} else if unjudged > 0 {
		all = append(all, plural(lang, "caution.unjudged", unjudged))
	}
	for _, c := range []struct {
		key string
		on  bool
	}{{"caution.reused", len(b.Reused) > 0}, {"caution.code", b.Case.Proof.Code == hold.CodeFailed},
		{"caution.provider", b.Case.Owner == hold.OwnerProvider}, {"caution.buyer", b.Case.Status == hold.AwaitingProof}} {
		if c.on {
			all = append(all, in(lang, c.key))
		}
	}
	return all
}

// Judging reports whether the form of a verdict is open because it could not be given.
func (b caseBody) Judging(name string) bool { return b.Typed.Deed == name }

// Said is what a verdict's form holds: what was typed, or the line to begin with.
func (b caseBody) Said(name string, verdict hold.Verdict) string {
	if b.Typed.Deed == name {
		return b.Typed.Text
	}
	return b.Told[verdict]
}
