package hold

import (
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/binary"
	"fmt"
	"strings"
	"time"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"octroi/gateway/payment"
)

// CodeStatus is where the statement code of a case stands; "" when none is offered.
type CodeStatus string

// The states of a statement code, as the public contract names them.
const (
	CodeOffered CodeStatus = "offered"
	CodePassed  CodeStatus = "passed"
	CodeFailed  CodeStatus = "failed" // MaxCodeTries wrong ones
)

// Bounds of the statement code. Three tries at one of 10,000 codes let a guesser through once in 3,333 cases.
const (
	MaxCodeTries = 3
	codeDigits   = 4
	codes        = 10_000
	maxStatement = 22 // characters of a statement line that the schemes carry
)

// StatementCode derives the code of one authorisation of a payment, so that nothing of it is kept: whoever reads the
// database cannot tell it without the key. Every code is as likely as any other.
func StatementCode(key []byte, paymentID string, attempt int) string {
	const fair = (1 << 32) / codes * codes // beyond it the first few codes would come up more often
	for n := 0; ; n++ {
		m := hmac.New(sha256.New, key)
		fmt.Fprintf(m, "%s\x00%d\x00%d", paymentID, attempt, n) // a hash takes every write
		for sum := m.Sum(nil); len(sum) >= 4; sum = sum[4:] {
			if v := uint64(binary.BigEndian.Uint32(sum)); v < fair {
				return fmt.Sprintf("%0*d", codeDigits, v%codes)
			}
		}
	}
}

// SameCode compares in a time that says nothing about how much of it was right.
func SameCode(a, b string) bool { return subtle.ConstantTimeCompare([]byte(a), []byte(b)) == 1 }

// StatementLine is a line of the buyer's bank statement that ends in the code: "ATELIER MEMOIRE 4821". The shop's name
// loses the accents and signs that banks do not carry, and what does not fit.
func StatementLine(shop, code string) string {
	name := strings.Join(strings.Fields(strings.Map(func(r rune) rune {
		if r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune(".'-*/", r) {
			return r
		}
		return ' '
	}, strings.ToUpper(unaccented(shop)))), " ")
	name = strings.TrimSpace(name[:min(len(name), maxStatement-codeDigits-1)])
	return strings.TrimSpace(name + " " + code)
}

// unaccented writes letters as they are without their accents.
func unaccented(s string) string {
	s = strings.NewReplacer("œ", "oe", "Œ", "OE", "æ", "ae", "Æ", "AE", "ß", "ss", "ø", "o", "Ø", "O", "ł", "l", "Ł", "L", "’", "'").Replace(s)
	return strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Mn, r) {
			return -1
		}
		return r
	}, norm.NFD.String(s))
}

// CodeForm refuses what cannot be a code, which is no try at one: blanks between the digits are taken.
func CodeForm(typed string) (string, error) {
	code := strings.Join(strings.Fields(typed), "")
	if len(code) != codeDigits || strings.Trim(code, "0123456789") != "" {
		return "", payment.Invalid(payment.FieldError{Pointer: "/code", Detail: "must be the four digits at the end of the line"})
	}
	return code, nil
}

// Elsewhere is what is known of the codes that were typed for other orders of the same card, e-mail, customer or device
// within CodeMemory.
type Elsewhere struct {
	Wrong   int  // the most that any of the four has
	Unknown bool // nobody could tell
}

// CodeMemory is how long a wrong code leaves fewer tries to the next orders.
const CodeMemory = 30 * day

// spent reports whether no try is left to whoever typed them.
func (e Elsewhere) spent() bool { return e.Wrong >= MaxCodeTries }

// CodeTriesLeft is how many more codes may be tried.
func (c Case) CodeTriesLeft() int {
	if c.Proof.Code != CodeOffered {
		return 0
	}
	return max(0, MaxCodeTries-c.Marks.CodeTries-c.Marks.Elsewhere)
}

// TryCode counts a try at the statement code. The right one satisfies a case whose terms let the policy decide, without
// a person; every other case it brings before an analyst. reasons are the decision's codes. After the last wrong one the
// documents that were asked for remain, or else a person decides. Wrong codes of other orders count as this one's: when
// they leave no try, none is made, and right is not looked at. While nobody can tell how many they are, a right code is
// for a person to weigh.
func (c Case) TryCode(right bool, e Elsewhere, reasons []string, t Terms, now time.Time) (Case, error) {
	if !c.Status.Open() {
		return c, wrongState(c, "given a code")
	}
	if c.Proof.Code != CodeOffered {
		return c, payment.Errorf(payment.CodeWrongState, "The case waits for no code.")
	}
	c = c.clone()
	c.Marks.Elsewhere = max(c.Marks.Elsewhere, e.Wrong)
	if c.CodeTriesLeft() == 0 {
		c.codeFailed(now, "wrong codes of other orders")
		return c, nil
	}
	c.Marks.CodeTries++
	if right {
		c.Proof.Code = CodePassed
		c.happened(now, ActorBuyer, "code_passed", "")
		if !e.Unknown && c.settledBy(t, reasons) {
			c.decide(Approved, now)
			c.happened(now, ActorPolicy, "approved", "the code on the statement was right")
		} else {
			c.review(now)
		}
		return c, nil
	}
	c.happened(now, ActorBuyer, "code_wrong", "")
	if c.CodeTriesLeft() == 0 {
		c.codeFailed(now, "")
	}
	return c, nil
}

// codeFailed ends the waiting for a code.
func (c *Case) codeFailed(now time.Time, why string) {
	c.Proof.Code = CodeFailed
	c.happened(now, ActorPolicy, "code_failed", why)
	if len(c.Proof.Requested) == 0 {
		c.review(now)
	}
}

// settledBy reports whether the policy may decide by itself in the buyer's favour once the code has passed. After
// documents a person decides (DOMAIN: Law), as from the four-eyes amount on and for the reasons that the shop wants a
// person for.
func (c Case) settledBy(t Terms, reasons []string) bool {
	if c.Owner != "" || c.Status == AwaitingSecond || len(c.Proof.Documents) > 0 || t.fourEyes(c.Amount.Value) {
		return false
	}
	return !t.wantsPerson(reasons)
}
