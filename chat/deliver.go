package chat

import (
	"context"
	"fmt"
	"runtime/debug"
	"time"
)

// The order law within the process: a room's rev is up to where its members were
// delivered everything, and it grows without a gap.

const (
	// fillWait bounds a read that everybody else's messages wait for.
	fillWait = time.Second
	// fillAgain is when a room that could not be filled is tried again.
	fillAgain = time.Second
)

// deliver has the members hear what was stored. The store may be ahead of them:
// then they get what is between first. A message that they have already, or
// will get with a page, is known: its sender gets an answer of its own.
func (r *recorder) deliver(draft Draft, outcome Outcome) Outcome {
	before := outcome.Rev
	if !outcome.Known {
		before--
	}
	if r.hub.behind(draft.Room, before) {
		r.fill(draft.Room)
	}
	if outcome.Known && outcome.Message.AuthorID != draft.AuthorID {
		return Outcome{Err: ErrIDConflict}
	}
	if !outcome.Known && !r.hub.say(outcome.Message) {
		outcome.Known = true
	}
	return outcome
}

// doubt has a room compared with the store soon.
func (r *recorder) doubt(room string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.stopping {
		r.unsure[room] = true
		r.wake.Signal()
	}
}

// fill gives the members of a room what the store has and they don't. If it
// cannot be read it is tried again in a while, and until then they hear nothing
// that comes after it: the other rooms must not wait for each try.
func (r *recorder) fill(room string) {
	r.mu.Lock()
	waiting := r.later[room]
	r.mu.Unlock()
	if waiting {
		return
	}
	if err := r.tryFill(room); err != nil {
		r.log.Error("room not filled", "room", room, "error", err)
		r.fillLater(room)
	}
}

func (r *recorder) fillLater(room string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.later[room] = true
	time.AfterFunc(fillAgain, func() {
		r.mu.Lock()
		delete(r.later, room)
		r.mu.Unlock()
		r.doubt(room)
	})
}

// tryFill reads page by page until the members are where the store is.
func (r *recorder) tryFill(room string) (err error) {
	defer func() {
		if p := recover(); p != nil {
			r.observer.Panicked("fill")
			err = fmt.Errorf("panic: %v\n%s", p, debug.Stack())
		}
	}()
	for {
		since, open := r.hub.rev(room)
		if !open {
			return nil // whoever comes reads it
		}
		page, err := r.changes(room, since)
		if err != nil {
			return fmt.Errorf("after rev %d: %w", since, err)
		}
		if page.Rev <= since {
			return nil
		}
		r.hub.fill(room, page)
		if !page.More && !r.hub.behind(room, page.Rev) {
			return nil
		}
	}
}

func (r *recorder) changes(room string, since int64) (Page, error) {
	ctx, cancel := context.WithTimeout(context.Background(), fillWait)
	defer cancel()
	page, err := r.store.Changes(ctx, room, since, PageLimit)
	return renderChanges(page, r.renderer, PageLimit), err
}

// rev is where the members of a room are; not open if there are none.
func (h *hub) rev(slug string) (rev int64, open bool) {
	r := h.find(slug)
	if r == nil {
		return 0, false
	}
	return r.standing()
}

// standing is where the members of a room are; not known if there are none.
func (r *room) standing() (rev int64, known bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.rev, !r.empty()
}

// behind reports whether the members of a room lack something up to a rev.
func (h *hub) behind(slug string, rev int64) bool {
	here, open := h.rev(slug)
	return open && here < rev
}

// say delivers a message to the members of its room. It reports false when they
// have it already, or when something before it is missing: then it comes with a
// page.
func (h *hub) say(m Message) bool {
	r := h.find(m.Room)
	if r == nil {
		return false // nobody is there; whoever comes reads the history
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.empty() {
		r.begin(m.Rev) // whoever is coming has read less
		return false
	}
	if m.Rev != r.rev+1 {
		return false
	}
	r.rev = m.Rev
	r.deliver(Said{m})
	return true
}

// fill delivers a page that goes on where the members are.
func (h *hub) fill(slug string, page Page) {
	r := h.find(slug)
	if r == nil {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.empty() || page.Since != r.rev || page.Rev <= r.rev {
		return
	}
	r.rev = page.Rev
	r.append(func(b *batch) { b.fill(r.hub.frames, r.spoken, Changed{slug, page}) })
}
