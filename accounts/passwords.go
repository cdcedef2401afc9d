package accounts

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"runtime"
	"strings"

	"golang.org/x/crypto/argon2"
	"golang.org/x/text/secure/precis"

	"chatserver/chat"
)

const (
	// MinPassword is the smallest length of a password in characters (NIST SP 800-63B).
	MinPassword = 8
	// MaxPassword is the largest size of a password in bytes. A larger one is refused before
	// it is looked at.
	MaxPassword = 1000
	// maxHashes bounds the memory for hashing: so many are computed at once.
	maxHashes = 4
	// maxWaiting is how many may wait for their turn to be hashed.
	maxWaiting = 1000
)

// Params are the parameters of argon2id (RFC 9106).
type Params struct {
	Memory  uint32 // KiB
	Time    uint32 // passes
	Threads uint8
}

// DefaultParams are those that OWASP recommends first: 19 MiB, two passes, one thread.
var DefaultParams = Params{Memory: 19 << 10, Time: 2, Threads: 1}

// maxParams bound what a stored hash may ask for.
var maxParams = Params{Memory: 256 << 10, Time: 16, Threads: 16}

const (
	saltSize = 16
	keySize  = 32
)

// ErrBusy: too many sign-ins wait.
var ErrBusy = errors.New("too many people are signing in at this moment: try again in a minute")

// hasher hashes a few passwords at once, however many wait.
type hasher struct {
	params  Params
	turns   chan struct{} // held while a password is hashed
	waiting chan struct{} // held from the request until then
	dummy   string        // hash of a password that nobody has
}

// newHasher returns a hasher that leaves at least half of the processors to the chat.
func newHasher(params Params) *hasher {
	h := &hasher{params: params, turns: make(chan struct{}, min(maxHashes, max(1, runtime.GOMAXPROCS(0)/2))), waiting: make(chan struct{}, maxWaiting)}
	h.dummy = encodePHC(params, make([]byte, saltSize), make([]byte, keySize))
	return h
}

// key computes a hash in its turn.
func (h *hasher) key(ctx context.Context, password string, salt []byte, params Params) ([]byte, error) {
	select {
	case h.waiting <- struct{}{}:
		defer func() { <-h.waiting }()
	default:
		return nil, ErrBusy
	}
	select {
	case h.turns <- struct{}{}:
		defer func() { <-h.turns }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	return argon2.IDKey([]byte(password), salt, params.Time, params.Memory, params.Threads, keySize), nil
}

// hash returns the PHC string of a password.
func (h *hasher) hash(ctx context.Context, password string) (string, error) {
	salt := make([]byte, saltSize)
	_, _ = rand.Read(salt) // never fails: it ends the process instead
	key, err := h.key(ctx, password, salt, h.params)
	if err != nil {
		return "", err
	}
	return encodePHC(h.params, salt, key), nil
}

// verify reports whether a password has a hash, and whether the hash has other parameters than
// new ones. Without a hash it takes as long, and returns false.
func (h *hasher) verify(ctx context.Context, password, stored string) (ok, outdated bool, err error) {
	known := stored != ""
	if !known {
		stored = h.dummy
	}
	params, salt, want, err := decodePHC(stored)
	if err != nil {
		return false, false, err
	}
	key, err := h.key(ctx, password, salt, params)
	if err != nil {
		return false, false, err
	}
	return subtle.ConstantTimeCompare(key, want) == 1 && known, params != h.params, nil
}

// encodePHC returns a hash in the PHC string format.
func encodePHC(p Params, salt, key []byte) string {
	encode := base64.RawStdEncoding.EncodeToString
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, p.Memory, p.Time, p.Threads, encode(salt), encode(key))
}

var errHash = errors.New("the stored hash of a password is not a PHC string of argon2id with bounded parameters")

// decodePHC parses what encodePHC returns. It refuses parameters that would take too much
// memory or time.
func decodePHC(text string) (p Params, salt, key []byte, err error) {
	parts := strings.Split(text, "$")
	if len(parts) != 6 || parts[0] != "" || parts[1] != "argon2id" || parts[2] != fmt.Sprintf("v=%d", argon2.Version) {
		return p, nil, nil, errHash
	}
	if n, err := fmt.Sscanf(parts[3], "m=%d,t=%d,p=%d", &p.Memory, &p.Time, &p.Threads); n != 3 || err != nil || fmt.Sprintf("m=%d,t=%d,p=%d", p.Memory, p.Time, p.Threads) != parts[3] {
		return p, nil, nil, errHash
	}
	if p.Memory < 8 || p.Time < 1 || p.Threads < 1 || p.Memory > maxParams.Memory || p.Time > maxParams.Time || p.Threads > maxParams.Threads {
		return p, nil, nil, errHash
	}
	salt, err1 := base64.RawStdEncoding.DecodeString(parts[4])
	key, err2 := base64.RawStdEncoding.DecodeString(parts[5])
	if err := errors.Join(err1, err2); err != nil || len(key) != keySize || len(salt) < 8 {
		return p, nil, nil, errHash
	}
	return p, salt, key, nil
}

// preparePassword returns a password as it is hashed, by the OpaqueString profile (RFC 8265):
// the same characters are the same password, however the keyboard composes them. The error is an
// *Invalid with the field "password".
func preparePassword(password string) (string, error) {
	if len(password) > MaxPassword {
		return "", &chat.Invalid{Field: "password", Format: "A password has at most %d bytes.", Args: []any{MaxPassword}}
	}
	prepared, err := precis.OpaqueString.String(password)
	if err != nil {
		return "", &chat.Invalid{Field: "password", Format: "A password cannot be empty or contain control characters."}
	}
	return prepared, nil
}

// hash checks and hashes a new password of a user.
func (a *Accounts) hash(ctx context.Context, password, name string) (string, error) {
	prepared, err := preparePassword(password)
	if err != nil {
		return "", err
	}
	if len([]rune(prepared)) < MinPassword || strings.EqualFold(prepared, name) {
		return "", &chat.Invalid{Field: "password", Format: "A password has at least %d characters, and is not your name.", Args: []any{MinPassword}}
	}
	return a.hasher.hash(ctx, prepared)
}
