// Package passkeys registers passkeys and signs people in with them (Web Authentication Level
// 3). A passkey alone signs somebody in, so it must be discoverable and must verify its person,
// by a fingerprint or a PIN. The package knows nothing of accounts, and keeps nothing: the
// caller stores passkeys, and stores a challenge until it is used once.
package passkeys

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/url"
	"strings"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/webauthn"
)

// Passkey is a registered passkey. Its private half never leaves the device, or the password
// manager that copies it between devices.
type Passkey struct {
	ID        []byte   `json:"-"`          // chosen by the device, unique on this server
	PublicKey []byte   `json:"public_key"` // COSE_Key (RFC 9052 §7)
	Model     []byte   `json:"model"`      // AAGUID, 16 bytes, of zeros if the device does not say
	Transport []string `json:"transport"`  // how the browser reaches it: internal, usb, hybrid, …
	Counter   uint32   `json:"counter"`    // of signatures; 0 for passkeys that are copied between devices
	// Copied and Backup are the flags BE and BS: whether the passkey can be copied to other
	// devices, and has been. The first never changes.
	Copied bool `json:"copied"`
	Backup bool `json:"backup"`
}

// Person is whom a passkey signs in. ID is up to 64 bytes that name nobody by themselves.
type Person struct {
	ID   []byte
	Name string
}

var (
	// ErrNoPasskeys is returned for addresses at which browsers have no passkeys.
	ErrNoPasskeys = errors.New("passkeys need https and a host name, or localhost")
	// ErrRefused wraps every refusal of what a browser sends.
	ErrRefused = errors.New("the passkey was refused")
	// ErrCopied means that the counter of a passkey went back: another device has its key.
	ErrCopied = fmt.Errorf("%w: its counter went back, so its key is on a second device", ErrRefused)
)

// Site is the server as browsers know it. Passkeys belong to its host name for good.
type Site struct{ web *webauthn.WebAuthn }

// NewSite returns the site of an origin like https://chat.example, with a name to show. It
// fails with ErrNoPasskeys where browsers have none.
func NewSite(origin, name string) (*Site, error) {
	u, err := url.Parse(origin)
	if err != nil || u.Host == "" {
		return nil, fmt.Errorf("%w: %q is not an origin", ErrNoPasskeys, origin)
	}
	host := strings.ToLower(u.Hostname())
	local := host == "localhost" || strings.HasSuffix(host, ".localhost")
	if net.ParseIP(host) != nil || u.Scheme != "https" && !local {
		return nil, fmt.Errorf("%w, not %s", ErrNoPasskeys, origin)
	}
	web, err := webauthn.New(&webauthn.Config{
		RPID: host, RPDisplayName: name, RPOrigins: []string{origin},
		AttestationPreference: protocol.PreferNoAttestation, // which model a person has is not our business
		AuthenticatorSelection: protocol.AuthenticatorSelection{
			ResidentKey: protocol.ResidentKeyRequirementRequired, RequireResidentKey: protocol.ResidentKeyRequired(), UserVerification: protocol.VerificationRequired,
		},
		// Password managers answer extensions that nobody asked for, and mean no harm.
		ExtensionsUnsolicitedOutputPolicy: protocol.UnsolicitedOutputPolicyIgnore,
	})
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrNoPasskeys, err)
	}
	return &Site{web}, nil
}

// BeginRegistration returns what a browser needs to make a passkey (the JSON of
// PublicKeyCredentialCreationOptions), and the challenge to keep. Devices that have one of
// the person's passkeys make no second one.
func (s *Site) BeginRegistration(person Person, existing []Passkey) (options, kept []byte, err error) {
	account := newAccount(person, existing...)
	creation, session, err := s.web.BeginRegistration(account, webauthn.WithExclusions(webauthn.Credentials(account.passkeys).CredentialDescriptors()))
	if err != nil {
		return nil, nil, err
	}
	return encode(creation.Response, session)
}

// FinishRegistration returns the passkey that a browser has made for a challenge. The caller
// has deleted the challenge, so that it is used once.
func (s *Site) FinishRegistration(person Person, kept, response []byte) (Passkey, error) {
	session, err := decode(kept)
	if err != nil {
		return Passkey{}, err
	}
	parsed, err := protocol.ParseCredentialCreationResponseBytes(response)
	if err != nil {
		return Passkey{}, refuse(err)
	}
	made, err := s.web.CreateCredential(newAccount(person), session, parsed)
	if err != nil {
		return Passkey{}, refuse(err)
	}
	return fromLibrary(made), nil
}

