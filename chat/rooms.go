package chat

import (
	"context"
	"fmt"
	"slices"
)

// roomsPage is the number of rooms in one page of the list.
const roomsPage = 100

// Rooms lists the rooms that an actor may find by slug, after a given slug and with a given prefix; both may be empty.
// It reports whether there are more. The error is an *Invalid with the field "after" or
// "prefix", or the store's.
func (c *Chat) Rooms(ctx context.Context, actor Actor, after, prefix string) (rooms []Room, more bool, err error) {
	if after, err = parseSlug("after", after); err != nil {
		return nil, false, err
	}
	if prefix, err = parseSlug("prefix", prefix); err != nil {
		return nil, false, err
	}
	rooms, err = c.store.Rooms(ctx, after, prefix, roomsPage+1)
	if err != nil {
		return nil, false, fmt.Errorf("list the rooms: %w", err)
	}
	if len(rooms) > roomsPage {
		rooms, more = rooms[:roomsPage], true
	}
	rooms = slices.DeleteFunc(rooms, func(room Room) bool {
		_, err := c.open(ctx, actor, room.Slug, toList)
		return err != nil
	})
	c.live.CountOnline(rooms)
	return rooms, more, nil
}

// Newest returns the newest messages of a room, at most most and one page, together with the
// room's rev of the same moment. The web page shows them before it joins. The read waits for
// the actor's turn. The error is that of gate.open, the context's or the store's.
func (c *Chat) Newest(ctx context.Context, actor Actor, slug string, most int) (Page, error) {
	allowed, err := c.open(ctx, actor, slug, toRead)
	if err != nil {
		return Page{}, err
	}
	page, err := c.pages.NewestForWebPage(ctx, actor.Payer(), c.live.Room(allowed.slug))
	if err != nil {
		return Page{}, fmt.Errorf("read the newest messages of %s: %w", slug, err)
	}
	if extra := len(page.Messages) - most; extra > 0 {
		page.Messages = page.Messages[extra:]
	}
	page.More = len(page.Messages) > 0 && page.Messages[0].Seq > 1
	return page, nil
}
