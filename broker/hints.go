package broker

import (
	"encoding/json"

	"github.com/nats-io/nats.go"

	"chatserver/chat"
)

// Publish implements chat.Broker.
func (n *NATS) Publish(hint chat.Hint) {
	if n.counts.isGone() {
		n.counts.unpublished.Add(1) // it would wait while the connection tries to be one, and be in vain
		return
	}
	wire, err := wireOf(hint)
	if err != nil {
		n.options.Log.Error("NATS", "room", hint.Room, "error", err)
		return
	}
	if !wire.hasPlace() {
		n.stamps.mu.Lock()
		defer n.stamps.mu.Unlock()
		wire.Node, wire.Stamp = n.stamps.node, n.stamps.next()
	}
	msg := &nats.Msg{Subject: subject(hint.Room)}
	trace := ""
	if n.options.Carry != nil && hint.Trace != nil {
		trace = n.options.Carry(hint.Trace)
		msg.Header = nats.Header{headerTrace: {trace}}
	}
	data, err := json.Marshal(wire)
	if err == nil {
		msg.Data = n.auth.seal(data, msg.Subject, trace)
		err = n.conn.PublishMsg(msg)
	}
	if err != nil { // one that is gone is told of once, and the store has it
		n.counts.unpublished.Add(1)
		return
	}
	n.counts.published.Add(1)
}

// run hands on what arrives.
func (n *NATS) run() {
	defer close(n.done)
	for msg := range n.arrived {
		n.counts.received.Add(1)
		n.mu.Lock()
		hear := n.hears[msg.Sub]
		n.mu.Unlock()
		if hear != nil {
			n.receive(msg, hear)
		}
	}
}

// receive hands on a hint. Of one that nobody vouches for, or that this version does not
// know, only the room is: something may be stored there.
func (n *NATS) receive(msg *nats.Msg, hear func(chat.Hint)) {
	room, trace := msg.Subject[len(subject("")):], msg.Header.Get(headerTrace)
	if !n.auth.sealed(msg.Data, msg.Subject, trace) {
		n.refuse(msg)
		hear(chat.Hint{Room: room})
		return
	}
	var wire wireHint
	if err := json.Unmarshal(msg.Data, &wire); err != nil { // of a later version
		n.counts.misread.Add(1)
		hear(chat.Hint{Room: room})
		return
	}
	hint := wire.hint(room)
	switch {
	case hint.Event == nil:
		n.counts.misread.Add(1)
		hint = chat.Hint{Room: room}
	case !wire.hasPlace() && !n.fresh.isNew(wire.Node, wire.Stamp):
		n.counts.late.Add(1)
		return
	case trace != "" && n.options.Fetch != nil:
		hint.Trace = n.options.Fetch(trace)
	}
	hear(hint)
}

// refuse counts a hint that no node of this chat made, and logs the first.
func (n *NATS) refuse(msg *nats.Msg) {
	if !hasMAC(msg.Data) {
		n.counts.unsigned.Add(1)
	} else {
		n.counts.forged.Add(1)
	}
	n.refused.Do(func() {
		n.options.Log.Warn("NATS carries hints that no node of this chat signed: an older version is running, another chat uses the same account, or somebody else may publish there; what they say is not shown",
			"subject", msg.Subject, "bytes", len(msg.Data))
	})
}
