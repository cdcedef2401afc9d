package accounts

import (
	"context"
	"errors"
	"time"

	"chatserver/chat"
)

// ErrInvitation: the link does not exist, was used or has expired. All three look the same.
var ErrInvitation = errors.New("this link was used, has expired or never existed: ask for a new one")

// ErrClaimed: the server has an owner.
var ErrClaimed = errors.New("this chat has an owner: sign in, or ask for an invitation")

const (
	// DefaultInvitation is how long an invitation is valid.
	DefaultInvitation = 7 * 24 * time.Hour
	// claimTime is how long a link that claims the server is valid if the server neither
	// stops nor starts again.
	claimTime = 24 * time.Hour
)

// Invitation lets somebody make an account.
type Invitation struct {
	ID      string    // for lists and for revoking; it opens nothing
	Role    chat.Role // of the account
	Claim   bool      // makes the first owner
	By      string    // id of the account that made it; empty = the operator
	Uses    int       // how many accounts it is for
	Used    int
	Created time.Time
	Expires time.Time
}

// Valid reports whether the invitation can be used at a time.
func (i *Invitation) Valid(at time.Time) bool { return i.Used < i.Uses && at.Before(i.Expires) }

// Invite makes an invitation and returns the secret for its link.
func (a *Accounts) Invite(ctx context.Context, by chat.Actor, role chat.Role, uses int, lasting time.Duration) (Secret, error) {
	switch {
	case !manages(by, role) || role == chat.Bot:
		return "", ErrForbidden
	case uses < 1 || uses > 1000:
		return "", &chat.Invalid{Field: "uses", Format: "An invitation is for 1 to %d accounts.", Args: []any{1000}}
	case lasting <= 0:
		return "", &chat.Invalid{Field: "expires", Format: "An invitation expires in the future."}
	}
	secret, at := newSecret(), a.now()
	i := Invitation{ID: newID(), Role: role, By: by.User.ID, Uses: uses, Created: at, Expires: at.Add(lasting)}
	return secret, a.store.CreateInvitation(ctx, i, secret.hash(), a.entry(by, "invitation.create", i.ID, role.String()))
}

// Invitation returns the invitation of a link, if it can be used now. The error is
// ErrInvitation.
func (a *Accounts) Invitation(ctx context.Context, secret Secret) (Invitation, error) {
	i, err := a.store.Invitation(ctx, secret.hash())
	if err == nil && !i.Valid(a.now()) {
		err = ErrInvitation
	}
	return i, err
}

// Invitations returns all invitations.
func (a *Accounts) Invitations(ctx context.Context, by chat.Actor) ([]Invitation, error) {
	if !manages(by, chat.Member) {
		return nil, ErrForbidden
	}
	return a.store.Invitations(ctx)
}

// RevokeInvitation ends an invitation.
func (a *Accounts) RevokeInvitation(ctx context.Context, by chat.Actor, id string) error {
	if !manages(by, chat.Member) {
		return ErrForbidden
	}
	return a.store.RevokeInvitation(ctx, id, a.entry(by, "invitation.revoke", id, ""))
}

// Claim is the one-time link with which the first owner claims the server, until it is ended.
type Claim struct {
	Secret Secret
	id     string
}

// OfferClaim returns a new link to claim the server, or nil if the server has an owner. The
// links of earlier starts become invalid. On a fleet, where alone is false, other nodes may still
// show theirs, so these only expire.
func (a *Accounts) OfferClaim(ctx context.Context, alone bool) (*Claim, error) {
	state, err := a.Refresh(ctx)
	if err != nil || state.Claimed {
		return nil, err
	}
	secret, at := newSecret(), a.now()
	i := Invitation{ID: newID(), Role: chat.Owner, Claim: true, Uses: 1, Created: at, Expires: at.Add(claimTime)}
	return &Claim{secret, i.ID}, a.store.ReplaceClaims(ctx, i, secret.hash(), alone)
}

// EndClaim ends a link.
func (a *Accounts) EndClaim(ctx context.Context, c *Claim) error {
	return a.store.ReplaceClaims(ctx, Invitation{ID: c.id}, "", false)
}
