package chat

import (
	"context"
	"fmt"
	"slices"
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
		Room: room.ID, ID: id, AuthorID: conn.User.ID, From: conn.User.Name, Text: out.Text, Thread: out.Thread, ReplyTo: out.ReplyTo,
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
		m.Settled(bytes, false)
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
	page, err := c.pages.History(ctx, conn.PageReader(), room.ID, before)
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

// Around returns a message with up to most messages before it and up to most after it, in
// order, as much as fits a page. More is set if there are older messages. The web page of a
// message shows them. The error is that of gate.open, an *Invalid, ErrNoMessage, the
// context's or the store's.
func (c *Chat) Around(ctx context.Context, actor Actor, ref Ref, most int) (Page, error) {
	room, err := c.open(ctx, actor, ref.Room, toRead)
	if err != nil {
		return Page{}, err
	}
	if err := checkSeq(ref.Seq); err != nil {
		return Page{}, err
	}
	by := PageReader{actor.Payer(), Limit{Messages: 2*most + 1, Bytes: PageLimit.Bytes}}
	return c.pages.Read(ctx, by, c.html.Before, func() (Page, error) { return c.around(ctx, room, ref.Seq, most) })
}

func (c *Chat) around(ctx context.Context, room opened, seq int64, most int) (Page, error) {
	half := Limit{Messages: most, Bytes: PageLimit.Bytes / 2}
	page, err := c.store.Before(ctx, room.ID, seq+1, Limit{Messages: most + 1, Bytes: half.Bytes})
	if err != nil {
		return Page{}, fmt.Errorf("read the messages before %d of %s: %w", seq, room.ID, err)
	}
	if last := len(page.Messages) - 1; last < 0 || page.Messages[last].Seq != seq {
		return Page{}, ErrNoMessage
	}
	after, err := c.store.After(ctx, room.ID, seq, half)
	if err != nil {
		return Page{}, fmt.Errorf("read the messages after %d of %s: %w", seq, room.ID, err)
	}
	page.Messages = append(page.Messages, after.Messages...)
	return page, nil
}

// A thread is a message, its root, and the replies to it. Replies are messages of the room
// like any other, and have no replies themselves.

// Thread returns the newest replies of a thread, oldest first, behind its root. The root may
// exceed the size of a page. The error is that of openThread or the store's.
func (c *Chat) Thread(ctx context.Context, conn *Connection, ref Ref) (Page, error) {
	room, root, err := c.openThread(ctx, conn, ref)
	if err != nil {
		return Page{}, err
	}
	page, err := c.readThread(ctx, conn, ref, c.html.Before, func(limit Limit) (Page, error) {
		limit.Messages--
		limit.Bytes = max(1, limit.Bytes-root.Size())
		return c.store.Replies(ctx, room.ID, root.Seq, Newest, limit)
	})
	if err != nil {
		return Page{}, err
	}
	// Read again behind the replies, the root is never older than the page's rev says.
	if root, err = c.message(ctx, conn.Payer(), room.ID, root.Seq); err != nil {
		return Page{}, err
	}
	page.Messages = slices.Concat(c.html.Rendered(conn.Payer(), []Message{root}), page.Messages)
	return page, nil
}

// ThreadBefore returns the replies of a thread before a seq, oldest first. The error is that
// of openThread, an *Invalid, or the store's.
func (c *Chat) ThreadBefore(ctx context.Context, conn *Connection, ref Ref, before int64) (Page, error) {
	if before < 1 {
		return Page{}, invalid("before", "The field before must be the seq of the oldest reply you have.")
	}
	room, root, err := c.openThread(ctx, conn, ref)
	if err != nil {
		return Page{}, err
	}
	return c.readThread(ctx, conn, ref, c.html.Before, func(limit Limit) (Page, error) {
		return c.store.Replies(ctx, room.ID, root.Seq, before, limit)
	})
}

// ThreadSince returns what changed in a thread, its root included, after a rev of the room.
// The error is that of openThread, an *Invalid, or the store's.
func (c *Chat) ThreadSince(ctx context.Context, conn *Connection, ref Ref, since int64) (Page, error) {
	if since < 0 {
		return Page{}, invalid("since", "The field since must be a rev of the room, 0 or more.")
	}
	room, root, err := c.openThread(ctx, conn, ref)
	if err != nil {
		return Page{}, err
	}
	return c.readThread(ctx, conn, ref, c.html.Changes, func(limit Limit) (Page, error) {
		return c.store.ThreadChanges(ctx, room.ID, root.Seq, since, limit)
	})
}

// readThread reads a page of a thread in the reader's turn.
func (c *Chat) readThread(ctx context.Context, conn *Connection, of Ref, render Render, read func(Limit) (Page, error)) (Page, error) {
	by := conn.PageReader()
	page, err := c.pages.Read(ctx, by, render, func() (Page, error) { return read(by.Limit) })
	if err != nil {
		return Page{}, fmt.Errorf("read the thread of message %d of %s: %w", of.Seq, of.Room, err)
	}
	return page, nil
}
