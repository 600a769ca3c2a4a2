package adyen

import (
	"strconv"
	"strings"
	"time"

	"octroi/providers"
)

// maxRaw bounds the evidence kept with a refusal, in bytes.
const maxRaw = 240

// cause is what one piece of evidence says of a refusal. The zero Code says nothing of the cause.
type cause struct {
	code  providers.RefusalCode
	retry providers.Retry
	// dated causes are about the expiry date: whether it has passed or is wrong, the date itself tells.
	dated bool
}

// specific tells a cause that names something from "refused" and from nothing.
func (c cause) specific() bool { return c.code != "" && c.code != providers.Refused }

// evidence is everything Adyen gave with a refusal.
type evidence struct {
	result, reason, reasonCode, raw, advice, brand string
	expiry                                         time.Time // first moment the card is no longer valid; zero when not known
	now                                            time.Time
}

// refusal weighs the evidence. For the cause: the raw code before Adyen's mapped reason, but a word that names no
// cause ("refused") never hides one that does, and a finding of fraud by Adyen itself stands, since what it is told
// must not become an oracle. For what to do next: the scheme's advice first, and "never" above all.
func (e evidence) refusal() *providers.Refusal {
	raw, reason := e.rawCause(), e.reasonCause()
	chosen := raw
	if reason.code == providers.SuspectedFraud || !raw.specific() && (reason.specific() || raw.code == "") {
		chosen = reason
	}
	if chosen.code == "" {
		chosen = cause{providers.Refused, providers.RetryOtherMethod, false}
		if e.result == "Error" {
			chosen.retry = providers.RetryLater
		}
	}
	if chosen.dated {
		chosen.code = e.dateCause()
	}
	// A soft decline stays one: general advice must not send the buyer to another card when authentication is all it takes.
	if advised, ok := advice[leadingCode(e.advice)]; ok && chosen.code != providers.AuthenticationRequired {
		chosen.retry = advised
	}
	if raw.retry == providers.RetryNever || reason.retry == providers.RetryNever || advice[leadingCode(e.advice)] == providers.RetryNever {
		chosen.retry = providers.RetryNever
	}
	return &providers.Refusal{Code: chosen.code, Retry: chosen.retry, Raw: e.String()}
}

// String is the evidence for the operator's eyes, bounded and without long digits.
func (e evidence) String() string {
	s := e.result
	if code := digits(e.reasonCode, 1, 3); code != "" {
		s += " " + code
	}
	for _, f := range [][2]string{{"reason", e.reason}, {"raw", e.raw}, {"advice", e.advice}} {
		if f[1] != "" {
			s += "; " + f[0] + " " + f[1]
		}
	}
	return bounded(s, maxRaw)
}

// dateCause tells a date that has passed from one that is not the card's.
func (e evidence) dateCause() providers.RefusalCode {
	if !e.expiry.IsZero() && !e.now.Before(e.expiry) {
		return providers.CardExpired
	}
	return providers.ExpiryIncorrect
}

// rawCause reads refusalReasonRaw: "54 : Expired card", "5 : Do not honor", or words that name the date.
func (e evidence) rawCause() cause {
	if strings.Contains(strings.ToLower(e.raw), "expiry") {
		return cause{providers.ExpiryIncorrect, providers.RetryCorrectDetails, false}
	}
	code := leadingCode(e.raw)
	if code == "65" && (strings.HasPrefix(e.brand, "mc") || strings.HasPrefix(e.brand, "maestro")) { // Mastercard's soft decline
		return cause{providers.AuthenticationRequired, providers.RetryAuthenticate, false}
	}
	return rawCauses[code]
}

// reasonCause reads refusalReasonCode, or refusalReason where there is no code.
func (e evidence) reasonCause() cause {
	if n, err := strconv.Atoi(e.reasonCode); err == nil && n >= 0 && n < len(reasons) {
		return reasons[n].cause
	}
	for _, r := range reasons {
		if r.name != "" && strings.EqualFold(r.name, e.reason) {
			return r.cause
		}
	}
	return cause{}
}

// leadingCode finds the scheme's two characters in "NN : text" or "TEXT : NN : text", with a lost leading zero put
// back; "" when there are none.
func leadingCode(s string) string {
	for part := range strings.SplitSeq(s, ":") {
		part = strings.ToUpper(strings.TrimSpace(part))
		if len(part) == 1 && part[0] >= '0' && part[0] <= '9' {
			part = "0" + part
		}
		if _, raw := rawCauses[part]; raw {
			return part
		}
		if _, adv := advice[part]; adv {
			return part
		}
	}
	return ""
}

// typedExpiry is the first moment after the card's last month: from the clear date, or for an encrypted one from
// the date in Adyen's answer ("3/2030"); zero when neither is known.
func typedExpiry(c providers.Card, data object) time.Time {
	month, year := c.ExpiryMonth, c.ExpiryYear
	if month == "" || year == "" {
		month, year, _ = strings.Cut(data.text("expiryDate"), "/")
	}
	m, errM := strconv.Atoi(month)
	y, errY := strconv.Atoi(year)
	if errM != nil || errY != nil || m < 1 || m > 12 || y < 2000 || y > 9999 {
		return time.Time{}
	}
	return time.Date(y, time.Month(m)+1, 1, 0, 0, 0, 0, time.UTC)
}
