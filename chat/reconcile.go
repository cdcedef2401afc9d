package chat

import (
	"context"
	"log/slog"
	"slices"
	"sync"
	"time"
)

const (
	// compareInterval is how often a node looks whether its rooms are where the store is:
	// the last hint of all may be the one that got lost.
	compareInterval = 2 * time.Second
	// requestInterval is how often it does so for the rooms of hints that nobody vouches for:
	// whoever sends those decides how many there are.
	requestInterval = 250 * time.Millisecond
)

// reconciler compares the rooms with the store now and then, on a fleet: not only how far
// they are, but by the id also whether they got there by the same messages.
type reconciler struct {
	store  Store
	shared SharedStore
	hub    *hub
	log    *slog.Logger
	wakeup chan struct{} // hints may have got lost, or a room was rung for
	quit   chan struct{}
	done   chan struct{}

	mu           sync.Mutex
	allRequested bool            // rooms are to be compared, and not only those
	requested    map[string]bool // for which somebody rang
}

// startReconciler is nil for a process alone.
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

// requestAll has all rooms compared soon.
func (c *reconciler) requestAll() {
	c.mu.Lock()
	c.allRequested = true
	c.mu.Unlock()
	c.wake()
}

// request has one room compared soon.
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
	default: // it is about to look
	}
}

// next returns the rooms to be compared.
func (c *reconciler) next(all bool) (slugs []string) {
	c.mu.Lock()
	all = all || c.allRequested
	rung := c.requested
	c.allRequested, c.requested = false, map[string]bool{}
	c.mu.Unlock()
	for _, slug := range c.hub.openRooms() {
		if all || rung[slug] {
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

// sleep reports false if the reconciler is to end.
func (c *reconciler) sleep(span time.Duration) bool {
	select {
	case <-time.After(span):
		return true
	case <-c.quit:
		return false
	}
}

// compare has those rooms filled that are behind the store, and still are when what is on
// its way should have come. Those that are elsewhere begin afresh: what their members were
// told is not what is stored.
func (c *reconciler) compare(slugs []string) error {
	if len(slugs) == 0 {
		return nil
	}
	before := c.hub.currentRevs(slugs) // what is delivered was stored, so the store is not behind it
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

// suspectSoon has a room compared with the store, and who is there elsewhere read again: somebody
// who cannot prove to be a node of ours said that something happened there.
func (h *hub) suspectSoon(slug string) {
	if h.requestCompare != nil {
		h.requestCompare(slug)
	}
	h.presenceSync.remoteChanged(slug)
}

// currentRevs are the revs at which rooms stand that have members.
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

// restart discards a room whose members were sent something that is not stored: they
// reconnect, and get the room from the store.
func (h *hub) restart(r *room, why string) {
	if h.discard(r, CloseHistoryReset) {
		h.stats.restarted.Add(1)
		h.log.Error("a room diverged from the store: closing its connections so that clients start over", "room", r.slug, "why", why)
	}
}

// discard takes a room out, so that newcomers get a new one, and closes the connections of
// its members. It reports false if the room was taken out before.
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

// openRooms are the rooms in which somebody is.
func (h *hub) openRooms() (slugs []string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for slug := range h.rooms {
		slugs = append(slugs, slug)
	}
	return slugs
}
