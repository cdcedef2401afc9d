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
	Name string `json:"name"`
	Age  int    `json:"age"`
	ID   string `json:"id"`
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

	ReplyTo   *Quote     `json:"reply_to"`  // the message that it quotes; nil for none
	Thread    *Thread    `json:"thread"`    // its place in a thread; nil outside threads
	EditedAt  time.Time  `json:"edited_at"` // of its text; zero if it was never edited
	Versions  int        `json:"versions"`  // how many earlier texts the server keeps, see Client.Versions
	Reactions []Reaction `json:"reactions"` // in the order in which the emoji were first used
	Pinned    *Pin       `json:"pinned"`    // nil if it is not pinned
	Deleted   *Deletion  `json:"deleted"`   // nil unless it is deleted; a deleted message has no text
}

// Quote is the beginning of the message that a reply quotes. It has only a Seq if that
// message is deleted. If you get a Message with Deleted, discard the quotes of it that you
// have.
type Quote struct {
	Seq    int64  `json:"seq"`
	From   string `json:"from"`
	Author string `json:"author"`
	Text   string `json:"text"`
}

// Thread is the place of a message in a thread. A reply has the seq of its Root. A root has
// the number of replies that are not deleted, the time of the last one, and their first ten
// authors.
type Thread struct {
	Root  int64     `json:"root"`
	Count int       `json:"count"`
	Last  time.Time `json:"last"`
	Users []User    `json:"users"`
}

// Reaction is one emoji under a message, and how many users chose it. Users has the first of
// them: all, unless there are very many.
type Reaction struct {
	Emoji string `json:"emoji"`
	Count int    `json:"count"`
	Users []User `json:"users"`
}

// Pin tells who pinned a message, and when.
type Pin struct {
	By User      `json:"by"`
	At time.Time `json:"at"`
}

// Deletion tells who deleted a message, when, and perhaps why.
type Deletion struct {
	By     User      `json:"by"`
	At     time.Time `json:"at"`
	Reason string    `json:"reason"`
}

// Version is an earlier text of a message. Number is 1 for the first text; the numbers of
// purged versions are missing.
type Version struct {
	Number    int       `json:"version"`
	Text      string    `json:"text"`
	TextBytes int       `json:"text_bytes"` // as in Message
	At        time.Time `json:"at"`         // when the text was written
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
	Current    *Message         `json:"current"`
	Earlier    json.RawMessage  `json:"versions"` // a number in a message, a list in the answer to versions

	page    []Message // the decoded messages of Page, with their Room
	earlier []Version // the decoded Earlier
}

func parse(text []byte) (f frame, err error) {
	if err := json.Unmarshal(text, &f); err != nil {
		return f, fmt.Errorf("parse the event %.200q: %w", text, err)
	}
	if f.Earlier != nil {
		var into any = &f.Versions
		if f.Event == "versions" {
			into = &f.earlier
		}
		if err := json.Unmarshal(f.Earlier, into); err != nil {
			return f, fmt.Errorf("parse the versions %.200q: %w", f.Earlier, err)
		}
	}
	if f.Page != nil && f.Event != "history" { // it is not requested
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
	Cmd     string `json:"cmd"`
	Room    string `json:"room,omitempty"`
	Since   *int64 `json:"since,omitempty"` // nil asks for the newest page
	Before  int64  `json:"before,omitempty"`
	Epoch   string `json:"epoch,omitempty"`
	ID      string `json:"id,omitempty"`
	Seq     int64  `json:"seq,omitempty"`
	Rev     int64  `json:"rev,omitempty"`
	Text    string `json:"text,omitempty"`
	Thread  int64  `json:"thread,omitempty"`
	ReplyTo int64  `json:"reply_to,omitempty"`
	Reason  string `json:"reason,omitempty"`
	Version int    `json:"version,omitempty"`
	Emoji   string `json:"emoji,omitempty"`
	On      *bool  `json:"on,omitempty"`
}
