package broker

import (
	"encoding/json"
	"errors"
	"time"

	"chatserver/chat"
)

// wireHint is a hint as it is sent: one of the events. A node of another version leaves
// out what it does not know, and asks the store.
type wireHint struct {
	Epoch  string       `json:"epoch"`
	Said   *wireMessage `json:"said,omitempty"`
	Joined *wireUser    `json:"joined,omitempty"`
	Left   *wireUser    `json:"left,omitempty"`
	Typing string       `json:"typing,omitempty"`
	// Presence says that who is there changed: the register tells how.
	Presence bool `json:"presence,omitempty"`
}

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
}

type wireUser struct {
	Name string `json:"name"`
	Age  int    `json:"age,omitempty"`
}

func encode(hint chat.Hint) ([]byte, error) {
	wire := wireHint{Epoch: hint.Epoch}
	switch event := hint.Event.(type) {
	case chat.Said:
		m := event.Message
		wire.Said = &wireMessage{m.Seq, m.Rev, m.ID, m.AuthorID, m.From, m.Text, m.At.UnixMilli(), m.HTML, m.HTMLVersion}
	case chat.Joined:
		wire.Joined = &wireUser{event.User.Name, event.User.Age}
	case chat.Left:
		wire.Left = &wireUser{event.User.Name, event.User.Age}
	case chat.Typing:
		wire.Typing = event.From
	case chat.Presence:
		wire.Presence = true
	default:
		return nil, errors.New("other nodes are not told of this")
	}
	return json.Marshal(wire)
}

// decode reads a hint of a room. The event is nil if it is one that this version does not
// know.
func decode(room string, data []byte) (chat.Hint, error) {
	var wire wireHint
	if err := json.Unmarshal(data, &wire); err != nil {
		return chat.Hint{}, err
	}
	hint := chat.Hint{Room: room, Epoch: wire.Epoch}
	switch {
	case wire.Said != nil:
		m := wire.Said
		hint.Event = chat.Said{Message: chat.Message{
			Room: room, Seq: m.Seq, Rev: m.Rev, ID: m.ID, AuthorID: m.AuthorID, From: m.From, Text: m.Text,
			At: time.UnixMilli(m.At).UTC(), HTML: m.HTML, HTMLVersion: m.HTMLVersion,
		}}
	case wire.Joined != nil:
		hint.Event = chat.Joined{User: chat.User{Name: wire.Joined.Name, Age: wire.Joined.Age}}
	case wire.Left != nil:
		hint.Event = chat.Left{User: chat.User{Name: wire.Left.Name, Age: wire.Left.Age}}
	case wire.Typing != "":
		hint.Event = chat.Typing{Room: room, From: wire.Typing}
	case wire.Presence:
		hint.Event = chat.Presence{Room: room}
	}
	return hint, nil
}
