package chat

import (
	"context"
	"fmt"
	"math"
	"net/netip"
	"strings"
	"time"

	"github.com/google/uuid"
)

// Message is one thing said in a room.
type Message struct {
	Room     string
	Seq      int64  // the room's rev when it was said, and its place in the room
	Rev      int64  // the room's rev at its latest change
	ID       string // UUID in canonical lower case, unique in its room
	AuthorID string // User.ID of who said it; empty in messages of before there were any
	From     string // the name of the user who said it
	Text     string
	// TextBytes is the length of the full text in bytes if Fit cut it, and 0 otherwise.
	TextBytes int
	At        time.Time // UTC, to the millisecond; for people, never for order
	HTML      string    // of the text, for pages; empty in messages of before there was any
	// HTMLVersion is the Renderer.Version of the HTML; 0 without.
	HTMLVersion int
}

// Size is about how many bytes the message takes in a frame of any kind.
func (m *Message) Size() int { return frameSize(m.From, m.Text, m.HTML) }

func frameSize(from, text, html string) int {
	const around = 170 // the names of the fields, the id, the numbers and the time
	return around + len(from) + EncodedSize(text) + EncodedSize(html)
}

// Draft is a message not stored yet.
type Draft struct {
	Room     string
	ID       string
	AuthorID string
	From     string
	Text     string
	Network  netip.Prefix // whose new rooms are counted; the zero Prefix is not
	At       time.Time
	// The HTML of the text, and its Renderer.Version.
	HTML        string
	HTMLVersion int
	Taken       time.Time // when it was put under way, by the monotonic clock
	Trace       any       // what the Observer knows it by; nil without
}

// Size is the Message.Size of what the draft becomes.
func (d *Draft) Size() int { return frameSize(d.From, d.Text, d.HTML) }

// size is about how many bytes of memory the draft takes.
func (d *Draft) size() int { return len(d.Text) + len(d.HTML) }

// Page is what a room's history holds of an interval of revs, (Since, Rev].
type Page struct {
	Since    int64
	SinceID  string // of the message whose rev is Since; empty if none has it any more
	Rev      int64
	Purged   int64 // the rev below which the room has no past: one of its name was removed; 0 if none was
	Messages []Message
	More     bool // there is more: after Rev, or, of a page that goes back, before it
}

// Limit is how much a page holds at most, but always one message. No Bytes are
// no limit.
type Limit struct {
	Messages int
	Bytes    int // as Message.Size counts
}

// PageLimit is the limit of a page in large frames and of a page of the website: it
// fits a connection's queue several times. Kind.PageLimit has the limit of each kind.
var PageLimit = Limit{Messages: 100, Bytes: 64 << 10}

// Newest is the seq that every message is before.
const Newest = math.MaxInt64

// Store keeps rooms and messages. Every method may be called from several
// goroutines.
type Store interface {
	// Append stores a batch in one transaction and answers draft by draft, in
	// the order given. A draft whose id its room knows is not stored again: its
	// outcome is the message stored first. The others of a room get its next
	// revs in that order, one each. An error means that nothing of the batch was
	// stored, or that nobody knows; it is an ErrData if the batch itself cannot
	// be stored, now or later, and a *Locked if somebody else holds some of its
	// rooms.
	Append(ctx context.Context, drafts []Draft) ([]Outcome, error)
	// Before returns the last messages of a room that have a smaller seq than
	// the one given, oldest first, and the room's rev of the same moment. A room
	// that was never stored has an empty page of rev 0.
	Before(ctx context.Context, room string, seq int64, limit Limit) (Page, error)
	// Changes returns what changed after the rev since, by rev. Without More,
	// the page's Rev is the room's of the same moment, which may be below since.
	Changes(ctx context.Context, room string, since int64, limit Limit) (Page, error)
	// Rooms returns rooms by slug, those after one slug whose slug begins with
	// the prefix, at most limit.
	Rooms(ctx context.Context, after, prefix string, limit int) ([]Room, error)
	// Epoch names this store's past. It changes when the store goes back in
	// time, as one that is restored does: then no rev of before means anything. A
	// store that can go back while it is open has the new one before it reads anything
	// of the new past.
	Epoch() string
	// Check reports why the store cannot serve, or nil.
	Check(ctx context.Context) error
}

