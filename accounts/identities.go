package accounts

import (
	"context"
	"errors"
	"net/url"
	"slices"
	"time"

	"chatserver/accounts/oidc"
	"chatserver/chat"
)

// The errors of identities.
var (
	// ErrNoProvider: no identity provider with this name is set up.
	ErrNoProvider = errors.New("this sign-in provider is not set up here")
	// ErrNoIdentity: no account has the identity.
	ErrNoIdentity = errors.New("no account is linked to this identity")
	// ErrIdentityTaken: an account has the identity already.
	ErrIdentityTaken = errors.New("this identity belongs to an account already: sign in with it")
	// ErrLastWayIn: without it nobody could sign in to the account.
	ErrLastWayIn = errors.New("this is the only way to sign in to your account: add another one first")
	// ErrDisabled: the account was disabled. Only somebody who proved to be its owner sees it.
	ErrDisabled = errors.New("your account was disabled: ask an owner or admin")
)

// Identity is who an identity provider says the owner of an account is.
type Identity struct {
	Issuer, Subject string // together the key
	UserID          string
	Email           string
	Verified        bool // whether the provider vouches for Email
	Created         time.Time
	Used            time.Time // zero = never
}

// IdentityStore keeps identities.
type IdentityStore interface {
	// Identity returns the account of an identity, or ErrNoIdentity.
	Identity(ctx context.Context, issuer, subject string) (User, error)
	// AddIdentity stores an identity, or returns ErrIdentityTaken.
	AddIdentity(ctx context.Context, i Identity, audit Entry) error
	// Identities returns the identities of an account, the oldest first.
	Identities(ctx context.Context, userID string) ([]Identity, error)
	// RemoveIdentity removes an identity of an account. The error is ErrNoIdentity, or
	// ErrLastWayIn if the account has no password, passkey or other identity.
	RemoveIdentity(ctx context.Context, i Identity, audit Entry) error
	// TouchIdentity stores the last use of an identity, and its address as of now.
	TouchIdentity(ctx context.Context, i Identity) error
}

// Providers are the identity providers, in the order of the configuration.
func (a *Accounts) Providers() []*oidc.Provider { return a.options.Providers }

// Provider returns the identity provider with an id, or ErrNoProvider.
func (a *Accounts) Provider(id string) (*oidc.Provider, error) {
	at := slices.IndexFunc(a.options.Providers, func(p *oidc.Provider) bool { return p.ID() == id })
	if at < 0 {
		return nil, ErrNoProvider
	}
	return a.options.Providers[at], nil
}

// Errand is why a browser goes to a provider: to sign in, or to link an identity to the account
// that it is signed in with.
type Errand struct {
	Provider   string // id
	Redirect   string // URL to which the provider sends the browser back
	Next       string // path to show afterwards
	Invitation Secret // if somebody comes by an invitation
	Link       bool
}

// providerFlow is kept while the browser is at the provider.
type providerFlow struct {
	oidc.Flow
	Next       string `json:"next"`
	Invitation string `json:"invitation"`
	Session    string `json:"session"` // id of the session that links; empty when signing in
}

// identityFlow is kept while somebody who has no account chooses a name.
type identityFlow struct {
	oidc.Identity
	Next       string `json:"next"`
	Invitation string `json:"invitation"`
}

// Arrival is what came of an errand: a session, a linked identity, or an identity for which
// SignUpIdentity makes an account.
type Arrival struct {
	Session Secret // empty if there is none yet
	Next    string
	Linked  bool
	SignUp  string // id of the flow that SignUpIdentity finishes
	Name    string // to suggest
}

// BeginProvider returns the URL at an identity provider to which the browser goes.
func (a *Accounts) BeginProvider(ctx context.Context, client Client, e Errand) (string, error) {
	provider, err := a.Provider(e.Provider)
	if err != nil {
		return "", err
	}
	session := ""
	if e.Link {
		if session, err = client.session(); err != nil {
			return "", err
		}
	}
	to, flow, err := provider.Begin(ctx, e.Redirect)
	if err != nil {
		return "", err
	}
	return to, a.begin(ctx, flowProvider, client.Browser, flow.State, providerFlow{flow, e.Next, string(e.Invitation), session})
}

// session returns the id of the session of an account that is signed in. The error is
// ErrNoSession, or chat.ErrScope for a token.
func (c *Client) session() (string, error) {
	if err := inSession(c.Actor); err != nil {
		return "", err
	}
	return c.Credential.ID, nil
}

