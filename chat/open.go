package chat

import "context"

// Ref names a stored message.
type Ref struct {
	Room string // slug
	Seq  int64
}

// openJoined is open for a room that the connection is subscribed to. The error is that of
// open, or ErrNotJoined.
func (c *Chat) openJoined(ctx context.Context, conn *Connection, slug string, do action) (opened, Subscription, error) {
	room, err := c.open(ctx, conn.Actor, slug, do)
	if err != nil {
		return opened{}, nil, err
	}
	m := conn.Subscription(room.slug)
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
	m, err := c.message(ctx, conn.Payer(), room.slug, ref.Seq)
	switch {
	case err != nil:
		return opened{}, Message{}, err
	case !room.covers(m.AuthorID):
		return opened{}, Message{}, ErrNotAuthor
	case m.Deleted != nil && do != toRead && do != toDelete: // a thread outlives its root, and a repeated deletion changes nothing
		return opened{}, Message{}, ErrGone
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
