package chattest

import (
	"encoding/json"
	"fmt"
)

// Event is any event that the server sends in chat.v1. Fields that belong to other
// events are empty.
type Event struct {
	Event string `json:"event"`
	Message
	Address  string           `json:"address"`
	Title    string           `json:"title"`
	User     Me               `json:"user"`
	Epoch    string           `json:"epoch"`
	Since    int64            `json:"since"`
	Members  []Who            `json:"members"` // nil if none were sent
	Joined   []Who            `json:"joined"`
	Left     []Who            `json:"left"`
	Online   int              `json:"online"`
	Before   int64            `json:"before"`
	More     bool             `json:"more"`
	Reset    bool             `json:"reset"`
	Page     json.RawMessage  `json:"messages"`
	Messages []Message        `json:"-"` // of Page
	Revs     map[string]int64 `json:"revs"`
	Rooms    []ListedRoom     `json:"rooms"`
	Cmd      string           `json:"cmd"`
	Code     string           `json:"code"`
	Detail   string           `json:"detail"`  // of an error, like the next two fields
	Sentence string           `json:"message"` // of an error
	After    int              `json:"retry_after"`
	Current  Message          `json:"current"` // of an error
}

// Message is a message as chat.v1 encodes it. In a page, Room is empty.
type Message struct {
	Room string `json:"room"`
	ID   string `json:"id"`
	Seq  int64  `json:"seq"`
	Rev  int64  `json:"rev"`
	From string `json:"from"`
	// Author is the short id of the author.
	Author string `json:"author"`
	Text   string `json:"text"`
	HTML   string `json:"html"`
	At     string `json:"at"`
	// What happened to the message after it was sent, as chat.v1 encodes it.
	EditedAt  string `json:"edited_at"`
	Versions  any    `json:"versions"` // their number, or in the answer to versions a list
	Reactions any    `json:"reactions"`
	Pinned    any    `json:"pinned"`
	Deleted   any    `json:"deleted"`
	Moved     any    `json:"moved"`
	Thread    any    `json:"thread"`
	ReplyTo   *Quote `json:"reply_to"`
}

// Quote is the message that a reply quotes.
type Quote struct {
	Seq  int64  `json:"seq"`
	From string `json:"from"`
	Text string `json:"text"`
}

// Me is the user in a welcome event.
type Me struct {
	Name string `json:"name"`
	ID   string `json:"id"`
}

// ListedRoom is an entry of a room list in chat.v1.
type ListedRoom struct {
	Room    string `json:"room"`
	Address string `json:"address"`
	Title   string `json:"title"`
	Online  int    `json:"online"`
}

// Who is a user as chat.v1 encodes it.
type Who struct {
	Name string `json:"name"`
	Age  int    `json:"age"`
}

// parseEvent decodes a frame from the server.
func parseEvent(frame []byte) (e Event, err error) {
	if err := json.Unmarshal(frame, &e); err != nil {
		return e, fmt.Errorf("%.200q is not an event: %w", frame, err)
	}
	if e.Page != nil {
		err = json.Unmarshal(e.Page, &e.Messages)
	}
	if err != nil {
		return e, fmt.Errorf("%.200q is not a page of messages: %w", e.Page, err)
	}
	return e, nil
}
