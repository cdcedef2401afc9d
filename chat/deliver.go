package chat

// The order law within the process: a room's rev is up to where its members were
// delivered everything, and it grows without a gap.

// maxAhead is how many messages of a room wait for one before them. What comes beyond
// is found in the store.
const maxAhead = 256

// deliver has the members hear what was stored. A message that they have already, or
// will get later, is known: its sender gets an answer of its own.
func (r *recorder) deliver(p pendingDraft, outcome Outcome) Outcome {
	if outcome.Known && !p.conn.User.wrote(outcome.Message.AuthorID) {
		return Outcome{Err: ErrIDConflict}
	}
	if live := r.hub.hear(outcome.Message); !live {
		outcome.Known = true
	}
	return outcome
}

// hear delivers a message to the members of its room, in its place. It reports false
// when they have it already, or when something before it is missing: then it waits for
// that, or comes with a page.
func (h *hub) hear(m Message) (live bool) {
	r := h.find(m.Room)
	if r == nil {
		return false // nobody is there; whoever comes reads the history
	}
	return r.hear(m)
}

func (r *room) hear(m Message) (live bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	switch {
	case r.empty():
		r.begin(m.Rev) // whoever is coming has read less
		return false
	case m.Rev <= r.rev:
		if !r.had(m.Rev, m.ID) {
			go r.hub.restart(r, "another message came for a rev") // not here: the lock is held
		}
		return false
	case m.Rev > r.rev+1:
		r.wait(m)
		return false
	}
	r.next(m)
	r.goOnAhead()
	return true
}

// next delivers the message that is next. The caller holds the lock.
func (r *room) next(m Message) {
	r.rev = m.Rev
	r.remember(m.Rev, m.ID)
	r.deliver(Said{m})
}

// wait keeps a message until what is before it has come: on a fleet it is on its way
// from another node. If that takes longer than patience, the store is asked. The caller
// holds the lock.
func (r *room) wait(m Message) {
	if other, there := r.ahead[m.Rev]; there && other.ID != m.ID {
		delete(r.ahead, m.Rev) // the store tells which of them is true
		r.disputed = true
	} else if len(r.ahead) < maxAhead {
		if r.ahead == nil {
			r.ahead = map[int64]Message{}
		}
		r.ahead[m.Rev] = m
	}
	if r.waiting {
		return
	}
	r.waiting = true
	r.hub.soon(func() {
		r.mu.Lock()
		r.waiting = false
		waits := len(r.ahead) > 0 || r.disputed
		r.disputed = false
		r.mu.Unlock()
		if waits {
			r.hub.doubt(r.slug, Gap)
		}
	})
}

// goOnAhead delivers what has waited for nothing more. The caller holds the lock.
func (r *room) goOnAhead() {
	for len(r.ahead) > 0 {
		m, there := r.ahead[r.rev+1]
		if !there {
			return
		}
		delete(r.ahead, m.Rev)
		r.next(m)
	}
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

// fill delivers a page that goes on where the members are, and reports whether it does.
func (h *hub) fill(slug string, page Page) (filled bool) {
	r := h.find(slug)
	if r == nil {
		return false
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.empty() || page.Since != r.rev || page.Rev <= r.rev {
		return false
	}
	if !r.had(page.Since, page.SinceID) {
		go r.hub.restart(r, "what is stored goes on from another message")
		return false
	}
	r.rev = page.Rev
	for i := range page.Messages {
		r.remember(page.Messages[i].Rev, page.Messages[i].ID)
	}
	r.append(func(b *batch) { b.fill(r.hub.frames, r.spoken, Changed{slug, page}) })
	for rev := range r.ahead {
		if rev <= r.rev {
			delete(r.ahead, rev)
		}
	}
	r.goOnAhead()
	return true
}

// claimed are the revs of the messages that wait in a room.
func (h *hub) claimed(slug string) (revs []int64) {
	if r := h.find(slug); r != nil {
		r.mu.Lock()
		defer r.mu.Unlock()
		for rev := range r.ahead {
			revs = append(revs, rev)
		}
	}
	return revs
}

// disclaim drops those messages that wait for a place which the store, asked after they
// came, does not have: what is told was stored before.
func (h *hub) disclaim(slug string, revs []int64, stored int64) {
	r := h.find(slug)
	if r == nil {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, rev := range revs {
		if rev > stored {
			delete(r.ahead, rev)
		}
	}
}
