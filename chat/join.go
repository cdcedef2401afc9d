package chat

import "context"

const (
	// MaxHistory is the largest number of messages that a plain-text client can request when
	// it joins.
	MaxHistory = 100
)

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
