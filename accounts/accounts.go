// Package accounts has the rules of accounts: who signs in and how, with which sessions and
// tokens, and who may change that. It knows the ids and the actors of package chat, and
// nothing of rooms and messages.
//
// A password, a session and a token are stored only as hashes. What ends a right is stored in
// one transaction with its line of the audit log; the Watcher of every node then closes the
// connections that lost it, within a second.
package accounts

import (
	"context"
	"log/slog"
	"sync/atomic"
	"time"

	"chatserver/accounts/oidc"
	"chatserver/chat"
)

// Options are what accounts need besides their store.
type Options struct {
	Now func() time.Time // nil = time.Now
	Log *slog.Logger     // nil = slog.Default
	// Params of new password hashes; zero = DefaultParams.
	Params Params
	// NameInUse returns an error if somebody other than this guest is in the chat under the
	// guest's name; nil = nobody ever is.
	NameInUse func(chat.User) error
	Providers []*oidc.Provider // that people may sign in with
}

// Accounts are the use cases of accounts. Their methods may be called from several goroutines.
type Accounts struct {
	store    Store
	hasher   *hasher
	attempts *attempts
	options  Options
	state    atomic.Pointer[State]
	changed  chan struct{} // wakes the watcher
}

// New returns the accounts of a store. Until a Watcher runs, or Refresh is called, the state is
// that of an unclaimed server.
func New(store Store, options Options) *Accounts {
	if options.Now == nil {
		options.Now = time.Now
	}
	if options.Log == nil {
		options.Log = slog.Default()
	}
	if options.NameInUse == nil {
		options.NameInUse = func(chat.User) error { return nil }
	}
	if options.Params == (Params{}) {
		options.Params = DefaultParams
	}
	a := &Accounts{store: store, hasher: newHasher(options.Params), attempts: newAttempts(options.Now), options: options, changed: make(chan struct{}, 1)}
	a.state.Store(&State{Settings: DefaultSettings})
	return a
}

// State returns the state as this node knows it: at most a second old.
func (a *Accounts) State() State { return *a.state.Load() }

// Refresh reads the state from the store.
func (a *Accounts) Refresh(ctx context.Context) (State, error) {
	state, err := a.store.State(ctx)
	if err == nil {
		a.state.Store(&state)
	}
	return state, err
}

// stored wakes the watcher after a change that this node has stored, and passes its error on.
func (a *Accounts) stored(err error) error {
	if err == nil {
		select {
		case a.changed <- struct{}{}:
		default: // it is about to wake
		}
	}
	return err
}

// now returns the time in the store's precision.
func (a *Accounts) now() time.Time { return a.options.Now().UTC().Truncate(time.Millisecond) }

// None returns the accounts of a server that has none, and can have none.
func None() *Accounts { return New(noStore{}, Options{}) }

// noStore has no accounts. What is not below is never called: without accounts there is nobody
// to ask for.
type noStore struct{ Store }

// State implements SettingStore.
func (noStore) State(context.Context) (State, error) { return State{Settings: DefaultSettings}, nil }

// AccountChanges implements SettingStore.
func (noStore) AccountChanges(context.Context) (int64, error) { return 0, nil }

// UserNamed implements UserStore.
func (noStore) UserNamed(context.Context, string) (Account, error) { return Account{}, ErrNoUser }
