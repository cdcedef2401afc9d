package accounts

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"strings"
	"time"

	"chatserver/chat"
)

const (
	// SessionIdle is how long a session lasts after its last use.
	SessionIdle = 60 * 24 * time.Hour
	// touchAfter is how old the time of the last use may be before it is stored again.
	touchAfter = 5 * time.Minute
	// maxDevice is the size of the description of a device in bytes.
	maxDevice = 100
)

// ErrNoSession: the session does not exist, was ended or has expired.
var ErrNoSession = errors.New("you are signed out: sign in again")

// Session is a browser in which an account is signed in.
type Session struct {
	ID      string // for lists and for revoking; it opens nothing
	UserID  string
	Device  string // like "Firefox on Linux"
	Address string
	Created time.Time
	Seen    time.Time // last use, to a few minutes
	Expires time.Time
}

// SessionFilter selects sessions of a user.
type SessionFilter struct {
	User   string
	Only   string // id of the only one; empty = all
	Except string // id of one that goes on; empty = none
}

// Secret is 256 random bits in base64url: what a browser or program holds, and the store does
// not.
type Secret string

// newSecret returns a new secret.
func newSecret() Secret {
	raw := make([]byte, 32)
	_, _ = rand.Read(raw) // never fails: it ends the process instead
	return Secret(base64.RawURLEncoding.EncodeToString(raw))
}

// maxSecret is longer than any secret, with the prefix of a token.
const maxSecret = 64

// hash returns the SHA-256 in hexadecimal by which the store finds a secret. Looking up a hash
// takes a time that tells nothing about the secret.
func (s Secret) hash() string {
	if s == "" || len(s) > maxSecret {
		return ""
	}
	sum := sha256.Sum256([]byte(s))
	return hex.EncodeToString(sum[:])
}

// IsToken reports whether this looks like the secret of a token.
func (s Secret) IsToken() bool { return strings.HasPrefix(string(s), tokenPrefix) }

// String hides the secret from logs.
func (Secret) String() string { return "(secret)" }

// Client is where a request comes from.
type Client struct {
	chat.Actor        // of the request, before it signs in: a stranger, or an account that signs in anew
	Device     string // see Session
	GuestName  string // that the browser used as a guest; empty if unknown
	GuestKey   string // of the browser; empty without one
	Session    Secret // that the browser has; empty without one
	Browser    Secret // that binds flows to the browser; empty without one
}

// Begin starts a session of an account that has proved who it is, and returns the secret for the
// browser's cookie. how is a word for the audit log, such as password. The browser's former
// session ends: a session is never taken over from what a browser sent.
func (a *Accounts) Begin(ctx context.Context, user User, client Client, how string) (Secret, error) {
	secret, at := newSecret(), a.now()
	session := Session{
		ID: newID(), UserID: user.ID, Device: client.Device[:min(len(client.Device), maxDevice)], Address: client.Address.String(),
		Created: at, Seen: at, Expires: at.Add(SessionIdle),
	}
	by := chat.Actor{Role: user.Role, User: chat.User{ID: user.ID, Name: user.Name}, Address: client.Address}
	err := a.store.CreateSession(ctx, session, secret.hash(), client.Session.hash(), a.entry(by, "session.begin", user.Name, how))
	if err != nil {
		return "", err
	}
	return secret, nil
}

// Authenticate returns the actor of a session's secret at a request's address. The error is
// ErrNoSession.
func (a *Accounts) Authenticate(ctx context.Context, secret Secret, at chat.Actor) (chat.Actor, error) {
	hash := secret.hash()
	if hash == "" || !a.State().Accounts {
		return at, ErrNoSession
	}
	session, user, err := a.store.Session(ctx, hash)
	if err != nil {
		return at, err
	}
	now := a.now()
	if !user.Disabled.IsZero() || !now.Before(session.Expires) {
		return at, ErrNoSession
	}
	if now.Sub(session.Seen) > touchAfter {
		if err := a.store.TouchSession(ctx, session.ID, now, now.Add(SessionIdle)); err != nil {
			a.options.Log.Warn("could not note the use of a session", "error", err)
		}
		session.Expires = now.Add(SessionIdle)
	}
	return a.actor(user, &chat.Credential{ID: session.ID, Scopes: chat.AllScopes, Expires: session.Expires}, at)
}

// actor returns the actor of a user at an address.
func (a *Accounts) actor(user User, credential *chat.Credential, at chat.Actor) (chat.Actor, error) {
	known, err := user.Chat()
	if err != nil {
		return at, err
	}
	return chat.Actor{Role: user.Role, User: known, Credential: credential, Address: at.Address}, nil
}

// Sessions returns the sessions of the actor's account, or of another one for who manages it.
func (a *Accounts) Sessions(ctx context.Context, by chat.Actor, userID string) ([]Session, error) {
	if err := a.mayEnd(ctx, by, userID); err != nil {
		return nil, err
	}
	return a.store.Sessions(ctx, userID)
}

// mayEnd returns an error unless the actor may list and end sessions and tokens of an account:
// its own, or those of an account that it manages.
func (a *Accounts) mayEnd(ctx context.Context, by chat.Actor, userID string) error {
	if userID == by.User.ID {
		return ownAccount(by)
	}
	account, err := a.store.User(ctx, userID)
	if err == nil && !mayManage(by, &account.User) {
		err = ErrForbidden
	}
	return err
}

// EndSessions ends sessions of an account and returns their number.
func (a *Accounts) EndSessions(ctx context.Context, by chat.Actor, which SessionFilter) (int, error) {
	if err := a.mayEnd(ctx, by, which.User); err != nil {
		return 0, err
	}
	detail := "all"
	switch {
	case which.Only != "":
		detail = which.Only
	case which.Except != "":
		detail = "all others"
	}
	ended, err := a.store.EndSessions(ctx, which, a.entry(by, "session.end", which.User, detail))
	return ended, a.stored(err)
}

// SignOut ends the session of an actor.
func (a *Accounts) SignOut(ctx context.Context, by chat.Actor) error {
	if by.Credential == nil || by.Credential.Token {
		return ErrNoSession
	}
	_, err := a.EndSessions(ctx, by, SessionFilter{User: by.User.ID, Only: by.Credential.ID})
	return err
}
