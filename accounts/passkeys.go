package accounts

import (
	"context"
	"encoding/hex"
	"errors"
	"strings"
	"time"
	"unicode/utf8"

	"chatserver/accounts/passkeys"
	"chatserver/chat"
)

const (
	// maxPasskeys is how many passkeys an account may have.
	maxPasskeys = 20
	// maxPasskeyName is the size of a passkey's name in bytes.
	maxPasskeyName = 100
)

// The errors of passkeys and recovery codes.
var (
	// ErrNoPasskey: no account has the passkey: it was removed.
	ErrNoPasskey = errors.New("this passkey belongs to no account here: use another way to sign in")
	// ErrPasskeyTaken: an account has a passkey with this id.
	ErrPasskeyTaken = errors.New("this passkey is registered already")
	// ErrWrongCode: there is no such account, or it has no such code, or the code was used.
	ErrWrongCode = errors.New("name or recovery code is wrong")
)

// Passkey is a passkey of an account.
type Passkey struct {
	passkeys.Passkey
	UserID  string
	Name    string // like "Firefox on Linux"
	Created time.Time
	Used    time.Time // zero = never
}

// PasskeyStore keeps passkeys.
type PasskeyStore interface {
	// Passkey returns a passkey with its account, or ErrNoPasskey.
	Passkey(ctx context.Context, id []byte) (Passkey, User, error)
	// Passkeys returns the passkeys of an account, the oldest first.
	Passkeys(ctx context.Context, userID string) ([]Passkey, error)
	// AddPasskey stores a passkey, or returns ErrPasskeyTaken.
	AddPasskey(ctx context.Context, p Passkey, audit Entry) error
	// RenamePasskey names a passkey of an account. The error is ErrNoPasskey.
	RenamePasskey(ctx context.Context, id []byte, userID, name string) error
	// RemovePasskey removes a passkey of an account. The error is ErrNoPasskey, or
	// ErrLastWayIn if the account has no password, identity or other passkey.
	RemovePasskey(ctx context.Context, id []byte, userID string, audit Entry) error
	// UsePasskey stores a passkey's counter, flags and last use.
	UsePasskey(ctx context.Context, p Passkey) error
}

// RecoveryStore keeps recovery codes, by their hashes.
type RecoveryStore interface {
	// SetRecoveryCodes replaces the codes of an account.
	SetRecoveryCodes(ctx context.Context, userID string, hashes [][]byte, audit Entry) error
	// UseRecoveryCode uses up a code of an account. The error is ErrWrongCode.
	UseRecoveryCode(ctx context.Context, userID string, hash []byte, audit Entry) error
	// RecoveryCodes returns how many codes of an account are left.
	RecoveryCodes(ctx context.Context, userID string) (int, error)
}

// Ceremony is what a browser needs to use or make a passkey.
type Ceremony struct {
	ID      string // to finish it with
	Options []byte // JSON
}

// passkeyFlow is kept while a person is asked for a passkey.
type passkeyFlow struct {
	Kept    []byte `json:"kept"`    // of package passkeys
	Session string `json:"session"` // id of the session that adds a passkey
	UserID  string `json:"user_id"` // of a new account
	Name    string `json:"name"`    // of a new account
}

// person returns an account as its passkeys know it. Its id is random, or the hash of a random
// key, and names nobody.
func person(userID, name string) passkeys.Person {
	raw, err := hex.DecodeString(userID)
	if err != nil {
		raw = []byte(userID)
	}
	return passkeys.Person{ID: raw, Name: name}
}

// BeginPasskeySignIn asks for any passkey of this site.
func (a *Accounts) BeginPasskeySignIn(ctx context.Context, client Client, site *passkeys.Site) (Ceremony, error) {
	options, kept, err := site.BeginSignIn()
	if err != nil {
		return Ceremony{}, err
	}
	ceremony := Ceremony{newID(), options}
	return ceremony, a.begin(ctx, flowSignIn, client.Browser, ceremony.ID, passkeyFlow{Kept: kept})
}

