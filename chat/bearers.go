package chat

// bearer is who bears a name here now: whoever comes under it must have its key. On a
// fleet the name is claimed for all nodes, and given up a while after the last went.
type bearer struct {
	claim       Claim
	connections int
	busy        chan struct{} // the name is being claimed or released; nil if it is not
	kept        keptName      // zero unless the last connection was cut
}

// claim is the user's claim of its name. Who has no key is nobody in particular: only
// the very name is shared.
func (u User) claim() Claim {
	holder := "name/" + u.nameKey
	if u.Key != "" {
		holder = "key/" + guestID("", u.Key)
	}
	return Claim{Look: u.look, Holder: holder, Key: u.nameKey, Name: u.Name}
}

// waitForName waits until it is known who bears a name. The caller holds the lock, which
// is let go meanwhile.
func (h *hub) waitForName(look string) {
	for {
		b := h.bearers[look]
		if b == nil || b.busy == nil {
			return
		}
		busy := b.busy
		h.mu.Unlock()
		<-busy
		h.mu.Lock()
	}
}

// bear counts a connection of whoever claims a name, and returns the bearer if the name
// is to be claimed for this node: then nobody gets on with it until it is settled. The
// caller holds the lock.
func (h *hub) bear(name Claim) (claiming *bearer) {
	b := h.bearers[name.Look]
	known := b != nil && b.claim.Holder == name.Holder
	if !known {
		b = &bearer{claim: name}
		h.bearers[name.Look] = b
	}
	b.connections++
	h.resume(b)
	if known || h.registrar == nil {
		return nil
	}
	b.busy = make(chan struct{})
	return b
}

// unbear is the opposite of bear. The caller holds the lock.
func (h *hub) unbear(conn *Connection) {
	look := conn.User.look
	b := h.bearers[look]
	if b.connections--; b.connections > 0 {
		return
	}
	kept := !conn.Left && h.keep(b, conn)
	switch {
	case h.registrar != nil:
		h.registrar.idle(look)
	case !kept:
		delete(h.bearers, look)
	}
}

// settle lets those go on who wait for a name. If it was not claimed, the next one is to
// claim it.
func (h *hub) settle(b *bearer, claimed bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if !claimed {
		b.claim.Holder = ""
	}
	close(b.busy)
	b.busy = nil
	if b.connections == 0 {
		h.registrar.idle(b.claim.Look)
	}
}

// beginRelease returns those of the names that nobody bears, and keeps them so until
// endRelease.
func (h *hub) beginRelease(looks []string) (idle []Release) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, look := range looks {
		if b := h.bearers[look]; b != nil && b.connections == 0 && b.busy == nil {
			b.busy = make(chan struct{})
			idle = append(idle, Release{Look: look, Kept: max(0, b.kept.until.Sub(h.now()))})
		}
	}
	return idle
}

// endRelease forgets the names, if they were released.
func (h *hub) endRelease(names []Release, released bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, name := range names {
		look := name.Look
		b := h.bearers[look]
		close(b.busy)
		b.busy = nil
		if released {
			delete(h.bearers, look)
		}
	}
}

// lose notes that names are borne by others, on other nodes: whoever comes under one has
// to claim it.
func (h *hub) lose(looks map[string]bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for look := range looks {
		if b := h.bearers[look]; b != nil {
			b.claim.Holder = ""
			h.resume(b)
		}
	}
}

// claims are those of everybody who is here.
func (h *hub) claims() []Claim {
	h.mu.Lock()
	defer h.mu.Unlock()
	claims := make([]Claim, 0, len(h.bearers))
	for _, b := range h.bearers {
		if b.connections > 0 && b.busy == nil {
			claims = append(claims, b.claim)
		}
	}
	return claims
}
