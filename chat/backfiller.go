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
	// backfillTimeout bounds the read of a page.
	backfillTimeout = time.Second
	// backfillWorkers is how many rooms are filled at once: after an outage of the broker it may be
	// all of them.
	backfillWorkers = 4
	// backfillRetry is when a room that could not be filled is tried again.
	backfillRetry = time.Second
)

// backfiller gives the members of rooms what the store has and they don't: a commit whose
// answer was lost, or what was said on another node and got lost on the way. It fills
// a few rooms at once; nobody who sends waits for it.
type backfiller struct {
	store   Store
	hub     *hub
	metrics Metrics
	log     *slog.Logger

	mu       sync.Mutex
	wake     sync.Cond
	suspects map[string]BackfillReason // rooms of which nobody knows whether the members have all that is stored, and why first
	retries  map[string]bool           // rooms that could not be filled and are tried again in a while
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

// suspect has a room compared with the store soon. It may be called with the room's lock.
func (f *backfiller) suspect(room string, why BackfillReason) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if _, known := f.suspects[room]; !known && !f.stopping && !f.retries[room] {
		f.suspects[room] = why
		f.wake.Signal()
	}
}

// stop fills what is in doubt, and ends.
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

// next waits for a room that is in doubt; no more when stopping and there is none.
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

// backfill fills a room. If it cannot be read it is tried again in a while, and until then
// its members hear nothing that comes after it: the other rooms must not wait for each
// try.
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

// tryBackfill reads page by page until the members are where the store is.
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
			return nil // whoever comes reads it
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
	limit := JSON.PageLimit() // the page goes to all members
	page, err := f.store.Changes(ctx, room, since, limit)
	return f.hub.html.changes(Payer{}, page, limit), err
}
