package chat

// nameHolder is the holder of a name on this node: a connection using the name must present
// the holder's key. On a fleet the name is acquired for the whole fleet, and released some
// time after the last connection has exited.
type nameHolder struct {
	lease       NameLease
	connections int
	busy        chan struct{} // closed when an acquire or release in progress ends; nil if there is none
	kept        keptName      // zero unless the last connection was lost
}

// waitForNameLocked waits until no acquire or release of a name is in progress. The caller
// holds the lock, which is released while waiting.
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

// acquireNameLocked counts a connection of a name holder. It returns the holder if the name
// must still be acquired for this node; others then wait for settleName. The caller holds
// the lock.
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

// releaseNameLocked undoes acquireNameLocked. The caller holds the lock.
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

// settleName ends an acquire and wakes the connections that wait for the name. If the name
// was not acquired, the next connection tries again.
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

// beginRelease returns those of the names that have no connection, and blocks their use
// until endRelease.
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

// endRelease removes the names if the registry released them, and unblocks them.
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

// revokeNames marks names as held on another node: the next connection that uses one has to
// acquire it.
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

// nameLeases returns the leases of all names with a connection here.
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
