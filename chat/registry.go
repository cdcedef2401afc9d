package chat

import (
	"context"
	"time"
)

const (
	// HeartbeatInterval is the time between a node's heartbeats, with which it also reads
	// the remote presence of all its rooms.
	HeartbeatInterval = 10 * time.Second
	// NodeTTL is the time without a heartbeat after which a node expires.
	NodeTTL = 40 * time.Second
	// NameTTL is the time without a heartbeat after which the names of a node are free. The
	// node's connections were lost at the latest when its next heartbeat was due, so each
	// name is kept for at least KeepName.
	NameTTL = HeartbeatInterval + KeepName
)

// Registry is the presence registry, in which the nodes of a fleet record their users, room
// by room. All times are measured by the registry's own clock.
type Registry interface {
	// Heartbeat shows that this node is alive. It reports whether the node had expired, so
	// that its presence may have been deleted.
	Heartbeat(ctx context.Context) (expired bool, err error)
	// Publish replaces this node's presence in the given rooms.
	Publish(ctx context.Context, rooms []NodePresence) error
	// Remote returns the presence in the given rooms on other nodes. It returns an error if
	// this node has expired.
	Remote(ctx context.Context, rooms []string) ([]NodePresence, error)
	// RemoteOnline returns the number of users in the given rooms on other nodes.
	RemoteOnline(ctx context.Context, rooms []string) (map[string]int, error)
	// Leave removes this node and its presence.
	Leave(ctx context.Context) error
}

// NodePresence is the presence in a room on one node.
type NodePresence struct {
	Room    string
	Node    string
	Online  int    // users on the node
	Users   []User // with name and age, the first MaxListed to arrive
	Expired bool   // the node sent no heartbeat for NodeTTL
}

// NameRegistry records which user holds which name, so that no two users of a fleet hold the
// same name, whatever their nodes.
type NameRegistry interface {
	// Acquire leases names to users of this node, except names that other users hold on
	// other nodes: it returns the leases of those holders.
	Acquire(ctx context.Context, names []NameLease) (holders []NameLease, err error)
	// Holders returns the holders because of which Acquire would refuse names.
	Holders(ctx context.Context, names []NameLease) ([]NameLease, error)
	// Release states that this node has no connection with these names any more.
	Release(ctx context.Context, names []NameRelease) error
}

// NameRelease is a name without connections on a node. It is kept for its holder for a
// while, unless another node has connections with it.
type NameRelease struct {
	Skeleton string
	Kept     time.Duration // 0 frees the name at once
}

// NameLease is a name and its holder.
type NameLease struct {
	Skeleton string // equal for names that look alike
	Holder   string // equal for users who may share the name
	Key      string // equal for equal names
	Name     string // as shown
	Kept     bool   // no connection has the name now: it is kept for its holder
}

// Refusal returns the error for a user who needs this lease while holder has the name, or
// nil if they may share it.
func (l NameLease) Refusal(holder NameLease) error {
	switch {
	case l.Holder == holder.Holder:
		return nil
	case holder.Kept:
		return &NameKept{Name: holder.Name}
	case l.Key == holder.Key:
		return ErrNameTaken
	default:
		return &NameTooSimilar{Name: holder.Name}
	}
}

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

// Lease returns the lease that a user needs for its name. Users without a key share the exact
// name with each other.
func (u User) Lease() NameLease {
	holder := "name/" + u.nameKey
	if u.Key != "" {
		holder = "key/" + guestID("", u.Key)
	}
	return NameLease{Skeleton: u.skeleton, Holder: holder, Key: u.nameKey, Name: u.Name}
}
