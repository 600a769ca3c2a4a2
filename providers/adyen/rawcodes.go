package adyen

import "octroi/providers"

// Short forms of causes that many raw codes share.
var (
	askIssuer    = cause{providers.Refused, providers.RetryContactIssuer, false}
	askLater     = cause{providers.Refused, providers.RetryLater, false}
	otherCard    = cause{providers.Refused, providers.RetryOtherMethod, false}
	notAgain     = cause{providers.Refused, providers.RetryNever, false}
	technical    = cause{providers.IssuerUnavailable, providers.RetryLater, false}
	noFunds      = cause{providers.InsufficientFunds, providers.RetryLater, false}
	overLimit    = cause{providers.LimitExceeded, providers.RetryLater, false}
	forbidden    = cause{providers.NotPermitted, providers.RetryNever, false}
	fraudulent   = cause{providers.SuspectedFraud, providers.RetryNever, false}
	doubted      = cause{providers.SuspectedFraud, providers.RetryLater, false}
	wrongCode    = cause{providers.CVCIncorrect, providers.RetryCorrectDetails, false}
	wrongNumber  = cause{providers.NumberIncorrect, providers.RetryCorrectDetails, false}
	authenticate = cause{providers.AuthenticationRequired, providers.RetryAuthenticate, false}
)

// rawCauses maps the scheme's response codes in additionalData.refusalReasonRaw (Adyen's page "Raw acquirer
// responses"; Visa's categories of codes that may never, or only later, be retried). 00, 10 and 85 are approvals and
// say nothing of a refusal. 65 at Mastercard is a soft decline: see rawCause.
var rawCauses = map[string]cause{
	"01": askIssuer, "02": askIssuer,
	"03": notAgain,   // invalid merchant
	"04": fraudulent, // pick up card
	"05": askLater,   // do not honour: half of them are funds
	"06": technical,
	"07": fraudulent,
	"08": askIssuer,
	"12": notAgain, // invalid transaction
	"13": notAgain, // invalid amount
	"14": wrongNumber,
	"15": {providers.NumberIncorrect, providers.RetryNever, false}, // no such issuer
	"19": technical, "28": technical,
	"30": notAgain, // format error
	"34": fraudulent,
	"39": {providers.NotPermitted, providers.RetryLater, false}, // no credit account
	"41": fraudulent, "43": fraudulent,                          // lost, stolen
	"46": {providers.IssuerBlocked, providers.RetryNever, false}, // closed account
	"51": noFunds,
	"52": {providers.NotPermitted, providers.RetryOtherMethod, false},
	"53": {providers.NotPermitted, providers.RetryOtherMethod, false},
	"54": {providers.CardExpired, providers.RetryCorrectDetails, true},
	"55": {providers.Refused, providers.RetryCorrectDetails, false}, // wrong PIN
	"57": forbidden, "58": forbidden,
	"59": doubted, "60": askLater,
	"61": overLimit,
	"62": {providers.NotPermitted, providers.RetryLater, false},
	"63": {providers.SuspectedFraud, providers.RetryOtherMethod, false}, // security violation
	"65": overLimit,
	"68": technical,
	"70": askIssuer,
	"71": otherCard,
	"75": {providers.IssuerBlocked, providers.RetryOtherMethod, false}, // PIN tries
	"78": {providers.IssuerBlocked, providers.RetryOtherMethod, false}, // blocked until first used
	"79": askIssuer, "80": askIssuer, "81": askIssuer,
	"82": {providers.SuspectedFraud, providers.RetryOtherMethod, false}, // negative result of the card's own check
	"83": {providers.SuspectedFraud, providers.RetryOtherMethod, false},
	"86": otherCard, "89": otherCard,
	"87": technical, "88": technical,
	"91": technical, "92": technical, "96": technical,
	"93": forbidden,                        // violation of law
	"94": notAgain,                         // duplicate transmission
	"1A": authenticate, "A1": authenticate, // soft declines of Visa and of Cartes Bancaires
	"5C": askLater, "9G": askLater, "N3": askLater, "N4": askLater, "Z5": askLater,
	"CV": wrongCode, "N7": wrongCode,
	"R0": forbidden, "R1": forbidden, "R3": forbidden, // payments stopped by the holder
}

// silent are the raw codes of approvals: they say nothing of a refusal that came after them.
var silent = map[string]bool{"00": true, "10": true, "85": true}
