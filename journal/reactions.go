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

// collectLocked keeps a reaction for later if one to the same message was committed less than
// reactionInterval ago, and reports whether it did. Any other change of a message is made
// behind the collected reactions to it. The caller holds the lock.
func (r *Recorder) collectLocked(p pendingChange) (collected bool) {
	header := p.change.Header()
	at := place{header.Room, header.Seq}
	waiting, active := r.reactions[at]
	if _, isReaction := p.change.(chat.React); isReaction && active {
		r.reactions[at] = append(waiting, p)
		return true
	} else if isReaction {
		r.reactions[at] = nil
		time.AfterFunc(reactionInterval, func() { r.releaseReactions(at) })
	} else if len(waiting) > 0 {
		r.pending = append(r.pending, waiting...)
		r.reactions[at] = nil
	}
	return false
}

// releaseReactions queues the collected reactions to a message, and collects further ones for
// another interval. If there were none, the next one is committed at once.
func (r *Recorder) releaseReactions(at place) {
	r.mu.Lock()
	defer r.mu.Unlock()
	waiting := r.reactions[at]
	if len(waiting) == 0 {
		delete(r.reactions, at)
		return
	}
	r.reactions[at] = nil
	r.pending = append(r.pending, waiting...)
	r.wake.Signal()
	time.AfterFunc(reactionInterval, func() { r.releaseReactions(at) })
}

// releaseAllLocked queues all collected reactions. The caller holds the lock.
func (r *Recorder) releaseAllLocked() {
	for at, waiting := range r.reactions {
		r.pending = append(r.pending, waiting...)
		r.reactions[at] = nil
	}
}
