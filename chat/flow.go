package chat

import (
	"context"
	"time"
)

// A room admits messages no faster than its members take them. Delivering never waits:
// it is the senders who do, before their message is stored.

const (
	// flowWindow is how many bytes of messages a room takes in advance: those that it
	// has not handed to its members yet, and those since all of them kept up. Beside
	// what a member may have queued before it counts as Behind (64 kB), they fit a
	// member's queue (256 kB).
	flowWindow = 128 << 10
	// flowRate is how many bytes a second a room takes though a member is Behind: what a
	// line of 5 Mbit/s carries, with a third to spare. So nobody on such a line is
	// closed for being too slow, and a slower one delays the others no further.
	flowRate = 384 << 10
	// flowPoll is how often the sender whose turn it is looks again.
	flowPoll = 2 * time.Millisecond
)

// flow is what a room knows of the messages that it took and of how its members keep up.
// The room's lock guards it.
type flow struct {
	underWay int           // bytes taken, and neither stored nor refused yet
	ahead    int           // bytes taken since no member was seen to be Behind
	due      time.Duration // after flowStart: when a line of flowRate will have carried them
	slow     *subscription // who was Behind at the last look
	gate     *fairGate     // of the senders who wait; nil until somebody does
}

// flowStart is what due counts from: it takes less memory than a time.
var flowStart = time.Now()

// admit waits until the room takes a message of so many bytes; settled must be called
// when it is stored or refused. Senders take turns by payer, so that one with many
// connections delays another by one message. The error is ErrStopping.
func (r *room) admit(payer Payer, bytes int) error {
	if r.tryTake(bytes) {
		return nil
	}
	turns := r.flowGate()
	if err := turns.enter(context.Background(), payer, 0); err != nil {
		return err
	}
	defer turns.leave()
	for !r.tryTake(bytes) {
		if r.hub.isStopping() {
			return ErrStopping
		}
		time.Sleep(flowPoll)
	}
	return nil
}

func (r *room) flowGate() *fairGate {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.flow.gate == nil {
		r.flow.gate = newFairGate(1)
	}
	return r.flow.gate
}

// tryTake takes a message, or reports that the room does not yet.
func (r *room) tryTake(bytes int) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	f, inHand := &r.flow, r.flow.underWay+r.undelivered
	if inHand > 0 && inHand+bytes > flowWindow {
		return false
	}
	now := time.Since(flowStart)
	if f.ahead+bytes > flowWindow {
		if !r.anyBehindLocked() {
			f.ahead, f.due = inHand, now
		} else if now < f.due {
			return false
		}
	}
	f.underWay += bytes
	f.ahead += bytes
	f.due = max(f.due, now) + time.Duration(bytes)*time.Second/flowRate
	return true
}

// settled notes that a message is stored or refused.
func (r *room) settled(bytes int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.flow.underWay -= bytes
}

// anyBehindLocked reports whether a member is Behind. The one that was at the last look is
// asked first. The caller holds the lock.
func (r *room) anyBehindLocked() bool {
	if m := r.flow.slow; m != nil && m.index >= 0 && m.socket.Lag() == Behind {
		return true
	}
	r.flow.slow = nil
	for _, m := range r.subscriptions {
		if m != nil && m.socket.Lag() == Behind {
			r.flow.slow = m
			return true
		}
	}
	return false
}
