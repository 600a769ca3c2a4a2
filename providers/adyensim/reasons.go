package adyensim

import (
	"strconv"
	"strings"
)

// reason is one row of Adyen's table of refusal reasons, with the holder name that brings it about.
type reason struct {
	Code   int    `json:"code"`
	Name   string `json:"name,omitempty"` // refusalReason
	Result string `json:"result"`         // resultCode
}

// reasons by the test holder name, from Adyen's page on testing result codes.
var reasons = map[string]reason{
	"UNKNOWN":                     {0, "Unknown", "Error"},
	"APPROVED":                    {1, "", "Authorised"},
	"DECLINED":                    {2, "Refused", "Refused"},
	"REFERRAL":                    {3, "Referral", "Refused"},
	"ERROR":                       {4, "Acquirer Error", "Error"},
	"BLOCK_CARD":                  {5, "Blocked Card", "Refused"},
	"CARD_EXPIRED":                {6, "Expired Card", "Refused"},
	"INVALID_AMOUNT":              {7, "Invalid Amount", "Refused"},
	"INVALID_CARD_NUMBER":         {8, "Invalid Card Number", "Refused"},
	"ISSUER_UNAVAILABLE":          {9, "Issuer Unavailable", "Refused"},
	"NOT_SUPPORTED":               {10, "Not supported", "Refused"},
	"NOT_3D_AUTHENTICATED":        {11, "3D Not Authenticated", "Refused"},
	"NOT_ENOUGH_BALANCE":          {12, "Not enough balance", "Refused"},
	"PENDING":                     {13, "Pending", "Pending"},
	"ACQUIRER_FRAUD":              {14, "Acquirer Fraud", "Refused"},
	"CANCELLED":                   {15, "Cancelled", "Cancelled"},
	"SHOPPER_CANCELLED":           {16, "Shopper Cancelled", "Cancelled"},
	"INVALID_PIN":                 {17, "Invalid Pin", "Refused"},
	"PIN_TRIES_EXCEEDED":          {18, "Pin tries exceeded", "Refused"},
	"PIN_VALIDATION_NOT_POSSIBLE": {19, "Pin validation not possible", "Refused"},
	"FRAUD":                       {20, "FRAUD", "Refused"},
	"NOT_SUBMITTED":               {21, "Not Submitted", "Refused"},
	"FRAUD_CANCELLED":             {22, "FRAUD-CANCELLED", "Cancelled"},
	"TRANSACTION_NOT_PERMITTED":   {23, "Transaction Not Permitted", "Refused"},
	"CVC_DECLINED":                {24, "CVC Declined", "Refused"},
	"RESTRICTED_CARD":             {25, "Restricted Card", "Refused"},
	"REVOCATION_OF_AUTH":          {26, "Revocation Of Auth", "Refused"},
	"DECLINED_NON_GENERIC":        {27, "Declined Non Generic", "Refused"},
	"WITHDRAWAL_AMOUNT_EXCEEDED":  {28, "Withdrawal amount exceeded", "Refused"},
	"WITHDRAWAL_COUNT_EXCEEDED":   {29, "Withdrawal count exceeded", "Refused"},
	"ISSUER_SUSPECTED_FRAUD":      {31, "Issuer Suspected Fraud", "Refused"},
	"AVS_DECLINED":                {32, "AVS Declined", "Refused"},
	"PIN_REQUIRED":                {33, "Card requires online pin", "Refused"},
	"NO_CHECKING_ACCOUNT":         {34, "No checking account available on Card", "Refused"},
	"NO_SAVINGS_ACCOUNT":          {35, "No savings account available on Card", "Refused"},
	"MOBILE_PIN_REQUIRED":         {36, "Mobile PIN required", "Refused"},
	"CONTACTLESS_FALLBACK":        {37, "Contactless fallback", "Refused"},
	"AUTHENTICATION_REQUIRED":     {38, "Authentication required", "Refused"},
	"RREQ_NOT_RECEIVED":           {39, "RReq not received from DS", "Refused"},
	"BAN_CURRENT_AID":             {40, "Current AID is in Penalty Box.", "Refused"},
	"CVM_REQUIRED":                {41, "CVM Required Restart Payment", "Refused"},
	"THREED_SECURE_ERROR":         {42, "3DS Authentication Error", "Refused"},
	"ONLINE_PIN_REQUIRED":         {43, "Online PIN required", "Refused"},
	"TRY_ANOTHER_INTERFACE":       {44, "Try another interface", "Refused"},
	"CHIP_DOWNGRADE_MODE":         {45, "Chip downgrade mode", "Refused"},
	"ERPS_BLOCK":                  {46, "Transaction blocked by Adyen to prevent excessive retry fees", "Refused"},
}

