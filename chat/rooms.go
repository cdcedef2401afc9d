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
		_, err := c.open(ctx, actor, room.ID, toList)
		return err != nil
	})
	c.live.CountOnline(rooms)
	return rooms, more, nil
}

// Room returns the room at an address, which may be a former one, for an actor who may read it.
// The error is that of gate.open.
func (c *Chat) Room(ctx context.Context, actor Actor, address string) (*RoomInfo, error) {
	room, err := c.open(ctx, actor, address, toRead)
	return room.RoomInfo, err
}

// Newest returns the newest messages of a room, at most most and one page, together with the
// room's rev of the same moment. The web page shows them before it joins. The read waits for
// the actor's turn. The error is that of gate.open, the context's or the store's.
func (c *Chat) Newest(ctx context.Context, actor Actor, slug string, most int) (Page, error) {
	allowed, err := c.open(ctx, actor, slug, toRead)
	if err != nil {
		return Page{}, err
	}
	page, err := c.pages.NewestForWebPage(ctx, actor.Payer(), c.live.Room(allowed.ID))
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
// itself. On this connection the room is called by the address with which it was joined last,
// whatever its present one is. The error is that of gate.open, ErrTooManyJoined, ErrStopping, or
// the store's.
func (c *Chat) Join(ctx context.Context, conn *Connection, address string, at *Position) error {
	room, err := c.open(ctx, conn.Actor, address, toJoin)
	if err != nil {
		return err
	}
	if conn.Subscription(room.ID) == nil && len(conn.Subscriptions()) >= MaxJoined {
		return ErrTooManyJoined
	}
	conn.callRoom(room.ID, address)
	return c.live.Join(ctx, conn, room.RoomInfo, at)
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
	return c.live.JoinWithHistory(ctx, conn, room.RoomInfo, min(history, MaxHistory))
}

// Leave waits until the connection's changes are stored and then ends its subscription to a
// room. It does nothing for a connection that is not subscribed. The error is the store's.
func (c *Chat) Leave(ctx context.Context, conn *Connection, address string) error {
	room, err := c.rooms.Find(ctx, address)
	if err != nil {
		return err
	}
	m := conn.Subscription(room.ID)
	if m == nil {
		return nil
	}
	c.journal.Wait(conn)
	c.live.Leave(conn, m)
	conn.callRoom(room.ID, room.ID)
	return nil
}

// Revs returns the rev up to which a connection has received each of its rooms, except rooms
// in which it is still catching up.
func (c *Chat) Revs(conn *Connection) map[string]int64 {
	revs := make(map[string]int64, len(conn.subscriptions))
	for _, m := range conn.subscriptions {
		if rev, live := m.Rev(); live {
			revs[conn.RoomName(m.Slug())] = rev
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
func Export(ctx context.Context, actor Actor, rooms *Directory, room string, export Exporter, each func(Message) error) error {
	allowed, err := (&gate{rooms: rooms}).open(ctx, actor, room, toExport)
	if err != nil {
		return err
	}
	return export(ctx, allowed.ID, each)
}

// Renamer gives a stored room another address.
type Renamer func(ctx context.Context, room, address string) error

// Rename gives a room another address, if the actor may. Everybody stays in the room, and its
// former addresses still lead to it. The error is that of gate.open or the renamer's.
func Rename(ctx context.Context, actor Actor, rooms *Directory, room, address string, rename Renamer) error {
	allowed, err := (&gate{rooms: rooms}).open(ctx, actor, room, toRename)
	if err != nil {
		return err
	}
	return rename(ctx, allowed.ID, address)
}

// Remover removes stored rooms with all their messages, whose number it returns.
type Remover func(ctx context.Context, rooms []string) (messages int64, err error)

// Remove removes rooms with all their messages, if the actor may remove each of them;
// otherwise it removes none. The error is that of gate.open or the remover's.
func Remove(ctx context.Context, actor Actor, rooms *Directory, addresses []string, remove Remover) (messages int64, err error) {
	var ids []string
	for _, address := range addresses {
		allowed, err := (&gate{rooms: rooms}).open(ctx, actor, address, toRemove)
		if err != nil {
			return 0, err
		}
		if !slices.Contains(ids, allowed.ID) {
			ids = append(ids, allowed.ID)
		}
	}
	return remove(ctx, ids)
}
