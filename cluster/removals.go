package cluster

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"chatserver/chat"
	"chatserver/live"
	"chatserver/task"
)

// Rooms are renamed and removed, and messages moved, on the command line, by another process, or
// on another node. The server detects that, compares its rooms with the store, tells the members of
// a renamed room, and closes the connections in a removed one. When the clients reconnect, the room no longer has
// the history that they know, so they are told to discard what they have of it.

const (
	// removalsInterval is how often the store is checked for changed and removed rooms.
	removalsInterval = 500 * time.Millisecond
	// removalsTimeout bounds one check.
	removalsTimeout = 5 * time.Second
)

// removals watches for changed and removed rooms.
type removals struct {
	store chat.RoomChanges
	hub   *live.Hub
	log   *slog.Logger
	task  *task.Task
}

func newRemovals(store chat.RoomChanges) *removals { return &removals{store: store} }

func (r *removals) start(h *live.Hub, log *slog.Logger) {
	r.hub, r.log = h, log
	r.task = task.Start(r.run)
}

func (r *removals) run(ctx context.Context) {
	ticker := time.NewTicker(removalsInterval)
	defer ticker.Stop()
	changed, removed, failing := int64(0), int64(-1), false
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		var ofChanges, ofRemovals error
		changed, ofChanges = r.checkChanges(changed)
		removed, ofRemovals = r.checkRemovals(removed)
		err := errors.Join(ofChanges, ofRemovals)
		if err != nil && !failing {
			r.log.Error("could not check for changed rooms", "error", err)
		}
		failing = err != nil
	}
}

// checkChanges tells the hub which rooms were changed since the first so many changes, and
// returns how many there are now. After an error it returns the same number again.
func (r *removals) checkChanges(before int64) (count int64, err error) {
	ctx, cancel := context.WithTimeout(context.Background(), removalsTimeout)
	defer cancel()
	count, addresses, err := r.store.RoomChanges(ctx, before)
	if err == nil && count != before {
		err = r.hub.RoomsChanged(ctx, addresses)
	}
	if err != nil {
		return before, err
	}
	return count, nil
}

// checkRemovals closes the connections of removed rooms if their number differs from before,
// and returns it; a before of -1 means unknown. After an error it returns the same number
// again.
func (r *removals) checkRemovals(before int64) (count int64, err error) {
	ctx, cancel := context.WithTimeout(context.Background(), removalsTimeout)
	defer cancel()
	if count, err = r.store.Removals(ctx); err != nil || count == before {
		return before, err
	}
	r.hub.ForgetRooms()
	slugs := r.hub.OpenRooms()
	if len(slugs) == 0 {
		return count, nil
	}
	// The revs are read before the store: otherwise a room whose first message is stored in
	// between would look like a removed one.
	revs := r.hub.CurrentRevs(slugs)
	purged, err := r.store.Purged(ctx, slugs)
	if err != nil {
		return before, err
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
