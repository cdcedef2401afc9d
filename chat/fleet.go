package chat

import (
	"context"
	"log/slog"
	"time"
)

const (
	// patience is how long a message waits for those before it, which are on their way
	// from another node, until the store is asked for them.
	patience = 20 * time.Millisecond
	// compareEvery is how often a node looks whether its rooms are where the store is:
	// the last hint of all may be the one that got lost.
	compareEvery = 2 * time.Second
)

// Fleet is what a process needs beside its store to be one node of several.
type Fleet struct {
	Store    SharedStore
	Register Register
	Names    Names
	Broker   Broker // nil: what others say is found in the store, every compareEvery
}

// SharedStore is what a store can do that other nodes write to as well.
type SharedStore interface {
	// Revs returns the revs of those of the rooms that are stored, by slug.
	Revs(ctx context.Context, slugs []string) (map[string]int64, error)
	// Figures tells how it stands now.
	Figures() StoreFigures
}

// Broker carries hints between the nodes. A hint is about something that is stored
// already, or that nobody misses for long: it may get lost, come late or twice.
type Broker interface {
	// Subscribe has the hints of a room handed to hear, one after the other, until end is
	// called. It returns when no later hint can be missed, or, when the broker cannot say
	// so soon, without: then OnLoss tells. hear must not block.
	Subscribe(room string, hear func(Hint)) (end func())
	// Publish hands a hint to the other nodes that subscribe to its room. It does not wait
	// for them, and for a broker that takes nothing only until that counts as gone.
	Publish(hint Hint)
	// OnLoss has lost called after hints may have got lost, of whatever room. It is
	// called once, before all else; lost does not block.
	OnLoss(lost func())
	// Figures tells how it stands now.
	Figures() BrokerFigures
}

// Hint is an event of a room that the other nodes are told.
type Hint struct {
	Room  string
	Epoch string // of the store in which it happened
	Event Event  // Said, Joined, Left or Typing; or a Presence of the room alone: look at the register
	Trace any    // what the Observer knows a message by; nil without
}

// tune has the hints of a room come, and who is there elsewhere known. It returns when
// the room may be read: whatever is stored after that is heard.
func (r *room) tune() {
	fleet := r.hub.options.Fleet
	if fleet == nil {
		return
	}
	r.tuned.Do(func() {
		if fleet.Broker != nil {
			r.untune = fleet.Broker.Subscribe(r.slug, r.hearHint)
		}
		r.lookElsewhere()
	})
}

// tellNodes publishes what happened in a room.
func (h *hub) tellNodes(room string, event Event, trace any) {
	if fleet := h.options.Fleet; fleet != nil && fleet.Broker != nil {
		fleet.Broker.Publish(Hint{room, h.currentEpoch(), event, trace})
	}
}

// hearHint has the members of a room hear what happened on another node. What happened
// in another past is of no use: the store tells.
func (r *room) hearHint(hint Hint) {
	if hint.Epoch != r.hub.currentEpoch() {
		r.hub.counts.stale.Add(1)
		return
	}
	switch event := hint.Event.(type) {
	case Said:
		r.hub.options.Observer.HeardFromAfar(event.Message)
		m := r.hub.html.rendered(Payer{}, []Message{event.Message})[0]
		r.hear(m)
		if hint.Trace != nil {
			draft := Draft{Room: r.slug, ID: m.ID, Trace: hint.Trace}
			r.hub.afterwards(r.slug, m.Rev, func() { r.hub.options.Observer.Heard(draft) })
		}
	case Joined, Left, Typing:
		r.mu.Lock()
		defer r.mu.Unlock()
		if len(r.members) > r.holes {
			r.deliver(event)
		}
	case Presence:
		r.hub.registrar.unread(r.slug)
	}
}

// comparer looks now and then whether the rooms are where the store is, on a fleet.
type comparer struct {
	store  Store
	shared SharedStore
	hub    *hub
	log    *slog.Logger
	now    chan struct{} // hints may have got lost
	quit   chan struct{}
	done   chan struct{}
}

// startComparer is nil for a process alone.
func startComparer(store Store, h *hub, o Options) *comparer {
	if o.Fleet == nil {
		return nil
	}
	c := &comparer{store, o.Fleet.Store, h, o.Log, make(chan struct{}, 1), make(chan struct{}), make(chan struct{})}
	if o.Fleet.Broker != nil {
		o.Fleet.Broker.OnLoss(c.soon)
	}
	go c.run()
	return c
}

func (c *comparer) soon() {
	select {
	case c.now <- struct{}{}:
	default: // it is about to
	}
}

func (c *comparer) run() {
	defer close(c.done)
	ticker := time.NewTicker(compareEvery)
	defer ticker.Stop()
	for well := true; ; {
		select {
		case <-c.quit:
			return
		case <-ticker.C:
		case <-c.now:
		}
		err := c.compare()
		if err != nil {
			c.hub.counts.uncompared.Add(1)
			if well {
				c.log.Error("rooms not compared with the store", "error", err)
			}
		}
		well = err == nil
	}
}

// compare has those rooms filled that are behind the store, and still are when what is
// on its way should have come.
func (c *comparer) compare() error {
	slugs := c.hub.openRooms()
	if len(slugs) == 0 {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), compareEvery)
	defer cancel()
	revs, err := c.shared.Revs(ctx, slugs)
	if err != nil {
		return err
	}
	c.hub.follow(c.store.Epoch())
	select {
	case <-time.After(patience):
	case <-c.quit:
		return nil
	}
	for slug, rev := range revs {
		if c.hub.behind(slug, rev) {
			c.hub.doubt(slug, FoundBehind)
		}
	}
	return nil
}

func (c *comparer) stop() {
	if c != nil {
		close(c.quit)
		<-c.done
	}
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

func (h *hub) currentEpoch() string {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.epoch
}
