package chat

import (
	"context"
	"time"
)

const (
	// gapTimeout is how long a message waits for earlier ones in transit from another node
	// before they are read from the store.
	gapTimeout = 20 * time.Millisecond
)

// Fleet is what a process needs besides its store to be a node of a fleet.
type Fleet struct {
	Store    SharedStore
	Registry Registry
	Names    NameRegistry
	Broker   Broker // nil: messages of other nodes are found in the store, within compareInterval
}

// SharedStore is the interface of a store that other nodes write to as well.
type SharedStore interface {
	// Heads returns the heads of those of the rooms that are stored, by slug.
	Heads(ctx context.Context, slugs []string) (map[string]Head, error)
	// Stats returns the current values.
	Stats() StoreStats
}

// Head is the newest revision of a room: its rev, and the id of the message that has it.
type Head struct {
	Rev int64
	ID  string // empty if no message has the rev
}

// Broker carries hints between nodes. A hint is about something that is already stored, or
// that soon no longer matters: it may be lost, late or duplicated.
type Broker interface {
	// Subscribe passes the hints of a room to hear, one at a time, until end is called. It
	// returns once no later hint can be missed. If the broker cannot confirm that soon, it
	// returns earlier and reports a loss through OnLoss. hear must not block.
	Subscribe(room string, hear func(Hint)) (end func())
	// Publish sends a hint to the other nodes that subscribe to its room. It does not wait
	// for them. If the broker's connection accepts no data, it blocks until that counts as
	// lost.
	Publish(hint Hint)
	// OnLoss registers a function that is called after hints of any room may have been lost.
	// It is called once, before the other methods; lost does not block.
	OnLoss(lost func())
	// Stats returns the current values.
	Stats() BrokerStats
}

// Hint is an event of a room that other nodes should know of.
type Hint struct {
	Room  string
	Epoch string // of the store in which it happened
	// Event is Said, Joined, Left or Typing; or a Presence with only the room, which means:
	// read the registry. It is nil if the event is unsigned or of an unknown kind: something
	// may have changed in the store or the registry.
	Event Event
	Trace any // identifies the message for Metrics; nil without
}

// subscribeHints receives other nodes' hints for the room and loads their presence. It
// returns when the room may be read: anything stored after that is announced by a hint.
func (r *room) subscribeHints() {
	fleet := r.hub.options.Fleet
	if fleet == nil {
		return
	}
	r.hintsOnce.Do(func() {
		if fleet.Broker != nil {
			r.unsubscribeHints = fleet.Broker.Subscribe(r.slug, r.applyHint)
		}
		r.loadRemotePresence()
	})
}

// publishHint publishes an event of a room to the other nodes.
func (h *hub) publishHint(room string, event Event, trace any) {
	if fleet := h.options.Fleet; fleet != nil && fleet.Broker != nil {
		fleet.Broker.Publish(Hint{room, h.currentEpoch(), event, trace})
	}
}

// applyHint delivers an event of another node to the room's members. It ignores events of
// another epoch: the store has the truth.
func (r *room) applyHint(hint Hint) {
	if hint.Event == nil {
		r.hub.suspectSoon(r.slug)
		return
	}
	if hint.Epoch != r.hub.currentEpoch() {
		r.hub.stats.stale.Add(1)
		return
	}
	if err := hint.check(r.hub.options.MaxText); err != nil {
		r.hub.stats.invalid.Add(1)
		r.hub.log.Warn("ignoring an invalid hint from another node; checking the store instead", "room", r.slug, "error", err)
		r.hub.suspectSoon(r.slug)
		return
	}
	switch event := hint.Event.(type) {
	case Said:
		r.hub.options.Metrics.RemoteReceived(event.Message)
		m := r.hub.html.rendered(Payer{}, []Message{event.Message})[0]
		r.apply(m)
		if hint.Trace != nil {
			change := Header{Room: r.slug, ID: m.ID, Seq: m.Seq, Trace: hint.Trace}
			r.hub.afterDelivery(r.slug, m.Rev, func() { r.hub.options.Metrics.DeliveredToAll(change) })
		}
	case Joined, Left, Typing:
		r.mu.Lock()
		defer r.mu.Unlock()
		if len(r.subscriptions) > r.holes {
			r.deliverLocked(event)
		}
	case Presence:
		r.hub.presenceSync.remoteChanged(r.slug)
	}
}

func (h *hub) currentEpoch() string {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.epoch
}
