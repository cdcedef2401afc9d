package passkeys

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base32"
	"strings"
)

// RecoveryCodes is how many codes a person gets at once.
const RecoveryCodes = 10

// recoveryBytes are 80 bits, which nobody guesses: a plain hash protects them, where a password
// needs a slow one.
const recoveryBytes = 10

// alphabet has no letters and digits that look alike (Crockford's base 32).
var alphabet = base32.NewEncoding("0123456789abcdefghjkmnpqrstvwxyz").WithPadding(base32.NoPadding)

// NewRecoveryCode returns a code like 3f9k-x2mq-0v7t-ha5c, to be shown once, and its hash, to
// be stored. It signs in once somebody who has lost their passkeys.
func NewRecoveryCode() (code string, hash []byte) {
	raw := make([]byte, recoveryBytes)
	_, _ = rand.Read(raw) // never fails: it ends the process instead
	text := alphabet.EncodeToString(raw)
	return text[:4] + "-" + text[4:8] + "-" + text[8:12] + "-" + text[12:], hashOf(text)
}

// HashRecoveryCode returns the hash of a code as somebody types it: with capitals, blanks or
// other dashes, and letters for the digits that they look like. It returns nil for what is no
// code.
func HashRecoveryCode(typed string) []byte {
	text := strings.Map(func(r rune) rune {
		switch {
		case r == ' ' || r == '-' || r == '\u2010' || r == '\u2013' || r == '\u00a0':
			return -1
		case r == 'o' || r == 'O':
			return '0'
		case r == 'i' || r == 'I' || r == 'l' || r == 'L':
			return '1'
		case r >= 'A' && r <= 'Z':
			return r - 'A' + 'a'
		}
		return r
	}, typed)
	if _, err := alphabet.DecodeString(text); err != nil || len(text) != alphabet.EncodedLen(recoveryBytes) {
		return nil
	}
	return hashOf(text)
}

func hashOf(text string) []byte {
	sum := sha256.Sum256([]byte(text))
	return sum[:]
}
