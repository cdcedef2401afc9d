package chatv1

import "chatserver/chat"

// The events that answer commands. They are rare or short, so encoding/json encodes them.
type (
	// Welcome is the first event of a connection.
	Welcome struct {
		Event  string `json:"event"`
		User   me     `json:"user"`
		Epoch  string `json:"epoch"`
		Limits Limits `json:"limits"`
	}
	// Limits are the limits that a client should keep to.
	Limits struct {
		TextBytes  int `json:"text_bytes"`  // of a message
		Page       int `json:"page"`        // messages in a page
		Rate       int `json:"rate"`        // messages per second; 0 = no limit
		FrameBytes int `json:"frame_bytes"` // of an event
	}
	me struct {
		Name string `json:"name"`
		Age  int    `json:"age,omitempty"`
		ID   string `json:"id"`
	}

	// Ack confirms a message that was stored before, or, with a Cmd, a change of one.
	Ack struct {
		Event string `json:"event"`
		Cmd   string `json:"cmd,omitempty"`
		Room  string `json:"room"`
		ID    string `json:"id"`
		Seq   int64  `json:"seq"`
		Rev   int64  `json:"rev"`
		// Places are the seqs of moved messages in the other room, in the order of the command.
		Places []int64 `json:"places,omitempty"`
	}

	// RoomList is a page of the stored rooms.
	RoomList struct {
		Event string `json:"event"`
		Rooms []room `json:"rooms"`
		More  bool   `json:"more"`
	}
	room struct {
		Room    string `json:"room"`
		Address string `json:"address,omitempty"` // if it is not the room's id
		Title   string `json:"title"`
		Rev     int64  `json:"rev"`
		Online  int    `json:"online"`
	}

	// Pong answers a ping with the latest rev of each room that the connection is in.
	Pong struct {
		Event string           `json:"event"`
		Revs  map[string]int64 `json:"revs"`
	}
)

// NewWelcome returns the welcome of a user.
func (f Frames) NewWelcome(user chat.User, epoch string, limits Limits) Welcome {
	return Welcome{"welcome", me{user.Name, user.Age, f.ShortIDs.Of(user.ID)}, epoch, limits}
}

// NewAck returns the answer to a change that was made.
func NewAck(change chat.Change, outcome chat.Outcome) Ack {
	m := outcome.Message
	cmd := commandOf(change)
	if cmd == "send" {
		cmd = "" // as it was before there were other changes
	}
	return Ack{"ack", cmd, change.Header().Room, m.ID, m.Seq, m.Rev, outcome.Places}
}

// commandOf returns the command that asks for a change.
func commandOf(change chat.Change) string {
	switch change.(type) {
	case chat.Edit:
		return "edit"
	case chat.Delete:
		return "delete"
	case chat.Purge:
		return "purge"
	case chat.React:
		return "react"
	case chat.Pin:
		return "pin"
	case chat.Move:
		return "move"
	default:
		return "send"
	}
}

func newRoomList(rooms []chat.Room, more bool) RoomList {
	list := RoomList{"rooms", make([]room, len(rooms)), more}
	for i, r := range rooms {
		list.Rooms[i] = room{r.ID, "", r.Title, r.Rev, r.Online}
		if r.Address != r.ID {
			list.Rooms[i].Address = r.Address
		}
	}
	return list
}

// Send sends an event to a connection.
func Send(conn *chat.Connection, event any) {
	conn.Send(func(dst []byte) []byte { return AppendEvent(dst, event) })
}