// FinishProvider reads what the browser brings back from a provider. The error is ErrFlow,
// ErrDisabled, ErrIdentityTaken, one of SignUp about invitations, or an *oidc.Refusal.
func (a *Accounts) FinishProvider(ctx context.Context, client Client, id string, answer url.Values) (Arrival, error) {
	provider, err := a.Provider(id)
	if err != nil {
		return Arrival{}, err
	}
	var flow providerFlow
	if err := a.finish(ctx, flowProvider, client.Browser, answer.Get("state"), &flow); err != nil {
		return Arrival{}, err
	}
	identity, err := provider.Finish(ctx, flow.Flow, answer)
	if err != nil {
		return Arrival{Next: flow.Next}, err
	}
	if flow.Session != "" {
		return Arrival{Next: flow.Next, Linked: true}, a.link(ctx, client, flow.Session, identity)
	}
	user, err := a.store.Identity(ctx, identity.Issuer, identity.Subject)
	if errors.Is(err, ErrNoIdentity) {
		return a.introduce(ctx, client, provider, identityFlow{identity, flow.Next, flow.Invitation})
	}
	if err != nil {
		return Arrival{}, err
	}
	if !user.Disabled.IsZero() {
		return Arrival{}, ErrDisabled
	}
	if err := a.store.TouchIdentity(ctx, a.identityOf(identity, user.ID)); err != nil {
		a.options.Log.Warn("could not note the use of an identity", "user", user.ID, "error", err)
	}
	secret, err := a.Begin(ctx, user, client, "provider "+id)
	return Arrival{Session: secret, Next: flow.Next}, err
}

func (a *Accounts) identityOf(i oidc.Identity, userID string) Identity {
	return Identity{Issuer: i.Issuer, Subject: i.Subject, UserID: userID, Email: i.Email, Verified: i.Verified, Created: a.now(), Used: a.now()}
}

// link adds an identity to the account that began the errand. A verified address becomes that
// of the account if it has none: its owner is signed in to both.
func (a *Accounts) link(ctx context.Context, client Client, session string, i oidc.Identity) error {
	if now, err := client.session(); err != nil || now != session {
		return ErrFlow
	}
	if err := a.store.AddIdentity(ctx, a.identityOf(i, client.User.ID), a.entry(client.Actor, "identity.add", client.User.Name, i.Issuer)); err != nil {
		return err
	}
	if !i.Verified {
		return nil
	}
	return a.change(ctx, client.User.ID, func(account *Account, _ Grounds) (Effects, error) {
		if account.Email == "" {
			account.Email, account.EmailVerified = i.Email, true
		}
		return Effects{}, nil
	})
}

// introduce begins the sign-up of somebody whom a provider knows and this server does not.
func (a *Accounts) introduce(ctx context.Context, client Client, provider *oidc.Provider, flow identityFlow) (Arrival, error) {
	if err := provider.CheckSignUp(flow.Identity); err != nil {
		return Arrival{Next: flow.Next}, err
	}
	if err := a.maySignUp(ctx, Registration{Invitation: Secret(flow.Invitation), Identity: &flow.Identity}); err != nil {
		return Arrival{Next: flow.Next}, err
	}
	id := newID()
	return Arrival{SignUp: id, Next: flow.Next, Name: flow.Name}, a.begin(ctx, flowIdentity, client.Browser, id, flow)
}

// SignUpIdentity makes an account with a name for the identity of an Arrival, and starts its
// first session. After an error about the name the flow goes on, so that somebody may choose
// another one.
func (a *Accounts) SignUpIdentity(ctx context.Context, client Client, id, name string) (Arrival, error) {
	var flow identityFlow
	if err := a.finish(ctx, flowIdentity, client.Browser, id, &flow); err != nil {
		return Arrival{}, err
	}
	secret, err := a.SignUp(ctx, client, Registration{Name: name, Invitation: Secret(flow.Invitation), Identity: &flow.Identity})
	if err != nil {
		return Arrival{SignUp: id, Next: flow.Next, Name: flow.Name}, errors.Join(err, a.begin(ctx, flowIdentity, client.Browser, id, flow))
	}
	return Arrival{Session: secret, Next: flow.Next}, nil
}

// Identities returns the identities of the actor's account.
func (a *Accounts) Identities(ctx context.Context, by chat.Actor) ([]Identity, error) {
	return a.store.Identities(ctx, by.User.ID)
}

// Unlink removes an identity of the actor's account. It needs a session.
func (a *Accounts) Unlink(ctx context.Context, by chat.Actor, issuer, subject string) error {
	if err := inSession(by); err != nil {
		return err
	}
	return a.stored(a.store.RemoveIdentity(ctx, Identity{Issuer: issuer, Subject: subject, UserID: by.User.ID}, a.entry(by, "identity.remove", by.User.Name, issuer)))
}