// verdict is what the simulated issuer and Adyen's risk engine say. It is kept while the buyer authenticates.
type verdict struct {
	reason
	Raw      string `json:"raw,omitempty"`      // refusalReasonRaw
	Codeless bool   `json:"codeless,omitempty"` // no refusalReasonCode in the answer, as with a wrong expiry date
	Review   bool   `json:"review,omitempty"`   // approved, and put before Adyen's analysts (fraudResultType AMBER)
}

func (v verdict) approved() bool { return v.Result == "Authorised" || v.Result == "Pending" }

// soft reports a refusal that asks for strong customer authentication: Adyen's 38, Visa's 1A, Mastercard's 65.
func (v verdict) soft(brand string) bool {
	code, _, _ := strings.Cut(v.Raw, " ")
	return v.Code == softDecline || !v.approved() && (code == "1A" || code == "65" && brand == "mc")
}

// softDecline is "Authentication required".
const softDecline = 38

// softRaw is what the schemes' issuers say with a soft decline.
func softRaw(brand string) string {
	if brand == "mc" {
		return "65 : Authentication required"
	}
	return "1A : Authentication required"
}

// The pre-authorisation risk score, as fraudOffset sets it, from which Adyen's analysts look at a payment, and from
// which it is blocked.
const (
	reviewScore = 50
	blockScore  = 100
)

// judge decides as Adyen's test platform does: by the risk score, by the holder's name ("AMBER" puts the payment under
// review), else by the response code asked for, else by whether the details are those of the documented test card.
func judge(q paymentRequest, c card, known testCard, detailsRight bool) verdict {
	holder := strings.TrimSpace(c.holder)
	if q.FraudOffset >= blockScore {
		return verdict{reason: reasons["FRAUD"], Raw: "FRAUD"}
	}
	if v, named := judgeName(holder, known.brand); named {
		return v
	}
	if code, err := strconv.Atoi(q.AdditionalData["RequestedTestAcquirerResponseCode"]); err == nil {
		for name, r := range reasons {
			if r.Code == code {
				return refusal(name, known.brand)
			}
		}
	}
	if !detailsRight {
		return verdict{reason: reasons["DECLINED"], Raw: "DECLINED"}
	}
	return verdict{reason: reasons["APPROVED"], Review: holder == "AMBER" || q.FraudOffset >= reviewScore}
}

// judgeName decides by a test holder name, alone or as "NAME : scheme code : scheme text" of at most 80 characters.
func judgeName(holder, brand string) (verdict, bool) {
	if folded := strings.ReplaceAll(strings.ToUpper(holder), " ", "_"); folded == "EXPIRY_INCORRECT" {
		return verdict{reason: reasons["DECLINED"], Raw: "DECLINED Expiry Incorrect", Codeless: true}, true
	}
	name, raw, _ := strings.Cut(holder, ":")
	name = strings.TrimSpace(name)
	if _, ok := reasons[name]; !ok || len(holder) > 80 {
		return verdict{}, false
	}
	v := refusal(name, brand)
	if raw = strings.TrimSpace(raw); raw != "" {
		v.Raw = raw
	}
	return v, true
}

// refusal is the row of a test holder name, with what the scheme says.
func refusal(name, brand string) verdict {
	v := verdict{reason: reasons[name], Raw: name}
	switch v.Code {
	case reasons["APPROVED"].Code:
		v.Raw = ""
	case softDecline:
		v.Raw = softRaw(brand)
	}
	return v
}