// Outcome is what became of one draft of a batch.
type Outcome struct {
	Message Message
	Known   bool  // the id was stored before: Message is what was stored then
	Rev     int64 // the room's, once this draft of the batch is stored
	Err     error // why it was not: ErrTooManyRooms, ErrTooManyNewRooms, ErrShortOnly or ErrNoNewRooms
}

// Compose makes the draft of a text for a room in which the connection is a member. The
// id is a UUID that its author made, so that sending again is not saying again; without
// one it gets one. The trace is what the Observer knows it by, or nil. The HTML is made
// here, in the goroutine of the sender, which may wait for its turn (see rendering):
// nobody else waits for that. The error is an *Invalid, *TooLong, ErrEmpty or
// ErrNotJoined.
func (c *Chat) Compose(conn *Connection, slug, id, text string, trace any) (Draft, error) {
	if err := c.checkText(text); err != nil {
		return Draft{}, err
	}
	id, err := draftID(id)
	if err != nil {
		return Draft{}, err
	}
	if conn.subscription(slug) == nil {
		return Draft{}, ErrNotJoined
	}
	return Draft{
		Room: slug, ID: id, AuthorID: conn.User.ID, From: conn.User.Name, Text: text,
		HTML: c.hub.html.render(conn.Payer(), text), HTMLVersion: c.hub.html.renderer.Version(), Trace: trace,
		Network: creatorNetwork(conn.Address),
	}, nil
}

// Send puts a draft of Compose under way and returns: what became of it comes to
// Socket.Answer, and the message itself to everybody in the room, once it is stored.
//
// Send waits while the connection has maxDrafts drafts under way, and until the room
// admits the draft: a sender is read no faster than its messages can be stored and the
// members of the room take them (see flow). The error is ErrNotJoined, ErrBusy or
// ErrStopping, and then nothing is under way.
func (c *Chat) Send(conn *Connection, draft Draft) error {
	m := conn.subscription(draft.Room)
	if m == nil {
		return ErrNotJoined
	}
	m.typed = time.Time{} // the others forget it with the message: what is typed next is told at once
	bytes := draft.Size()
	if err := m.room.admit(conn.Payer(), bytes); err != nil {
		return err
	}
	draft.At, draft.Taken = c.now().UTC().Truncate(time.Millisecond), time.Now()
	err := c.recorder.take(pendingDraft{conn, draft, m.room, bytes})
	if err != nil {
		m.room.settled(bytes)
	}
	return err
}

// canonicalID is the length of a UUID in its canonical form, RFC 9562 §4.
const canonicalID = 36

// draftID returns the canonical form of an id, or makes one.
func draftID(id string) (string, error) {
	if id == "" {
		made, err := uuid.NewV7()
		if err != nil {
			return "", fmt.Errorf("make the id of a message: %w", err)
		}
		return made.String(), nil
	}
	if _, err := uuid.Parse(id); err != nil || len(id) != canonicalID {
		return "", invalid("id", "A message id must be a UUID, like 0198c5a0-7f3e-7cc2-a1b2-3c4d5e6f7a8b.")
	}
	return strings.ToLower(id), nil
}

// History returns a page of the messages said before a seq in a room in which
// the connection is a member. The error is an *Invalid, ErrNotJoined, or the
// store's.
func (c *Chat) History(ctx context.Context, conn *Connection, slug string, before int64) (Page, error) {
	if before < 1 {
		return Page{}, invalid("before", "The field before must be the seq of the oldest message you have.")
	}
	if conn.subscription(slug) == nil {
		return Page{}, ErrNotJoined
	}
	page, err := c.pages.history(ctx, conn.pageReader(), slug, before)
	if err != nil {
		return Page{}, fmt.Errorf("read the history of %s: %w", slug, err)
	}
	return page, nil
}
