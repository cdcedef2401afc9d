package journal

import (
	"time"

	"chatserver/chat"
)

// Everyone in a room receives the whole message with each of its changes. So that a crowd
// that reacts to one message does not send it hundreds of times, reactions to a message are
// collected: the first is committed at once, and those that follow within reactionInterval
// are committed together, as one change (see chat.Store). A single reaction waits for nothing.

// reactionInterval is the minimum time between commits of reactions to one message.
const reactionInterval = 150 * time.Millisecond

// place is that of a message.
type place struct {
	room string
	seq  int64
}

// reactions collects reactions by message. The recorder's lock guards it.
type reactions struct {
	waiting map[place][]pendingChange // also has, empty, the messages to which one was committed within the interval
	over    func(place)               // is called when an interval is over
}

// collectLocked keeps a reaction for later if one to the same message was committed less than
// reactionInterval ago, and reports whether it did, and whether another one waits already,
// which will tell the room of both: the room then admits it for nothing. Any other change of a
// message is made behind the collected reactions to it, which it returns.
func (c *reactions) collectLocked(p pendingChange) (before []pendingChange, collected, folded bool) {
	if _, isMove := p.change.(chat.Move); isMove {
		return c.releaseAllLocked(), false, false // whichever messages it moves
	}
	header := p.change.Header()
	at := place{header.Room, header.Seq}
	waiting, active := c.waiting[at]
	if _, isReaction := p.change.(chat.React); isReaction && active {
		if folded = len(waiting) > 0; folded {
			p.bytes = 0
		}
		c.waiting[at] = append(waiting, p)
		return nil, true, folded
	} else if isReaction {
		c.beginLocked(at)
	} else if len(waiting) > 0 {
		c.waiting[at] = nil
	}
	return waiting, false, false
}

// beginLocked begins an interval in which reactions to a message are collected.
func (c *reactions) beginLocked(at place) {
	c.waiting[at] = nil
	time.AfterFunc(reactionInterval, func() { c.over(at) })
}

// releaseLocked returns the reactions that were collected in an interval, and begins another.
// If there were none, the next one is committed at once.
func (c *reactions) releaseLocked(at place) []pendingChange {
	waiting := c.waiting[at]
	if len(waiting) == 0 {
		delete(c.waiting, at)
		return nil
	}
	c.beginLocked(at)
	return waiting
}

// releaseAllLocked returns all collected reactions.
func (c *reactions) releaseAllLocked() (all []pendingChange) {
	for at, waiting := range c.waiting {
		all = append(all, waiting...)
		c.waiting[at] = nil
	}
	return all
}
