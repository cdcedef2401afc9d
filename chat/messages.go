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

// Message is a stored message of a room.
type Message struct {
	Room     string
	Seq      int64  // the room's rev when it was first stored, and its place in the room
	Rev      int64  // the room's rev at its latest change
	ID       string // UUID in canonical lower case, unique in its room
	AuthorID string // User.ID of the author; empty in messages older than author ids
	From     string // the author's name
	Text     string
	// TextBytes is the length of the full text in bytes if Fit cut it, and 0 otherwise.
	TextBytes int
	At        time.Time // UTC, in milliseconds; shown to people, never used for ordering
	HTML      string    // the rendered text, for pages; empty in messages older than rendering
	// HTMLVersion is the Renderer.Version of the HTML; 0 without.
	HTMLVersion int
}

// Size returns about how many bytes the message takes in a frame of any kind.
func (m *Message) Size() int { return frameSize(m.From, m.Text, m.HTML) }

func frameSize(from, text, html string) int {
	const around = 170 // field names, id, numbers and time
	return around + len(from) + EncodedSize(text) + EncodedSize(html)
}

// Draft is a message that is not stored yet.
type Draft struct {
	Room     string
	ID       string
	AuthorID string
	From     string
	Text     string
	Network  netip.Prefix // counts toward the limit of new rooms; the zero Prefix does not
	At       time.Time
	// HTML is the rendered text, and HTMLVersion the Renderer.Version that made it.
	HTML        string
	HTMLVersion int
	Taken       time.Time // when it was queued, for measuring durations
	Trace       any       // identifies the draft for Metrics; nil without
}

// Size returns the Message.Size of the message that the draft becomes.
func (d *Draft) Size() int { return frameSize(d.From, d.Text, d.HTML) }

// size returns about how many bytes of memory the draft takes.
func (d *Draft) size() int { return len(d.Text) + len(d.HTML) }

// Page is the part of a room's history in an interval of revs, (Since, Rev].
type Page struct {
	Since    int64
	SinceID  string // of the message whose rev is Since; empty if no message has it now
	Rev      int64
	Purged   int64 // the rev below which the room has no history, because a room of its name was removed; 0 if none was
	Messages []Message
	More     bool // more messages exist: after Rev, or, for a page that goes back, before it
}

// Limit bounds a page, which always contains at least one message. Zero Bytes means no limit
// in bytes.
type Limit struct {
	Messages int
	Bytes    int // as counted by Message.Size
}

// PageLimit is the limit of a page in large frames and on the website: several such pages
// fit a connection's queue. Kind.PageLimit returns the limit of each kind.
var PageLimit = Limit{Messages: 100, Bytes: 64 << 10}

// Newest is a seq above that of every message.
const Newest = math.MaxInt64

// Store stores rooms and messages. Its methods may be called from several goroutines.
type Store interface {
	// Append stores a batch in one transaction and returns one outcome per draft, in order.
	// A draft whose id its room already has is not stored again: its outcome is the message
	// stored first. The others get the next revs of their room in that order, one each.
	// After an error nothing of the batch is stored, or the result is unknown. The error is
	// an ErrData if the batch can never be stored, and a *Locked if another transaction
	// keeps some of its rooms locked.
	Append(ctx context.Context, drafts []Draft) ([]Outcome, error)
	// Before returns the last messages of a room with a seq below the given one, oldest
	// first, and the room's rev of the same moment. For a room that is not stored it returns
	// an empty page with rev 0.
	Before(ctx context.Context, room string, seq int64, limit Limit) (Page, error)
	// Changes returns the messages that changed after the rev since, ordered by rev. If More
	// is false, the page's Rev is the room's at the same moment, and may be below since.
	Changes(ctx context.Context, room string, since int64, limit Limit) (Page, error)
	// Rooms returns up to limit rooms ordered by slug: those after the given slug that start
	// with the prefix.
	Rooms(ctx context.Context, after, prefix string, limit int) ([]Room, error)
	// Epoch identifies the store's history. It changes when the store goes back in time, for
	// example after a restore: earlier revs are then meaningless. A store that can go back
	// while it is open returns the new epoch before it reads anything of the new history.
	Epoch() string
	// Check returns the reason why the store cannot serve requests, or nil.
	Check(ctx context.Context) error
}

// Outcome is the result of one draft of a batch.
type Outcome struct {
	Message Message
	Known   bool  // the id was stored before, and Message is what was stored then
	Rev     int64 // the room's rev after this draft of the batch
	Err     error // why it was not stored: ErrTooManyRooms, ErrTooManyNewRooms, ErrShortOnly or ErrNoNewRooms
}

// Compose creates a draft for a room that the connection is subscribed to. The id is a UUID
// that the author generated, which makes sending idempotent; an empty one is replaced by a
// new UUID. The trace identifies the draft for Metrics, or is nil. Compose renders the HTML
// in the sender's goroutine, which may wait for its turn (see rendering) and delays nobody
// else. The error is an *Invalid, a *TooLong, ErrEmpty or ErrNotJoined.
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

// Send queues a draft from Compose and returns. The outcome is passed to Socket.Answer, and
// the message is delivered to the room once it is stored.
//
// Send waits while the connection has maxDrafts pending drafts, and until the room admits
// the draft: a sender is read no faster than its messages can be stored and the room's
// members take them (see flow). The error is ErrNotJoined, ErrBusy or ErrStopping, and the
// draft is then not queued.
func (c *Chat) Send(conn *Connection, draft Draft) error {
	m := conn.subscription(draft.Room)
	if m == nil {
		return ErrNotJoined
	}
	m.typed = time.Time{} // the message ends the typing indicator, so new typing is announced at once
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

// canonicalID is the length of a UUID in canonical form (RFC 9562 §4).
const canonicalID = 36

// draftID returns the canonical form of an id, or a new id if it is empty.
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

// History returns a page of the messages before a seq in a room that the connection is
// subscribed to. The error is an *Invalid, ErrNotJoined, or the store's.
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
