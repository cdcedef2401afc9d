package chat

import (
	"context"
	"time"
)

const (
	// heartbeatInterval is how often a node says that it lives, and looks at all its rooms.
	heartbeatInterval = 10 * time.Second
	// NodeTTL is after how much silence a node counts as gone.
	NodeTTL = 40 * time.Second
	// NameTTL is after how much silence the names on a node are free. Whoever was on it
	// was cut after its last beat, at the latest when the next one was due.
	NameTTL = heartbeatInterval + KeepName
	// publishInterval is how often a node says at most who is on it.
	publishInterval = 250 * time.Millisecond
	// registryTimeout bounds what the register is asked. A store gives up a little earlier by
	// itself, so that what was given up here is not done there later.
	registryTimeout = 2 * time.Second
)

// Registry is where the nodes of a fleet keep who is on them, room by room. All is
// measured by its own clock.
type Registry interface {
	// Heartbeat says that this node lives. It reports whether it had counted as gone, and what
	// it had said may be forgotten.
	Heartbeat(ctx context.Context) (expired bool, err error)
	// Publish says who is on this node now in some rooms, instead of what it said before.
	Publish(ctx context.Context, rooms []NodePresence) error
	// Remote returns who is in some rooms on other nodes. To a node that has expired it
	// is an error.
	Remote(ctx context.Context, rooms []string) ([]NodePresence, error)
	// RemoteOnline returns how many are in some rooms on other nodes.
	RemoteOnline(ctx context.Context, rooms []string) (map[string]int, error)
	// Leave takes this node out, with all that it said.
	Leave(ctx context.Context) error
}

// NodePresence is who is in a room on one node.
type NodePresence struct {
	Room    string
	Node    string
	Online  int    // users there
	Users   []User // with name and age, the first MaxListed to come
	Expired bool   // nothing was heard of the node for a while
}

// NameRegistry is where the nodes of a fleet keep who bears which name, so that no two people
// bear one, whatever the node.
type NameRegistry interface {
	// Acquire has this node's users bear names, but for those that somebody else bears on
	// another node: it returns these holders.
	Acquire(ctx context.Context, names []NameLease) (holders []NameLease, err error)
	// Holders returns those for whom Claim would refuse names.
	Holders(ctx context.Context, names []NameLease) ([]NameLease, error)
	// Release says that nobody on this node bears these names any more.
	Release(ctx context.Context, names []NameRelease) error
}

// NameRelease is a name that nobody on a node bears any more. It is kept for its holder if no
// other node has them either.
type NameRelease struct {
	Skeleton string
	Kept     time.Duration // 0 if it is free at once
}

// NameLease is a name and whose it is.
type NameLease struct {
	Skeleton string // the same for names that look alike
	Holder   string // the same for whoever may share such a name
	Key      string // the same for the same name
	Name     string // as it is shown
	Kept     bool   // nobody bears it now: it is kept for its holder
}

// refusal is why whoever claims a name cannot have it beside its holder.
func (l NameLease) refusal(holder NameLease) error {
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
