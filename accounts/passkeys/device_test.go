package passkeys_test

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

// device is an authenticator with one passkey, and the browser in front of it.
type device struct {
	t        *testing.T
	key      *ecdsa.PrivateKey
	id       []byte
	person   []byte // user handle
	origin   string // that the browser shows
	rp       string // that the browser asks the device for
	verified bool   // by a fingerprint
	counter  uint32
	eligible bool // can be copied
	alter    func(clientData map[string]any)
	results  map[string]any // client extension results
}

func newDevice(t *testing.T) *device {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return &device{t: t, key: key, id: []byte(rand.Text()), origin: "https://chat.example", rp: "chat.example", verified: true, results: map[string]any{}}
}

func (d *device) clientData(kind string, challenge string) []byte {
	data := map[string]any{"type": kind, "challenge": challenge, "origin": d.origin, "crossOrigin": false}
	if d.alter != nil {
		d.alter(data)
	}
	text, _ := json.Marshal(data)
	return text
}

// authenticatorData is that of §6.1, with the passkey if it is new.
func (d *device) authenticatorData(isNew bool) []byte {
	rp := sha256.Sum256([]byte(d.rp))
	flags := byte(0x01)
	if d.verified {
		flags |= 0x04
	}
	if d.eligible {
		flags |= 0x08
	}
	if isNew {
		flags |= 0x40
	}
	data := append(rp[:], flags)
	data = binary.BigEndian.AppendUint32(data, d.counter)
	if !isNew {
		return data
	}
	data = append(data, make([]byte, 16)...) // AAGUID
	data = binary.BigEndian.AppendUint16(data, uint16(len(d.id)))
	data = append(data, d.id...)
	public, err := d.key.PublicKey.Bytes() // 4, x, y
	if err != nil {
		d.t.Fatal(err)
	}
	key, err := cbor.Marshal(map[int]any{1: 2, 3: -7, -1: 1, -2: public[1:33], -3: public[33:]})
	if err != nil {
		d.t.Fatal(err)
	}
	return append(data, key...)
}

// create answers navigator.credentials.create.
func (d *device) create(options []byte) []byte {
	var o struct {
		Challenge string
		User      struct{ ID string }
	}
	if err := json.Unmarshal(options, &o); err != nil {
		d.t.Fatal(err)
	}
	d.person, _ = base64.RawURLEncoding.DecodeString(o.User.ID)
	object, err := cbor.Marshal(map[string]any{"fmt": "none", "attStmt": map[string]any{}, "authData": d.authenticatorData(true)})
	if err != nil {
		d.t.Fatal(err)
	}
	return d.answer(map[string]any{"clientDataJSON": encode(d.clientData("webauthn.create", o.Challenge)), "attestationObject": encode(object), "transports": []string{"internal"}})
}

// get answers navigator.credentials.get.
func (d *device) get(options []byte) []byte {
	var o struct{ Challenge string }
	if err := json.Unmarshal(options, &o); err != nil {
		d.t.Fatal(err)
	}
	client, data := d.clientData("webauthn.get", o.Challenge), d.authenticatorData(false)
	sum := sha256.Sum256(client)
	digest := sha256.Sum256(append(data, sum[:]...))
	signature, err := ecdsa.SignASN1(rand.Reader, d.key, digest[:])
	if err != nil {
		d.t.Fatal(err)
	}
	return d.answer(map[string]any{"clientDataJSON": encode(client), "authenticatorData": encode(data), "signature": encode(signature), "userHandle": encode(d.person)})
}

func (d *device) answer(response map[string]any) []byte {
	text, err := json.Marshal(map[string]any{"id": encode(d.id), "rawId": encode(d.id), "type": "public-key", "response": response, "clientExtensionResults": d.results})
	if err != nil {
		d.t.Fatal(err)
	}
	return text
}

func encode(raw []byte) string { return base64.RawURLEncoding.EncodeToString(raw) }