// FinishPasskeySignIn starts a session of the account whose passkey answered. The error is
// ErrFlow, ErrNoPasskey, ErrDisabled or passkeys.ErrRefused.
func (a *Accounts) FinishPasskeySignIn(ctx context.Context, client Client, site *passkeys.Site, id string, response []byte) (Secret, error) {
	var flow passkeyFlow
	if err := a.finish(ctx, flowSignIn, client.Browser, id, &flow); err != nil {
		return "", err
	}
	var stored Passkey
	var user User
	used, err := site.FinishSignIn(flow.Kept, response, func(id []byte) (_ passkeys.Person, _ passkeys.Passkey, err error) {
		stored, user, err = a.store.Passkey(ctx, id)
		return person(user.ID, user.Name), stored.Passkey, err
	})
	if err != nil {
		a.options.Log.Warn("passkey refused", "address", client.Address, "user", user.ID, "error", err)
		return "", err
	}
	if !user.Disabled.IsZero() {
		return "", ErrDisabled
	}
	stored.Passkey, stored.Used = used, a.now()
	if err := a.store.UsePasskey(ctx, stored); err != nil {
		return "", err
	}
	return a.Begin(ctx, user, client, "passkey")
}

// BeginPasskey asks the browser of an account that is signed in for another passkey.
func (a *Accounts) BeginPasskey(ctx context.Context, client Client, site *passkeys.Site) (Ceremony, error) {
	session, err := client.session()
	if err != nil {
		return Ceremony{}, err
	}
	existing, err := a.store.Passkeys(ctx, client.User.ID)
	if err != nil {
		return Ceremony{}, err
	}
	if len(existing) >= maxPasskeys {
		return Ceremony{}, &chat.Invalid{Field: "passkey", Format: "An account has at most %d passkeys: remove one first.", Args: []any{maxPasskeys}}
	}
	var known []passkeys.Passkey
	for _, p := range existing {
		known = append(known, p.Passkey)
	}
	options, kept, err := site.BeginRegistration(person(client.User.ID, client.User.Name), known)
	if err != nil {
		return Ceremony{}, err
	}
	ceremony := Ceremony{newID(), options}
	return ceremony, a.begin(ctx, flowAddPasskey, client.Browser, ceremony.ID, passkeyFlow{Kept: kept, Session: session})
}

// FinishPasskey adds the passkey that the browser has made to the account.
func (a *Accounts) FinishPasskey(ctx context.Context, client Client, site *passkeys.Site, id string, response []byte) error {
	var flow passkeyFlow
	if err := a.finish(ctx, flowAddPasskey, client.Browser, id, &flow); err != nil {
		return err
	}
	if session, err := client.session(); err != nil || session != flow.Session {
		return ErrFlow
	}
	made, err := site.FinishRegistration(person(client.User.ID, client.User.Name), flow.Kept, response)
	if err != nil {
		return err
	}
	return a.stored(a.store.AddPasskey(ctx, a.newPasskey(made, client.User.ID, client.Device), a.entry(client.Actor, "passkey.add", client.User.Name, client.Device)))
}

func (a *Accounts) newPasskey(made passkeys.Passkey, userID, device string) Passkey {
	return Passkey{Passkey: made, UserID: userID, Name: device[:min(len(device), maxPasskeyName)], Created: a.now()}
}

// BeginPasskeySignUp asks for the passkey of a new account with a name. The error is one of
// SignUp.
func (a *Accounts) BeginPasskeySignUp(ctx context.Context, client Client, site *passkeys.Site, name string, invitation Secret) (Ceremony, error) {
	if err := a.maySignUp(ctx, Registration{Invitation: invitation}); err != nil {
		return Ceremony{}, err
	}
	if err := a.checkNewName(ctx, client, name); err != nil {
		return Ceremony{}, err
	}
	userID, _, err := a.futureID(ctx, client)
	if err != nil {
		return Ceremony{}, err
	}
	options, kept, err := site.BeginRegistration(person(userID, name), nil)
	if err != nil {
		return Ceremony{}, err
	}
	ceremony := Ceremony{newID(), options}
	return ceremony, a.begin(ctx, flowFirstSignUp, client.Browser, ceremony.ID, passkeyFlow{Kept: kept, UserID: userID, Name: name})
}

// futureID returns the id for a new account: that of the browser's guest, whose messages it
// then has, or a new one if the browser was no guest or another account has that id.
func (a *Accounts) futureID(ctx context.Context, client Client) (id, former string, err error) {
	guest, invalid := chat.NewUser(client.GuestName, 0, client.GuestKey)
	if invalid != nil || client.GuestKey == "" {
		return newID(), "", nil
	}
	switch _, err := a.store.User(ctx, guest.ID); {
	case errors.Is(err, ErrNoUser):
		return guest.ID, guest.FormerID, nil
	case err != nil:
		return "", "", err
	}
	return newID(), "", nil
}

