package chat

import (
	"context"
	"log/slog"
	"net/netip"
	"time"
)

// Rooms are removed by the command line, in another process. A server notices, and
// closes the connections of those who are in such a room: when they come again the room
// has no past that they know, so they are told to forget what they have of it.

const (
	// removalsEvery is how often the store is asked whether rooms were removed.
	removalsEvery = 500 * time.Millisecond
	// removalsWait bounds the question.
	removalsWait = 5 * time.Second
)

// Removals is what a store can do from which another process may remove rooms.
type Removals interface {
	// Removals returns how many rooms were removed until now.
	Removals(ctx context.Context) (int64, error)
	// Purged returns, by slug, the Page.Purged of those of the rooms that are stored.
	Purged(ctx context.Context, slugs []string) (map[string]int64, error)
}

// isPurged reports whether somebody who has a room up to a rev has it from before a
// room of its name was removed.
func isPurged(since int64, page Page) bool { return since > 0 && since < page.Purged }

// makerNetwork is the network by which new rooms are counted; the zero Prefix if they
// are not. One customer may have a whole /48 of IPv6 (RFC 6177), and make rooms from each
// /64 of it.
func makerNetwork(address netip.Addr) netip.Prefix {
	if !LimitedAddress(address) {
		return netip.Prefix{}
	}
	address = address.Unmap().WithZone("")
	bits := 32
	if address.Is6() {
		bits = 48
	}
	network, _ := address.Prefix(bits) // bits fit the address
	return network
}

// removals watches for rooms that were removed.
type removals struct {
	store Removals
	hub   *hub
	log   *slog.Logger
	quit  chan struct{}
	done  chan struct{}
}

// startRemovals returns nil if nobody removes rooms.
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
	ticker := time.NewTicker(removalsEvery)
	defer ticker.Stop()
	known, failing := int64(-1), false
	for {
		select {
		case <-r.quit:
			return
		case <-ticker.C:
		}
		count, err := r.look(known)
		if err != nil && !failing {
			r.log.Error("could not check for removed rooms", "error", err)
		}
		if failing = err != nil; !failing {
			known = count
		}
	}
}

// look resets the rooms that were removed if the count is another one than before; of
// -1 that is not known.
func (r *removals) look(before int64) (count int64, err error) {
	ctx, cancel := context.WithTimeout(context.Background(), removalsWait)
	defer cancel()
	if count, err = r.store.Removals(ctx); err != nil || count == before {
		return count, err
	}
	slugs := r.hub.openRooms()
	if len(slugs) == 0 {
		return count, nil
	}
	// The revs are read before the store is: a room whose first message is stored in between
	// would look like one that was removed.
	revs := make(map[string]int64, len(slugs))
	for _, slug := range slugs {
		if rev, known := r.hub.rev(slug); known && rev > 0 {
			revs[slug] = rev
		}
	}
	purged, err := r.store.Purged(ctx, slugs)
	if err != nil {
		return count, err
	}
	for slug, rev := range revs {
		if until, stored := purged[slug]; !stored || rev < until {
			r.hub.forget(slug)
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

// forget closes the connections of everybody in a room that was removed. Whoever joins
// it from now on gets a new one.
func (h *hub) forget(slug string) {
	if r := h.find(slug); r != nil && h.discard(r, CloseRoomRemoved) {
		h.log.Info("a room was removed: closing the connections of those who are in it", "room", slug)
	}
}
