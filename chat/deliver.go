package chat

import (
	"context"
	"time"
)

// The order law within the process: a room's rev is up to where its members were
// delivered everything, and it grows without a gap.

const (
	// fillWait bounds a read that everybody else's messages wait for.
	fillWait = 5 * time.Second
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

// fill gives the members of a room what the store has and they don't, page by
// page. If it cannot be read it is tried again, and until then they hear nothing
// that comes after it.
func (r *recorder) fill(slug string) {
	for more := true; more; {
		since, open := r.hub.rev(slug)
		if !open {
			return // whoever comes reads it
		}
		ctx, cancel := context.WithTimeout(context.Background(), fillWait)
		page, err := r.store.Changes(ctx, slug, since, PageLimit)
		cancel()
		if err != nil {
			r.log.Error("room not filled", "room", slug, "since", since, "error", err)
			time.AfterFunc(fillAgain, func() { r.doubt(slug) })
			return
		}
		more = page.More && page.Rev > since
		r.hub.fill(slug, page)
	}
}

// rev is where the members of a room are; not open if there are none.
func (h *hub) rev(slug string) (rev int64, open bool) {
	r := h.find(slug)
	if r == nil {
		return 0, false
	}
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
