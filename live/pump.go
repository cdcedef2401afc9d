package live

import (
	"context"
	"math"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"time"

	"chatserver/chat"
)

const (
	// pumpChunk is the number of subscriptions after which a pump yields, so that a busy
	// room does not starve a quiet one.
	pumpChunk = 16
)

// pump delivers the events of a room to its subscriptions. Each event is encoded once, into
// the last batch. A goroutine, which exists only while there is something to deliver, writes
// one batch after another to every subscription. Messages that accumulate in the meantime
// share one write.
type pump struct {
	slug string
	hub  *Hub

	mu      sync.Mutex // the room's lock
	passing sync.Cond  // signals that a batch was written to all subscriptions
	subscribers
	position    int64 // of the next event in the room
	passed      int64 // position up to which every subscription was written to
	handed      int64 // rev up to which every subscription was written to
	batches     []*batch
	spare       *batch
	undelivered int // bytes in batches
	pumping     bool
	stalled     bool // the backfill failed, so callbacks do not wait for delivery
	callbacks   []deliveryCallback
}

// deliveryCallback is called once everything up to a rev was written to the subscriptions,
// so that an acknowledgement never precedes the message.
type deliveryCallback struct {
	rev  int64
	call func()
}

// deliverLocked encodes an event for the room's current subscriptions. It never blocks.
func (p *pump) deliverLocked(event chat.Event) {
	p.appendLocked(func(b *batch) { b.append(p.hub.frames, p.byKind, event) })
}

// backfillLocked encodes a page that the members missed; isNew tells which of its messages
// they did not have before.
func (p *pump) backfillLocked(page chat.Backfill, isNew []bool) {
	p.appendLocked(func(b *batch) { b.backfill(p.hub.frames, p.byKind, page, isNew) })
}

// appendLocked extends the last batch and starts the pump if necessary.
func (p *pump) appendLocked(extend func(*batch)) {
	b := p.lastBatchLocked()
	bytes, marks := b.capacity, len(b.marks)
	extend(b)
	p.undelivered += b.capacity - bytes
	p.position += int64(len(b.marks) - marks)
	if !p.pumping {
		p.pumping = true
		p.hub.pumps.add(1)
		go p.run()
	}
}

// lastBatchLocked returns the batch to append to.
func (p *pump) lastBatchLocked() *batch {
	if n := len(p.batches); n > 0 && p.batches[n-1].capacity < maxBatchBytes {
		return p.batches[n-1]
	}
	b := p.spare
	if b == nil {
		b = &batch{}
	}
	p.spare = nil
	b.first = p.position
	p.batches = append(p.batches, b)
	return b
}

// handedRev returns the rev up to which every subscription was written to.
func (p *pump) handedRev() int64 {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.handed
}

// waitForPassLocked returns when everything before a position was written to the
// subscriptions. The lock is released while waiting.
func (p *pump) waitForPassLocked(position int64) {
	for p.passed < position {
		p.passing.Wait()
	}
}

// run writes batches until none is left.
func (p *pump) run() {
	defer p.hub.pumps.add(-1)
	for {
		b, members := p.nextBatch()
		if b == nil {
			return
		}
		kept := p.pass(b, members)
		p.finishBatch(b, kept)
	}
}

// finishBatch notes that a batch was written to all subscriptions, and runs the callbacks
// that waited for it.
func (p *pump) finishBatch(b *batch, kept bool) {
	p.mu.Lock()
	p.undelivered -= b.capacity
	p.passed = b.first + int64(len(b.marks))
	p.handed = max(p.handed, b.last)
	p.passing.Broadcast()
	if !kept && p.spare == nil && b.worthKeeping() {
		b.reset()
		p.spare = b
	}
	callbacks := p.dueCallbacksLocked(p.handed)
	p.mu.Unlock()
	callAll(callbacks)
}

func callAll(callbacks []deliveryCallback) {
	for _, callback := range callbacks {
		callback.call()
	}
}

// dueCallbacksLocked removes and returns the callbacks for revs up to rev.
func (p *pump) dueCallbacksLocked(rev int64) (due []deliveryCallback) {
	var waiting []deliveryCallback
	for _, callback := range p.callbacks {
		if callback.rev <= rev {
			due = append(due, callback)
		} else {
			waiting = append(waiting, callback)
		}
	}
	p.callbacks = waiting
	return due
}

// setStalled notes whether a room's backfill fails. While it does, acknowledgements are
// still sent: the message is durable even if members have not received it yet.
func (p *pump) setStalled(stalled bool) {
	p.mu.Lock()
	p.stalled = stalled
	var callbacks []deliveryCallback
	if stalled {
		callbacks = p.dueCallbacksLocked(math.MaxInt64)
	}
	p.mu.Unlock()
	callAll(callbacks)
}

// addCallback keeps a callback for later. It returns false if there is nothing to wait for.
func (p *pump) addCallback(a deliveryCallback) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.emptyLocked() || p.stalled || p.handed >= a.rev {
		return false
	}
	p.callbacks = append(p.callbacks, a)
	return true
}

// nextBatch takes the first batch and returns the number of subscriptions it is for: later
// ones start after it.
func (p *pump) nextBatch() (b *batch, members int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.batches) == 0 {
		p.batches, p.pumping = nil, false
		return nil, 0
	}
	b, p.batches = p.batches[0], p.batches[1:]
	p.compactLocked()
	return b, len(p.subscriptions)
}

// pass writes a batch to the subscriptions in chunks. It holds the lock only to copy a
// chunk. kept reports whether a socket kept a part of the batch's memory.
func (p *pump) pass(b *batch, members int) (kept bool) {
	var chunk [pumpChunk]*subscription
	connections := 0
	for i := 0; i < members; i += pumpChunk {
		p.mu.Lock()
		n := copy(chunk[:], p.subscriptions[i:members])
		p.mu.Unlock()
		for _, m := range chunk[:n] {
			if m != nil {
				connections++
				kept = p.write(m, b) || kept
			}
		}
		if i+pumpChunk < members {
			p.hub.yielder.Yield()
		}
	}
	if b.messages > 0 {
		p.hub.options.Metrics.Delivered(b.messages, connections)
	}
	return kept
}

// write writes a batch to one subscription. A panic closes this connection and affects no
// other.
func (p *pump) write(m *subscription, b *batch) (kept bool) {
	defer func() {
		if v := recover(); v != nil {
			p.hub.options.Metrics.Panicked("write")
			p.hub.log.Error("writing to a connection panicked", "room", p.slug, "user", m.conn.User.Name, "panic", v, "stack", string(debug.Stack()))
			m.conn.Socket.Close(chat.CloseInternal)
			kept = true // the socket may have kept the memory before the panic
		}
	}()
	return m.write(b)
}

// counter counts operations in progress. Unlike a sync.WaitGroup it allows new ones to start
// while another goroutine waits.
type counter struct{ n atomic.Int64 }

func (c *counter) add(n int64) { c.n.Add(n) }

// wait returns when no operation is in progress, or with the context's error. It polls every
// millisecond, which is fine because it only runs during a stop.
func (c *counter) wait(ctx context.Context) error {
	for c.n.Load() > 0 {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(time.Millisecond):
		}
	}
	return nil
}
