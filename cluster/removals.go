package cluster

import (
	"context"
	"log/slog"
	"time"

	"chatserver/chat"
	"chatserver/live"
	"chatserver/task"
)

// Rooms are removed, and messages moved, on the command line, by another process. The server
// detects that, compares its rooms with the store, and closes the connections in a removed room. When the clients reconnect, the room no longer has
// the history that they know, so they are told to discard what they have of it.

const (
	// removalsInterval is how often the store is checked for removed rooms.
	removalsInterval = 500 * time.Millisecond
	// removalsTimeout bounds one check.
	removalsTimeout = 5 * time.Second
)

// removals watches for removed rooms.
type removals struct {
	store chat.Removals
	hub   *live.Hub
	log   *slog.Logger
	task  *task.Task
}

func newRemovals(store chat.Removals) *removals { return &removals{store: store} }

func (r *removals) start(h *live.Hub, log *slog.Logger) {
	r.hub, r.log = h, log
	r.task = task.Start(r.run)
}

func (r *removals) run(ctx context.Context) {
	ticker := time.NewTicker(removalsInterval)
	defer ticker.Stop()
	known, failing := int64(-1), false
	for {
		select {
		case <-ctx.Done():
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
	slugs := r.hub.OpenRooms()
	if len(slugs) == 0 {
		return count, nil
	}
	// The revs are read before the store: otherwise a room whose first message is stored in
	// between would look like a removed one.
	revs := r.hub.CurrentRevs(slugs)
	purged, err := r.store.Purged(ctx, slugs)
	if err != nil {
		return count, err
	}
	for room, rev := range revs {
		if until, stored := purged[room.Slug()]; rev > 0 && (!stored || rev < until) {
			r.hub.CloseRemoved(room)
		} else {
			r.hub.Suspect(room.Slug(), chat.FoundBehind)
		}
	}
	return count, nil
}
