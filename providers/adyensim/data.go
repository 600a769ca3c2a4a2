package adyensim

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"strconv"
)

// cvcWords are the texts of cvcResult, by whether a code came.
var cvcWords = map[bool]string{true: "1 Matches", false: "6 No CVC/CVV provided"}

// notTried is Adyen's word for what 3-D Secure would have said.
const notTried = "N/A"

// describe fills the additionalData that Adyen returns when every field is switched on in the customer area, for a
// payment whose buyer has not been authenticated.
func describe(q paymentRequest, c card, known testCard, v verdict) map[string]string {
	d := map[string]string{
		"alias": alias(q.MerchantAccount, c.number), "aliasType": "Default",
		"cardSummary": c.number[len(c.number)-4:], "cardBin": c.number[:6], "issuerBin": c.number[:8],
		"paymentMethod": known.brand, "merchantReference": q.Reference,
		"avsResult": avsResult(q), "cvcResult": cvcWords[c.cvc != ""],
		"threeDOffered": "false", "threeDAuthenticated": "false", "threeDOfferedResponse": notTried,
		"threeDAuthenticatedResponse": notTried, "eci": notTried, "cavv": notTried, "cavvAlgorithm": notTried, "xid": notTried,
		"liabilityShift": "false", "threeds2.cardEnrolled": strconv.FormatBool(known.threeDS != notEnrolled),
		"fraudManualReview": strconv.FormatBool(v.Review), "fraudResultType": v.fraudType(),
	}
	if c.cvc != "" && v.Code == 24 {
		d["cvcResult"] = "2 Doesn't Match"
	}
	if known.country != "" {
		d["cardIssuingCountry"], d["issuerCountry"] = known.country, known.country
	}
	if known.funding != "" {
		d["fundingSource"] = known.funding
	}
	if v.Raw != "" {
		d["refusalReasonRaw"] = v.Raw
	}
	if e := q.exemption(); e != "" {
		d["scaExemptionRequested"] = e
	}
	return d
}

// alias names a card: a letter and fifteen digits, the same for every payment with it through one account.
func alias(account, number string) string {
	sum := sha256.Sum256([]byte(account + "\x00" + number))
	return fmt.Sprintf("H%015d", binary.BigEndian.Uint64(sum[:])%1_000_000_000_000_000)
}

// exemption is the PSD2 exemption a payment runs under: the one that was asked for, or the analysis of its risk when
// it must not be authenticated.
func (q paymentRequest) exemption() string {
	if e := q.AdditionalData["scaExemption"]; e != "" {
		return e
	}
	if q.attempts() == "never" {
		return "transactionRiskAnalysis"
	}
	return ""
}

// avsResult answers the address check: the number in the house number when the street is "Test AVS result", else
// that the card type has none, which is what European issuers say.
func avsResult(q paymentRequest) string {
	switch b := q.BillingAddress; {
	case b == nil:
		return "5 No AVS data provided"
	case b.Street == "Test AVS result" && len(b.HouseNumberOrName) <= 2:
		return b.HouseNumberOrName + " Test AVS result"
	default:
		return "4 AVS not supported for this card type"
	}
}

// fraudResult is what Adyen's risk engine says of a payment that it did not let pass unseen.
type fraudResult struct {
	AccountScore int          `json:"accountScore"`
	Results      []fraudCheck `json:"results"`
}

type fraudCheck struct {
	AccountScore int    `json:"accountScore"`
	CheckID      int    `json:"checkId"`
	Name         string `json:"name"`
}

// fraud is nil where nothing stands out.
func (v verdict) fraud() *fraudResult {
	score := 0
	switch v.fraudType() {
	case "AMBER":
		score = reviewScore
	case "FRAUD":
		score = blockScore
	default:
		return nil
	}
	return &fraudResult{AccountScore: score, Results: []fraudCheck{{score, 2, "CardChunkUsage"}}}
}

func (v verdict) fraudType() string {
	switch {
	case v.Review:
		return "AMBER"
	case v.Name == "FRAUD" || v.Name == "FRAUD-CANCELLED":
		return "FRAUD"
	}
	return "GREEN"
}

// refusalCode is the refusalReasonCode of an answer.
func (v verdict) refusalCode() string {
	if v.approved() || v.Codeless {
		return ""
	}
	return strconv.Itoa(v.Code)
}
