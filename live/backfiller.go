package live

import (
	"context"
	"fmt"
	"log/slog"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"time"

	"chatserver/chat"
	"chatserver/task"
)

const (
	// backfillTimeout bounds the read of one page.
	backfillTimeout = time.Second
	// backfillWorkers is the number of rooms that are backfilled concurrently: after an
	// outage of the broker, every room may need it.
	backfillWorkers = 4
	// backfillRetry is the delay before a failed backfill is retried.
	backfillRetry = time.Second
)

// backfiller sends members what the store has and they lack: messages of a commit whose
// result was lost, or messages of another node whose hints were lost. It works on a few
// rooms at a time and blocks no sender.
type backfiller struct {
	hub  *Hub
	log  *slog.Logger
	task *task.Task

	mu       sync.Mutex
	wake     sync.Cond
	suspects map[string]chat.BackfillReason // rooms that may be behind the store, and the first reason
	retries  map[string]bool                // rooms whose backfill failed and is scheduled again
	stopping bool
}

func startBackfiller(h *Hub) *backfiller {
	f := &backfiller{hub: h, log: h.log, suspects: map[string]chat.BackfillReason{}, retries: map[string]bool{}}
	f.wake.L = &f.mu
	f.task = task.Start(f.run)
	return f
}

// suspect queues a room for comparison with the store. The caller may hold the room's lock.
func (f *backfiller) suspect(room string, why chat.BackfillReason) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if _, known := f.suspects[room]; !known && !f.stopping && !f.retries[room] {
		f.suspects[room] = why
		f.wake.Signal()
	}
}

// stop finishes the queued rooms and ends the workers, or returns the context's error.
func (f *backfiller) stop(ctx context.Context) error {
	if err := f.task.Stop(ctx); err != nil {
		return fmt.Errorf("backfill the rooms: %w", err)
	}
	return nil
}

func (f *backfiller) run(ctx context.Context) {
	defer context.AfterFunc(ctx, f.finish)()
	var workers sync.WaitGroup
	for range backfillWorkers {
		workers.Go(f.work)
	}
	workers.Wait()
}

// finish lets the workers end when no room is queued.
func (f *backfiller) finish() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.stopping = true
	f.wake.Broadcast()
}

func (f *backfiller) work() {
	for {
		room, why, more := f.next()
		if !more {
			return
		}
		f.backfill(room, why)
	}
}

// next waits for a suspect room. more is false if the backfiller is stopping and none is
// left.
func (f *backfiller) next() (room string, why chat.BackfillReason, more bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for len(f.suspects) == 0 {
		if f.stopping {
			return "", 0, false
		}
		f.wake.Wait()
	}
	for room, why = range f.suspects {
		break
	}
	delete(f.suspects, room)
	return room, why, true
}

// backfill brings a room up to date. If the store cannot be read it schedules a retry; until
// that succeeds, members receive nothing after the gap. Other rooms do not wait for the
// retries.
func (f *backfiller) backfill(room string, why chat.BackfillReason) {
	err := f.tryBackfill(room, why)
	if r := f.hub.Find(room); r != nil {
		r.setStalled(err != nil)
	}
	if err != nil {
		f.log.Error("could not backfill a room", "room", room, "error", err)
		f.retryLater(room, why)
	}
}

func (f *backfiller) retryLater(room string, why chat.BackfillReason) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.retries[room] = true
	time.AfterFunc(backfillRetry, func() {
		f.mu.Lock()
		delete(f.retries, room)
		f.mu.Unlock()
		f.suspect(room, why)
	})
}

// tryBackfill reads page by page until the members have what the store has.
func (f *backfiller) tryBackfill(room string, why chat.BackfillReason) (err error) {
	defer func() {
		if p := recover(); p != nil {
			f.hub.options.Metrics.Panicked("fill")
			err = fmt.Errorf("panic: %v\n%s", p, debug.Stack())
		}
	}()
	for counted := false; ; {
		r := f.hub.Find(room)
		if r == nil {
			return nil // clients that join read it themselves
		}
		more, filled, err := f.backfillPage(r)
		if filled && !counted {
			f.hub.stats.backfilled[why].Add(1)
			counted = true
		}
		if err != nil || !more {
			return err
		}
	}
}

// backfillPage reads the page after a room's current rev and delivers it. It reports whether
// it did, and whether more may be missing.
func (f *backfiller) backfillPage(r *OpenRoom) (more, filled bool, err error) {
	since, live := r.CurrentRev()
	if !live {
		return false, false, nil
	}
	held := r.heldRevs()
	page, err := f.changes(r.slug, since)
	if err != nil {
		return false, false, fmt.Errorf("after rev %d: %w", since, err)
	}
	if page.Replaces(since) {
		f.hub.CloseRemoved(r)
		return false, false, nil
	}
	if !page.More {
		r.dropFalse(held, page.Rev)
	}
	if page.Rev <= since {
		r.filled(since)
		return false, false, nil
	}
	filled = r.backfill(page)
	return page.More || r.Behind(page.Rev), filled, nil
}

func (f *backfiller) changes(room string, since int64) (chat.Page, error) {
	ctx, cancel := context.WithTimeout(context.Background(), backfillTimeout)
	defer cancel()
	limit := chat.JSON.PageLimit() // every member gets this page
	page, err := f.hub.store.Changes(ctx, room, since, limit)
	return f.hub.html.Changes(chat.Payer{}, page, limit), err
}

// hubStats count the repairs of a hub.
type hubStats struct {
	backfilled [chat.BackfillReasons]atomic.Int64 // backfilled rooms, by BackfillReason
	restarted  atomic.Int64                       // rooms that had diverged from the store
}

func (s *hubStats) backfilledNow() (filled [chat.BackfillReasons]int64) {
	for reason := range filled {
		filled[reason] = s.backfilled[reason].Load()
	}
	return filled
}
