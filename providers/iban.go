package providers

import "strings"

// ibans are the countries that have IBANs, each with how long they are (the registry of ISO 13616).
const ibans = "AD24 AE23 AL28 AT20 AZ28 BA20 BE16 BG22 BH22 BI27 BR29 BY28 CH21 CR22 CY28 CZ24 DE22 DJ27 DK18 DO28 EE20 EG29 " +
	"ES24 FI18 FK18 FO18 FR27 GB22 GE22 GI23 GL18 GR27 GT28 HN28 HR21 HU28 IE22 IL23 IQ23 IS26 IT27 JO30 KW30 KZ20 LB28 LC32 " +
	"LI21 LT20 LU20 LV21 LY25 MC27 MD24 ME22 MK19 MN20 MR27 MT31 MU30 NI28 NL18 NO15 OM23 PK24 PL28 PS29 PT25 QA29 RO24 RS22 " +
	"RU33 SA24 SC31 SD18 SE24 SI19 SK24 SM27 SO23 ST25 SV28 TL23 TN24 TR26 UA29 VA22 VG24 XK20 YE30"

// shortestIBAN is Norway's.
const shortestIBAN = 15

// withoutIBANs blanks every IBAN whose length and check digits are right. They are printed in groups of four, one in ten
// of which would pass for a card number's.
func withoutIBANs(text string) string {
	var out []byte
	for at := 0; at+shortestIBAN <= len(text); at++ {
		if !letter(text[at]) || !letter(text[at+1]) || !digit(text[at+2]) || !digit(text[at+3]) || at > 0 && (letter(text[at-1]) || digit(text[at-1])) {
			continue
		}
		if end := endOfIBAN(text, at); end > 0 {
			if out == nil {
				out = []byte(text)
			}
			for i := at; i < end; i++ {
				out[i] = '*'
			}
			at = end - 1
		}
	}
	if out == nil {
		return text
	}
	return string(out)
}

// endOfIBAN is where the IBAN that begins at the place ends; 0 for none.
func endOfIBAN(text string, at int) int {
	compact := make([]byte, 0, 34)
	want := lengthOfIBAN(strings.ToUpper(text[at : at+2]))
	for i := at; i < len(text) && len(compact) < want; i++ {
		c := text[i]
		switch {
		case c == ' ' && i+1 < len(text) && text[i+1] != ' ':
			continue
		case c >= 'a' && c <= 'z':
			c -= 'a' - 'A'
		case !letter(c) && !digit(c):
			return 0
		}
		if compact = append(compact, c); len(compact) == want && remainder(compact) == 1 {
			return i + 1
		}
	}
	return 0
}

// lengthOfIBAN is how many signs a country's IBANs have; 0 for a country without.
func lengthOfIBAN(country string) int {
	for entry := range strings.SplitSeq(ibans, " ") {
		if entry[:2] == country {
			return int(entry[2]-'0')*10 + int(entry[3]-'0')
		}
	}
	return 0
}

// remainder is ISO 7064's MOD 97-10 over an IBAN, whose first four characters count last and letters as 10 to 35.
func remainder(iban []byte) (r int) {
	for i := range iban {
		c := iban[(i+4)%len(iban)]
		if digit(c) {
			r = (r*10 + int(c-'0')) % 97
		} else {
			r = (r*100 + int(c-'A') + 10) % 97
		}
	}
	return r
}

func letter(c byte) bool { return c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z' }

func digit(c byte) bool { return c >= '0' && c <= '9' }
