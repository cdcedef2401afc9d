package oidc

import (
	"crypto/ecdsa"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/go-jose/go-jose/v4"
)

// Apple is the key of Sign in with Apple, with which the server signs its client secrets:
// Apple accepts none that is valid for more than six months, so one that is typed in expires.
type Apple struct {
	TeamID  string `json:"team_id"`  // ten characters
	KeyID   string `json:"key_id"`   // ten characters
	KeyFile string `json:"key_file"` // the .p8 file that Apple lets one download once

	signer jose.Signer
}

// appleSecretAge is how long a client secret is valid: one is made for each request.
const appleSecretAge = 5 * time.Minute

func (a *Apple) readKey() error {
	if a.TeamID == "" || a.KeyID == "" {
		return errors.New("apple: team_id and key_id are missing")
	}
	text, err := os.ReadFile(a.KeyFile)
	if err != nil {
		return fmt.Errorf("apple: key_file: %w", err)
	}
	block, _ := pem.Decode(text)
	if block == nil {
		return fmt.Errorf("apple: key_file: %s is not a .p8 file of Apple", a.KeyFile)
	}
	parsed, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	key, is := parsed.(*ecdsa.PrivateKey)
	if err != nil || !is {
		return fmt.Errorf("apple: key_file: %s is not a .p8 file of Apple", a.KeyFile)
	}
	a.signer, err = jose.NewSigner(jose.SigningKey{Algorithm: jose.ES256, Key: jose.JSONWebKey{Key: key, KeyID: a.KeyID}}, nil)
	if err != nil {
		return fmt.Errorf("apple: key_file: %w", err)
	}
	return nil
}

// secret returns a client secret: a JWT signed with ES256
// (developer.apple.com, "Creating a client secret").
func (a *Apple) secret(clientID string, now time.Time) (string, error) {
	payload, err := json.Marshal(map[string]any{
		"iss": a.TeamID, "sub": clientID, "aud": appleIssuer, "iat": now.Unix(), "exp": now.Add(appleSecretAge).Unix(),
	})
	if err != nil {
		return "", err
	}
	signed, err := a.signer.Sign(payload)
	if err != nil {
		return "", err
	}
	return signed.CompactSerialize()
}
