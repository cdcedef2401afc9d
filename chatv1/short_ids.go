package chatv1

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"hash"
	"hash/maphash"
	"strings"
	"sync"
	"sync/atomic"
)

// shortIDSize is the size of a short id in bytes; it is written as twice as many hexadecimal
// digits.
const shortIDSize = 8

// ShortIDs derives the ids that people see from the ids in the store, so that two users
// who had one name at different times can be told apart. A guest chooses its key, and so
// its User.ID, which is a hash of that key. The short id is an HMAC-SHA256 (RFC 2104) of
// User.ID under a secret of the server, cut to 64 bits: nobody can search offline for a key
// that gets another user's short id.
//
// The methods are safe for concurrent use. With a nil *ShortIDs every short id is empty.
type ShortIDs struct {
	macs sync.Pool
	seed maphash.Seed
	// recent caches the short ids of recent authors, each in the slot of its hash: a MAC
	// costs as much as the rest of a short message's frame.
	recent [256]atomic.Pointer[shortID]
}

// shortID is a User.ID and its short id.
type shortID struct {
	of     string
	digits [2 * shortIDSize]byte
}

// NewShortIDs returns the short ids of a chat. The secret has to outlive the messages, so
// it is kept in the store.
func NewShortIDs(secret []byte) *ShortIDs {
	return &ShortIDs{
		macs: sync.Pool{New: func() any { return &mac{Hash: hmac.New(sha256.New, secret)} }},
		seed: maphash.MakeSeed(),
	}
}

// mac is a MAC and the buffer that its input and its sum share.
type mac struct {
	hash.Hash
	buffer []byte
}

// append appends the short id of a User.ID, 16 hexadecimal digits, or nothing if the id is
// empty.
func (s *ShortIDs) append(dst []byte, id string) []byte {
	if s == nil || id == "" {
		return dst
	}
	slot := &s.recent[maphash.String(s.seed, id)%uint64(len(s.recent))]
	known := slot.Load()
	if known == nil || known.of != id {
		known = s.compute(id)
		slot.Store(known)
	}
	return append(dst, known.digits[:]...)
}

func (s *ShortIDs) compute(id string) *shortID {
	mac := s.macs.Get().(*mac)
	defer s.macs.Put(mac)
	mac.Reset()
	mac.buffer = append(mac.buffer[:0], id...)
	_, _ = mac.Write(mac.buffer) // a hash never fails
	mac.buffer = mac.Sum(mac.buffer[:0])
	short := &shortID{of: strings.Clone(id)}
	hex.Encode(short.digits[:], mac.buffer[:shortIDSize])
	return short
}

// Of returns the short id of a User.ID.
func (s *ShortIDs) Of(id string) string { return string(s.append(nil, id)) }
