package chat

import (
	"context"
	"fmt"
)

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
	page, err := c.pages.Read(ctx, by, c.html.Before, func() (Page, error) { return c.store.Pins(ctx, room.slug, by.Limit) })
	if err != nil {
		return Page{}, fmt.Errorf("read the pins of %s: %w", room.slug, err)
	}
	return page, nil
}
