package adyen

import "octroi/providers"

// reasons is Adyen's table of refusal reasons by refusalReasonCode (page "Refusal reasons"; 13 and 30 by position).
// What may be retried follows the rule: never with a card that is blocked or suspected, once with authentication
// where that failed or is asked for, after a correction where the buyer can make one, later for funds, limits and
// technical trouble, else by the issuer's word or with another method.
var reasons = [...]struct {
	name string
	cause
}{
	0:  {"Unknown", cause{providers.Refused, providers.RetryLater, false}},
	2:  {"Refused", cause{providers.Refused, providers.RetryContactIssuer, false}},
	3:  {"Referral", cause{providers.Refused, providers.RetryContactIssuer, false}},
	4:  {"Acquirer Error", cause{providers.IssuerUnavailable, providers.RetryLater, false}},
	5:  {"Blocked Card", cause{providers.IssuerBlocked, providers.RetryNever, false}},
	6:  {"Expired Card", cause{providers.CardExpired, providers.RetryCorrectDetails, true}},
	7:  {"Invalid Amount", cause{providers.Refused, providers.RetryOtherMethod, false}},
	8:  {"Invalid Card Number", cause{providers.NumberIncorrect, providers.RetryCorrectDetails, false}},
	9:  {"Issuer Unavailable", cause{providers.IssuerUnavailable, providers.RetryLater, false}},
	10: {"Not supported", cause{providers.NotPermitted, providers.RetryOtherMethod, false}},
	11: {"3D Not Authenticated", cause{providers.AuthenticationFailed, providers.RetryAuthenticate, false}},
	12: {"Not enough balance", cause{providers.InsufficientFunds, providers.RetryLater, false}},
	13: {"Pending", cause{providers.Refused, providers.RetryLater, false}},
	14: {"Acquirer Fraud", cause{providers.SuspectedFraud, providers.RetryNever, false}},
	15: {"Cancelled", cause{providers.Refused, providers.RetryOtherMethod, false}},
	16: {"Shopper Cancelled", cause{providers.Refused, providers.RetryOtherMethod, false}},
	17: {"Invalid Pin", cause{providers.Refused, providers.RetryCorrectDetails, false}},
	18: {"Pin tries exceeded", cause{providers.IssuerBlocked, providers.RetryNever, false}},
	19: {"Pin validation not possible", cause{providers.Refused, providers.RetryLater, false}},
	20: {"FRAUD", cause{providers.SuspectedFraud, providers.RetryNever, false}},
	21: {"Not Submitted", cause{providers.Refused, providers.RetryLater, false}},
	22: {"FRAUD-CANCELLED", cause{providers.SuspectedFraud, providers.RetryNever, false}},
	23: {"Transaction Not Permitted", cause{providers.NotPermitted, providers.RetryContactIssuer, false}},
	24: {"CVC Declined", cause{providers.CVCIncorrect, providers.RetryCorrectDetails, false}},
	25: {"Restricted Card", cause{providers.NotPermitted, providers.RetryNever, false}},
	26: {"Revocation Of Auth", cause{providers.NotPermitted, providers.RetryNever, false}},
	27: {"Declined Non Generic", cause{providers.Refused, providers.RetryContactIssuer, false}},
	28: {"Withdrawal amount exceeded", cause{providers.LimitExceeded, providers.RetryLater, false}},
	29: {"Withdrawal count exceeded", cause{providers.LimitExceeded, providers.RetryLater, false}},
	30: {"Amount partially approved", cause{providers.Refused, providers.RetryOtherMethod, false}},
	31: {"Issuer Suspected Fraud", cause{providers.SuspectedFraud, providers.RetryNever, false}},
	32: {"AVS Declined", cause{providers.Refused, providers.RetryCorrectDetails, false}},
	33: {"Card requires online pin", cause{providers.NotPermitted, providers.RetryOtherMethod, false}},
	34: {"No checking account available on Card", cause{providers.NotPermitted, providers.RetryOtherMethod, false}},
	35: {"No savings account available on Card", cause{providers.NotPermitted, providers.RetryOtherMethod, false}},
	36: {"Mobile PIN required", cause{providers.Refused, providers.RetryCorrectDetails, false}},
	37: {"Contactless fallback", cause{providers.Refused, providers.RetryCorrectDetails, false}},
	38: {"Authentication required", cause{providers.AuthenticationRequired, providers.RetryAuthenticate, false}},
	39: {"RReq not received from DS", cause{providers.AuthenticationFailed, providers.RetryAuthenticate, false}},
	40: {"Current AID is in Penalty Box.", cause{providers.Refused, providers.RetryOtherMethod, false}},
	41: {"CVM Required Restart Payment", cause{providers.Refused, providers.RetryCorrectDetails, false}},
	42: {"3DS Authentication Error", cause{providers.AuthenticationFailed, providers.RetryAuthenticate, false}},
	43: {"Online PIN required", cause{providers.Refused, providers.RetryCorrectDetails, false}},
	44: {"Try another interface", cause{providers.Refused, providers.RetryCorrectDetails, false}},
	45: {"Chip downgrade mode", cause{providers.Refused, providers.RetryCorrectDetails, false}},
	46: {"Transaction blocked by Adyen to prevent excessive retry fees", cause{providers.Refused, providers.RetryNever, false}},
}

// advice maps Mastercard's merchant advice codes (additionalData.merchantAdviceCode; Mastercard Transaction
// Processing Rules) to what may be tried. They name no cause.
var advice = map[string]providers.Retry{
	"01": providers.RetryCorrectDetails, // the card was replaced: new details exist
	"02": providers.RetryLater,
	"03": providers.RetryNever,
	"04": providers.RetryOtherMethod, // token not supported
	"21": providers.RetryNever,       // stop recurring payments
	"24": providers.RetryLater,       // after an hour, and so on to ten days
	"25": providers.RetryLater,
	"26": providers.RetryLater,
	"27": providers.RetryLater,
	"28": providers.RetryLater,
	"29": providers.RetryLater,
	"30": providers.RetryLater,
	"40": providers.RetryOtherMethod, // prepaid card that cannot be reloaded
	"41": providers.RetryOtherMethod, // virtual card for one use
	"43": providers.RetryOtherMethod, // virtual card for several uses
}

// avsWords maps Adyen's avsResult 0 to 26: what the issuer says of postal code and street, and for Amex of the name.
var avsWords = []string{
	"unknown", "partial", "mismatch", "unavailable", "unavailable", "unavailable", "partial", "match", "unknown",
	"partial", "mismatch", "unknown", "partial", "mismatch", "partial", "partial", "mismatch", "mismatch",
	"unavailable", "partial", "match", "partial", "partial", "partial", "partial", "partial", "mismatch",
}

// cvcWords maps Adyen's cvcResult 0 to 6.
var cvcWords = []string{"unknown", "match", "mismatch", "not_checked", "not_provided", "not_checked", "not_provided"}
