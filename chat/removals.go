package chat

import (
	"context"
	"log/slog"
	"time"
)

// Rooms are removed on the command line, by another process. The server detects that and
// closes the connections in such a room. When the clients reconnect, the room no longer has
// the history that they know, so they are told to discard what they have of it.

const (
	// removalsInterval is how often the store is checked for removed rooms.
	removalsInterval = 500 * time.Millisecond
	// removalsTimeout bounds one check.
	removalsTimeout = 5 * time.Second
)

// Removals is the interface of a store from which another process may remove rooms.
type Removals interface {
	// Removals returns the number of rooms that were ever removed.
	Removals(ctx context.Context) (int64, error)
	// Purged returns the Page.Purged of those of the rooms that are stored, by slug.
	Purged(ctx context.Context, slugs []string) (map[string]int64, error)
}

// isPurged reports whether a client at the rev since has a room's history from before a room
// of that name was removed.
func isPurged(since int64, page Page) bool { return since > 0 && since < page.Purged }

// removals watches for removed rooms.
type removals struct {
	store Removals
	hub   *hub
	log   *slog.Logger
	quit  chan struct{}
	done  chan struct{}
}

// startRemovals returns nil if no other process removes rooms.
func startRemovals(h *hub, o Options) *removals {
	if o.Removals == nil {
		return nil
	}
	r := &removals{store: o.Removals, hub: h, log: o.Log, quit: make(chan struct{}), done: make(chan struct{})}
	go r.run()
	return r
}

func (r *removals) run() {
	defer close(r.done)
	ticker := time.NewTicker(removalsInterval)
	defer ticker.Stop()
	known, failing := int64(-1), false
	for {
		select {
		case <-r.quit:
			return
		case <-ticker.C:
		}
		count, err := r.check(known)
		if err != nil && !failing {
			r.log.Error("could not check for removed rooms", "error", err)
		}
		if failing = err != nil; !failing {
			known = count
		}
	}
}

// check closes the connections of removed rooms if the count differs from before; a before
// of -1 means unknown.
func (r *removals) check(before int64) (count int64, err error) {
	ctx, cancel := context.WithTimeout(context.Background(), removalsTimeout)
	defer cancel()
	if count, err = r.store.Removals(ctx); err != nil || count == before {
		return count, err
	}
	slugs := r.hub.openRooms()
	if len(slugs) == 0 {
		return count, nil
	}
	// The revs are read before the store: otherwise a room whose first message is stored in
	// between would look like a removed one.
	revs := r.hub.currentRevs(slugs)
	purged, err := r.store.Purged(ctx, slugs)
	if err != nil {
		return count, err
	}
	for room, rev := range revs {
		if until, stored := purged[room.slug]; rev > 0 && (!stored || rev < until) {
			r.hub.closeRemoved(room)
		}
	}
	return count, nil
}

func (r *removals) stop() {
	if r != nil {
		close(r.quit)
		<-r.done
	}
}

// closeRemoved closes the connections in a removed room. Clients that join it later get a
// new one.
func (h *hub) closeRemoved(r *room) {
	if h.discard(r, CloseRoomRemoved) {
		h.log.Info("a room was removed: closing its connections", "room", r.slug)
	}
}
