package chat

import (
	"context"
	"time"
)

const (
	// gapTimeout is how long a message waits for those before it, which are on their way
	// from another node, until the store is asked for them.
	gapTimeout = 20 * time.Millisecond
)

// Fleet is what a process needs beside its store to be one node of several.
type Fleet struct {
	Store    SharedStore
	Registry Registry
	Names    NameRegistry
	Broker   Broker // nil: what others say is found in the store, every compareEvery
}

// SharedStore is what a store can do that other nodes write to as well.
type SharedStore interface {
	// Heads returns where those of the rooms are that are stored, by slug.
	Heads(ctx context.Context, slugs []string) (map[string]Head, error)
	// Stats tells how it stands now.
	Stats() StoreStats
}

// Head is where a room is: its rev, and the id of the message that has it.
type Head struct {
	Rev int64
	ID  string // empty if no message has the rev
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
	// Stats tells how it stands now.
	Stats() BrokerStats
}

// Hint is an event of a room that the other nodes are told.
type Hint struct {
	Room  string
	Epoch string // of the store in which it happened
	// Event is Said, Joined, Left or Typing; or a Presence of the room alone: look at the
	// register; or nil if nobody vouches for the event, or it is not known what it is: look
	// at the store and the register, something may have changed there.
	Event Event
	Trace any // what the Observer knows a message by; nil without
}

// subscribeHints has the hints of a room come, and who is there elsewhere known. It returns when
// the room may be read: whatever is stored after that is heard.
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

// publishHint publishes what happened in a room.
func (h *hub) publishHint(room string, event Event, trace any) {
	if fleet := h.options.Fleet; fleet != nil && fleet.Broker != nil {
		fleet.Broker.Publish(Hint{room, h.currentEpoch(), event, trace})
	}
}

// applyHint has the members of a room hear what happened on another node. What happened
// in another past is of no use: the store tells.
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
			draft := Draft{Room: r.slug, ID: m.ID, Trace: hint.Trace}
			r.hub.afterDelivery(r.slug, m.Rev, func() { r.hub.options.Metrics.DeliveredToAll(draft) })
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
