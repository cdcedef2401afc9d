package chat

import (
	"context"
	"fmt"
)

const (
	// MaxHistory is how many messages somebody may ask for when joining in plain
	// text.
	MaxHistory = 100
	// MaxJoined is how many rooms one connection may be in.
	MaxJoined = 100
	// maxReads is how often a page is read anew because the room has moved on
	// meanwhile; then its reader is told that there is more.
	maxReads = 8
)

// Position is how far a connection knows a room.
type Position struct {
	Rev   int64
	Epoch string // of the store it heard it from; empty if it does not say
	ID    string // of the message that had this rev; empty if it does not say
}

// Join makes a connection a member of a room and answers with Entered: the
// newest page, or, for one who comes back to a position, what changed since. If
// there is more than a page the member is present, and hears what is live only
// after it asked for the rest. A position that this store does not know leads to
// the newest page and a Reset. Who is a member already only has the answer.
//
// Joining is told to everybody in the room, or, in a crowd, in plain text to the
// one who comes alone. The error is ErrTooManyJoined, ErrStopping, or the
// store's.
func (c *Chat) Join(ctx context.Context, conn *Connection, slug string, at *Position) error {
	if m := conn.subscription(slug); m != nil {
		return c.answerJoin(ctx, conn, m.room, at)
	}
	if len(conn.subscriptions) >= MaxJoined {
		return ErrTooManyJoined
	}
	return c.withRoom(slug, func(r *room) error { return c.answerJoin(ctx, conn, r, at) })
}

// withRoom opens a room for somebody who joins it, and closes it if that fails.
func (c *Chat) withRoom(slug string, join func(*room) error) error {
	r, err := c.hub.openRoom(slug)
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

// pageSince reads what somebody at a position lacks: the newest page if there is
// none, or if it is of another past.
func (c *Chat) pageSince(ctx context.Context, by pageReader, r *room, at *Position, reread bool) (page Page, reset bool, err error) {
	sameEpoch := func() bool { return at.Epoch == "" || at.Epoch == c.store.Epoch() }
	if at != nil && sameEpoch() {
		page, err = c.pages.since(ctx, by, r, at.Rev, reread)
		diverged := !sameEpoch() || // the store went back while it was read
			at.ID != "" && page.SinceID != "" && at.ID != page.SinceID ||
			isPurged(at.Rev, page)
		if err != nil || page.Rev >= at.Rev && !diverged {
			return page, false, err
		}
	}
	page, err = c.pages.newest(ctx, by, r, reread)
	return page, at != nil, err
}

// answerJoin writes the page, unless the room has moved on since it was read:
// then it is to be read again, or, the last time, is told to have more after it.
// Both under the room's lock, so that what is live begins right after the page.
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

// JoinWithHistory makes a connection a member of a room, as plain text has it:
// the last messages come first, at most history of them, oldest first, then the
// member's own joined line, then what is live: nothing twice and nothing missing.
// It may block while the connection takes its history. The error is ErrStopping,
// the connection's, or the store's.
func (c *Chat) JoinWithHistory(ctx context.Context, conn *Connection, slug string, history int) error {
	return c.withRoom(slug, func(r *room) error {
		if history == 0 && r.joinLive(conn) {
			return nil
		}
		return c.readAndJoin(ctx, conn, r, min(history, MaxHistory))
	})
}

func (c *Chat) readAndJoin(ctx context.Context, conn *Connection, r *room, history int) error {
	page, err := c.pages.before(ctx, conn.Payer(), r.slug, Newest, Limit{Messages: max(history, 1)})
	if history == 0 {
		page.Messages = nil // only where the room stands was asked
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
		page, err = c.store.Changes(ctx, r.slug, since, PageLimit) // it waits for nobody, see pages
	}
	return fmt.Errorf("read the history of %s: %w", r.slug, err)
}

// writePage writes the messages of a page that were said after the rev since,
// no faster than the connection takes them.
func (c *Chat) writePage(conn *Connection, page Page, since int64) error {
	for _, message := range page.Messages {
		if message.Seq <= since {
			continue
		}
		if err := conn.Socket.Calm(); err != nil {
			return err
		}
		c.hub.send(conn, Said{message})
	}
	return nil
}

// joinLive makes a member of a connection that wants no history, if somebody is
// there: then it is known where the room stands.
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

// join makes a member of a connection that has everything up to the rev since,
// unless the room has moved on meanwhile: then it must read the rest first.
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

// Leave ends a membership; who is none is left alone. It waits until what the
// connection said is stored.
func (c *Chat) Leave(conn *Connection, slug string) {
	m := conn.subscription(slug)
	if m == nil {
		return
	}
	c.recorder.waitForDrafts(conn)
	conn.unsubscribe(m)
	c.hub.leave(m)
}

// Revs is how far a connection was handed each of its rooms, but for those of
// which it still reads what it missed.
func (c *Chat) Revs(conn *Connection) map[string]int64 {
	revs := make(map[string]int64, len(conn.subscriptions))
	for _, m := range conn.subscriptions {
		if m.rev.Load() != catchingUp {
			revs[m.room.slug] = m.room.handedRev()
		}
	}
	return revs
}
