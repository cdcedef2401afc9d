package chat

import (
	"context"
	"fmt"
	"slices"
)

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
		return c.store.Replies(ctx, room.slug, root.Seq, Newest, limit)
	})
	if err != nil {
		return Page{}, err
	}
	// Read again behind the replies, the root is never older than the page's rev says.
	if root, err = c.message(ctx, conn.Payer(), room.slug, root.Seq); err != nil {
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
