// Package journal is the write path and the read path of the history: the recorder commits
// changes in batches and has the results delivered, and pages are read for clients in turns
// and cached.
package journal

import (
	"context"
	"fmt"
	"log/slog"
	"runtime/debug"
	"sync"
	"time"

	"chatserver/chat"
	"chatserver/task"
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

// Recorder commits changes by group commit, answers their senders and hands the changed
// messages to delivery. It commits whatever is pending as one batch: under load many changes
// share a commit, and a single one is stored at once, without a timer. A single goroutine does all
// of it, which alone makes the order of delivery the order of commits.
type Recorder struct {
	store   chat.Store
	to      Delivery
	html    *chat.Rendering
	metrics chat.Metrics
	log     *slog.Logger

	mu        sync.Mutex
	wake      sync.Cond // a change is pending, or the recorder is stopping
	pending   []pendingChange
	reactions reactions // those that wait
	bytes     int       // of all changes not answered yet
	stopping  bool
	task      *task.Task
}

// StartRecorder starts a recorder. Call Stop to end it.
func StartRecorder(store chat.Store, to Delivery, html *chat.Rendering, o chat.Options) *Recorder {
	r := &Recorder{store: store, to: to, html: html, metrics: o.Metrics, log: o.Log}
	r.reactions = reactions{map[place][]pendingChange{}, r.releaseReactions}
	r.wake.L = &r.mu
	r.task = task.Start(r.run)
	return r
}

// Take queues a change. It waits while the connection has maxChanges pending changes. The
// error is ErrBusy or ErrStopping; the change is then not queued.
func (r *Recorder) Take(conn *chat.Connection, to chat.Subscription, change chat.Change, bytes int) error {
	p := pendingChange{conn, change, to, bytes}
	if p.conn.Pending == nil { // connections that never send do not need it
		p.conn.Pending = make(chan struct{}, maxChanges)
	}
	p.conn.Pending <- struct{}{}
	r.mu.Lock()
	folded, err := r.takeLocked(p)
	r.mu.Unlock()
	if err != nil {
		<-p.conn.Pending
	}
	if folded {
		to.Settled(bytes, false)
	}
	return err
}

// takeLocked queues a change. folded reports whether an earlier one tells the room the same:
// then the room has nothing to take for it, and the change has no bytes.
func (r *Recorder) takeLocked(p pendingChange) (folded bool, err error) {
	if r.stopping {
		return false, chat.ErrStopping
	}
	if r.bytes+p.change.Memory() > maxChangeBytes {
		return false, chat.ErrBusy
	}
	r.bytes += p.change.Memory()
	before, collected, folded := r.reactions.collectLocked(p)
	if !collected {
		r.pending = append(append(r.pending, before...), p)
		r.wake.Signal()
	}
	return folded, nil
}

// releaseReactions queues the reactions to a message that were collected in an interval.
func (r *Recorder) releaseReactions(at place) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if due := r.reactions.releaseLocked(at); len(due) > 0 {
		r.pending = append(r.pending, due...)
		r.wake.Signal()
	}
}

// Pending returns the number of changes waiting for the next commit, and the bytes of all
// changes not answered yet.
func (r *Recorder) Pending() (changes, bytes int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.pending), r.bytes
}

// Wait waits until a connection has no pending change. The connection must not send
// in the meantime.
func (r *Recorder) Wait(conn *chat.Connection) {
	for range cap(conn.Pending) {
		conn.Pending <- struct{}{}
	}
	for range cap(conn.Pending) {
		<-conn.Pending
	}
}

// Stop refuses further changes and returns when the pending ones are stored, answered and
// handed to delivery, or with the context's error.
func (r *Recorder) Stop(ctx context.Context) error {
	if err := r.task.Stop(ctx); err != nil {
		return fmt.Errorf("store the pending changes: %w", err)
	}
	return nil
}

func (r *Recorder) run(ctx context.Context) {
	defer context.AfterFunc(ctx, r.finishPending)()
	for {
		batch := r.next()
		if len(batch) == 0 {
			return
		}
		r.record(batch)
	}
}

// finishPending refuses further changes and lets the recorder end when none is pending.
func (r *Recorder) finishPending() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.stopping = true
	r.pending = append(r.pending, r.reactions.releaseAllLocked()...)
	r.wake.Signal()
}

