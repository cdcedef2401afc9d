package chat

import "time"

// Observer hears what happens on the way of messages, to count it. Its methods are
// called by several goroutines, some of which everybody else waits for: they never
// block, and never call the chat.
type Observer interface {
	// Stored tells what became of a batch that was handed to the store at a time:
	// err is why nothing of it was stored.
	Stored(batch []Draft, began time.Time, err error)
	// Answered tells what became of a draft that was taken, when its sender is told.
	Answered(draft Draft, outcome Outcome)
	// Heard tells that a draft that has a Trace was handed to all members of its room.
	Heard(draft Draft)
	// Delivered tells that so many messages were each handed to so many connections.
	Delivered(messages, connections int)
	// HeardFromAfar tells that a message came from another node, when its hint arrives.
	HeardFromAfar(message Message)
	// Panicked tells of a panic that was recovered, and in what.
	Panicked(in string)
}

// Figures are how things stand at a moment.
type Figures struct {
	Connections  [kinds]int    // by Kind
	Rooms        int           // in which somebody is
	Drafts       int           // that wait for the next commit
	DraftBytes   int           // of those under way
	Undelivering int           // rooms that have something to deliver
	Filled       [doubts]int64 // since the start: rooms whose members were given what they lacked, by Doubt
	Fleet        *FleetFigures // nil for a process alone
}

// Figures tells how things stand now.
func (c *Chat) Figures() Figures {
	f := Figures{Undelivering: int(c.hub.pumps.n.Load()), Filled: c.hub.counts.filledNow(), Fleet: c.hub.fleetFigures()}
	f.Drafts, f.DraftBytes = c.recorder.underWay()
	c.hub.mu.Lock()
	defer c.hub.mu.Unlock()
	f.Connections, f.Rooms = c.hub.kinds, len(c.hub.rooms)
	return f
}

// unobserved is a chat that nobody observes.
type unobserved struct{}

var _ Observer = unobserved{}

func (unobserved) Stored([]Draft, time.Time, error) {}
func (unobserved) Answered(Draft, Outcome)          {}
func (unobserved) Heard(Draft)                      {}
func (unobserved) Delivered(int, int)               {}
func (unobserved) HeardFromAfar(Message)            {}
func (unobserved) Panicked(string)                  {}
