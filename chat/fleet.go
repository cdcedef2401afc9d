package chat

import "context"

// SharedStore is the interface of a store that other nodes write to as well.
type SharedStore interface {
	// Heads returns the heads of those of the rooms that are stored, by slug.
	Heads(ctx context.Context, slugs []string) (map[string]Head, error)
	// Stats returns the current values.
	Stats() StoreStats
}

// Head is the newest revision of a room: its rev, and the id of the message that has it.
type Head struct {
	Rev int64
	ID  string // empty if no message has the rev
}

// Broker carries hints between nodes. A hint is about something that is already stored, or
// that soon no longer matters: it may be lost, late or duplicated.
type Broker interface {
	// Subscribe passes the hints of a room to hear, one at a time, until end is called. It
	// returns once no later hint can be missed. If the broker cannot confirm that soon, it
	// returns earlier and reports a loss through OnLoss. hear must not block.
	Subscribe(room string, hear func(Hint)) (end func())
	// Publish sends a hint to the other nodes that subscribe to its room. It does not wait
	// for them. If the broker's connection accepts no data, it blocks until that counts as
	// lost.
	Publish(hint Hint)
	// OnLoss registers a function that is called after hints of any room may have been lost.
	// It is called once, before the other methods; lost does not block.
	OnLoss(lost func())
	// Stats returns the current values.
	Stats() BrokerStats
}

// Hint is an event of a room that other nodes should know of.
type Hint struct {
	Room  string
	Epoch string // of the store in which it happened
	// Event is Said, Joined, Left or Typing; or a Presence with only the room, which means:
	// read the registry. It is nil if the event is unsigned or of an unknown kind: something
	// may have changed in the store or the registry.
	Event Event
	Trace any // identifies the message for Metrics; nil without
}