// BeginSignIn returns what a browser needs to sign somebody in (the JSON of
// PublicKeyCredentialRequestOptions), and the challenge to keep. It names no account: the
// device offers its passkeys for this site.
func (s *Site) BeginSignIn() (options, kept []byte, err error) {
	assertion, session, err := s.web.BeginDiscoverableLogin(webauthn.WithUserVerification(protocol.VerificationRequired))
	if err != nil {
		return nil, nil, err
	}
	return encode(assertion.Response, session)
}

// FinishSignIn returns the passkey that answered a challenge, with its new counter and flags,
// which the caller stores. find returns the person and the passkey of an id. The caller has
// deleted the challenge, so that it is used once.
func (s *Site) FinishSignIn(kept, response []byte, find func(id []byte) (Person, Passkey, error)) (Passkey, error) {
	session, err := decode(kept)
	if err != nil {
		return Passkey{}, err
	}
	parsed, err := protocol.ParseCredentialRequestResponseBytes(response)
	if err != nil {
		return Passkey{}, refuse(err)
	}
	var failed error
	used, err := s.web.ValidateDiscoverableLogin(func(id, _ []byte) (webauthn.User, error) {
		person, passkey, err := find(id)
		if failed = err; err != nil {
			return nil, err
		}
		return newAccount(person, passkey), nil
	}, session, parsed)
	switch {
	case failed != nil:
		return Passkey{}, failed
	case err != nil:
		return Passkey{}, refuse(err)
	case used.Authenticator.CloneWarning:
		return Passkey{}, ErrCopied
	}
	return fromLibrary(used), nil
}

func encode(options any, session *webauthn.SessionData) (shown, kept []byte, err error) {
	if shown, err = json.Marshal(options); err != nil {
		return nil, nil, err
	}
	kept, err = json.Marshal(session)
	return shown, kept, err
}

// decode returns what encode kept. It names the host of the site where the ceremony began, so
// it is of no use at another one.
func decode(kept []byte) (session webauthn.SessionData, err error) {
	if err := json.Unmarshal(kept, &session); err != nil {
		return session, fmt.Errorf("read a challenge: %w", err)
	}
	return session, nil
}

// refuse wraps an error of the library with what it tells developers only.
func refuse(err error) error {
	var detailed *protocol.Error
	if errors.As(err, &detailed) && detailed.DevInfo != "" {
		return fmt.Errorf("%w: %w: %s", ErrRefused, err, detailed.DevInfo)
	}
	return fmt.Errorf("%w: %w", ErrRefused, err)
}

// account implements webauthn.User.
type account struct {
	person   Person
	passkeys []webauthn.Credential
}

func newAccount(person Person, passkeys ...Passkey) account {
	a := account{person: person}
	for _, p := range passkeys {
		a.passkeys = append(a.passkeys, toLibrary(p))
	}
	return a
}

func (a account) WebAuthnID() []byte                         { return a.person.ID }
func (a account) WebAuthnName() string                       { return a.person.Name }
func (a account) WebAuthnDisplayName() string                { return a.person.Name }
func (a account) WebAuthnCredentials() []webauthn.Credential { return a.passkeys }

func toLibrary(p Passkey) webauthn.Credential {
	c := webauthn.Credential{ID: p.ID, PublicKey: p.PublicKey}
	c.Authenticator.AAGUID, c.Authenticator.SignCount = p.Model, p.Counter
	c.Flags.UserPresent, c.Flags.UserVerified = true, true
	c.Flags.BackupEligible, c.Flags.BackupState = p.Copied, p.Backup
	for _, way := range p.Transport {
		c.Transport = append(c.Transport, protocol.AuthenticatorTransport(way))
	}
	return c
}

func fromLibrary(c *webauthn.Credential) Passkey {
	p := Passkey{
		ID: bytes.Clone(c.ID), PublicKey: c.PublicKey, Model: c.Authenticator.AAGUID, Counter: c.Authenticator.SignCount,
		Copied: c.Flags.BackupEligible, Backup: c.Flags.BackupState, Transport: []string{},
	}
	for _, way := range c.Transport {
		p.Transport = append(p.Transport, string(way))
	}
	return p
}
