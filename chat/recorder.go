package chat

import (
	"context"
	"fmt"
	"log/slog"
	"runtime/debug"
	"sync"
	"time"
)

const (
	// maxBatch is the number of changes in one transaction. A larger batch would delay its
	// first change by more than it saves the last one.
	maxBatch = 256
	// maxChanges is the number of pending changes of one connection.
	maxChanges = 16
	// maxChangeBytes bounds the text and HTML of all pending changes in the process.
	maxChangeBytes = 16 << 20
)

// recorder commits changes by group commit, answers their senders and hands the changed
// messages to delivery. It commits whatever is pending as one batch: under load many changes
// share a commit, and a single one is stored at once, without a timer. A single goroutine does all
// of it, which alone makes the order of delivery the order of commits.
type recorder struct {
	store   Store
	hub     *hub
	metrics Metrics
	log     *slog.Logger

	mu       sync.Mutex
	wake     sync.Cond // a change is pending, or the recorder is stopping
	pending  []pendingChange
	bytes    int // of all changes not answered yet
	stopping bool
	done     chan struct{}
}

type pendingChange struct {
	conn   *Connection
	change Change
	room   *room // the room that admitted the change
	bytes  int   // of the change for its room, see room.admit
}

func newRecorder(store Store, h *hub, o Options) *recorder {
	r := &recorder{store: store, hub: h, metrics: o.Metrics, log: o.Log, done: make(chan struct{})}
	r.wake.L = &r.mu
	go r.run()
	return r
}

// take queues a change. It waits while the connection has maxChanges pending changes. The
// error is ErrBusy or ErrStopping; the change is then not queued.
func (r *recorder) take(p pendingChange) error {
	if p.conn.changes == nil { // connections that never send do not need it
		p.conn.changes = make(chan struct{}, maxChanges)
	}
	p.conn.changes <- struct{}{}
	r.mu.Lock()
	err := r.takeLocked(p)
	r.mu.Unlock()
	if err != nil {
		<-p.conn.changes
	}
	return err
}

func (r *recorder) takeLocked(p pendingChange) error {
	if r.stopping {
		return ErrStopping
	}
	if r.bytes+p.change.size() > maxChangeBytes {
		return ErrBusy
	}
	r.bytes += p.change.size()
	r.pending = append(r.pending, p)
	r.wake.Signal()
	return nil
}

// underWay returns the number of changes waiting for the next commit, and the bytes of all
// changes not answered yet.
func (r *recorder) underWay() (changes, bytes int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.pending), r.bytes
}

// waitForChanges waits until a connection has no pending change. The connection must not send
// in the meantime.
func (r *recorder) waitForChanges(conn *Connection) {
	for range cap(conn.changes) {
		conn.changes <- struct{}{}
	}
	for range cap(conn.changes) {
		<-conn.changes
	}
}

// stop refuses further changes and returns when the pending ones are stored, answered and
// handed to the hub, or with the context's error.
func (r *recorder) stop(ctx context.Context) error {
	r.mu.Lock()
	r.stopping = true
	r.wake.Signal()
	r.mu.Unlock()
	select {
	case <-r.done:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("store the pending changes: %w", ctx.Err())
	}
}

func (r *recorder) run() {
	defer close(r.done)
	for {
		batch := r.next()
		if len(batch) == 0 {
			return
		}
		r.record(batch)
	}
}

// next waits for changes and returns at most maxBatch of them; none if the recorder is
// stopping and nothing is pending.
func (r *recorder) next() (batch []pendingChange) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for len(r.pending) == 0 {
		if r.stopping {
			return nil
		}
		r.wake.Wait()
	}
	n := min(len(r.pending), maxBatch)
	batch = r.pending[:n:n]
	r.pending = r.pending[n:]
	if len(r.pending) == 0 {
		r.pending = nil
	}
	return batch
}

