package broker

import (
	"encoding/json"

	"github.com/nats-io/nats.go"

	"chatserver/chat"
)

// Publish implements chat.Broker.
func (n *NATS) Publish(hint chat.Hint) {
	if n.counters.disconnected() {
		n.counters.unpublished.Add(1) // it would wait while the connection tries to be one, and be in vain
		return
	}
	wire, err := wireOf(hint)
	if err != nil {
		n.options.Log.Error("NATS", "room", hint.Room, "error", err)
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
	if err != nil { // one that is gone is told of once, and the store has it
		n.counters.unpublished.Add(1)
		return
	}
	n.counters.published.Add(1)
}

// dispatch hands on what arrives.
func (n *NATS) dispatch() {
	defer close(n.done)
	for msg := range n.incoming {
		n.counters.received.Add(1)
		n.mu.Lock()
		handle := n.handlers[msg.Sub]
		n.mu.Unlock()
		if handle != nil {
			n.receive(msg, handle)
		}
	}
}

// receive hands on a hint. Of one that nobody vouches for, or that this version does not
// know, only the room is: something may be stored there.
func (n *NATS) receive(msg *nats.Msg, handle func(chat.Hint)) {
	room, trace := msg.Subject[len(subject("")):], msg.Header.Get(headerTrace)
	if !n.auth.verifies(msg.Data, msg.Subject, trace) {
		n.reject(msg)
		handle(chat.Hint{Room: room})
		return
	}
	var wire wireHint
	if err := json.Unmarshal(msg.Data, &wire); err != nil { // of a later version
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

// reject counts a hint that no node of this chat made, and logs the first.
func (n *NATS) reject(msg *nats.Msg) {
	if !hasMAC(msg.Data) {
		n.counters.unsigned.Add(1)
	} else {
		n.counters.forged.Add(1)
	}
	n.logRejected.Do(func() {
		n.options.Log.Warn("NATS carries hints that no node of this chat signed: an older version is running, another chat uses the same account, or somebody else may publish there; what they say is not shown",
			"subject", msg.Subject, "bytes", len(msg.Data))
	})
}
