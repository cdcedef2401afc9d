package chat

import (
	"context"
	"fmt"
)

// A thread is a message, its root, and the replies to it. Replies are messages of the room
// like any other, and have no replies themselves.

// Thread returns the newest replies of a thread, oldest first, behind its root. The error is
// that of openThread or the store's.
func (c *Chat) Thread(ctx context.Context, conn *Connection, ref Ref) (Page, error) {
	room, root, err := c.openThread(ctx, conn, ref)
	if err != nil {
		return Page{}, err
	}
	return c.readThread(ctx, conn, ref, c.html.Before, func(limit Limit) (Page, error) {
		limit.Bytes = max(1, limit.Bytes-root.Size())
		page, err := c.store.Replies(ctx, room.slug, root.Seq, Newest, limit)
		page.Messages = append([]Message{root}, page.Messages...)
		return page, err
	})
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
		return c.store.Replies(ctx, room.slug, root.Seq, before, limit)
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
		return c.store.ThreadChanges(ctx, room.slug, root.Seq, since, limit)
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
