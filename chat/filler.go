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
	// fillWait bounds the read of a page.
	fillWait = time.Second
	// fillers is how many rooms are filled at once: after an outage of the broker it may be
	// all of them.
	fillers = 4
	// fillAgain is when a room that could not be filled is tried again.
	fillAgain = time.Second
)

// filler gives the members of rooms what the store has and they don't: a commit whose
// answer was lost, or what was said on another node and got lost on the way. It fills
// a few rooms at once; nobody who sends waits for it.
type filler struct {
	store    Store
	hub      *hub
	observer Observer
	log      *slog.Logger

	mu       sync.Mutex
	wake     sync.Cond
	unsure   map[string]Doubt // rooms of which nobody knows whether the members have all that is stored, and why first
	later    map[string]bool  // rooms that could not be filled and are tried again in a while
	stopping bool
	filling  sync.WaitGroup
}

func startFiller(store Store, h *hub, o Options) *filler {
	f := &filler{
		store: store, hub: h, observer: o.Observer, log: o.Log,
		unsure: map[string]Doubt{}, later: map[string]bool{},
	}
	f.wake.L = &f.mu
	h.doubt = f.doubt
	for range fillers {
		f.filling.Go(f.run)
	}
	return f
}

// doubt has a room compared with the store soon. It may be called with the room's lock.
func (f *filler) doubt(room string, why Doubt) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if _, is := f.unsure[room]; !is && !f.stopping && !f.later[room] {
		f.unsure[room] = why
		f.wake.Signal()
	}
}

// stop fills what is in doubt, and ends.
func (f *filler) stop(ctx context.Context) error {
	f.mu.Lock()
	f.stopping = true
	f.wake.Broadcast()
	f.mu.Unlock()
	done := make(chan struct{})
	go func() {
		defer close(done)
		f.filling.Wait()
	}()
	select {
	case <-done:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("fill the rooms: %w", ctx.Err())
	}
}

func (f *filler) run() {
	for {
		room, why, more := f.next()
		if !more {
			return
		}
		f.fill(room, why)
	}
}

// next waits for a room that is in doubt; no more when stopping and there is none.
func (f *filler) next() (room string, why Doubt, more bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for len(f.unsure) == 0 {
		if f.stopping {
			return "", 0, false
		}
		f.wake.Wait()
	}
	for room, why = range f.unsure {
		break
	}
	delete(f.unsure, room)
	return room, why, true
}

// fill fills a room. If it cannot be read it is tried again in a while, and until then
// its members hear nothing that comes after it: the other rooms must not wait for each
// try.
func (f *filler) fill(room string, why Doubt) {
	err := f.tryFill(room, why)
	f.hub.setStuck(room, err != nil)
	if err != nil {
		f.log.Error("room not filled", "room", room, "error", err)
		f.fillLater(room, why)
	}
}

func (f *filler) fillLater(room string, why Doubt) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.later[room] = true
	time.AfterFunc(fillAgain, func() {
		f.mu.Lock()
		delete(f.later, room)
		f.mu.Unlock()
		f.doubt(room, why)
	})
}

// tryFill reads page by page until the members are where the store is.
func (f *filler) tryFill(room string, why Doubt) (err error) {
	defer func() {
		if p := recover(); p != nil {
			f.observer.Panicked("fill")
			err = fmt.Errorf("panic: %v\n%s", p, debug.Stack())
		}
	}()
	for counted := false; ; {
		since, open := f.hub.rev(room)
		if !open {
			return nil // whoever comes reads it
		}
		claimed := f.hub.claimed(room)
		page, err := f.changes(room, since)
		if err != nil {
			return fmt.Errorf("after rev %d: %w", since, err)
		}
		if isPurged(since, page) {
			if r := f.hub.find(room); r != nil {
				f.hub.forget(r)
			}
			return nil
		}
		if !page.More {
			f.hub.disclaim(room, claimed, page.Rev)
		}
		if page.Rev <= since {
			return nil
		}
		if f.hub.fill(room, page) && !counted {
			f.hub.counts.filled[why].Add(1)
			counted = true
		}
		if !page.More && !f.hub.behind(room, page.Rev) {
			return nil
		}
	}
}

func (f *filler) changes(room string, since int64) (Page, error) {
	ctx, cancel := context.WithTimeout(context.Background(), fillWait)
	defer cancel()
	limit := JSON.PageLimit() // the page goes to all members
	page, err := f.store.Changes(ctx, room, since, limit)
	return f.hub.html.changes(Payer{}, page, limit), err
}
