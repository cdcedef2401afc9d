package accounts

import (
	"context"
	"errors"
	"maps"
	"slices"
	"time"

	"chatserver/chat"
	"chatserver/task"
)

const (
	// watchInterval is how often the store is checked for changes by other nodes and by the
	// command line.
	watchInterval = 500 * time.Millisecond
	// watchTimeout bounds one check.
	watchTimeout = 5 * time.Second
)

// The reasons with which connections close. The page signs in again after CloseSignedOut.
var (
	CloseSignedOut = chat.Close{Code: 1008, Reason: "signed out: sign in again"}
	CloseNoGuests  = chat.Close{Code: 1008, Reason: "this chat is for people with an account now: sign in"}
	CloseChanged   = chat.Close{Code: 1001, Reason: "your account changed: reconnect"}
	CloseNameGone  = chat.Close{Code: 1008, Reason: "this name belongs to an account now: sign in, or choose another name"}
)

// Connections are the open connections of this process. chat.Chat implements it.
type Connections interface {
	// EachConnection calls f for every open connection.
	EachConnection(f func(*chat.Connection))
	// SetGuests sets which guests may use the chat.
	SetGuests(policy chat.GuestPolicy)
}

// Watcher lets the connections of this process obey changes: its own, those of other nodes and
// those of the command line.
type Watcher struct {
	accounts    *Accounts
	connections Connections
	task        *task.Task

	// Owned by run.
	known   int64 // State.Changes that the connections obey; -1 = unknown
	failing bool
}

// Watch starts a watcher. Call Stop to end it.
func (a *Accounts) Watch(connections Connections) *Watcher {
	w := &Watcher{accounts: a, connections: connections, known: -1}
	w.task = task.Start(w.run)
	return w
}

// Stop ends the watcher.
func (w *Watcher) Stop(ctx context.Context) error { return w.task.Stop(ctx) }

func (w *Watcher) run(ctx context.Context) {
	ticker := time.NewTicker(watchInterval)
	defer ticker.Stop()
	for {
		err := w.check(ctx)
		if err != nil && !w.failing && ctx.Err() == nil {
			w.accounts.options.Log.Error("could not check for changes of accounts: revoked sessions stay connected until it works", "error", err)
		}
		w.failing = err != nil
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		case <-w.accounts.changed:
		}
	}
}

// check closes the connections that lost a right if there were changes, and those whose
// credential has expired.
func (w *Watcher) check(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, watchTimeout)
	defer cancel()
	changes, err := w.accounts.store.AccountChanges(ctx)
	if err != nil {
		return err
	}
	if changes == w.known {
		w.expire()
		return nil
	}
	state, err := w.accounts.Refresh(ctx)
	if err != nil {
		return err
	}
	w.connections.SetGuests(state.Guests)
	if err := errors.Join(w.closeAccounts(ctx), w.closeGuests(ctx, state)); err != nil {
		return err
	}
	w.known = state.Changes
	return nil
}

// expire closes the connections whose credential has expired.
func (w *Watcher) expire() {
	if !w.accounts.State().Accounts {
		return
	}
	now := w.accounts.options.Now()
	w.connections.EachConnection(func(conn *chat.Connection) {
		if c := conn.Credential; c != nil && c.Token && !c.Expires.IsZero() && !now.Before(c.Expires) {
			conn.Socket.Close(CloseSignedOut)
		}
	})
}

// closeAccounts closes the connections whose credential has ended, or whose account has another
// role or name than it had.
func (w *Watcher) closeAccounts(ctx context.Context) error {
	byCredential := map[string][]*chat.Connection{}
	w.connections.EachConnection(func(conn *chat.Connection) {
		if conn.Credential != nil {
			byCredential[conn.Credential.ID] = append(byCredential[conn.Credential.ID], conn)
		}
	})
	if len(byCredential) == 0 {
		return nil
	}
	holders, err := w.accounts.store.Holders(ctx, slices.Collect(maps.Keys(byCredential)))
	if err != nil {
		return err
	}
	for id, connections := range byCredential {
		user, valid := holders[id]
		for _, conn := range connections {
			switch {
			case !valid || !user.Disabled.IsZero():
				conn.Socket.Close(CloseSignedOut)
			case user.Role != conn.Role || user.Name != conn.User.Name:
				conn.Socket.Close(CloseChanged)
			}
		}
	}
	return nil
}

// closeGuests closes the connections of guests whom the settings do not admit any more, or
// whose name or id belongs to an account now. An account gets the id of the guest who signed up,
// whose other tabs may still be connected.
func (w *Watcher) closeGuests(ctx context.Context, state State) error {
	guests, byID := map[string][]*chat.Connection{}, map[string][]*chat.Connection{}
	w.connections.EachConnection(func(conn *chat.Connection) {
		switch {
		case conn.Role != chat.Guest:
		case state.Guests != chat.GuestsEverywhere:
			conn.Socket.Close(CloseNoGuests)
		default:
			guests[conn.User.Skeleton()] = append(guests[conn.User.Skeleton()], conn)
			byID[conn.User.ID] = append(byID[conn.User.ID], conn)
		}
	})
	if !state.Accounts || len(guests) == 0 {
		return nil
	}
	holders, err := w.accounts.store.NameHolders(ctx, slices.Collect(maps.Keys(guests)), w.accounts.now())
	for skeleton := range holders {
		for _, conn := range guests[skeleton] {
			conn.Socket.Close(CloseNameGone)
		}
	}
	taken, err2 := w.accounts.store.OfAccounts(ctx, slices.Collect(maps.Keys(byID)))
	for id := range taken {
		for _, conn := range byID[id] {
			conn.Socket.Close(CloseNameGone)
		}
	}
	return errors.Join(err, err2)
}
