package cluster

import (
	"chatserver/chat"
	"chatserver/live"
)

// openHints receives other nodes' hints for a room.
func (n *Node) openHints(r *live.OpenRoom) (end func()) {
	return n.fleet.Broker.Subscribe(r.Slug(), func(hint chat.Hint) { n.applyHint(r, hint) })
}

// PublishMessage implements Nodes.
func (n *Node) PublishMessage(m chat.Message, trace any) {
	n.publish(m.Room, chat.Said{Message: m}, trace)
}

// Publish implements Nodes.
func (n *Node) Publish(room string, event chat.Event) { n.publish(room, event, nil) }

// applyHint delivers an event of another node to the room's members. It ignores events of
// another epoch: the store has the truth.
func (n *Node) applyHint(r *live.OpenRoom, hint chat.Hint) {
	if hint.Event == nil {
		n.suspectSoon(r.Slug())
		return
	}
	if hint.Epoch != n.hub.Epoch() {
		n.stats.stale.Add(1)
		return
	}
	if err := hint.Check(n.options.MaxText); err != nil {
		n.stats.invalid.Add(1)
		n.log.Warn("ignoring an invalid hint from another node; checking the store instead", "room", r.Slug(), "error", err)
		n.suspectSoon(r.Slug())
		return
	}
	switch event := hint.Event.(type) {
	case chat.Said:
		n.applyMessage(r, event.Message, hint.Trace)
	case chat.Joined, chat.Left, chat.Typing:
		r.Deliver(event)
	case chat.Presence:
		n.sync.remoteChanged(r.Slug())
	}
}

func (n *Node) applyMessage(r *live.OpenRoom, m chat.Message, trace any) {
	metrics := n.options.Metrics
	metrics.RemoteReceived(m)
	m = n.html.Rendered(chat.Payer{}, []chat.Message{m})[0]
	r.Apply(m)
	if trace != nil {
		change := chat.Header{Room: r.Slug(), ID: m.ID, Seq: m.Seq, Trace: trace}
		n.hub.AfterDelivery(r.Slug(), m.Rev, func() { metrics.DeliveredToAll(change) })
	}
}

// suspectSoon requests a comparison of a room with the store, and a read of its remote
// presence, after an unsigned hint: the sender is not proven to be a node of this fleet.
func (n *Node) suspectSoon(slug string) {
	n.reconciler.request(slug)
	n.sync.remoteChanged(slug)
}
