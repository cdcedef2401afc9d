package chat

import (
	"context"
	"fmt"
)

const (
	// MaxHistory is the largest number of messages that a plain-text client can request when
	// it joins.
	MaxHistory = 100
	// MaxJoined is the number of rooms that one connection can join.
	MaxJoined = 100
	// maxReads caps the re-reads of a page while the room keeps advancing. After the last
	// one the client is told that there is more.
	maxReads = 8
)

// Position is how far a client has a room.
type Position struct {
	Rev   int64
	Epoch string // of the store that the client received it from; empty if unknown
	ID    string // of the message with this rev; empty if unknown
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
	allowed, err := c.open(ctx, conn.Actor, slug, toJoin)
	if err != nil {
		return err
	}
	if m := conn.subscription(allowed.slug); m != nil {
		return c.answerJoin(ctx, conn, m.room, at)
	}
	if len(conn.subscriptions) >= MaxJoined {
		return ErrTooManyJoined
	}
	return c.withRoom(allowed, func(r *room) error { return c.answerJoin(ctx, conn, r, at) })
}

// withRoom opens a room in the hub for a connection that joins it, and closes it if join
// fails.
func (c *Chat) withRoom(allowed opened, join func(*room) error) error {
	r, err := c.hub.openRoom(allowed.slug)
	if err != nil {
		return err
	}
	r.subscribeHints()
	if err := join(r); err != nil {
		c.hub.closeRoom(r)
		return err
	}
	return nil
}

func (c *Chat) answerJoin(ctx context.Context, conn *Connection, r *room, at *Position) error {
	for reads := 1; ; reads++ {
		page, reset, err := c.pageSince(ctx, conn.pageReader(), r, at, reads > 1)
		if err != nil {
			return fmt.Errorf("read %s: %w", r.slug, err)
		}
		if r.answerJoin(conn, page, reset, reads == maxReads) {
			return nil
		}
	}
}

// pageSince reads what a client at a position lacks. It returns the newest page if there is
// no position; if the position belongs to another history, it returns the newest page and
// reset.
func (c *Chat) pageSince(ctx context.Context, by pageReader, r *room, at *Position, reread bool) (page Page, reset bool, err error) {
	sameEpoch := func() bool { return at.Epoch == "" || at.Epoch == c.store.Epoch() }
	if at != nil && sameEpoch() {
		page, err = c.pages.since(ctx, by, r, at.Rev, reread)
		diverged := !sameEpoch() || // the store went back in time during the read
			at.ID != "" && page.SinceID != "" && at.ID != page.SinceID ||
			isPurged(at.Rev, page)
		if err != nil || page.Rev >= at.Rev && !diverged {
			return page, false, err
		}
	}
	page, err = c.pages.newest(ctx, by, r, reread)
	return page, at != nil, err
}

// answerJoin subscribes the connection and sends the page, unless the room has advanced
// since the read. In that case it returns false so that the page is read again, or, the last
// time, marks the page as incomplete. It holds the room's lock throughout, so that live
// delivery begins right after the page.
func (r *room) answerJoin(conn *Connection, page Page, reset, last bool) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.rev > page.Rev && !page.More {
		if !last {
			return false
		}
		page.More = true
	}
	m := conn.subscription(r.slug)
	if m == nil {
		m = r.addLocked(conn)
		r.announceLocked(conn)
	}
	if page.More {
		r.attachLocked(m, catchingUp)
	} else {
		r.attachLocked(m, page.Rev)
	}
	r.hub.send(conn, RoomSnapshot{
		Room: r.slug, Title: RoomTitle(r.slug), Page: page, Reset: reset,
		Members: r.listedLocked(), Online: r.presence.online(),
	})
	return true
}

// JoinWithHistory subscribes a plain-text connection to a room. The connection receives up
// to history of the newest messages, oldest first, then its own joined line, then live
// messages, without gaps or duplicates. It may block while the connection takes its history.
// The error is that of gate.open, ErrStopping, the connection's, or the store's.
func (c *Chat) JoinWithHistory(ctx context.Context, conn *Connection, slug string, history int) error {
	allowed, err := c.open(ctx, conn.Actor, slug, toJoin)
	if err != nil {
		return err
	}
	return c.withRoom(allowed, func(r *room) error {
		if history == 0 && r.joinLive(conn) {
			return nil
		}
		return c.readAndJoin(ctx, conn, r, min(history, MaxHistory))
	})
}

func (c *Chat) readAndJoin(ctx context.Context, conn *Connection, r *room, history int) error {
	page, err := c.pages.before(ctx, conn.Payer(), r.slug, Newest, Limit{Messages: max(history, 1)})
	if history == 0 {
		page.Messages = nil // only the room's current rev was needed
	}
	page.More = false
	for since := int64(0); err == nil; {
		if err := c.writePage(conn, page, since); err != nil {
			return err
		}
		since = page.Rev
		if !page.More && r.join(conn, since) {
			return nil
		}
		page, err = c.store.Changes(ctx, r.slug, since, PageLimit) // a re-read skips the queue, see pages
	}
	return fmt.Errorf("read the history of %s: %w", r.slug, err)
}

// writePage writes the messages of a page with a seq above since that are not deleted, no faster than the
// connection takes them.
func (c *Chat) writePage(conn *Connection, page Page, since int64) error {
	for _, message := range page.Messages {
		if message.Seq <= since || message.Deleted != nil {
			continue
		}
		message.Rev = message.Seq // to plain-text clients it is new
		if err := conn.Socket.Calm(); err != nil {
			return err
		}
		c.hub.send(conn, Said{message})
	}
	return nil
}

// joinLive subscribes a connection that wants no history. It returns false if the room has
// no live subscription, because the room's current rev is then unknown.
func (r *room) joinLive(conn *Connection) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.emptyLocked() {
		return false
	}
	r.attachLocked(r.addLocked(conn), r.rev)
	r.announceLocked(conn)
	return true
}

// join subscribes a connection that has everything up to the rev since. It returns false if
// the room has advanced, because the connection must then read the rest first.
func (r *room) join(conn *Connection, since int64) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.rev > since {
		return false
	}
	r.attachLocked(r.addLocked(conn), since)
	r.announceLocked(conn)
	return true
}

// Leave waits until the connection's changes are stored and then ends its subscription to a
// room. It does nothing for a connection that is not subscribed.
func (c *Chat) Leave(conn *Connection, slug string) {
	m := conn.subscription(slug)
	if m == nil {
		return
	}
	c.recorder.waitForChanges(conn)
	conn.unsubscribe(m)
	c.hub.leave(m)
}

// Revs returns the rev up to which a connection has received each of its rooms, except rooms
// in which it is still catching up.
func (c *Chat) Revs(conn *Connection) map[string]int64 {
	revs := make(map[string]int64, len(conn.subscriptions))
	for _, m := range conn.subscriptions {
		if m.rev.Load() != catchingUp {
			revs[m.room.slug] = m.room.handedRev()
		}
	}
	return revs
}
