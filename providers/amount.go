package providers

import (
	"fmt"
	"strings"
)

// MaxAmount bounds an amount in minor units: ten thousand million units of a two-decimal currency. It leaves room
// for the sums of a history without overflow.
const MaxAmount = 1_000_000_000_000

// Amount is money in the currency's minor units (1050 EUR is ten euros fifty).
type Amount struct {
	Value    int64  `json:"value"`
	Currency string `json:"currency"`
}

// String writes the amount for people: "129.90 EUR".
func (a Amount) String() string {
	exp, ok := Exponent(a.Currency)
	if !ok || exp == 0 {
		return fmt.Sprintf("%d %s", a.Value, a.Currency)
	}
	div := uint64(1)
	for range exp {
		div *= 10
	}
	sign, v := "", uint64(a.Value)
	if a.Value < 0 {
		sign, v = "-", -v // in unsigned arithmetic, so that the least int64 has its opposite
	}
	return fmt.Sprintf("%s%d.%0*d %s", sign, v/div, exp, v%div, a.Currency)
}

// exponents lists the active currencies of ISO 4217 by their number of minor-unit digits (ISO 4217 table A.1;
// metals, funds and test codes left out).
var exponents = map[int]string{
	0: "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX VND VUV XAF XOF XPF",
	2: "AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF CNY " +
		"COP CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF IDR " +
		"ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK " +
		"MXN MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP " +
		"SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD UYU UZS VES WST XCD YER ZAR ZMW ZWG",
	3: "BHD IQD JOD KWD LYD OMR TND",
}

// Exponent is the number of minor-unit digits of an ISO 4217 currency; false when the code is not an active one.
func Exponent(currency string) (int, bool) {
	if len(currency) != 3 || strings.ToUpper(currency) != currency {
		return 0, false
	}
	for exp, codes := range exponents {
		if i := strings.Index(codes, currency); i >= 0 && i%4 == 0 {
			return exp, true
		}
	}
	return 0, false
}
