package broker

import (
	"fmt"
	"time"

	"chatserver/chat"
)

// wireHint is the wire format of a hint: one of the events, and a MAC after all fields
// (see authenticator). A node ignores the fields it does not know and reads the store
// instead.
type wireHint struct {
	Epoch string       `json:"epoch"`
	Said  *wireMessage `json:"said,omitempty"` // a new message
	// Changed is a message that has changed. A node of a version without it reads the
	// message from the store.
	Changed *wireMessage `json:"changed,omitempty"`
	Joined  *wireUser    `json:"joined,omitempty"`
	Left    *wireUser    `json:"left,omitempty"`
	Typing  string       `json:"typing,omitempty"`
	// Presence says that presence in the room changed. The details are in the presence
	// registry.
	Presence bool `json:"presence,omitempty"`
	// Node and Stamp are set for hints that have no place in the room: see replayGuard.
	Node  string `json:"node,omitempty"`
	Stamp int64  `json:"stamp,omitempty"` // microseconds since 1970, by the clock of the database
}

// idempotent reports whether receiving the hint twice is harmless: a message has its
// place in the room's revs, and a presence hint only triggers a read of the registry.
func (w *wireHint) idempotent() bool { return w.Said != nil || w.Changed != nil || w.Presence }

type wireMessage struct {
	Seq         int64  `json:"seq"`
	Rev         int64  `json:"rev"`
	ID          string `json:"id"`
	AuthorID    string `json:"author"`
	From        string `json:"from"`
	Text        string `json:"text"`
	At          int64  `json:"at"` // milliseconds, UTC
	HTML        string `json:"html,omitempty"`
	HTMLVersion int    `json:"html_version,omitempty"`

	Thread  int64       `json:"thread,omitempty"`
	ReplyTo int64       `json:"reply_to,omitempty"`
	Quote   *chat.Quote `json:"quote,omitempty"`
	State   chat.State  `json:"state,omitzero"`
}

func wireMessageOf(m *chat.Message) *wireMessage {
	return &wireMessage{
		m.Seq, m.Rev, m.ID, m.AuthorID, m.From, m.Text, m.At.UnixMilli(), m.HTML, m.HTMLVersion, m.Thread, m.ReplyTo, m.Quote, m.State,
	}
}

func (m *wireMessage) message(room string) chat.Message {
	return chat.Message{
		Room: room, Seq: m.Seq, Rev: m.Rev, ID: m.ID, AuthorID: m.AuthorID, From: m.From, Text: m.Text,
		At: time.UnixMilli(m.At).UTC(), HTML: m.HTML, HTMLVersion: m.HTMLVersion,
		Thread: m.Thread, ReplyTo: m.ReplyTo, Quote: m.Quote, State: m.State,
	}
}

type wireUser struct {
	Name string `json:"name"`
	Age  int    `json:"age,omitempty"`
}

func wireOf(hint chat.Hint) (wireHint, error) {
	wire := wireHint{Epoch: hint.Epoch}
	switch event := hint.Event.(type) {
	case chat.Said:
		if m := wireMessageOf(&event.Message); m.Rev == m.Seq {
			wire.Said = m
		} else {
			wire.Changed = m
		}
	case chat.Joined:
		wire.Joined = &wireUser{event.User.Name, event.User.Age}
	case chat.Left:
		wire.Left = &wireUser{event.User.Name, event.User.Age}
	case chat.Typing:
		wire.Typing = event.From
	case chat.Presence:
		wire.Presence = true
	default:
		return wire, fmt.Errorf("events of type %T are not sent to other nodes", event)
	}
	return wire, nil
}

// hint converts w to a hint for a room. The event is nil if this version does not know
// it.
func (w *wireHint) hint(room string) chat.Hint {
	hint := chat.Hint{Room: room, Epoch: w.Epoch}
	switch {
	case w.Said != nil:
		hint.Event = chat.Said{Message: w.Said.message(room)}
	case w.Changed != nil:
		hint.Event = chat.Said{Message: w.Changed.message(room)}
	case w.Joined != nil:
		hint.Event = chat.Joined{User: chat.User{Name: w.Joined.Name, Age: w.Joined.Age}}
	case w.Left != nil:
		hint.Event = chat.Left{User: chat.User{Name: w.Left.Name, Age: w.Left.Age}}
	case w.Typing != "":
		hint.Event = chat.Typing{Room: room, From: w.Typing}
	case w.Presence:
		hint.Event = chat.Presence{Room: room}
	}
	return hint
}
