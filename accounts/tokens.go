package accounts

import (
	"context"
	"errors"
	"strings"
	"time"

	"chatserver/chat"
)

// ErrNoToken: the token does not exist, was revoked or has expired.
var ErrNoToken = errors.New("this token does not exist, was revoked or has expired")

// tokenPrefix lets people and secret scanners recognize a token.
const tokenPrefix = "chat_"

// Token lets a program act for an account, as far as its scopes and rooms permit.
type Token struct {
	ID      string // for lists and for revoking; it opens nothing
	UserID  string
	User    string // the account's name; only in lists
	Scopes  chat.Scopes
	Rooms   []string // slugs; nil = all
	Created time.Time
	Expires time.Time // zero = never
	Used    time.Time // to a few minutes; zero = never
}

// CreateToken makes a token for an account and returns its secret, which nobody can see again.
// The error is chat.ErrScope for an actor that uses a token itself: what it made would outlive
// its expiry and its revocation.
func (a *Accounts) CreateToken(ctx context.Context, by chat.Actor, t Token) (Secret, error) {
	if err := a.mayEnd(ctx, by, t.UserID); err != nil {
		return "", err
	}
	if by.Credential != nil && by.Credential.Token {
		return "", chat.ErrScope
	}
	secret := tokenPrefix + newSecret()
	t.ID, t.Created = newID(), a.now()
	if !t.Expires.IsZero() && !t.Expires.After(t.Created) {
		return "", &chat.Invalid{Field: "expires", Format: "A token expires in the future."}
	}
	detail := t.Scopes.String()
	if t.Rooms != nil {
		detail += " in " + strings.Join(t.Rooms, ",")
	}
	if err := a.store.CreateToken(ctx, t, secret.hash(), a.entry(by, "token.create", t.UserID, t.ID+" "+detail)); err != nil {
		return "", err
	}
	return secret, a.stored(nil)
}

// AuthenticateToken returns the actor of a token at a request's address. The error is
// ErrNoToken.
func (a *Accounts) AuthenticateToken(ctx context.Context, secret Secret, at chat.Actor) (chat.Actor, error) {
	hash := secret.hash()
	if hash == "" || !a.State().Accounts {
		return at, ErrNoToken
	}
	token, user, err := a.store.Token(ctx, hash)
	if err != nil {
		return at, err
	}
	now := a.now()
	if !user.Disabled.IsZero() || !token.Expires.IsZero() && !now.Before(token.Expires) {
		return at, ErrNoToken
	}
	if now.Sub(token.Used) > touchAfter {
		if err := a.store.TouchToken(ctx, token.ID, now); err != nil {
			a.options.Log.Warn("could not note the use of a token", "error", err)
		}
	}
	return a.actor(user, &chat.Credential{ID: token.ID, Token: true, Scopes: token.Scopes, Rooms: token.Rooms, Expires: token.Expires}, at)
}

// Tokens returns the tokens of an account, or of all accounts for who manages all.
func (a *Accounts) Tokens(ctx context.Context, by chat.Actor, userID string) ([]Token, error) {
	if userID == "" && !manages(by, chat.Member) {
		return nil, ErrForbidden
	}
	if userID != "" {
		if err := a.mayEnd(ctx, by, userID); err != nil {
			return nil, err
		}
	}
	return a.store.Tokens(ctx, userID)
}

// RevokeToken ends a token of an account. The operator may leave out the account.
func (a *Accounts) RevokeToken(ctx context.Context, by chat.Actor, id, userID string) error {
	if userID != "" || by.Role != chat.System {
		if err := a.mayEnd(ctx, by, userID); err != nil {
			return err
		}
	}
	return a.stored(a.store.RevokeToken(ctx, id, userID, a.entry(by, "token.revoke", userID, id)))
}
