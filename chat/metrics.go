package chat

import "time"

// Metrics hears what happens on the way of messages, to count it. Its methods are
// called by several goroutines, some of which everybody else waits for: they never
// block, and never call the chat.
type Metrics interface {
	// Stored tells what became of a batch that was handed to the store at a time:
	// err is why nothing of it was stored.
	Stored(batch []Draft, began time.Time, err error)
	// Answered tells what became of a draft that was taken, when its sender is told.
	Answered(draft Draft, outcome Outcome)
	// DeliveredToAll tells that a draft that has a Trace was handed to all members of its room.
	DeliveredToAll(draft Draft)
	// Delivered tells that so many messages were each handed to so many connections.
	Delivered(messages, connections int)
	// RemoteReceived tells that a message came from another node, when its hint arrives.
	RemoteReceived(message Message)
	// Panicked tells of a panic that was recovered, and in what.
	Panicked(in string)
}

// Stats are how things stand at a moment.
type Stats struct {
	Connections [kinds]int             // by Kind
	Rooms       int                    // in which somebody is
	Drafts      int                    // that wait for the next commit
	DraftBytes  int                    // of those under way
	Delivering  int                    // rooms that have something to deliver
	Backfilled  [backfillReasons]int64 // since the start: rooms whose members were given what they lacked, by Doubt
	Fleet       *FleetStats            // nil for a process alone
}

// Stats tells how things stand now.
func (c *Chat) Stats() Stats {
	f := Stats{Delivering: int(c.hub.pumps.n.Load()), Backfilled: c.hub.stats.backfilledNow(), Fleet: c.hub.fleetStats()}
	f.Drafts, f.DraftBytes = c.recorder.underWay()
	c.hub.mu.Lock()
	defer c.hub.mu.Unlock()
	f.Connections, f.Rooms = c.hub.kinds, len(c.hub.rooms)
	return f
}

// noMetrics is a chat that nobody observes.
type noMetrics struct{}

var _ Metrics = noMetrics{}

func (noMetrics) Stored([]Draft, time.Time, error) {}
func (noMetrics) Answered(Draft, Outcome)          {}
func (noMetrics) DeliveredToAll(Draft)             {}
func (noMetrics) Delivered(int, int)               {}
func (noMetrics) RemoteReceived(Message)           {}
func (noMetrics) Panicked(string)                  {}
