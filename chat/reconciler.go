package chat

import (
	"context"
	"log/slog"
	"slices"
	"sync"
	"time"
)

const (
	// compareInterval is the time between comparisons of a node's rooms with the store: the
	// lost hint may have been the last one.
	compareInterval = 2 * time.Second
	// requestInterval is the minimum time between comparisons on request. Unsigned hints
	// cause such requests, and their number is up to the sender.
	requestInterval = 250 * time.Millisecond
)

// reconciler is the reconcile loop of a fleet node: it compares rooms with the store, by rev
// and by message id.
type reconciler struct {
	store  Store
	shared SharedStore
	hub    *hub
	log    *slog.Logger
	wakeup chan struct{} // hints may be lost, or a comparison was requested
	quit   chan struct{}
	done   chan struct{}

	mu           sync.Mutex
	allRequested bool            // compare all rooms, not only the requested ones
	requested    map[string]bool // rooms to compare
}

// startReconciler returns nil for a single process.
func startReconciler(store Store, h *hub, o Options) *reconciler {
	if o.Fleet == nil {
		return nil
	}
	c := &reconciler{
		store: store, shared: o.Fleet.Store, hub: h, log: o.Log,
		wakeup: make(chan struct{}, 1), quit: make(chan struct{}), done: make(chan struct{}), requested: map[string]bool{},
	}
	h.requestCompare = c.request
	if o.Fleet.Broker != nil {
		o.Fleet.Broker.OnLoss(c.requestAll)
	}
	go c.run()
	return c
}

// requestAll requests a comparison of all rooms.
func (c *reconciler) requestAll() {
	c.mu.Lock()
	c.allRequested = true
	c.mu.Unlock()
	c.wake()
}

// request requests a comparison of one room.
func (c *reconciler) request(slug string) {
	c.mu.Lock()
	known := c.requested[slug]
	c.requested[slug] = true
	c.mu.Unlock()
	if !known {
		c.wake()
	}
}

func (c *reconciler) wake() {
	select {
	case c.wakeup <- struct{}{}:
	default: // a wake-up is pending
	}
}

// next returns the rooms to compare now.
func (c *reconciler) next(all bool) (slugs []string) {
	c.mu.Lock()
	all = all || c.allRequested
	requested := c.requested
	c.allRequested, c.requested = false, map[string]bool{}
	c.mu.Unlock()
	for _, slug := range c.hub.openRooms() {
		if all || requested[slug] {
			slugs = append(slugs, slug)
		}
	}
	return slugs
}

func (c *reconciler) run() {
	defer close(c.done)
	ticker := time.NewTicker(compareInterval)
	defer ticker.Stop()
	for lastOK := true; ; {
		all := false
		select {
		case <-c.quit:
			return
		case <-ticker.C:
			all = true
		case <-c.wakeup:
		}
		err := c.compare(c.next(all))
		if err != nil {
			c.hub.stats.compareFailures.Add(1)
			if lastOK {
				c.log.Error("could not compare rooms with the store", "error", err)
			}
		}
		lastOK = err == nil
		if !c.sleep(requestInterval) {
			return
		}
	}
}

// sleep waits, and returns false if the reconciler is stopping.
func (c *reconciler) sleep(span time.Duration) bool {
	select {
	case <-time.After(span):
		return true
	case <-c.quit:
		return false
	}
}

// compare requests a backfill for the given rooms that are behind the store, and still are
// after the gap timeout. Rooms that have a different message at the same rev, or a rev that
// the store does not have, are restarted: their members received something that is not
// stored.
func (c *reconciler) compare(slugs []string) error {
	if len(slugs) == 0 {
		return nil
	}
	before := c.hub.currentRevs(slugs) // messages are stored before they are delivered, so the store is never behind these revs
	ctx, cancel := context.WithTimeout(context.Background(), compareInterval)
	defer cancel()
	heads, err := c.shared.Heads(ctx, slugs)
	if err != nil {
		return err
	}
	c.hub.followEpoch(c.store.Epoch())
	for r, rev := range before {
		switch head, stored := heads[r.slug]; {
		case !stored && rev > 0:
			c.hub.closeRemoved(r)
		case head.Rev < rev || !r.matchesHead(head):
			c.hub.restart(r, "the store has another message at this rev")
		}
	}
	if !c.sleep(gapTimeout) {
		return nil
	}
	for slug, head := range heads {
		if c.hub.behind(slug, head.Rev) {
			c.hub.suspect(slug, FoundBehind)
		}
	}
	return nil
}

func (c *reconciler) stop() {
	if c != nil {
		close(c.quit)
		<-c.done
	}
}

// suspectSoon requests a comparison of a room with the store, and a read of its remote
// presence, after an unsigned hint: the sender is not proven to be a node of this fleet.
func (h *hub) suspectSoon(slug string) {
	if h.requestCompare != nil {
		h.requestCompare(slug)
	}
	h.presenceSync.remoteChanged(slug)
}

// currentRevs returns the current revs of those of the rooms that have live subscriptions.
func (h *hub) currentRevs(slugs []string) map[*room]int64 {
	revs := make(map[*room]int64, len(slugs))
	for _, slug := range slugs {
		if r := h.find(slug); r != nil {
			if rev, known := r.currentRev(); known {
				revs[r] = rev
			}
		}
	}
	return revs
}

// restart discards a room whose members received something that is not stored. They
// reconnect and get the room from the store.
func (h *hub) restart(r *room, why string) {
	if h.discard(r, CloseHistoryReset) {
		h.stats.restarted.Add(1)
		h.log.Error("a room diverged from the store: closing its connections so that clients start over", "room", r.slug, "why", why)
	}
}

// discard removes a room from the hub, so that new connections get a new one, and closes the
// connections subscribed to it. It returns false if the room was already removed.
func (h *hub) discard(r *room, why Close) bool {
	h.mu.Lock()
	current := h.rooms[r.slug] == r
	if current {
		delete(h.rooms, r.slug)
	}
	h.mu.Unlock()
	if !current {
		return false
	}
	r.mu.Lock()
	members := slices.Clone(r.subscriptions)
	r.mu.Unlock()
	for _, m := range members {
		if m != nil {
			m.socket.Close(why)
		}
	}
	return true
}

// openRooms returns the slugs of the open rooms.
func (h *hub) openRooms() (slugs []string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for slug := range h.rooms {
		slugs = append(slugs, slug)
	}
	return slugs
}
