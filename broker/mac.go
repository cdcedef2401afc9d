package broker

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"hash"
	"sync"
)

// The MAC is the last member of a hint's JSON object, so nodes of the previous version
// parse the other members and ignore it.
const (
	macBegins = `,"mac":"`
	macEnds   = `"}`
)

var (
	macEncoding = base64.RawURLEncoding
	macLength   = len(macBegins) + macEncoding.EncodedLen(sha256.Size) + len(macEnds)
)

// authenticator computes and checks the MACs (HMAC-SHA256) of hints, under the key that
// all nodes of a chat share. It is safe for concurrent use.
type authenticator struct{ macs sync.Pool }

// mac is reusable memory for one MAC computation.
type mac struct {
	hash.Hash
	sum, prefix []byte
}

func newAuthenticator(key []byte) *authenticator {
	return &authenticator{sync.Pool{New: func() any { return &mac{Hash: hmac.New(sha256.New, key)} }}}
}

// sign returns a hint, which is a JSON object, with the MAC of the hint, its subject and
// its traceparent. It may modify the hint's memory.
func (a *authenticator) sign(hint []byte, subject, trace string) []byte {
	hint = hint[:len(hint)-1] // the closing brace
	m := a.sum(hint, subject, trace)
	defer a.macs.Put(m)
	hint = macEncoding.AppendEncode(append(hint, macBegins...), m.sum)
	return append(hint, macEnds...)
}

// verifies reports whether a hint was signed with our key, for this subject and this
// traceparent.
func (a *authenticator) verifies(hint []byte, subject, trace string) bool {
	signed := len(hint) - macLength
	if signed < 0 || !hasMAC(hint) {
		return false
	}
	var theirs [sha256.Size]byte
	encoded := hint[signed+len(macBegins) : len(hint)-len(macEnds)]
	if n, err := macEncoding.Strict().Decode(theirs[:], encoded); err != nil || n != len(theirs) {
		return false
	}
	m := a.sum(hint[:signed], subject, trace)
	defer a.macs.Put(m)
	return hmac.Equal(m.sum, theirs[:])
}

// hasMAC reports whether a hint ends with a MAC, under whatever key. Hints of the
// previous version do not.
func hasMAC(hint []byte) bool {
	signed := len(hint) - macLength
	return signed >= 0 && bytes.HasPrefix(hint[signed:], []byte(macBegins)) && bytes.HasSuffix(hint, []byte(macEnds))
}

// sum computes a MAC. Subjects and traceparents contain no line breaks, so two different
// hints never produce the same input.
func (a *authenticator) sum(hint []byte, subject, trace string) *mac {
	m := a.macs.Get().(*mac)
	m.Reset()
	m.prefix = append(append(append(append(m.prefix[:0], subject...), '\n'), trace...), '\n')
	_, _ = m.Write(m.prefix) // hash.Hash never returns an error
	_, _ = m.Write(hint)
	m.sum = m.Sum(m.sum[:0])
	return m
}
