package velocity

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"hash"
	"strconv"
	"sync"

	"octroi/risk"
)

// Every key this package keeps in Redis:
//
//	<prefix>v1:<shop>:<entity>:<name>   string   the entity's events, see codec.go; expires Retention after the last
//
//	<prefix>v1:<shop>:<width>:<span> hash     what happened in the shop and by its cards' countries, counted by buckets of
//	                                          time, see counts.go; expires 18 or 60 hours after it begins
//
//	prefix  Config.Prefix, "octroi:" unless said otherwise
//	shop    11 characters: 64 bits of HMAC-SHA256 over the shop, base64url. To forget a shop, delete its keys.
//	entity  risk.Entity.String()
//	width   m5, buckets of five minutes, or h1, of an hour
//	span    the number of the key's first bucket since 1970, divided by how many it holds: 48 or 24
//	name    22 characters: 128 bits of HMAC-SHA256 over shop, entity and value, base64url
//
// A field of the hash is <bucket>:<whose>:<kind>, or <bucket>:<whose>:<kind>:<refusal>: the bucket's place in the key,
// "*" for the shop or the country's two letters, the number of the risk.EventKind, and the hash of a refusal code.
//
// No card fingerprint, e-mail or address stands in a key or in a list: without the secret they cannot be told or
// guessed. The short hashes inside the lists are other bits of the same HMAC, so a list does not lead to a key either.
// A change of the record's format must change "v1".
const (
	keyVersion = "v1:"
	nameSize   = 16 // bytes of the HMAC that name the key; the next shortSize bytes stand in the records
)

// domains keep the three uses of the HMAC apart.
const (
	domainEntity = 'e'
	domainOrder  = 'o'
	domainShop   = 's'
)

// names are the keyed hashes of one record.
type names struct {
	shop   [8]byte
	id     uint64
	mask   uint16
	entity [risk.EntityCount][nameSize + shortSize]byte
}

// namer makes names. It is safe for concurrent use.
type namer struct {
	pool sync.Pool // *naming
}

// naming is the working space of one call.
type naming struct {
	mac hash.Hash
	buf []byte
	sum [sha256.Size]byte
}

const secretSize = 32

var errSecret = errors.New("velocity: Config.Secret must be 32 bytes of key")

func newNamer(secret []byte) (*namer, error) {
	if len(secret) != secretSize {
		return nil, errSecret
	}
	key := append([]byte(nil), secret...)
	n := &namer{}
	n.pool.New = func() any { return &naming{mac: hmac.New(sha256.New, key), buf: make([]byte, 0, 256)} }
	return n, nil
}

// name hashes what a record names.
func (n *namer) name(shop string, rec *risk.Record) *names {
	w := n.pool.Get().(*naming)
	defer n.pool.Put(w)
	var out names
	copy(out.shop[:], w.of(domainShop, shop, 0, ""))
	out.id = w.order(shop, rec.ID)
	for e, value := range rec.Keys {
		if value == "" {
			continue
		}
		out.mask |= 1 << e
		copy(out.entity[e][:], w.of(domainEntity, shop, byte(e), value))
	}
	return &out
}

// order is the keyed hash of an order's ID alone.
func (n *namer) order(shop, id string) uint64 {
	w := n.pool.Get().(*naming)
	defer n.pool.Put(w)
	return w.order(shop, id)
}

func (w *naming) order(shop, id string) uint64 {
	return binary.BigEndian.Uint64(w.of(domainOrder, shop, 0, id))
}

// of is the HMAC of one name. The shop's length goes before it, so that no two inputs run together.
func (w *naming) of(domain byte, shop string, e byte, value string) []byte {
	w.buf = append(w.buf[:0], domain, e)
	w.buf = binary.AppendUvarint(w.buf, uint64(len(shop)))
	w.buf = append(append(w.buf, shop...), value...)
	w.mac.Reset()
	_, _ = w.mac.Write(w.buf)
	return w.mac.Sum(w.sum[:0])
}

// key is the Redis key of one of the record's entities.
func (n *names) key(prefix string, e risk.Entity) string {
	b := make([]byte, 0, len(prefix)+64)
	b = append(append(b, prefix...), keyVersion...)
	b = append(base64.RawURLEncoding.AppendEncode(b, n.shop[:]), ':')
	b = append(append(b, e.String()...), ':')
	return string(base64.RawURLEncoding.AppendEncode(b, n.entity[e][:nameSize]))
}

// countsKey is the Redis key of the buckets of one span.
func (n *names) countsKey(prefix string, w width, span int64) string {
	b := make([]byte, 0, len(prefix)+64)
	b = append(append(b, prefix...), keyVersion...)
	b = append(base64.RawURLEncoding.AppendEncode(b, n.shop[:]), ':')
	b = append(append(b, w.name...), ':')
	return string(strconv.AppendInt(b, span, 10))
}
