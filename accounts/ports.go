package accounts

import (
	"context"
	"time"
)

// Store keeps accounts. Package store implements it. Each method that changes something is one
// transaction, which also writes the given lines of the audit log.
type Store interface {
	UserStore
	SessionStore
	TokenStore
	InvitationStore
	SettingStore
	IdentityStore
	PasskeyStore
	RecoveryStore
	FlowStore
}

// UserStore keeps users.
type UserStore interface {
	// CreateUser stores a new account, after it has passed Creation.Admit. The error is that of
	// Admit, ErrNameTaken, or ErrInvitation if Creation.Invitation does not exist.
	CreateUser(ctx context.Context, c Creation) error
	// User returns the account with an id, or ErrNoUser.
	User(ctx context.Context, id string) (Account, error)
	// UserNamed returns the account whose name has a skeleton, or ErrNoUser.
	UserNamed(ctx context.Context, skeleton string) (Account, error)
	// ChangeUser applies a function to an account and stores the result and its effects.
	// No other change of any account happens meanwhile. The error is that of the function,
	// ErrNoUser or ErrNameTaken.
	ChangeUser(ctx context.Context, id string, change func(*Account, Grounds) (Effects, error)) error
	// Users returns up to limit accounts with a name key above after, ordered by it.
	Users(ctx context.Context, after string, limit int) ([]User, error)
	// NameHolders returns the ids of the accounts that have names with these skeletons, or had
	// them and keep them at a time, by skeleton.
	NameHolders(ctx context.Context, skeletons []string, at time.Time) (map[string]string, error)
}

// SessionStore keeps sessions. It knows the hashes of their secrets and not the secrets.
type SessionStore interface {
	// CreateSession stores a session, and ends the one whose secret has the hash replaced, if
	// there is one. It does not count as a change.
	CreateSession(ctx context.Context, s Session, hash, replaced string, audit Entry) error
	// Session returns the session whose secret has a hash, with its account, or ErrNoSession.
	Session(ctx context.Context, hash string) (Session, User, error)
	// Sessions returns the sessions of a user, the last seen first.
	Sessions(ctx context.Context, userID string) ([]Session, error)
	// EndSessions ends sessions and returns their number.
	EndSessions(ctx context.Context, which SessionFilter, audit Entry) (int, error)
	// TouchSession notes that a session was used. It does not count as a change.
	TouchSession(ctx context.Context, id string, seen, expires time.Time) error
}

// TokenStore keeps tokens, by the hashes of their secrets.
type TokenStore interface {
	// CreateToken stores a token.
	CreateToken(ctx context.Context, t Token, hash string, audit Entry) error
	// Token returns the token whose secret has a hash, with its account, or ErrNoToken.
	Token(ctx context.Context, hash string) (Token, User, error)
	// Tokens returns the tokens of a user, or of all users if the id is empty, the oldest first.
	Tokens(ctx context.Context, userID string) ([]Token, error)
	// RevokeToken ends a token of a user, or of any user if the user's id is empty. The error
	// is ErrNoToken if there is none.
	RevokeToken(ctx context.Context, id, userID string, audit Entry) error
	// TouchToken notes that a token was used. It does not count as a change.
	TouchToken(ctx context.Context, id string, used time.Time) error
}

// InvitationStore keeps invitations, by the hashes of their secrets.
type InvitationStore interface {
	// CreateInvitation stores an invitation.
	CreateInvitation(ctx context.Context, i Invitation, hash string, audit Entry) error
	// Invitation returns the invitation whose secret has a hash, or ErrInvitation.
	Invitation(ctx context.Context, hash string) (Invitation, error)
	// Invitations returns all invitations, the oldest first.
	Invitations(ctx context.Context) ([]Invitation, error)
	// RevokeInvitation ends an invitation. The error is ErrInvitation if there is none.
	RevokeInvitation(ctx context.Context, id string, audit Entry) error
	// ReplaceClaims ends the links that claim the server, or, if others is false, only this
	// one, and stores a new one unless its id is empty.
	ReplaceClaims(ctx context.Context, i Invitation, hash string, others bool) error
}

// SettingStore keeps the settings of the server and the audit log, and counts changes.
type SettingStore interface {
	// State returns the state.
	State(ctx context.Context) (State, error)
	// AccountChanges returns the number of changes of accounts, names, rights and settings so far.
	AccountChanges(ctx context.Context) (int64, error)
	// SetSetting stores the value of a setting.
	SetSetting(ctx context.Context, name, value string, audit Entry) error
	// Holders returns the present state of what these credentials prove, by the id of the
	// credential. Those that do not exist any more are missing.
	Holders(ctx context.Context, credentials []string) (map[string]User, error)
	// OfAccounts returns those of these ids of users that are an account's.
	OfAccounts(ctx context.Context, ids []string) (map[string]bool, error)
	// Audit returns up to limit lines of the audit log with a number below before, newest first.
	Audit(ctx context.Context, before int64, limit int) ([]Entry, error)
}
