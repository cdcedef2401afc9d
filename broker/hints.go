package broker

import (
	"context"
	"encoding/json"

	"github.com/nats-io/nats.go"

	"chatserver/chat"
)

// Publish implements chat.Broker.
func (n *NATS) Publish(hint chat.Hint) {
	if n.counters.disconnected() {
		n.counters.unpublished.Add(1) // publishing would block until the client reconnects, and then be too late
		return
	}
	wire, err := wireOf(hint)
	if err != nil {
		n.options.Log.Error("could not publish a hint to NATS", "room", hint.Room, "error", err)
		return
	}
	if !wire.idempotent() {
		n.timestamps.mu.Lock()
		defer n.timestamps.mu.Unlock()
		wire.Node, wire.Stamp = n.timestamps.node, n.timestamps.next()
	}
	msg := &nats.Msg{Subject: subject(hint.Room)}
	trace := ""
	if n.options.Inject != nil && hint.Trace != nil {
		trace = n.options.Inject(hint.Trace)
		msg.Header = nats.Header{headerTrace: {trace}}
	}
	data, err := json.Marshal(wire)
	if err == nil {
		msg.Data = n.auth.sign(data, msg.Subject, trace)
		err = n.conn.PublishMsg(msg)
	}
	if err != nil { // the disconnect is logged once; the message is in the store
		n.counters.unpublished.Add(1)
		return
	}
	n.counters.published.Add(1)
}

// dispatch passes incoming hints to the handlers of their rooms.
func (n *NATS) dispatch(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case msg := <-n.incoming:
			n.dispatchOne(msg)
		}
	}
}

func (n *NATS) dispatchOne(msg *nats.Msg) {
	n.counters.received.Add(1)
	n.mu.Lock()
	handle := n.handlers[msg.Sub]
	n.mu.Unlock()
	if handle != nil {
		n.receive(msg, handle)
	}
}

// receive passes a hint to its handler. If the hint is not authentic, or this version
// does not know its event, the handler gets only the room, because a message may have
// been stored there.
func (n *NATS) receive(msg *nats.Msg, handle func(chat.Hint)) {
	room, trace := msg.Subject[len(subject("")):], msg.Header.Get(headerTrace)
	if !n.auth.verifies(msg.Data, msg.Subject, trace) {
		n.reject(msg)
		handle(chat.Hint{Room: room})
		return
	}
	var wire wireHint
	if err := json.Unmarshal(msg.Data, &wire); err != nil { // from a later version
		n.counters.malformed.Add(1)
		handle(chat.Hint{Room: room})
		return
	}
	hint := wire.hint(room)
	switch {
	case hint.Event == nil:
		n.counters.malformed.Add(1)
		hint = chat.Hint{Room: room}
	case !wire.idempotent() && !n.replays.accepts(wire.Node, wire.Stamp):
		n.counters.late.Add(1)
		return
	case trace != "" && n.options.Extract != nil:
		hint.Trace = n.options.Extract(trace)
	}
	handle(hint)
}

// reject counts a hint with a missing or invalid MAC, and logs the first one.
func (n *NATS) reject(msg *nats.Msg) {
	if !hasMAC(msg.Data) {
		n.counters.unsigned.Add(1)
	} else {
		n.counters.forged.Add(1)
	}
	n.logRejected.Do(func() {
		n.options.Log.Warn("ignoring NATS messages without a valid signature: an older version is running, another chat uses the same NATS account, or an outsider can publish there",
			"subject", msg.Subject, "bytes", len(msg.Data))
	})
}
