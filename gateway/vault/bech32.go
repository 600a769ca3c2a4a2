package vault

import (
	"errors"
	"strings"

	"filippo.io/age"
)

// identityPrefix is what identities of GenerateIdentity's kind begin with, before the 1 that separates it (c2sp.org/age).
const identityPrefix = "age-secret-key-pq-"

// letters are Bech32's digits, 0 to 31 (BIP 173).
const letters = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"

// IdentityFrom makes the pair that GenerateIdentity would make if it drew this seed of 32 bytes. The identity holds the
// seed itself: whoever draws it decides how it begins, and owes the rest to randomness.
func IdentityFrom(seed []byte) (identity, recipient string, err error) {
	identity = strings.ToUpper(bech32(identityPrefix, seed))
	id, err := age.ParseHybridIdentity(identity)
	if err != nil {
		return "", "", errors.New("vault: an identity is made of a seed of 32 bytes")
	}
	return identity, id.Recipient().String(), nil
}

// bech32 writes bytes as Bech32 does, five bits a letter, with its checksum (BIP 173).
func bech32(prefix string, bytes []byte) string {
	var digits []byte
	bits, held := uint(0), 0
	for _, b := range bytes {
		bits, held = bits<<8|uint(b), held+8
		for ; held >= 5; held -= 5 {
			digits = append(digits, byte(bits>>(held-5)&31))
		}
		bits &= 1<<held - 1
	}
	if held > 0 {
		digits = append(digits, byte(bits<<(5-held)&31))
	}
	var over []byte
	for i := range len(prefix) {
		over = append(over, prefix[i]>>5)
	}
	over = append(over, 0)
	for i := range len(prefix) {
		over = append(over, prefix[i]&31)
	}
	sum := remainder(append(append(over, digits...), make([]byte, 6)...)) ^ 1
	for i := range 6 {
		digits = append(digits, byte(sum>>(5*(5-i))&31))
	}
	var out strings.Builder
	out.WriteString(prefix + "1")
	for _, d := range digits {
		out.WriteByte(letters[d])
	}
	return out.String()
}

// remainder is the checksum's division (BIP 173).
func remainder(digits []byte) uint32 {
	sum := uint32(1)
	for _, d := range digits {
		top := sum >> 25
		sum = sum&0x1ffffff<<5 ^ uint32(d)
		for i, g := range []uint32{0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3} {
			if top>>i&1 == 1 {
				sum ^= g
			}
		}
	}
	return sum
}
