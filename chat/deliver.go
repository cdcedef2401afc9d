package chat

// The order law within the process: a room's rev is up to where its members were
// delivered everything, and it grows without a gap.

// maxHeld is how many messages of a room wait for one before them. What comes beyond
// is found in the store.
const maxHeld = 256

// deliver has the members hear what was stored. A message that they have already, or
// will get later, is known: its sender gets an answer of its own.
func (r *recorder) deliver(p pendingDraft, outcome Outcome) Outcome {
	if outcome.Known && !p.conn.User.wrote(outcome.Message.AuthorID) {
		return Outcome{Err: ErrIDConflict}
	}
	if live := r.hub.apply(outcome.Message); !live {
		outcome.Known = true
	}
	return outcome
}

// apply delivers a message to the members of its room, in its place. It reports false
// when they have it already, or when something before it is missing: then it waits for
// that, or comes with a page.
func (h *hub) apply(m Message) (live bool) {
	r := h.find(m.Room)
	if r == nil {
		return false // nobody is ok; whoever comes reads the history
	}
	return r.apply(m)
}

func (r *room) apply(m Message) (live bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	switch {
	case r.emptyLocked():
		r.beginLocked(m.Rev) // whoever is coming has read less
		return false
	case m.Rev <= r.rev:
		if !r.matchesLocked(m.Rev, m.ID) {
			go r.hub.restart(r, "another message arrived for a delivered rev") // not here: the lock is held
		}
		return false
	case m.Rev > r.rev+1:
		r.holdLocked(m)
		return false
	}
	r.nextLocked(m)
	r.applyHeldLocked()
	return true
}

// nextLocked delivers the message that is next. The caller holds the lock.
func (r *room) nextLocked(m Message) {
	r.rev = m.Rev
	r.rememberLocked(m.Rev, m.ID)
	r.deliverLocked(Said{m})
}

// holdLocked keeps a message until what is before it has come: on a fleet it is on its way
// from another node. If that takes longer than patience, the store is asked. The caller
// holds the lock.
func (r *room) holdLocked(m Message) {
	if other, ok := r.held[m.Rev]; ok && other.ID != m.ID {
		delete(r.held, m.Rev) // the store tells which of them is true
		r.disputed = true
	} else if len(r.held) < maxHeld {
		if r.held == nil {
			r.held = map[int64]Message{}
		}
		r.held[m.Rev] = m
	}
	if r.gapTimer {
		return
	}
	r.gapTimer = true
	r.hub.afterGapTimeout(func() {
		r.mu.Lock()
		r.gapTimer = false
		stillWaiting := len(r.held) > 0 || r.disputed
		r.disputed = false
		r.mu.Unlock()
		if stillWaiting {
			r.hub.suspect(r.slug, Gap)
		}
	})
}

// applyHeldLocked delivers what has waited for nothing more. The caller holds the lock.
func (r *room) applyHeldLocked() {
	for len(r.held) > 0 {
		m, ok := r.held[r.rev+1]
		if !ok {
			return
		}
		delete(r.held, m.Rev)
		r.nextLocked(m)
	}
}

// rev is where the members of a room are; not open if there are none.
func (h *hub) rev(slug string) (rev int64, open bool) {
	r := h.find(slug)
	if r == nil {
		return 0, false
	}
	return r.currentRev()
}

// currentRev is where the members of a room are; not known if there are none.
func (r *room) currentRev() (rev int64, known bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.rev, !r.emptyLocked()
}

// behind reports whether the members of a room lack something up to a rev.
func (h *hub) behind(slug string, rev int64) bool {
	current, open := h.rev(slug)
	return open && current < rev
}

// backfill delivers a page that goes on where the members are, and reports whether it does.
func (h *hub) backfill(slug string, page Page) (filled bool) {
	r := h.find(slug)
	if r == nil {
		return false
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.emptyLocked() || page.Since != r.rev || page.Rev <= r.rev {
		return false
	}
	if !r.matchesLocked(page.Since, page.SinceID) {
		go r.hub.restart(r, "the stored page continues from another message")
		return false
	}
	r.rev = page.Rev
	for i := range page.Messages {
		r.rememberLocked(page.Messages[i].Rev, page.Messages[i].ID)
	}
	r.appendLocked(func(b *batch) { b.backfill(r.hub.frames, r.byKind, Backfill{slug, page}) })
	for rev := range r.held {
		if rev <= r.rev {
			delete(r.held, rev)
		}
	}
	r.applyHeldLocked()
	return true
}

// heldRevs are the revs of the messages that wait in a room.
func (h *hub) heldRevs(slug string) (revs []int64) {
	if r := h.find(slug); r != nil {
		r.mu.Lock()
		defer r.mu.Unlock()
		for rev := range r.held {
			revs = append(revs, rev)
		}
	}
	return revs
}

// dropHeld drops those messages that wait for a place which the store, asked after they
// came, does not have: what is told was stored before.
func (h *hub) dropHeld(slug string, revs []int64, stored int64) {
	r := h.find(slug)
	if r == nil {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, rev := range revs {
		if rev > stored {
			delete(r.held, rev)
		}
	}
}
