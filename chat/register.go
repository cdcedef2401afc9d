package chat

import (
	"context"
	"time"
)

const (
	// beatEvery is how often a node says that it lives, and looks at all its rooms.
	beatEvery = 10 * time.Second
	// Lapse is after how much silence a node counts as gone.
	Lapse = 40 * time.Second
	// NamesLapse is after how much silence the names on a node are free. Whoever was on it
	// was cut after its last beat, at the latest when the next one was due.
	NamesLapse = beatEvery + KeepName
	// shareEvery is how often a node says at most who is on it.
	shareEvery = 250 * time.Millisecond
	// registerWait bounds what the register is asked. A store gives up a little earlier by
	// itself, so that what was given up here is not done there later.
	registerWait = 2 * time.Second
)

// Register is where the nodes of a fleet keep who is on them, room by room. All is
// measured by its own clock.
type Register interface {
	// Beat says that this node lives. It reports whether it had counted as gone, and what
	// it had said may be forgotten.
	Beat(ctx context.Context) (lapsed bool, err error)
	// Put says who is on this node now in some rooms, instead of what it said before.
	Put(ctx context.Context, rooms []NodePresence) error
	// Elsewhere returns who is in some rooms on other nodes. To a node that has lapsed it
	// is an error.
	Elsewhere(ctx context.Context, rooms []string) ([]NodePresence, error)
	// Online returns how many are in some rooms on other nodes.
	Online(ctx context.Context, rooms []string) (map[string]int, error)
	// Leave takes this node out, with all that it said.
	Leave(ctx context.Context) error
}

// NodePresence is who is in a room on one node.
type NodePresence struct {
	Room   string
	Node   string
	Online int    // users there
	Users  []User // with name and age, the first MaxListed to come
	Lapsed bool   // nothing was heard of the node for a while
}

// Names is where the nodes of a fleet keep who bears which name, so that no two people
// bear one, whatever the node.
type Names interface {
	// Claim has this node's users bear names, but for those that somebody else bears on
	// another node: it returns these bearers.
	Claim(ctx context.Context, names []Claim) (bearers []Claim, err error)
	// Bearers returns those for whom Claim would refuse names.
	Bearers(ctx context.Context, names []Claim) ([]Claim, error)
	// Release says that nobody on this node bears these names any more.
	Release(ctx context.Context, names []Release) error
}

// Release is a name that nobody on a node bears any more. It is kept for its holder if no
// other node has them either.
type Release struct {
	Look string
	Kept time.Duration // 0 if it is free at once
}

// Claim is a name and whose it is.
type Claim struct {
	Look   string // the same for names that look alike
	Holder string // the same for whoever may share such a name
	Key    string // the same for the same name
	Name   string // as it is shown
	Kept   bool   // nobody bears it now: it is kept for its holder
}

// refusal is why whoever claims a name cannot have it beside its bearer.
func (c Claim) refusal(bearer Claim) error {
	switch {
	case c.Holder == bearer.Holder:
		return nil
	case bearer.Kept:
		return &NameKept{Name: bearer.Name}
	case c.Key == bearer.Key:
		return ErrNameTaken
	default:
		return &NameTooLike{Name: bearer.Name}
	}
}
