package accounts

import "chatserver/chat"

// mayGive reports whether an actor of a role may make another one of a role: nobody gives more
// than they have, and only owners make owners and admins.
func mayGive(by, role chat.Role) bool {
	switch by {
	case chat.System, chat.Owner:
		return role.HasAccount()
	case chat.Admin:
		return role == chat.Member || role == chat.Bot
	default:
		return false
	}
}

// manages reports whether an actor may give a role, and manage the accounts that have it. A token
// also needs the scope.
func manages(by chat.Actor, role chat.Role) bool {
	return mayGive(by.Role, role) && by.Credential.Permits(chat.ScopeManage)
}

// ownAccount returns an error unless the actor has an account and may manage it.
func ownAccount(by chat.Actor) error {
	switch {
	case !by.Role.HasAccount():
		return ErrNoSession
	case !by.Credential.Permits(chat.ScopeManage):
		return chat.ErrScope
	}
	return nil
}

// inSession returns an error unless the actor is signed in with a session. Only a session changes
// how an account signs in: what a token added would outlive the token.
func inSession(by chat.Actor) error {
	switch {
	case !by.Role.HasAccount() || by.Credential == nil:
		return ErrNoSession
	case by.Credential.Token:
		return chat.ErrScope
	}
	return nil
}

// mayManage reports whether an actor may change another account.
func mayManage(by chat.Actor, user *User) bool {
	ownsBot := by.Role == chat.Member && user.Role == chat.Bot && user.Owner == by.User.ID && by.Credential.Permits(chat.ScopeManage)
	return ownsBot || manages(by, user.Role)
}
