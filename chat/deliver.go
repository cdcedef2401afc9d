package chat

// The hub's side of the order law: a room's rev here is up to where its members
// were delivered everything, and it grows without a gap.

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
