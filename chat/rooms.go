package chat

import (
	"context"
	"fmt"
	"slices"
	"strings"
)

const (
	// Lobby is the default room.
	Lobby = "lobby"
	// MaxSlug is the maximum length of a room's slug in characters.
	MaxSlug        = 64
	slugCharacters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-"
)

// ParseRoom returns the lower-case slug of a room; empty means the Lobby. The error is an
// *Invalid with the field "room".
func ParseRoom(slug string) (string, error) {
	if slug == "" {
		return Lobby, nil
	}
	return parseSlug("room", slug)
}

func parseSlug(field, slug string) (string, error) {
	if len(slug) > MaxSlug || strings.Trim(slug, slugCharacters) != "" {
		return "", invalid(field, "A room's name has 1 to %d of the characters a-z, 0-9, _ and -.", MaxSlug)
	}
	return strings.ToLower(slug), nil
}

// RoomTitle returns the title that a room has until it is given one: "night-watch" becomes
// "Night watch".
func RoomTitle(slug string) string {
	words := strings.TrimSpace(strings.NewReplacer("-", " ", "_", " ").Replace(slug))
	if words == "" {
		return slug
	}
	return strings.ToUpper(words[:1]) + words[1:]
}

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

const (
	// MaxHistory is the largest number of messages that a plain-text client can request when
	// it joins.
	MaxHistory = 100
)

// MayJoin returns the error with which Join would refuse the actor now: that of gate.open.
func (c *Chat) MayJoin(ctx context.Context, actor Actor, slug string) error {
	_, err := c.open(ctx, actor, slug, toJoin)
	return err
}

// Join subscribes a connection to a room and answers with a RoomSnapshot: the newest page,
// or, for a client that resumes at a position, the changes since then. If the changes do not
// fit one page, the user is present but the subscription becomes live only after the client
// has requested the rest. A position that this store does not know gets the newest page and
// Reset. A connection that is already subscribed gets only the answer.
//
// The join is announced to the room, or, if the room is a crowd, to a plain-text connection
// itself. The error is that of gate.open, ErrTooManyJoined, ErrStopping, or the store's.
func (c *Chat) Join(ctx context.Context, conn *Connection, slug string, at *Position) error {
	room, err := c.open(ctx, conn.Actor, slug, toJoin)
	if err != nil {
		return err
	}
	if conn.Subscription(room.slug) == nil && len(conn.Subscriptions()) >= MaxJoined {
		return ErrTooManyJoined
	}
	return c.live.Join(ctx, conn, room.slug, at)
}

// JoinWithHistory subscribes a plain-text connection to a room. The connection receives up
// to history of the newest messages, oldest first, then its own joined line, then live
// messages, without gaps or duplicates. It may block while the connection takes its history.
// The error is that of gate.open, ErrStopping, the connection's, or the store's.
func (c *Chat) JoinWithHistory(ctx context.Context, conn *Connection, slug string, history int) error {
	room, err := c.open(ctx, conn.Actor, slug, toJoin)
	if err != nil {
		return err
	}
	return c.live.JoinWithHistory(ctx, conn, room.slug, min(history, MaxHistory))
}

// Leave waits until the connection's changes are stored and then ends its subscription to a
// room. It does nothing for a connection that is not subscribed.
func (c *Chat) Leave(conn *Connection, slug string) {
	m := conn.Subscription(slug)
	if m == nil {
		return
	}
	c.journal.Wait(conn)
	c.live.Leave(conn, m)
}

// Revs returns the rev up to which a connection has received each of its rooms, except rooms
// in which it is still catching up.
func (c *Chat) Revs(conn *Connection) map[string]int64 {
	revs := make(map[string]int64, len(conn.subscriptions))
	for _, m := range conn.subscriptions {
		if rev, live := m.Rev(); live {
			revs[m.Slug()] = rev
		}
	}
	return revs
}

// Type announces to the other members of a room that the user is typing, at most once every
// second and not in a large room. The error is that of openJoined.
func (c *Chat) Type(ctx context.Context, conn *Connection, slug string) error {
	_, m, err := c.openJoined(ctx, conn, slug, toType)
	if err != nil {
		return err
	}
	m.Type()
	return nil
}

// The use cases of the operator's command line, which works on the store beside a running
// server.

// Exporter passes all messages of a stored room to each, in order.
type Exporter func(ctx context.Context, room string, each func(Message) error) error

// Export passes all messages of a room to each, if the actor may export the room. The error
// is that of gate.open, the exporter's or that of each.
func Export(ctx context.Context, actor Actor, room string, export Exporter, each func(Message) error) error {
	allowed, err := new(gate).open(ctx, actor, room, toExport)
	if err != nil {
		return err
	}
	return export(ctx, allowed.slug, each)
}

// Remover removes stored rooms with all their messages, whose number it returns.
type Remover func(ctx context.Context, rooms []string) (messages int64, err error)

// Remove removes rooms with all their messages, if the actor may remove each of them;
// otherwise it removes none. The error is that of gate.open or the remover's.
func Remove(ctx context.Context, actor Actor, rooms []string, remove Remover) (messages int64, err error) {
	slugs := make([]string, len(rooms))
	for i, room := range rooms {
		allowed, err := new(gate).open(ctx, actor, room, toRemove)
		if err != nil {
			return 0, err
		}
		slugs[i] = allowed.slug
	}
	return remove(ctx, slugs)
}
