// Package authenticator is a security key in the test process, with the browser in front of it:
// it makes real passkeys and signatures, and can be made to misbehave.
package authenticator

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"testing"

	"github.com/fxamacker/cbor/v2"
)

// Device is an authenticator with one passkey.
type Device struct {
	t        testing.TB
	Key      *ecdsa.PrivateKey
	ID       []byte
	Person   []byte // user handle
	Origin   string // that the browser shows
	Site     string // RP id that the browser asks the device for
	Verified bool   // by a fingerprint
	Counter  uint32
	Eligible bool // can be copied
	Alter    func(clientData map[string]any)
	Results  map[string]any // client extension results
}

// New returns the device of somebody at https://chat.example.
func New(t testing.TB) *Device {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return &Device{t: t, Key: key, ID: []byte(rand.Text()), Origin: "https://chat.example", Site: "chat.example", Verified: true, Results: map[string]any{}}
}

func (d *Device) clientData(kind string, challenge string) []byte {
	data := map[string]any{"type": kind, "challenge": challenge, "origin": d.Origin, "crossOrigin": false}
	if d.Alter != nil {
		d.Alter(data)
	}
	text, _ := json.Marshal(data)
	return text
}

// authenticatorData is that of §6.1, with the passkey if it is new.
func (d *Device) authenticatorData(isNew bool) []byte {
	rp := sha256.Sum256([]byte(d.Site))
	flags := byte(0x01)
	if d.Verified {
		flags |= 0x04
	}
	if d.Eligible {
		flags |= 0x08
	}
	if isNew {
		flags |= 0x40
	}
	data := append(rp[:], flags)
	data = binary.BigEndian.AppendUint32(data, d.Counter)
	if !isNew {
		return data
	}
	data = append(data, make([]byte, 16)...) // AAGUID
	data = binary.BigEndian.AppendUint16(data, uint16(len(d.ID)))
	data = append(data, d.ID...)
	public, err := d.Key.PublicKey.Bytes() // 4, x, y
	if err != nil {
		d.t.Fatal(err)
	}
	key, err := cbor.Marshal(map[int]any{1: 2, 3: -7, -1: 1, -2: public[1:33], -3: public[33:]})
	if err != nil {
		d.t.Fatal(err)
	}
	return append(data, key...)
}

// Create answers navigator.credentials.create.
func (d *Device) Create(options []byte) []byte {
	var o struct {
		Challenge string
		User      struct{ ID string }
	}
	if err := json.Unmarshal(options, &o); err != nil {
		d.t.Fatal(err)
	}
	d.Person, _ = base64.RawURLEncoding.DecodeString(o.User.ID)
	object, err := cbor.Marshal(map[string]any{"fmt": "none", "attStmt": map[string]any{}, "authData": d.authenticatorData(true)})
	if err != nil {
		d.t.Fatal(err)
	}
	return d.answer(map[string]any{"clientDataJSON": Encode(d.clientData("webauthn.create", o.Challenge)), "attestationObject": Encode(object), "transports": []string{"internal"}})
}

// Get answers navigator.credentials.get.
func (d *Device) Get(options []byte) []byte {
	var o struct{ Challenge string }
	if err := json.Unmarshal(options, &o); err != nil {
		d.t.Fatal(err)
	}
	client, data := d.clientData("webauthn.get", o.Challenge), d.authenticatorData(false)
	sum := sha256.Sum256(client)
	digest := sha256.Sum256(append(data, sum[:]...))
	signature, err := ecdsa.SignASN1(rand.Reader, d.Key, digest[:])
	if err != nil {
		d.t.Fatal(err)
	}
	return d.answer(map[string]any{"clientDataJSON": Encode(client), "authenticatorData": Encode(data), "signature": Encode(signature), "userHandle": Encode(d.Person)})
}

func (d *Device) answer(response map[string]any) []byte {
	text, err := json.Marshal(map[string]any{"id": Encode(d.ID), "rawId": Encode(d.ID), "type": "public-key", "response": response, "clientExtensionResults": d.Results})
	if err != nil {
		d.t.Fatal(err)
	}
	return text
}

// Encode returns base64url without padding, as WebAuthn writes bytes.
func Encode(raw []byte) string { return base64.RawURLEncoding.EncodeToString(raw) }
