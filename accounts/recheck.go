package accounts

import (
	"context"
	"errors"

	"chatserver/chat"
)

// Recheck returns the error with which an actor that was admitted when State.Changes was then is
// refused now. Call it for a connection that has entered: if a right of it ended between the
// handshake and that moment, the Watcher may have passed before the connection was there.
func (a *Accounts) Recheck(ctx context.Context, actor chat.Actor, then int64) error {
	switch {
	case a.State().Changes == then:
		return nil
	case actor.Role == chat.Guest:
		return closeOfGuest(a.AdmitGuest(ctx, actor.User))
	case actor.Credential == nil:
		return nil
	}
	holders, err := a.store.Holders(ctx, []string{actor.Credential.ID})
	if err != nil {
		return err
	}
	user, valid := holders[actor.Credential.ID]
	switch {
	case !valid || !user.Disabled.IsZero():
		return CloseSignedOut
	case user.Role != actor.Role || user.Name != actor.User.Name:
		return CloseChanged
	}
	return nil
}

// closeOfGuest returns the close code for a guest who is not admitted any more, or the store's
// error.
func closeOfGuest(err error) error {
	switch {
	case errors.Is(err, chat.ErrNoGuests):
		return CloseNoGuests
	case errors.Is(err, chat.ErrAccountName):
		return CloseNameGone
	}
	return err
}
