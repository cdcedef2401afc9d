package cluster

import (
	"context"
	"errors"
	"sync"
	"time"

	"chatserver/chat"
	"chatserver/task"
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
	node   *common
	store  chat.Store
	wakeup chan struct{} // hints may be lost, or a comparison was requested
	task   *task.Task

	mu           sync.Mutex
	allRequested bool            // compare all rooms, not only the requested ones
	requested    map[string]bool // rooms to compare
}

func newReconciler(n *common) *reconciler {
	return &reconciler{node: n, wakeup: make(chan struct{}, 1), requested: map[string]bool{}}
}

func (c *reconciler) start(store chat.Store) {
	c.store = store
	c.node.fleet.Broker.OnLoss(c.requestAll)
	c.task = task.Start(c.run)
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
	for _, slug := range c.node.hub.OpenRooms() {
		if all || requested[slug] {
			slugs = append(slugs, slug)
		}
	}
	return slugs
}

func (c *reconciler) run(ctx context.Context) {
	ticker := time.NewTicker(compareInterval)
	defer ticker.Stop()
	for lastOK := true; ; {
		all := false
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
			all = true
		case <-c.wakeup:
		}
		err := c.compare(ctx, c.next(all))
		if all {
			err = errors.Join(err, c.catchUpErasures())
		}
		if err != nil {
			c.node.stats.compareFailures.Add(1)
			if lastOK {
				c.node.log.Error("could not compare this node with the store", "error", err)
			}
		}
		lastOK = err == nil
		if !task.Sleep(ctx, requestInterval) {
			return
		}
	}
}

// compare requests a backfill for the given rooms that are behind the store, and still are
// after the gap timeout. Rooms that have a different message at the same rev, or a rev that
// the store does not have, are restarted: their members received something that is not
// stored.
func (c *reconciler) compare(ctx context.Context, slugs []string) error {
	if len(slugs) == 0 {
		return nil
	}
	hub := c.node.hub
	before := hub.CurrentRevs(slugs) // messages are stored before they are delivered, so the store is never behind these revs
	heads, err := c.heads(slugs)
	if err != nil {
		return err
	}
	hub.FollowEpoch(c.store.Epoch())
	for r, rev := range before {
		switch head, stored := heads[r.Slug()]; {
		case !stored && rev > 0:
			hub.CloseRemoved(r)
		case head.Rev < rev || !r.MatchesHead(head):
			hub.Restart(r, "the store has another message at this rev")
		}
	}
	if !task.Sleep(ctx, gapTimeout) {
		return nil
	}
	for slug, head := range heads {
		if r := hub.Find(slug); r != nil && r.Behind(head.Rev) {
			hub.Suspect(slug, chat.FoundBehind)
		}
	}
	return nil
}

func (c *reconciler) catchUpErasures() error {
	ctx, cancel := context.WithTimeout(context.Background(), compareInterval)
	defer cancel()
	return c.node.fleet.Store.CatchUpErasures(ctx)
}

// heads returns the heads of rooms in the store.
func (c *reconciler) heads(slugs []string) (map[string]chat.Head, error) {
	ctx, cancel := context.WithTimeout(context.Background(), compareInterval)
	defer cancel()
	return c.node.fleet.Store.Heads(ctx, slugs)
}
