package chat

import (
	"context"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"
)

// Message is one thing said in a room.
type Message struct {
	Room string
	Seq  int64  // the room's rev when it was said, and its place in the room
	Rev  int64  // the room's rev at its latest change
	ID   string // UUID in canonical lower case, unique in its room
	From string // the name of the user who said it
	Text string
	At   time.Time // UTC, to the millisecond; for people, never for order
}

// Draft is a message not stored yet.
type Draft struct {
	Room string
	ID   string
	From string
	Text string
	At   time.Time
}

// Page is what a room's history holds of an interval of revs, (Since, Rev].
type Page struct {
	Since    int64
	Rev      int64
	Messages []Message
	More     bool // the interval up to now goes on after Rev
}

// Store keeps rooms and messages. Every method may be called from several
// goroutines.
type Store interface {
	// Append stores a batch in one transaction and answers draft by draft, in
	// the order given: the message, or why this one was refused
	// (ErrTooManyRooms). Drafts of one room get its next revs in that order, one
	// each. An error means that nothing of the batch was stored, or that nobody
	// knows.
	Append(ctx context.Context, drafts []Draft) ([]Outcome, error)
	// Newest returns the last messages of a room, oldest first, at most limit,
	// and the room's rev of the same moment. A room that was never stored has an
	// empty page of rev 0.
	Newest(ctx context.Context, room string, limit int) (Page, error)
	// Changes returns what changed after the rev since, by rev, at most limit
	// messages. Without More, the page's Rev is the room's of the same moment.
	Changes(ctx context.Context, room string, since int64, limit int) (Page, error)
	// Check reports why the store cannot serve, or nil.
	Check(ctx context.Context) error
}

// Outcome is what became of one draft of a batch.
type Outcome struct {
	Message Message
	Err     error
}

// ValidText reports whether a text can be a message at all: valid UTF-8
// without U+0000, which no database keeps alike.
func ValidText(text []byte) bool {
	for _, b := range text {
		if b == 0 {
			return false
		}
	}
	return utf8.Valid(text)
}

// Send says a text in a room in which the connection is a member. It returns
// when the draft is under way: what became of it comes to Socket.Answer, and
// the message itself to everybody in the room, once it is stored. Blank text
// is ignored.
//
// Send waits while the connection has maxDrafts drafts under way, and while
// the room has more than maxUndelivered bytes to deliver: a sender is read no
// faster than its words can be kept and passed on. The error is ErrNotJoined,
// ErrBusy or ErrStopping.
func (c *Chat) Send(conn *Connection, slug, text string) error {
	if strings.TrimSpace(text) == "" {
		return nil
	}
	m := conn.membership(slug)
	if m == nil {
		return ErrNotJoined
	}
	id, err := uuid.NewV7()
	if err != nil {
		return fmt.Errorf("make the id of a message: %w", err)
	}
	m.room.waitForDelivery()
	return c.recorder.take(conn, Draft{
		Room: slug, ID: id.String(), From: conn.User.Name, Text: text,
		At: c.now().UTC().Truncate(time.Millisecond),
	})
}
