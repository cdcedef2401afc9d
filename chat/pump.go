package chat

import (
	"math"
	"runtime/debug"
	"sync"
)

const (
	// pumpChunk is after how many members a pump lets others run, so that a hot
	// room does not starve a quiet one.
	pumpChunk = 16
)

// room is a room in which somebody is: its members and what is to be delivered
// to them.
//
// An event becomes frames once, at the end of the last batch. A pump, a
// goroutine that exists only while there is something to deliver, hands batch
// after batch to every member. So messages that gather while it works share one
// write, and a room at rest costs its memory only.
type room struct {
	slug string
	hub  *hub
	refs int // members and those about to be; guarded by hub.mu

	hintsOnce        sync.Once
	unsubscribeHints func() // ends the hints of other nodes; nil if there are none

	mu            sync.Mutex
	passing       sync.Cond         // a batch was handed to all members
	rev           int64             // of the last message delivered here
	held          map[int64]Message // those that wait for one before them, by rev
	recent        *recent           // whose the last revs were; nil for a process alone
	disputed      bool              // two different ones came for one place
	gapTimer      bool              // the store is asked soon if they still do
	stalled       bool              // the store could not be asked: nobody waits for that
	handed        int64             // rev up to which all members were handed everything
	subscriptions []*subscription
	holes         int // nil elements of members, see remove
	live          int // members that hear what is live, see goOn
	byKind        [kinds]int
	presence      presence
	position      int64 // of the next event in the room
	passed        int64 // position up to which all members were handed everything
	batches       []*batch
	spare         *batch
	undelivered   int
	pumping       bool
	flow          flow
	callbacks     []deliveryCallback
}

// deliveryCallback is to be given when everything up to a rev was handed to the members, so that
// whoever gets it has heard what it is about.
type deliveryCallback struct {
	rev  int64
	call func()
}

// deliverLocked encodes an event for whoever is in the room now. It never blocks. The
// caller holds the lock.
func (r *room) deliverLocked(event Event) {
	r.appendLocked(func(b *batch) { b.append(r.hub.frames, r.byKind, event) })
}

// appendLocked has the last batch extended, and pumped.
func (r *room) appendLocked(extend func(*batch)) {
	b := r.lastBatchLocked()
	bytes, marks := b.capacity, len(b.marks)
	extend(b)
	r.undelivered += b.capacity - bytes
	r.position += int64(len(b.marks) - marks)
	if !r.pumping {
		r.pumping = true
		r.hub.pumps.add(1)
		go r.pump()
	}
}

// lastBatchLocked returns the batch to append to.
func (r *room) lastBatchLocked() *batch {
	if n := len(r.batches); n > 0 && r.batches[n-1].capacity < maxBatchBytes {
		return r.batches[n-1]
	}
	b := r.spare
	if b == nil {
		b = &batch{}
	}
	r.spare = nil
	b.first = r.position
	r.batches = append(r.batches, b)
	return b
}

// handedRev is up to which rev all members were handed everything.
func (r *room) handedRev() int64 {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.handed
}

// waitForPassLocked returns when everything before a position was handed to the
// members. The caller holds the lock.
func (r *room) waitForPassLocked(position int64) {
	for r.passed < position {
		r.passing.Wait()
	}
}

// pump delivers until nothing is left.
func (r *room) pump() {
	defer r.hub.pumps.add(-1)
	for {
		b, members := r.nextBatch()
		if b == nil {
			return
		}
		kept := r.pass(b, members)
		r.finishBatch(b, kept)
	}
}

// finishBatch notes that a batch was handed to all members, and gives the answers that
// waited for it.
func (r *room) finishBatch(b *batch, kept bool) {
	r.mu.Lock()
	r.undelivered -= b.capacity
	r.passed = b.first + int64(len(b.marks))
	r.handed = max(r.handed, b.last)
	r.passing.Broadcast()
	if !kept && r.spare == nil && b.worthKeeping() {
		b.reset()
		r.spare = b
	}
	answers := r.dueCallbacksLocked(r.handed)
	r.mu.Unlock()
	callAll(answers)
}

func callAll(answers []deliveryCallback) {
	for _, answer := range answers {
		answer.call()
	}
}

// dueCallbacksLocked takes the answers that wait for nothing after a rev. The caller holds the lock.
func (r *room) dueCallbacksLocked(rev int64) (due []deliveryCallback) {
	var waiting []deliveryCallback
	for _, answer := range r.callbacks {
		if answer.rev <= rev {
			due = append(due, answer)
		} else {
			waiting = append(waiting, answer)
		}
	}
	r.callbacks = waiting
	return due
}

// afterDelivery gives an answer when everything up to a rev of a room was handed to its
// members, or there are none.
func (h *hub) afterDelivery(slug string, rev int64, give func()) {
	r := h.find(slug)
	if r == nil || !r.addCallback(deliveryCallback{rev, give}) {
		give()
	}
}

// setStalled notes whether a room could be filled. While it cannot, its answers are given
// all the same: what is stored is stored, though its members cannot hear of it yet.
func (h *hub) setStalled(slug string, stuck bool) {
	r := h.find(slug)
	if r == nil {
		return
	}
	r.mu.Lock()
	r.stalled = stuck
	var answers []deliveryCallback
	if stuck {
		answers = r.dueCallbacksLocked(math.MaxInt64)
	}
	r.mu.Unlock()
	callAll(answers)
}

func (r *room) addCallback(a deliveryCallback) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.emptyLocked() || r.stalled || r.handed >= a.rev {
		return false
	}
	r.callbacks = append(r.callbacks, a)
	return true
}

// nextBatch takes the first batch, and says how many members it is for: those
// that come later begin after it.
func (r *room) nextBatch() (b *batch, members int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.batches) == 0 {
		r.batches, r.pumping = nil, false
		return nil, 0
	}
	b, r.batches = r.batches[0], r.batches[1:]
	r.compactLocked()
	return b, len(r.subscriptions)
}

// pass hands a batch to the members, a chunk at a time: the lock is held only
// to copy the chunk.
func (r *room) pass(b *batch, members int) (kept bool) {
	var chunk [pumpChunk]*subscription
	connections := 0
	for i := 0; i < members; i += pumpChunk {
		r.mu.Lock()
		n := copy(chunk[:], r.subscriptions[i:members])
		r.mu.Unlock()
		for _, m := range chunk[:n] {
			if m != nil {
				connections++
				kept = m.write(b, r.hub) || kept
			}
		}
		if i+pumpChunk < members {
			r.hub.fairness.yield()
		}
	}
	if b.messages > 0 {
		r.hub.options.Metrics.Delivered(b.messages, connections)
	}
	return kept
}

// write hands over a batch. A panic costs this connection and no other.
func (m *subscription) write(b *batch, h *hub) (kept bool) {
	defer func() {
		if p := recover(); p != nil {
			h.options.Metrics.Panicked("write")
			h.log.Error("writing to a connection panicked", "room", m.room.slug, "user", m.conn.User.Name, "panic", p, "stack", string(debug.Stack()))
			m.conn.Socket.Close(CloseInternal)
			kept = true // it may have got as far as keeping it
		}
	}()
	return b.writeTo(m)
}
