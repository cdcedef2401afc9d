package chat

import (
	"context"
	"fmt"
	"log/slog"
	"runtime/debug"
	"sync"
)

const (
	// maxBatch is how many drafts one transaction takes. More would make the
	// first of them wait longer than it saves the last.
	maxBatch = 256
	// maxDrafts is how many drafts of one connection may be under way.
	maxDrafts = 16
	// maxDraftBytes is how much text of drafts under way the process holds.
	maxDraftBytes = 16 << 20
)

// recorder stores drafts, answers their senders and has the messages
// delivered. It takes whatever is pending as one batch, so that under load many
// messages share one commit, and a lone one waits for nobody (group commit
// without a timer). One goroutine does it all: that alone makes the order of
// delivery the order of the commits.
type recorder struct {
	store   Store
	deliver func(room string, event Event)
	log     *slog.Logger

	mu       sync.Mutex
	wake     sync.Cond // something is pending, or stopping
	pending  []pendingDraft
	bytes    int // text of the drafts under way
	stopping bool
	done     chan struct{}
}

type pendingDraft struct {
	conn  *Connection
	draft Draft
}

func newRecorder(store Store, deliver func(string, Event), log *slog.Logger) *recorder {
	r := &recorder{store: store, deliver: deliver, log: log, done: make(chan struct{})}
	r.wake.L = &r.mu
	go r.run()
	return r
}

// take puts a draft under way; it waits while the connection has maxDrafts
// there. The error is ErrBusy or ErrStopping, and then nothing was taken.
func (r *recorder) take(conn *Connection, draft Draft) error {
	if conn.drafts == nil { // a connection that only listens never needs it
		conn.drafts = make(chan struct{}, maxDrafts)
	}
	conn.drafts <- struct{}{}
	r.mu.Lock()
	err := r.takeLocked(pendingDraft{conn, draft})
	r.mu.Unlock()
	if err != nil {
		<-conn.drafts
	}
	return err
}

func (r *recorder) takeLocked(p pendingDraft) error {
	if r.stopping {
		return ErrStopping
	}
	if r.bytes+len(p.draft.Text) > maxDraftBytes {
		return ErrBusy
	}
	r.bytes += len(p.draft.Text)
	r.pending = append(r.pending, p)
	r.wake.Signal()
	return nil
}

// settle waits until no draft of a connection is under way; it must not send
// any more.
func (r *recorder) settle(conn *Connection) {
	for range cap(conn.drafts) {
		conn.drafts <- struct{}{}
	}
}

// stop refuses further drafts and returns when those under way are stored,
// answered and handed to the hub, or with the context's error.
func (r *recorder) stop(ctx context.Context) error {
	r.mu.Lock()
	r.stopping = true
	r.wake.Signal()
	r.mu.Unlock()
	select {
	case <-r.done:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("store what is under way: %w", ctx.Err())
	}
}

func (r *recorder) run() {
	defer close(r.done)
	for {
		batch := r.next()
		if batch == nil {
			return
		}
		r.record(batch)
	}
}

// next waits for drafts and returns at most maxBatch of them; nil when
// stopping and nothing is pending.
func (r *recorder) next() []pendingDraft {
	r.mu.Lock()
	defer r.mu.Unlock()
	for len(r.pending) == 0 {
		if r.stopping {
			return nil
		}
		r.wake.Wait()
	}
	n := min(len(r.pending), maxBatch)
	batch := r.pending[:n:n]
	r.pending = r.pending[n:]
	if len(r.pending) == 0 {
		r.pending = nil
	}
	return batch
}

// record stores a batch, then delivers and answers draft by draft, in order.
func (r *recorder) record(batch []pendingDraft) {
	drafts := make([]Draft, len(batch))
	for i, p := range batch {
		drafts[i] = p.draft
	}
	outcomes, err := r.append(drafts)
	if err != nil {
		r.log.Error("messages not stored", "drafts", len(drafts), "error", err)
	}
	for i, p := range batch {
		outcome := Outcome{Err: ErrNotStored}
		if err == nil {
			outcome = outcomes[i]
		}
		r.finish(p, outcome)
	}
}

// append calls the store, and takes a panic of it for an error: the batch is
// lost to its senders, the recorder goes on.
func (r *recorder) append(drafts []Draft) (outcomes []Outcome, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v\n%s", p, debug.Stack())
		}
	}()
	outcomes, err = r.store.Append(context.Background(), drafts)
	if err == nil && len(outcomes) != len(drafts) {
		err = fmt.Errorf("the store answered %d drafts of %d", len(outcomes), len(drafts))
	}
	return outcomes, err
}

func (r *recorder) finish(p pendingDraft, outcome Outcome) {
	defer func() {
		if v := recover(); v != nil {
			r.log.Error("delivering panicked", "room", p.draft.Room, "panic", v, "stack", string(debug.Stack()))
		}
	}()
	defer func() {
		r.mu.Lock()
		r.bytes -= len(p.draft.Text)
		r.mu.Unlock()
		<-p.conn.drafts
	}()
	if outcome.Err == nil {
		r.deliver(p.draft.Room, Said{outcome.Message})
	}
	p.conn.Socket.Answer(p.draft, outcome.Message, outcome.Err)
}
