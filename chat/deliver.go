package chat

// Order within the process: a room's rev is the one up to which everything was passed to
// its pump, and it grows without gaps.

// maxHeld bounds the reorder buffer of a room in messages. Further ones are read from the
// store.
const maxHeld = 256

// apply delivers a message to its room in order. It returns false if the members already
// have the message, or if an earlier one is missing; the message then waits for that one, or
// comes with a page.
func (h *hub) apply(m Message) (live bool) {
	r := h.find(m.Room)
	if r == nil {
		return false // not open: connections that join read the message from the store
	}
	return r.apply(m)
}

func (r *room) apply(m Message) (live bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	switch {
	case r.emptyLocked():
		r.beginLocked(m.Rev) // connections that are joining have read less
		return false
	case m.Rev <= r.rev:
		if !r.matchesLocked(m.Rev, m.ID) {
			go r.hub.restart(r, "another message arrived for a delivered rev") // in a goroutine, because the lock is held
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

// nextLocked delivers the next message in order. The caller holds the lock.
func (r *room) nextLocked(m Message) {
	r.rev = m.Rev
	r.rememberLocked(m.Rev, m.ID)
	r.deliverLocked(Said{m})
}

// holdLocked keeps a message in the reorder buffer until the ones before it have arrived: on
// a fleet they are in transit from another node. After the gap timeout the room is compared
// with the store. The caller holds the lock.
func (r *room) holdLocked(m Message) {
	if other, ok := r.held[m.Rev]; ok && other.ID != m.ID {
		delete(r.held, m.Rev) // the store decides which one is right
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

// applyHeldLocked delivers the held messages that are now in order. The caller holds the
// lock.
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

// rev returns the current rev of a room; open is false if the room has no live subscription.
func (h *hub) rev(slug string) (rev int64, open bool) {
	r := h.find(slug)
	if r == nil {
		return 0, false
	}
	return r.currentRev()
}

// currentRev returns the room's current rev; known is false without a live subscription.
func (r *room) currentRev() (rev int64, known bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.rev, !r.emptyLocked()
}

// behind reports whether the members of a room lack a message up to a rev.
func (h *hub) behind(slug string, rev int64) bool {
	current, open := h.rev(slug)
	return open && current < rev
}

// backfill delivers a page that continues at the room's current rev, and reports whether it
// does.
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

// heldRevs returns the revs in a room's reorder buffer.
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

// dropHeld removes the given revs that are above stored from a room's reorder buffer. The
// store was asked after they arrived and does not have them; hints are only sent for stored
// messages, so these were false.
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
