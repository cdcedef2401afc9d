package chat

import (
	"math"
	"runtime/debug"
)

const (
	// pumpChunk is the number of subscriptions after which a pump yields, so that a busy
	// room does not starve a quiet one.
	pumpChunk = 16
)

// deliverLocked encodes an event for the room's current subscriptions. It never blocks. The
// caller holds the lock.
func (r *room) deliverLocked(event Event) {
	r.appendLocked(func(b *batch) { b.append(r.hub.frames, r.byKind, event) })
}

// appendLocked extends the last batch and starts the pump if necessary. The caller holds the
// lock.
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

// lastBatchLocked returns the batch to append to. The caller holds the lock.
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

// handedRev returns the rev up to which every subscription was written to.
func (r *room) handedRev() int64 {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.handed
}

// waitForPassLocked returns when everything before a position was written to the
// subscriptions. The caller holds the lock, which is released while waiting.
func (r *room) waitForPassLocked(position int64) {
	for r.passed < position {
		r.passing.Wait()
	}
}

// pump writes batches until none is left.
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

// finishBatch notes that a batch was written to all subscriptions, and runs the callbacks
// that waited for it.
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
	callbacks := r.dueCallbacksLocked(r.handed)
	r.mu.Unlock()
	callAll(callbacks)
}

func callAll(callbacks []deliveryCallback) {
	for _, callback := range callbacks {
		callback.call()
	}
}

// dueCallbacksLocked removes and returns the callbacks for revs up to rev. The caller holds
// the lock.
func (r *room) dueCallbacksLocked(rev int64) (due []deliveryCallback) {
	var waiting []deliveryCallback
	for _, callback := range r.callbacks {
		if callback.rev <= rev {
			due = append(due, callback)
		} else {
			waiting = append(waiting, callback)
		}
	}
	r.callbacks = waiting
	return due
}

// afterDelivery runs a callback once everything up to a rev of a room was written to its
// subscriptions; at once if it has none.
func (h *hub) afterDelivery(slug string, rev int64, give func()) {
	r := h.find(slug)
	if r == nil || !r.addCallback(deliveryCallback{rev, give}) {
		give()
	}
}

// setStalled notes whether a room's backfill fails. While it does, acknowledgements are
// still sent: the message is durable even if members have not received it yet.
func (h *hub) setStalled(slug string, stalled bool) {
	r := h.find(slug)
	if r == nil {
		return
	}
	r.mu.Lock()
	r.stalled = stalled
	var callbacks []deliveryCallback
	if stalled {
		callbacks = r.dueCallbacksLocked(math.MaxInt64)
	}
	r.mu.Unlock()
	callAll(callbacks)
}

// addCallback keeps a callback for later. It returns false if there is nothing to wait for.
func (r *room) addCallback(a deliveryCallback) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.emptyLocked() || r.stalled || r.handed >= a.rev {
		return false
	}
	r.callbacks = append(r.callbacks, a)
	return true
}

// nextBatch takes the first batch and returns the number of subscriptions it is for: later
// ones start after it.
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

// pass writes a batch to the subscriptions in chunks. It holds the lock only to copy a
// chunk. kept reports whether a socket kept a part of the batch's memory.
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
			r.hub.fairness.Yield()
		}
	}
	if b.messages > 0 {
		r.hub.options.Metrics.Delivered(b.messages, connections)
	}
	return kept
}

// write writes a batch to one subscription. A panic closes this connection and affects no
// other.
func (m *subscription) write(b *batch, h *hub) (kept bool) {
	defer func() {
		if p := recover(); p != nil {
			h.options.Metrics.Panicked("write")
			h.log.Error("writing to a connection panicked", "room", m.room.slug, "user", m.conn.User.Name, "panic", p, "stack", string(debug.Stack()))
			m.conn.Socket.Close(CloseInternal)
			kept = true // the socket may have kept the memory before the panic
		}
	}()
	return b.writeTo(m)
}
