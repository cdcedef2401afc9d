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
	// maxBatch is the number of drafts in one transaction. A larger batch would delay its
	// first draft by more than it saves the last one.
	maxBatch = 256
	// maxDrafts is the number of pending drafts of one connection.
	maxDrafts = 16
	// maxDraftBytes bounds the text and HTML of all pending drafts in the process.
	maxDraftBytes = 16 << 20
)

// recorder stores drafts by group commit, answers their senders and hands the messages to
// delivery. It stores whatever is pending as one batch: under load many messages share a
// commit, and a single one is stored at once, without a timer. A single goroutine does all
// of it, which alone makes the order of delivery the order of commits.
type recorder struct {
	store   Store
	hub     *hub
	metrics Metrics
	log     *slog.Logger

	mu       sync.Mutex
	wake     sync.Cond // a draft is pending, or the recorder is stopping
	pending  []pendingDraft
	bytes    int // of all drafts not answered yet
	stopping bool
	done     chan struct{}
}

type pendingDraft struct {
	conn  *Connection
	draft Draft
	room  *room // the room that admitted the draft
	bytes int   // Draft.Size
}

func newRecorder(store Store, h *hub, o Options) *recorder {
	r := &recorder{store: store, hub: h, metrics: o.Metrics, log: o.Log, done: make(chan struct{})}
	r.wake.L = &r.mu
	go r.run()
	return r
}

// take queues a draft. It waits while the connection has maxDrafts pending drafts. The error
// is ErrBusy or ErrStopping; the draft is then not queued.
func (r *recorder) take(p pendingDraft) error {
	if p.conn.drafts == nil { // connections that never send do not need it
		p.conn.drafts = make(chan struct{}, maxDrafts)
	}
	p.conn.drafts <- struct{}{}
	r.mu.Lock()
	err := r.takeLocked(p)
	r.mu.Unlock()
	if err != nil {
		<-p.conn.drafts
	}
	return err
}

func (r *recorder) takeLocked(p pendingDraft) error {
	if r.stopping {
		return ErrStopping
	}
	if r.bytes+p.draft.size() > maxDraftBytes {
		return ErrBusy
	}
	r.bytes += p.draft.size()
	r.pending = append(r.pending, p)
	r.wake.Signal()
	return nil
}

// underWay returns the number of drafts waiting for the next commit, and the bytes of all
// drafts not answered yet.
func (r *recorder) underWay() (drafts, bytes int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.pending), r.bytes
}

// waitForDrafts waits until a connection has no pending draft. The connection must not send
// in the meantime.
func (r *recorder) waitForDrafts(conn *Connection) {
	for range cap(conn.drafts) {
		conn.drafts <- struct{}{}
	}
	for range cap(conn.drafts) {
		<-conn.drafts
	}
}

// stop refuses further drafts and returns when the pending ones are stored, answered and
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
		return fmt.Errorf("store the pending drafts: %w", ctx.Err())
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

// next waits for drafts and returns at most maxBatch of them; none if the recorder is
// stopping and nothing is pending.
func (r *recorder) next() (batch []pendingDraft) {
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

// record stores a batch, then delivers and answers its drafts in order.
func (r *recorder) record(batch []pendingDraft) {
	began := time.Now()
	outcomes, err := r.append(batch)
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

// publishHints publishes the new messages to the other nodes.
func (r *recorder) publishHints(batch []pendingDraft, outcomes []Outcome) {
	for i, p := range batch {
		if outcomes[i].Err == nil && !outcomes[i].Known {
			r.hub.publishHint(p.draft.Room, Said{outcomes[i].Message}, p.draft.Trace)
		}
	}
}

// append stores a batch. It turns a panic of the store into an error, so that the recorder
// continues and only this batch fails.
func (r *recorder) append(batch []pendingDraft) (outcomes []Outcome, err error) {
	defer func() {
		if p := recover(); p != nil {
			r.metrics.Panicked("store")
			err = fmt.Errorf("panic: %v\n%s", p, debug.Stack())
		}
	}()
	drafts := make([]Draft, len(batch))
	for i, p := range batch {
		drafts[i] = p.draft
	}
	began := time.Now()
	outcomes, err = r.store.Append(context.Background(), drafts)
	if err == nil && len(outcomes) != len(drafts) {
		err = fmt.Errorf("the store returned %d outcomes for %d drafts", len(outcomes), len(drafts))
	}
	r.metrics.Stored(drafts, began, err)
	return outcomes, err
}

// finish delivers a stored message and answers its sender.
func (r *recorder) finish(p pendingDraft, outcome Outcome) {
	defer r.recoverDelivering(p.draft.Room)
	defer func() {
		r.mu.Lock()
		r.bytes -= p.draft.size()
		r.mu.Unlock()
		p.room.settled(p.bytes)
		<-p.conn.drafts
	}()
	if outcome.Err == nil {
		outcome = r.deliver(p, outcome)
	}
	if p.draft.Trace != nil && outcome.Err == nil {
		defer r.hub.afterDelivery(p.draft.Room, outcome.Message.Rev, func() { r.metrics.DeliveredToAll(p.draft) })
	}
	if !outcome.Known {
		r.answer(p, outcome)
		return
	}
	// A page delivers it, or did already: the answer comes after that page.
	r.hub.afterDelivery(p.draft.Room, outcome.Message.Rev, func() {
		defer r.recoverDelivering(p.draft.Room)
		r.answer(p, outcome)
	})
}

func (r *recorder) answer(p pendingDraft, outcome Outcome) {
	p.conn.Socket.Answer(p.draft, outcome)
	r.metrics.Answered(p.draft, outcome)
}

// recoverDelivering recovers from a panic, which then costs a single delivery.
func (r *recorder) recoverDelivering(room string) {
	if v := recover(); v != nil {
		r.metrics.Panicked("delivery")
		r.log.Error("delivery panicked", "room", room, "panic", v, "stack", string(debug.Stack()))
	}
}

// deliver sends a stored message to the room's members and returns the outcome for its
// sender. A message that the members already have, or will get later, becomes Known, so that
// the sender gets an explicit answer.
func (r *recorder) deliver(p pendingDraft, outcome Outcome) Outcome {
	if outcome.Known && !p.conn.User.wrote(outcome.Message.AuthorID) {
		return Outcome{Err: ErrIDConflict}
	}
	if live := r.hub.apply(outcome.Message); !live {
		outcome.Known = true
	}
	return outcome
}
