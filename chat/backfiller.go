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
	store   Store
	hub     *hub
	metrics Metrics
	log     *slog.Logger

	mu       sync.Mutex
	wake     sync.Cond
	suspects map[string]BackfillReason // rooms that may be behind the store, and the first reason
	retries  map[string]bool           // rooms whose backfill failed and is scheduled again
	stopping bool
	workers  sync.WaitGroup
}

func startBackfiller(store Store, h *hub, o Options) *backfiller {
	f := &backfiller{
		store: store, hub: h, metrics: o.Metrics, log: o.Log,
		suspects: map[string]BackfillReason{}, retries: map[string]bool{},
	}
	f.wake.L = &f.mu
	h.suspect = f.suspect
	for range backfillWorkers {
		f.workers.Go(f.run)
	}
	return f
}

// suspect queues a room for comparison with the store. The caller may hold the room's lock.
func (f *backfiller) suspect(room string, why BackfillReason) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if _, known := f.suspects[room]; !known && !f.stopping && !f.retries[room] {
		f.suspects[room] = why
		f.wake.Signal()
	}
}

// stop finishes the queued rooms and ends the workers, or returns the context's error.
func (f *backfiller) stop(ctx context.Context) error {
	f.mu.Lock()
	f.stopping = true
	f.wake.Broadcast()
	f.mu.Unlock()
	done := make(chan struct{})
	go func() {
		defer close(done)
		f.workers.Wait()
	}()
	select {
	case <-done:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("backfill the rooms: %w", ctx.Err())
	}
}

func (f *backfiller) run() {
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
func (f *backfiller) next() (room string, why BackfillReason, more bool) {
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
func (f *backfiller) backfill(room string, why BackfillReason) {
	err := f.tryBackfill(room, why)
	f.hub.setStalled(room, err != nil)
	if err != nil {
		f.log.Error("could not backfill a room", "room", room, "error", err)
		f.retryLater(room, why)
	}
}

func (f *backfiller) retryLater(room string, why BackfillReason) {
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
func (f *backfiller) tryBackfill(room string, why BackfillReason) (err error) {
	defer func() {
		if p := recover(); p != nil {
			f.metrics.Panicked("fill")
			err = fmt.Errorf("panic: %v\n%s", p, debug.Stack())
		}
	}()
	for counted := false; ; {
		since, open := f.hub.rev(room)
		if !open {
			return nil // clients that join read it themselves
		}
		held := f.hub.heldRevs(room)
		page, err := f.changes(room, since)
		if err != nil {
			return fmt.Errorf("after rev %d: %w", since, err)
		}
		if isPurged(since, page) {
			if r := f.hub.find(room); r != nil {
				f.hub.closeRemoved(r)
			}
			return nil
		}
		if !page.More {
			f.hub.dropHeld(room, held, page.Rev)
		}
		if page.Rev <= since {
			return nil
		}
		if f.hub.backfill(room, page) && !counted {
			f.hub.stats.backfilled[why].Add(1)
			counted = true
		}
		if !page.More && !f.hub.behind(room, page.Rev) {
			return nil
		}
	}
}

func (f *backfiller) changes(room string, since int64) (Page, error) {
	ctx, cancel := context.WithTimeout(context.Background(), backfillTimeout)
	defer cancel()
	limit := JSON.PageLimit() // every member gets this page
	page, err := f.store.Changes(ctx, room, since, limit)
	return f.hub.html.changes(Payer{}, page, limit), err
}
