package client

import (
	"encoding/json"
	"fmt"
	"time"
)

// Subprotocol is the WebSocket subprotocol that the handshake requests.
const Subprotocol = "chat.v1"

const (
	// FrameBytes is the size in bytes of the largest event that the server sends by
	// default.
	FrameBytes = 32_000
	// LargeFrameBytes is the size in bytes of the largest event that the server sends on
	// request.
	LargeFrameBytes = 256_000
)

// User is a user in a room. ID is 16 hexadecimal digits, and distinguishes users who
// have the same name at different times. Age is 0 if none was given.
type User struct {
	Name   string `json:"name"`
	Age    int    `json:"age"`
	ID     string `json:"id"`
	Former string `json:"former"` // the ID of this user's messages from an earlier version; mostly empty
}

// Limits are what the server accepts and sends.
type Limits struct {
	TextBytes  int   `json:"text_bytes"`  // of a message
	Page       int   `json:"page"`        // messages
	Rate       int   `json:"rate"`        // messages a second; 0 = no limit
	FrameBytes int64 `json:"frame_bytes"` // of an event
}

// Message is a new or changed message of a room. Keep the one with the higher Rev for
// each ID, and sort by Seq.
type Message struct {
	Room   string    `json:"room"`
	ID     string    `json:"id"`     // a UUID in lower case
	Seq    int64     `json:"seq"`    // its place in the room
	Rev    int64     `json:"rev"`    // of its latest change; equal to Seq in a new message
	From   string    `json:"from"`   // the author's name
	Author string    `json:"author"` // the author's User.ID; empty for messages older than ids
	Text   string    `json:"text"`   // as it was typed
	HTML   string    `json:"html"`   // rendered, safe to show; empty if it would equal the text
	At     time.Time `json:"at"`     // when it was stored, by the server's clock
	// TextBytes is the size of the whole text if Text has only its beginning, because an
	// event was too small for it. Otherwise it is 0.
	TextBytes int `json:"text_bytes"`
}

// frame has the fields of all events; those of other events are empty.
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

	page []Message // the decoded messages of Page, with their Room
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

// command is a command that a client sends.
type command struct {
	Cmd   string `json:"cmd"`
	Room  string `json:"room,omitempty"`
	Since *int64 `json:"since,omitempty"` // nil asks for the newest page
	Epoch string `json:"epoch,omitempty"`
	ID    string `json:"id,omitempty"`
	Text  string `json:"text,omitempty"`
}
