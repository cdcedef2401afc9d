package chat

import (
	"context"
	"fmt"
	"time"

	"chatserver/emoji"
)

// Request is a change of a stored message that a use case has checked. Submit makes it.
type Request struct {
	target Target
	with   func(Target) Change // returns the change; the target has its times then
	do     action
	bytes  int
}

// Size returns about how many bytes the change sends to each member: those of the message as
// it will be.
func (r *Request) Size() int { return r.bytes }

// request returns the request for a change of a message. more is how many bytes the change
// adds to the message.
func (conn *Connection) request(do action, m *Message, more int, with func(Target) Change) Request {
	return Request{Target{Room: m.Room, Seq: m.Seq, By: conn.User.Author()}, with, do, m.Size() + more}
}

// Submit queues a request and returns. The outcome is passed to Socket.Answer, and the
// message as it then is is delivered to the room.
//
// Submit waits like Send. The error is that of openJoined, ErrBusy or ErrStopping, and the
// request is then not queued.
func (c *Chat) Submit(ctx context.Context, conn *Connection, request Request) error {
	_, m, err := c.openJoined(ctx, conn, request.target.Room, request.do)
	if err != nil {
		return err
	}
	if err := m.Admit(request.bytes); err != nil {
		return err
	}
	target := request.target
	target.At, target.Taken = c.now().UTC().Truncate(time.Millisecond), time.Now()
	err = c.journal.Take(conn, m, request.with(target), request.bytes)
	if err != nil {
		m.Settled(request.bytes, false)
	}
	return err
}

// openJoined is open for a room that the connection is subscribed to. The error is that of
// open, or ErrNotJoined.
func (c *Chat) openJoined(ctx context.Context, conn *Connection, slug string, do action) (opened, Subscription, error) {
	room, err := c.open(ctx, conn.Actor, slug, do)
	if err != nil {
		return opened{}, nil, err
	}
	m := conn.Subscription(room.ID)
	if m == nil {
		return opened{}, nil, ErrNotJoined
	}
	return room, m, nil
}

// openMessage is openJoined for a stored message, which it reads. The error is that of
// openJoined, an *Invalid, ErrNoMessage, ErrGone for a tombstone, ErrNotAuthor if the right
// does not extend to the message, or the store's.
func (c *Chat) openMessage(ctx context.Context, conn *Connection, ref Ref, do action) (opened, Message, error) {
	room, _, err := c.openJoined(ctx, conn, ref.Room, do)
	if err != nil {
		return opened{}, Message{}, err
	}
	m, err := c.message(ctx, conn.Payer(), room.ID, ref.Seq)
	switch {
	case err != nil:
		return opened{}, Message{}, err
	case !room.covers(m.AuthorID):
		return opened{}, Message{}, ErrNotAuthor
	case m.Deleted != nil && do != toRead && do != toDelete && do != toMove: // a thread outlives its root, and what is done twice changes nothing
		return opened{}, Message{}, m.Deleted.err()
	}
	return room, m, nil
}

// openThread is openMessage for the root of a thread that the actor reads. The error is also
// ErrNestedThread.
func (c *Chat) openThread(ctx context.Context, conn *Connection, root Ref) (opened, Message, error) {
	room, m, err := c.openMessage(ctx, conn, root, toRead)
	if err == nil && m.Thread != 0 {
		err = ErrNestedThread
	}
	return room, m, err
}

// MaxReason is the size in bytes of the reason of a deletion.
const MaxReason = 500

// Edit requests another text for a message of the actor. rev is the Message.Rev that the
// actor saw: if the text was edited since, the outcome is ErrConflict. The error is that of
// openMessage, an *Invalid, a *TooLong or ErrEmpty.
func (c *Chat) Edit(ctx context.Context, conn *Connection, ref Ref, rev int64, text string) (Request, error) {
	if rev < 1 {
		return Request{}, invalid("rev", "The field rev must be the rev of the message as you have it.")
	}
	if err := c.checkText(text); err != nil {
		return Request{}, err
	}
	_, m, err := c.openMessage(ctx, conn, ref, toEdit)
	if err != nil {
		return Request{}, err
	}
	html, version := c.html.Render(conn.Payer(), text), c.html.Version()
	m.Text, m.HTML = text, html
	return conn.request(toEdit, &m, 0, func(t Target) Change {
		return Edit{Target: t, Rev: rev, Text: text, HTML: html, HTMLVersion: version}
	}), nil
}

