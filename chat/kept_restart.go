package chat

import (
	"context"
	"time"
)

// KeepName is how long a name is kept for the holder's key after the connection was lost: a
// phone that changes networks, or a server that restarts, must not lose the name to whoever
// comes first. After a clean disconnect the name is free at once.
const KeepName = 60 * time.Second

// KeptNames is where a single process saves kept names across a restart. A fleet has them in
// its NameRegistry.
type KeptNames interface {
	// KeepNames replaces the saved names.
	KeepNames(ctx context.Context, names []KeptName) error
	// KeptNames returns the saved names.
	KeptNames(ctx context.Context) ([]KeptName, error)
}

// KeptName is a name that is kept for its holder.
type KeptName struct {
	NameLease
	Until time.Time // to the millisecond
}
