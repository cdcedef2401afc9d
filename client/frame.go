package client

import (
	"encoding/json"
	"fmt"
	"time"
)

// Subprotocol is what the handshake requests.
const Subprotocol = "chat.v1"

const (
	// FrameBytes is the size of the largest event that the server sends unless asked
	// for more, in bytes.
	FrameBytes = 32_000
	// LargeFrameBytes is the size of the largest event that the server sends at all.
	LargeFrameBytes = 256_000
)

// User is somebody in a room. ID is 16 hexadecimal digits that tell users apart who have
// the same name at different times; Age is 0 if none was given.
type User struct {
	Name   string `json:"name"`
	Age    int    `json:"age"`
	ID     string `json:"id"`
	Former string `json:"former"` // the ID of what this user wrote in an earlier version; mostly empty
}

// Limits are what the server accepts and sends.
type Limits struct {
	TextBytes  int   `json:"text_bytes"`  // of a message
	Page       int   `json:"page"`        // messages
	Rate       int   `json:"rate"`        // messages a second; 0 = no limit
	FrameBytes int64 `json:"frame_bytes"` // of an event
}

// Message is a message of a room, new or changed: keep the one with the higher Rev of an
// ID, and sort by Seq.
type Message struct {
	Room   string    `json:"room"`
	ID     string    `json:"id"`     // a UUID in lower case
	Seq    int64     `json:"seq"`    // its place in the room
	Rev    int64     `json:"rev"`    // at which it became what it is; that of a new message is its Seq
	From   string    `json:"from"`   // the author's name
	Author string    `json:"author"` // the author's User.ID; empty if it is older than ids
	Text   string    `json:"text"`   // as it was typed
	HTML   string    `json:"html"`   // rendered, safe to show; empty if it would be the text alone
	At     time.Time `json:"at"`     // when it was stored, by the server's clock
	// TextBytes is the size of the whole text if it did not fit into an event and Text is
	// its beginning, and otherwise 0.
	TextBytes int `json:"text_bytes"`
}

// frame has the fields of every event of the server; those of the others are empty.
type frame struct {
	Event string `json:"event"`
	Message
	User       User             `json:"user"`
	Limits     Limits           `json:"limits"`
	Epoch      string           `json:"epoch"`
	Title      string           `json:"title"`
	Since      int64            `json:"since"`
	Members    []User           `json:"members"`
	Joined     []User           `json:"joined"`
	Left       []User           `json:"left"`
	Online     int              `json:"online"`
	More       bool             `json:"more"`
	Reset      bool             `json:"reset"`
	Page       json.RawMessage  `json:"messages"`
	Revs       map[string]int64 `json:"revs"`
	Cmd        string           `json:"cmd"`
	Code       string           `json:"code"`
	Detail     string           `json:"detail"`
	Sentence   string           `json:"message"`
	RetryAfter int              `json:"retry_after"`

	page []Message // what Page holds, with their Room
}

func parse(text []byte) (f frame, err error) {
	if err := json.Unmarshal(text, &f); err != nil {
		return f, fmt.Errorf("parse the event %.200q: %w", text, err)
	}
	if f.Page != nil && f.Event != "history" {
		if err := json.Unmarshal(f.Page, &f.page); err != nil {
			return f, fmt.Errorf("parse the messages %.200q: %w", f.Page, err)
		}
	}
	for i := range f.page {
		f.page[i].Room = f.Room
	}
	return f, nil
}

// command is what a client sends.
type command struct {
	Cmd   string `json:"cmd"`
	Room  string `json:"room,omitempty"`
	Since *int64 `json:"since,omitempty"` // nil asks for the newest page
	Epoch string `json:"epoch,omitempty"`
	ID    string `json:"id,omitempty"`
	Text  string `json:"text,omitempty"`
}