// isReason reports whether a text may be the reason of a deletion.
func isReason(text string) bool {
	return text == "" || len(text) <= MaxReason && checkText(text, 0) == nil
}

// Delete requests that a message becomes a tombstone. The reason is for everyone to read, and
// may be empty. Deleting a message again changes nothing. The error is that of openMessage or
// an *Invalid.
func (c *Chat) Delete(ctx context.Context, conn *Connection, ref Ref, reason string) (Request, error) {
	if !isReason(reason) {
		return Request{}, invalid("reason", "A reason has at most %d bytes of text, without control characters other than tabs and line breaks.", MaxReason)
	}
	room, m, err := c.openMessage(ctx, conn, ref, toDelete)
	if err != nil {
		return Request{}, err
	}
	moderator := room.scope == all
	return conn.request(toDelete, &Message{Room: m.Room, Seq: m.Seq}, len(reason), func(t Target) Change {
		return Delete{Target: t, Reason: reason, Moderator: moderator}
	}), nil
}

// Versions returns the earlier texts of a message with a number above since, oldest first, as
// many as fit a page: a message may have any number of them. more reports whether others
// follow. The error is that of openMessage or the store's.
func (c *Chat) Versions(ctx context.Context, conn *Connection, ref Ref, since int64) (page []Version, more bool, err error) {
	room, m, err := c.openMessage(ctx, conn, ref, toVersions)
	if err != nil || m.Versions == 0 {
		return nil, false, err
	}
	leave, err := c.pages.Enter(ctx, conn.Payer())
	if err != nil {
		return nil, false, err
	}
	defer leave()
	page, more, err = c.store.Versions(ctx, room.ID, m.Seq, since, conn.PageReader().Limit)
	if err != nil {
		return nil, false, fmt.Errorf("read the versions of message %d of %s: %w", m.Seq, room.ID, err)
	}
	return page, more, nil
}

// Purge requests that one earlier text of a message is removed for good. The outcome is
// ErrNoMessage if there is no such version. The error is that of openMessage or an *Invalid.
func (c *Chat) Purge(ctx context.Context, conn *Connection, ref Ref, version int) (Request, error) {
	if version < 1 {
		return Request{}, invalid("version", "The field version must be the number of an earlier text, 1 or more.")
	}
	room, m, err := c.openMessage(ctx, conn, ref, toPurge)
	if err != nil {
		return Request{}, err
	}
	moderator := room.scope == all
	return conn.request(toPurge, &m, 0, func(t Target) Change {
		return Purge{Target: t, Version: version, Moderator: moderator}
	}), nil
}

// reactionBytes is about how many bytes a reaction adds to its message.
const reactionBytes = 100

// React requests that the actor's reaction to a message with an emoji is set or removed. To
// set it again changes nothing. The error is that of openMessage or an *Invalid.
func (c *Chat) React(ctx context.Context, conn *Connection, ref Ref, text string, on bool) (Request, error) {
	one, ok := emoji.Parse(text)
	if !ok {
		return Request{}, invalid("emoji", "A reaction is exactly one emoji, like 👍.")
	}
	_, m, err := c.openMessage(ctx, conn, ref, toReact)
	if err != nil {
		return Request{}, err
	}
	return conn.request(toReact, &m, reactionBytes, func(t Target) Change {
		return React{Target: t, Emoji: one, On: on}
	}), nil
}

// pinBytes is about how many bytes a pin adds to its message.
const pinBytes = 100

// Pin requests that a message is pinned to its room, or unpinned. The error is that of
// openMessage.
func (c *Chat) Pin(ctx context.Context, conn *Connection, ref Ref, on bool) (Request, error) {
	_, m, err := c.openMessage(ctx, conn, ref, toPin)
	if err != nil {
		return Request{}, err
	}
	return conn.request(toPin, &m, pinBytes, func(t Target) Change { return Pin{Target: t, On: on} }), nil
}

// Pins returns the pinned messages of a room that the connection is subscribed to, in the
// order of their places: the last ones, if they do not fit a page. The error is that of
// openJoined or the store's.
func (c *Chat) Pins(ctx context.Context, conn *Connection, slug string) (Page, error) {
	room, _, err := c.openJoined(ctx, conn, slug, toRead)
	if err != nil {
		return Page{}, err
	}
	by := conn.PageReader()
	page, err := c.pages.Read(ctx, by, c.html.Before, func() (Page, error) { return c.store.Pins(ctx, room.ID, by.Limit) })
	if err != nil {
		return Page{}, fmt.Errorf("read the pins of %s: %w", room.ID, err)
	}
	return page, nil
}