// next waits for changes and returns at most maxBatch of them; none if the recorder is
// stopping and nothing is pending.
func (r *Recorder) next() (batch []pendingChange) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for len(r.pending) == 0 {
		if r.stopping {
			return nil
		}
		r.wake.Wait()
	}
	n := beforeMove(r.pending[:min(len(r.pending), maxBatch)])
	batch = r.pending[:n:n]
	r.pending = r.pending[n:]
	if len(r.pending) == 0 {
		r.pending = nil
	}
	return batch
}

// record commits a batch, then delivers and answers its changes in order.
func (r *Recorder) record(batch []pendingChange) {
	began := time.Now()
	outcomes, err := r.commit(batch)
	if err != nil {
		r.fail(batch, time.Since(began), err)
		return
	}
	r.to.FollowEpoch(r.store.Epoch())
	r.publish(batch, outcomes)
	for i, p := range batch {
		r.finish(p, outcomes[i])
	}
}

// publish publishes the changed messages to the other nodes.
func (r *Recorder) publish(batch []pendingChange, outcomes []chat.Outcome) {
	for i, p := range batch {
		outcome := outcomes[i]
		if outcome.Err != nil || outcome.Known {
			continue
		}
		for _, m := range outcome.Moved {
			r.to.PublishMessage(m, nil)
		}
		if outcome.Moved != nil {
			continue
		}
		change := p.change.Header()
		r.to.PublishMessage(outcome.Message, change.Trace)
		if outcome.Root != nil {
			r.to.PublishMessage(*outcome.Root, nil)
		}
	}
}

// commit commits a batch. It turns a panic of the store into an error, so that the recorder
// continues and only this batch fails.
func (r *Recorder) commit(batch []pendingChange) (outcomes []chat.Outcome, err error) {
	defer func() {
		if p := recover(); p != nil {
			r.metrics.Panicked("store")
			err = fmt.Errorf("panic: %v\n%s", p, debug.Stack())
		}
	}()
	changes := make([]chat.Change, len(batch))
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
func (r *Recorder) finish(p pendingChange, outcome chat.Outcome) {
	change := p.change.Header()
	told := outcome.Err == nil && !outcome.Known
	defer r.recoverDelivering(change.Room)
	defer func() {
		r.mu.Lock()
		r.bytes -= p.change.Memory()
		r.mu.Unlock()
		p.to.Settled(p.bytes, told)
		<-p.conn.Pending
	}()
	if outcome.Err == nil {
		outcome = r.deliver(p, outcome)
	}
	if change.Trace != nil && outcome.Err == nil {
		defer r.to.AfterDelivery(change.Room, outcome.Message.Rev, func() { r.metrics.DeliveredToAll(change) })
	}
	// A new message is the answer to its sender. The answer to anything else comes after the
	// message, which a page may deliver, or did already.
	if _, isNew := p.change.(chat.Post); outcome.Err != nil || isNew && !outcome.Known {
		r.answer(p, outcome)
		return
	}
	rev := outcome.Message.Rev
	if outcome.Moved != nil {
		rev = outcome.Rev // behind all of its messages
	}
	r.to.AfterDelivery(change.Room, rev, func() {
		defer r.recoverDelivering(change.Room)
		r.answer(p, outcome)
	})
}

func (r *Recorder) answer(p pendingChange, outcome chat.Outcome) {
	p.conn.Socket.Answer(p.change, outcome)
	r.metrics.Answered(p.change, outcome)
}

// recoverDelivering recovers from a panic, which then costs a single delivery.
func (r *Recorder) recoverDelivering(room string) {
	if v := recover(); v != nil {
		r.metrics.Panicked("delivery")
		r.log.Error("delivery panicked", "room", room, "panic", v, "stack", string(debug.Stack()))
	}
}

// deliver sends a changed message, and then the root of its thread, to the room's members
// and returns the outcome for the sender. A message that the members already have, or will
// get later, becomes Known, so that the sender gets an explicit answer.
func (r *Recorder) deliver(p pendingChange, outcome chat.Outcome) chat.Outcome {
	if _, isPost := p.change.(chat.Post); isPost && outcome.Known && !p.conn.User.Author().Wrote(outcome.Message.AuthorID) {
		return chat.Outcome{Err: chat.ErrIDConflict}
	}
	if outcome.Moved != nil {
		deliverMoved(r.to, r.html, outcome.Moved)
		return outcome
	}
	r.html.Current(&outcome.Message)
	if live := r.to.Apply(outcome.Message); !live {
		outcome.Known = true
	}
	if outcome.Root != nil {
		r.html.Current(outcome.Root)
		r.to.Apply(*outcome.Root)
	}
	return outcome
}
