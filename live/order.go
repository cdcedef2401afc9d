package live

import (
	"hash/maphash"
	"slices"

	"chatserver/chat"
)

const (
	// maxHeld bounds the reorder buffer of a room in messages. Further ones are read from the
	// store.
	maxHeld = 256
	// recentRevs is the number of revs for which a room of a fleet remembers the message ids.
	recentRevs = 32
)

// order keeps the messages of a room in order on this process. Everything up to rev was
// passed to the pump; rev grows without gaps. The room's lock guards it.
type order struct {
	rev      int64                  // of the last message delivered here
	held     map[int64]chat.Message // the reorder buffer: messages that wait for an earlier one, by rev
	shared   bool                   // other nodes store messages, too, so recent is needed
	recent   *recent                // the ids of the latest revs; nil until the first
	disputed bool                   // two different messages arrived for one rev
	checking bool                   // a check of the reorder buffer is scheduled
}

// deliveredLocked records that a message was passed to the pump.
func (o *order) deliveredLocked(rev int64, id string) {
	o.rev = rev
	if !o.shared {
		return
	}
	if o.recent == nil {
		o.recent = &recent{}
	}
	o.recent.note(rev, id)
}

// matchesLocked reports whether a message may be the one delivered with the rev.
func (o *order) matchesLocked(rev int64, id string) bool {
	return o.recent == nil || id == "" || o.recent.matches(rev, id)
}

// holdLocked keeps a message in the reorder buffer until the ones before it have arrived: on
// a fleet they are in transit from another node. It reports whether the caller must schedule
// a check.
func (o *order) holdLocked(m chat.Message) (check bool) {
	if other, ok := o.held[m.Rev]; ok && other.ID != m.ID {
		delete(o.held, m.Rev) // the store decides which one is right
		o.disputed = true
	} else if len(o.held) < maxHeld {
		if o.held == nil {
			o.held = map[int64]chat.Message{}
		}
		o.held[m.Rev] = m
	}
	check, o.checking = !o.checking, true
	return check
}

// checkedLocked ends a check, and reports whether the room still waits for a message.
func (o *order) checkedLocked() (waiting bool) {
	waiting = len(o.held) > 0 || o.disputed
	o.checking, o.disputed = false, false
	return waiting
}

// nextLocked takes the held message that is now in order.
func (o *order) nextLocked() (m chat.Message, ok bool) {
	if m, ok = o.held[o.rev+1]; ok {
		delete(o.held, m.Rev)
	}
	return m, ok
}

// dropDeliveredLocked removes the held messages that a page has delivered.
func (o *order) dropDeliveredLocked() {
	for rev := range o.held {
		if rev <= o.rev {
			delete(o.held, rev)
		}
	}
}

// heldRevsLocked returns the revs in the reorder buffer.
func (o *order) heldRevsLocked() (revs []int64) {
	for rev := range o.held {
		revs = append(revs, rev)
	}
	return revs
}

// dropFalseLocked removes the given revs that are above stored from the reorder buffer. The
// store was asked after they arrived and does not have them; hints are only sent for stored
// messages, so these were false.
func (o *order) dropFalseLocked(revs []int64, stored int64) {
	for _, rev := range revs {
		if rev > stored {
			delete(o.held, rev)
		}
	}
}

var idSeed = maphash.MakeSeed()

// recent holds hashes of the ids of the last messages delivered in a room, by rev. It
// detects a second, different message for the same rev.
type recent [recentRevs]struct {
	rev int64
	id  uint64
}

// note records the message with a rev.
func (c *recent) note(rev int64, id string) {
	at := &c[uint64(rev)%recentRevs] //nolint:gosec // revs are not negative
	at.rev, at.id = rev, maphash.String(idSeed, id)
}

// matches reports whether a message may be the one that was delivered with the rev; it is
// also true if that is no longer recorded.
func (c *recent) matches(rev int64, id string) bool {
	at := &c[uint64(rev)%recentRevs] //nolint:gosec // as above
	return at.rev != rev || at.id == maphash.String(idSeed, id)
}

// tailMessages is the number of a room's last messages whose changes are sent in plain text.
const tailMessages = 50

// tail is the places of a room's last messages, in order. It is kept from the first
// subscription that wants changes in plain text until the room has no live one any more. The
// room's lock guards it.
type tail struct{ seqs []int64 }

// beginLocked sets the places of the messages that are stored, unless they are known.
func (t *tail) beginLocked(seqs []int64) {
	if t.seqs == nil {
		t.seqs = make([]int64, 0, tailMessages+1)
		for _, seq := range seqs {
			t.addLocked(seq)
		}
	}
}

// addLocked adds the place of a new message. Those of a page are not in order.
func (t *tail) addLocked(seq int64) {
	if t.seqs == nil {
		return
	}
	at, known := slices.BinarySearch(t.seqs, seq)
	if known {
		return
	}
	if t.seqs = slices.Insert(t.seqs, at, seq); len(t.seqs) > tailMessages {
		t.seqs = append(t.seqs[:0], t.seqs[1:]...)
	}
}

func (t *tail) hasLocked(seq int64) bool {
	_, has := slices.BinarySearch(t.seqs, seq)
	return has
}

// gap tells which messages of several pages of changes are new to plain-text connections.
// Pages are ordered by rev: a message that was posted in the interval of one page, and has
// changed since, is part of a later one, or comes live between them. The zero gap is closed.
type gap struct {
	after int64              // the rev before the gap: later messages are new
	told  map[int64]struct{} // the places of the new messages so far; nil if the gap is closed
}

// open begins a gap after a rev, unless it is open.
func (g *gap) open(after int64) {
	if g.told == nil {
		*g = gap{after, map[int64]struct{}{}}
	}
}

// take reports whether the message of a place is new, and notes it.
func (g *gap) take(seq int64) bool {
	if g.told == nil || seq <= g.after {
		return false
	}
	_, known := g.told[seq]
	g.told[seq] = struct{}{}
	return !known
}

// close ends the gap: everything up to the current rev was delivered.
func (g *gap) close() { *g = gap{} }
