package chat

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

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

	Thread  int64  // the seq of the root of the thread that the message is a reply in; 0 outside threads
	ReplyTo int64  // the seq of the message that it quotes; 0 for none
	Quote   *Quote // of ReplyTo; nil without, and if that message is deleted
	State
}

// Size returns the Message.Size of the message that the post becomes.
func (p *Post) Size() int { return frameSize(p.From, p.Text, p.HTML) }

// Outgoing is a message that an actor sends.
type Outgoing struct {
	ID      string // a UUID that the author generated, which makes sending idempotent; empty for a new one
	Text    string
	Thread  int64 // the seq of the root of the thread that it belongs to; 0 for none
	ReplyTo int64 // the seq of the message that it quotes; 0 for none
	Trace   any   // identifies the post for Metrics; nil without
}

// Compose creates a post for a room that the connection is subscribed to. It renders the HTML
// in the sender's goroutine, which may wait for its turn (see rendering) and delays nobody
// else. The error is an *Invalid, a *TooLong, ErrEmpty, or that of openJoined. Whether the
// messages exist that it refers to is known only when it is stored.
func (c *Chat) Compose(ctx context.Context, conn *Connection, slug string, out Outgoing) (Post, error) {
	if err := c.checkText(out.Text); err != nil {
		return Post{}, err
	}
	id, err := draftID(out.ID)
	if err != nil {
		return Post{}, err
	}
	if out.Thread < 0 || out.ReplyTo < 0 {
		return Post{}, invalid("thread", "The fields thread and reply_to must each be the seq of a message, 1 or more.")
	}
	room, _, err := c.openJoined(ctx, conn, slug, toPost)
	if err != nil {
		return Post{}, err
	}
	return Post{
		Room: room.slug, ID: id, AuthorID: conn.User.ID, From: conn.User.Name, Text: out.Text, Thread: out.Thread, ReplyTo: out.ReplyTo,
		HTML: c.hub.html.render(conn.Payer(), out.Text), HTMLVersion: c.hub.html.renderer.Version(), Trace: out.Trace,
		Network: creatorNetwork(conn.Address),
	}, nil
}

// Send queues a post from Compose and returns. The outcome is passed to Socket.Answer, and
// the message is delivered to the room once it is stored.
//
// Send waits while the connection has maxChanges pending changes, and until the room admits
// the post: a sender is read no faster than its messages can be stored and the room's
// members take them (see flow). The error is that of openJoined, ErrBusy or ErrStopping, and
// the post is then not queued.
func (c *Chat) Send(ctx context.Context, conn *Connection, post Post) error {
	_, m, err := c.openJoined(ctx, conn, post.Room, toPost)
	if err != nil {
		return err
	}
	m.typed = time.Time{} // the message ends the typing indicator, so new typing is announced at once
	bytes := post.Size()
	if err := m.room.admit(conn.Payer(), bytes); err != nil {
		return err
	}
	post.At, post.Taken = c.now().UTC().Truncate(time.Millisecond), time.Now()
	err = c.recorder.take(pendingChange{conn, post, m.room, bytes})
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
// subscribed to. The error is an *Invalid, that of openJoined, or the store's.
func (c *Chat) History(ctx context.Context, conn *Connection, slug string, before int64) (Page, error) {
	if before < 1 {
		return Page{}, invalid("before", "The field before must be the seq of the oldest message you have.")
	}
	room, _, err := c.openJoined(ctx, conn, slug, toRead)
	if err != nil {
		return Page{}, err
	}
	page, err := c.pages.history(ctx, conn.pageReader(), room.slug, before)
	if err != nil {
		return Page{}, fmt.Errorf("read the history of %s: %w", slug, err)
	}
	return page, nil
}

// check returns an error for a message that no node of this version sends in a hint.
func (m *Message) check(maxText int) error {
	id, err := draftID(m.ID)
	if err == nil && (id != m.ID || m.Seq < 1 || m.Rev < m.Seq || m.Rev > maxRev || !utf8.ValidString(m.HTML) || strings.IndexByte(m.HTML, 0) >= 0) {
		err = errHint
	}
	return errors.Join(err, checkShownName(m.From), m.checkContent(maxText), m.State.check())
}

// checkContent checks the text. A tombstone has none.
func (m *Message) checkContent(maxText int) error {
	if m.Deleted == nil {
		return checkText(m.Text, maxText)
	}
	if m.Text != "" || m.HTML != "" || m.Quote != nil {
		return errHint
	}
	return nil
}