// SignUpPasskey makes the account for which the browser has made a passkey, and starts its first
// session. The error is ErrFlow, passkeys.ErrRefused or one of SignUp.
func (a *Accounts) SignUpPasskey(ctx context.Context, client Client, site *passkeys.Site, id string, response []byte, invitation Secret) (Secret, error) {
	var flow passkeyFlow
	if err := a.finish(ctx, flowFirstSignUp, client.Browser, id, &flow); err != nil {
		return "", err
	}
	made, err := site.FinishRegistration(person(flow.UserID, flow.Name), flow.Kept, response)
	if err != nil {
		return "", err
	}
	passkey := a.newPasskey(made, flow.UserID, client.Device)
	return a.SignUp(ctx, client, Registration{Name: flow.Name, Invitation: invitation, Passkey: &passkey})
}

// Passkeys returns the passkeys of the actor's account.
func (a *Accounts) Passkeys(ctx context.Context, by chat.Actor) ([]Passkey, error) {
	return a.store.Passkeys(ctx, by.User.ID)
}

// RenamePasskey names a passkey of the actor's account. It needs a session.
func (a *Accounts) RenamePasskey(ctx context.Context, by chat.Actor, id []byte, name string) error {
	if err := inSession(by); err != nil {
		return err
	}
	name = strings.TrimSpace(name)
	if name == "" || len(name) > maxPasskeyName || !utf8.ValidString(name) || hasControl(name) {
		return &chat.Invalid{Field: "passkey", Format: "A passkey's name has 1 to %d bytes of text.", Args: []any{maxPasskeyName}}
	}
	return a.store.RenamePasskey(ctx, id, by.User.ID, name)
}

// RemovePasskey removes a passkey of the actor's account. It needs a session.
func (a *Accounts) RemovePasskey(ctx context.Context, by chat.Actor, id []byte) error {
	if err := inSession(by); err != nil {
		return err
	}
	return a.stored(a.store.RemovePasskey(ctx, id, by.User.ID, a.entry(by, "passkey.remove", by.User.Name, "")))
}

// NewRecoveryCodes replaces the recovery codes of the actor's account, and returns the new ones,
// which nobody can see again. It needs a session.
func (a *Accounts) NewRecoveryCodes(ctx context.Context, by chat.Actor) (codes []string, err error) {
	if err := inSession(by); err != nil {
		return nil, err
	}
	var hashes [][]byte
	for range passkeys.RecoveryCodes {
		code, hash := passkeys.NewRecoveryCode()
		codes, hashes = append(codes, code), append(hashes, hash)
	}
	return codes, a.store.SetRecoveryCodes(ctx, by.User.ID, hashes, a.entry(by, "recovery.create", by.User.Name, ""))
}

// RecoveryCodes returns how many recovery codes of the actor's account are left.
func (a *Accounts) RecoveryCodes(ctx context.Context, by chat.Actor) (int, error) {
	return a.store.RecoveryCodes(ctx, by.User.ID)
}

// SignInRecovery uses up a recovery code and starts a session. The error is ErrWrongCode or
// ErrTooManyAttempts. Wrong codes count like wrong passwords.
func (a *Accounts) SignInRecovery(ctx context.Context, client Client, name, code string) (_ Secret, err error) {
	user, _ := chat.NewUser(name, 0, "") // an invalid name belongs to no account
	limits := limitedBy(user.Skeleton(), client.Address)
	if err := a.attempts.begin(limits); err != nil {
		return "", err
	}
	defer func() {
		if !errors.Is(err, ErrWrongCode) {
			a.attempts.takeBack(limits)
		}
	}()
	account, err := a.store.UserNamed(ctx, user.Skeleton())
	if err != nil && !errors.Is(err, ErrNoUser) {
		return "", err
	}
	hash := passkeys.HashRecoveryCode(code)
	if err != nil || hash == nil || !account.Disabled.IsZero() || !sameName(account.Name, user) {
		a.options.Log.Warn("recovery code refused", "address", client.Address, "user", account.ID)
		return "", ErrWrongCode
	}
	by := chat.Actor{Role: account.Role, User: chat.User{ID: account.ID, Name: account.Name}, Address: client.Address}
	if err := a.store.UseRecoveryCode(ctx, account.ID, hash, a.entry(by, "recovery.use", account.Name, "")); err != nil {
		if errors.Is(err, ErrWrongCode) {
			a.options.Log.Warn("recovery code refused", "address", client.Address, "user", account.ID)
		}
		return "", err
	}
	return a.Begin(ctx, account.User, client, "recovery code")
}