// record commits a batch, then delivers and answers its changes in order.
func (r *recorder) record(batch []pendingChange) {
	began := time.Now()
	outcomes, err := r.commit(batch)
	if err != nil {
		r.fail(batch, time.Since(began), err)
		return
	}
	r.hub.followEpoch(r.store.Epoch())
	if r.hub.options.Fleet != nil {
		r.publishHints(batch, outcomes)
	}
	for i, p := range batch {
		r.finish(p, outcomes[i])
	}
}

// publishHints publishes the changed messages to the other nodes.
func (r *recorder) publishHints(batch []pendingChange, outcomes []Outcome) {
	for i, p := range batch {
		outcome := outcomes[i]
		if outcome.Err != nil || outcome.Known {
			continue
		}
		change := p.change.Header()
		r.hub.publishHint(change.Room, Said{outcome.Message}, change.Trace)
		if outcome.Root != nil {
			r.hub.publishHint(change.Room, Said{*outcome.Root}, nil)
		}
	}
}

// commit commits a batch. It turns a panic of the store into an error, so that the recorder
// continues and only this batch fails.
func (r *recorder) commit(batch []pendingChange) (outcomes []Outcome, err error) {
	defer func() {
		if p := recover(); p != nil {
			r.metrics.Panicked("store")
			err = fmt.Errorf("panic: %v\n%s", p, debug.Stack())
		}
	}()
	changes := make([]Change, len(batch))
	for i, p := range batch {
		changes[i] = p.change
	}
	began := time.Now()
	outcomes, err = r.store.Commit(context.Background(), changes)
	if err == nil && len(outcomes) != len(changes) {
		err = fmt.Errorf("the store returned %d outcomes for %d changes", len(outcomes), len(changes))
	}
	r.metrics.Stored(changes, began, err)
	return outcomes, err
}

// finish delivers a changed message and answers its sender.
func (r *recorder) finish(p pendingChange, outcome Outcome) {
	change := p.change.Header()
	defer r.recoverDelivering(change.Room)
	defer func() {
		r.mu.Lock()
		r.bytes -= p.change.size()
		r.mu.Unlock()
		p.room.settled(p.bytes)
		<-p.conn.changes
	}()
	if outcome.Err == nil {
		outcome = r.deliver(p, outcome)
	}
	if change.Trace != nil && outcome.Err == nil {
		defer r.hub.afterDelivery(change.Room, outcome.Message.Rev, func() { r.metrics.DeliveredToAll(change) })
	}
	// A new message is the answer to its sender. The answer to anything else comes after the
	// message, which a page may deliver, or did already.
	if _, isNew := p.change.(Post); outcome.Err != nil || isNew && !outcome.Known {
		r.answer(p, outcome)
		return
	}
	r.hub.afterDelivery(change.Room, outcome.Message.Rev, func() {
		defer r.recoverDelivering(change.Room)
		r.answer(p, outcome)
	})
}

func (r *recorder) answer(p pendingChange, outcome Outcome) {
	p.conn.Socket.Answer(p.change, outcome)
	r.metrics.Answered(p.change, outcome)
}

// recoverDelivering recovers from a panic, which then costs a single delivery.
func (r *recorder) recoverDelivering(room string) {
	if v := recover(); v != nil {
		r.metrics.Panicked("delivery")
		r.log.Error("delivery panicked", "room", room, "panic", v, "stack", string(debug.Stack()))
	}
}

// deliver sends a changed message, and then the root of its thread, to the room's members
// and returns the outcome for the sender. A message that the members already have, or will
// get later, becomes Known, so that the sender gets an explicit answer.
func (r *recorder) deliver(p pendingChange, outcome Outcome) Outcome {
	if _, isPost := p.change.(Post); isPost && outcome.Known && !p.conn.User.Author().Wrote(outcome.Message.AuthorID) {
		return Outcome{Err: ErrIDConflict}
	}
	r.hub.html.current(&outcome.Message)
	if live := r.hub.apply(outcome.Message); !live {
		outcome.Known = true
	}
	if outcome.Root != nil {
		r.hub.html.current(outcome.Root)
		r.hub.apply(*outcome.Root)
	}
	return outcome
}
