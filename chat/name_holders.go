package chat

// nameHolder is who bears a name here now: whoever comes under it must have its key. On a
// fleet the name is acquired for all nodes, and given up a while after the last went.
type nameHolder struct {
	lease       NameLease
	connections int
	busy        chan struct{} // the name is being acquired or released; nil if it is not
	kept        keptName      // zero unless the last connection was cut
}

// nameLease is the user's claim of its name. Who has no key is nobody in particular: only
// the very name is shared.
func (u User) nameLease() NameLease {
	holder := "name/" + u.nameKey
	if u.Key != "" {
		holder = "key/" + guestID("", u.Key)
	}
	return NameLease{Skeleton: u.skeleton, Holder: holder, Key: u.nameKey, Name: u.Name}
}

// waitForNameLocked waits until it is known who bears a name. The caller holds the lock, which
// is let go meanwhile.
func (h *hub) waitForNameLocked(skeleton string) {
	for {
		b := h.nameHolders[skeleton]
		if b == nil || b.busy == nil {
			return
		}
		busy := b.busy
		h.mu.Unlock()
		<-busy
		h.mu.Lock()
	}
}

// acquireNameLocked counts a connection of whoever leases a name, and returns the bearer if the name
// is to be acquired for this node: then nobody gets on with it until it is settled. The
// caller holds the lock.
func (h *hub) acquireNameLocked(name NameLease) (acquiring *nameHolder) {
	b := h.nameHolders[name.Skeleton]
	known := b != nil && b.lease.Holder == name.Holder
	if !known {
		b = &nameHolder{lease: name}
		h.nameHolders[name.Skeleton] = b
	}
	b.connections++
	h.stopKeepingLocked(b)
	if known || h.presenceSync == nil {
		return nil
	}
	b.busy = make(chan struct{})
	return b
}

// releaseNameLocked is the opposite of bear. The caller holds the lock.
func (h *hub) releaseNameLocked(conn *Connection) {
	skeleton := conn.User.skeleton
	b := h.nameHolders[skeleton]
	if b.connections--; b.connections > 0 {
		return
	}
	kept := !conn.Left && h.keepNameLocked(b, conn)
	switch {
	case h.presenceSync != nil:
		h.presenceSync.nameIdle(skeleton)
	case !kept:
		delete(h.nameHolders, skeleton)
	}
}

// settleName lets those go on who wait for a name. If it was not acquired, the next one is to
// claim it.
func (h *hub) settleName(b *nameHolder, acquired bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if !acquired {
		b.lease.Holder = ""
	}
	close(b.busy)
	b.busy = nil
	if b.connections == 0 {
		h.presenceSync.nameIdle(b.lease.Skeleton)
	}
}

// beginRelease returns those of the names that nobody bears, and keeps them so until
// endRelease.
func (h *hub) beginRelease(skeletons []string) (idle []NameRelease) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, skeleton := range skeletons {
		if b := h.nameHolders[skeleton]; b != nil && b.connections == 0 && b.busy == nil {
			b.busy = make(chan struct{})
			idle = append(idle, NameRelease{Skeleton: skeleton, Kept: max(0, b.kept.until.Sub(h.now()))})
		}
	}
	return idle
}

// endRelease forgets the names, if they were released.
func (h *hub) endRelease(names []NameRelease, released bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, name := range names {
		skeleton := name.Skeleton
		b := h.nameHolders[skeleton]
		close(b.busy)
		b.busy = nil
		if released {
			delete(h.nameHolders, skeleton)
		}
	}
}

// revokeNames notes that names are borne by others, on other nodes: whoever comes under one has
// to claim it.
func (h *hub) revokeNames(skeletons map[string]bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for skeleton := range skeletons {
		if b := h.nameHolders[skeleton]; b != nil {
			b.lease.Holder = ""
			h.stopKeepingLocked(b)
		}
	}
}

// nameLeases are those of everybody who is here.
func (h *hub) nameLeases() []NameLease {
	h.mu.Lock()
	defer h.mu.Unlock()
	leases := make([]NameLease, 0, len(h.nameHolders))
	for _, b := range h.nameHolders {
		if b.connections > 0 && b.busy == nil {
			leases = append(leases, b.lease)
		}
	}
	return leases
}
