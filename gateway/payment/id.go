package payment

import (
	"encoding/base32"
	"fmt"
	"io"
	"time"
)

// Prefixes of ids, one per noun.
const (
	PrefixPayment    = "pay_"
	PrefixOperation  = "op_"
	PrefixAssessment = "asm_"
	PrefixCase       = "case_"
	PrefixDocument   = "doc_"
	PrefixMessage    = "msg_"
	PrefixEvent      = "evt_"
)

// crockford is base 32 in an order that sorts like the bytes it stands for.
var crockford = base32.NewEncoding("0123456789abcdefghjkmnpqrstvwxyz").WithPadding(base32.NoPadding)

// NewID makes an id of 48 bits of milliseconds and 80 random bits: ids sort by the time they were made, and nobody
// can guess one. It fails only when the source of randomness does.
func NewID(prefix string, now time.Time, rand io.Reader) (string, error) {
	var b [16]byte
	ms := uint64(now.UnixMilli())
	for i := range 6 {
		b[i] = byte(ms >> (40 - 8*i))
	}
	if _, err := io.ReadFull(rand, b[6:]); err != nil {
		return "", fmt.Errorf("make an id: %w", err)
	}
	return prefix + crockford.EncodeToString(b[:]), nil
}

// FirstID is the lowest id that can have been made at the moment: an id of the same prefix that sorts before it is older.
func FirstID(prefix string, at time.Time) string {
	id, _ := NewID(prefix, at, zeros{}) // fails only with its source of randomness
	return id
}

// zeros is the lowest that randomness can be.
type zeros struct{}

// Read implements io.Reader.
func (zeros) Read(b []byte) (int, error) {
	clear(b)
	return len(b), nil
}
