package chat

import (
	"context"
	"fmt"
	"time"
)

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
		HTML: c.html.Render(conn.Payer(), out.Text), HTMLVersion: c.html.Version(), Trace: out.Trace,
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
	m.Sent()
	bytes := post.Size()
	if err := m.Admit(bytes); err != nil {
		return err
	}
	post.At, post.Taken = c.now().UTC().Truncate(time.Millisecond), time.Now()
	err = c.journal.Take(conn, m, post, bytes)
	if err != nil {
		m.Settled(bytes)
	}
	return err
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
	page, err := c.pages.History(ctx, conn.PageReader(), room.slug, before)
	if err != nil {
		return Page{}, fmt.Errorf("read the history of %s: %w", slug, err)
	}
	return page, nil
}

// message returns one message of a room. The error is an *Invalid, ErrNoMessage, the
// context's or the store's.
func (c *Chat) message(ctx context.Context, payer Payer, room string, seq int64) (Message, error) {
	if err := checkSeq(seq); err != nil {
		return Message{}, err
	}
	page, err := c.pages.Before(ctx, payer, room, seq+1, Limit{Messages: 1})
	if err != nil {
		return Message{}, fmt.Errorf("read message %d of %s: %w", seq, room, err)
	}
	if len(page.Messages) == 0 || page.Messages[0].Seq != seq {
		return Message{}, ErrNoMessage
	}
	return page.Messages[0], nil
}

func checkSeq(seq int64) error {
	if seq < 1 {
		return invalid("seq", "The field seq must be the seq of a message, 1 or more.")
	}
	if seq == Newest { // has no next one, see message
		return ErrNoMessage
	}
	return nil
}
