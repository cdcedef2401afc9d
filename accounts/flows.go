package accounts

import (
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"time"
)

// FlowAge is how long somebody may take at an identity provider or with a passkey.
const FlowAge = 10 * time.Minute

// ErrFlow: what a browser finishes was begun in another one, too long ago, or is finished
// already.
var ErrFlow = errors.New("this took too long, or was begun in another browser: begin again")

// flowKind keeps what was begun for one purpose from being finished for another.
type flowKind string

const (
	flowProvider    flowKind = "provider"         // at an identity provider
	flowIdentity    flowKind = "identity"         // an identity that has no account yet
	flowSignIn      flowKind = "passkey"          // a passkey that signs in
	flowAddPasskey  flowKind = "passkey.add"      // another passkey of an account
	flowFirstSignUp flowKind = "passkey.register" // a passkey of a new account
)

// FlowStore keeps flows: what a browser has begun, until it is finished. A flow is taken once.
type FlowStore interface {
	// PutFlow stores a flow, and removes those that have expired.
	PutFlow(ctx context.Context, hash string, sealed []byte, now, expires time.Time) error
	// TakeFlow removes a flow and returns it. The error is ErrFlow if there is none, or if it
	// had expired.
	TakeFlow(ctx context.Context, hash string, now time.Time) ([]byte, error)
}

// NewBrowser returns a secret for the cookie that binds flows to a browser.
func NewBrowser() Secret { return newSecret() }

// flowKeys returns the hash by which the store finds a flow, and the key that seals it. Both
// come from the browser's secret, so the store alone reveals nothing, and another browser
// finds nothing.
func flowKeys(kind flowKind, browser Secret, id string) (hash string, key []byte) {
	derive := func(use string) []byte {
		sum := sha256.Sum256(fmt.Appendf(nil, "%s\x00%s\x00%s\x00%s", use, kind, string(browser), id))
		return sum[:]
	}
	return hex.EncodeToString(derive("find")), derive("seal")
}

// begin stores a flow under an id.
func (a *Accounts) begin(ctx context.Context, kind flowKind, browser Secret, id string, data any) error {
	if browser == "" {
		return ErrFlow
	}
	text, err := json.Marshal(data)
	if err != nil {
		return fmt.Errorf("encode a flow: %w", err)
	}
	hash, key := flowKeys(kind, browser, id)
	aead, err := sealer(key)
	if err != nil {
		return err
	}
	nonce := make([]byte, aead.NonceSize())
	_, _ = rand.Read(nonce) // never fails: it ends the process instead
	return a.store.PutFlow(ctx, hash, aead.Seal(nonce, nonce, text, nil), a.now(), a.now().Add(FlowAge))
}

// finish takes a flow, so that nobody can finish it again, and reads it into data. The error is
// ErrFlow.
func (a *Accounts) finish(ctx context.Context, kind flowKind, browser Secret, id string, data any) error {
	hash, key := flowKeys(kind, browser, id)
	if browser == "" || id == "" || len(browser) > maxSecret || len(id) > maxSecret {
		return ErrFlow
	}
	sealed, err := a.store.TakeFlow(ctx, hash, a.now())
	if err != nil {
		return err
	}
	aead, err := sealer(key)
	if err != nil {
		return err
	}
	if len(sealed) < aead.NonceSize() {
		return ErrFlow
	}
	text, err := aead.Open(nil, sealed[:aead.NonceSize()], sealed[aead.NonceSize():], nil)
	if err != nil {
		return ErrFlow
	}
	return json.Unmarshal(text, data)
}

// sealer returns AES-256 in Galois counter mode.
func sealer(key []byte) (cipher.AEAD, error) {
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	return cipher.NewGCM(block)
}
