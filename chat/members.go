package chat

import (
	"context"
	"fmt"
	"math"
	"sync"
)

// MaxHistory is how many messages somebody may ask for when joining.
const MaxHistory = 100

// Join makes a connection a member of a room. The last messages come first, at
// most history of them, oldest first, then the member's own joined line, then
// what is live: nothing twice and nothing missing. It may block while the
// connection takes its history.
//
// Coming is announced by name to everybody in the room, or, in a room of more
// than Options.AnnounceLimit, to the one who comes alone.
func (c *Chat) Join(ctx context.Context, conn *Connection, slug string, history int) error {
	r, err := c.hub.openRoom(slug)
	if err != nil {
		return err
	}
	if err := c.joinRoom(ctx, conn, r, history); err != nil {
		c.hub.closeRoom(r)
		return err
	}
	return nil
}

func (c *Chat) joinRoom(ctx context.Context, conn *Connection, r *room, history int) error {
	if history == 0 {
		r.join(conn, math.MaxInt64)
		return nil
	}
	page, err := c.store.Newest(ctx, r.slug, min(history, MaxHistory))
	for since := int64(0); err == nil; {
		if err := c.writePage(conn, page, since); err != nil {
			return err
		}
		since = page.Rev
		if !page.More && r.join(conn, since) {
			return nil
		}
		page, err = c.store.Changes(ctx, r.slug, since, MaxHistory)
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
		conn.Socket.Write(c.hub.frames[conn.Kind].Append(nil, Said{message}))
	}
	return nil
}

// join makes a member of a connection that has everything up to the rev since,
// unless the room has moved on meanwhile: then it must read the rest first.
func (r *room) join(conn *Connection, since int64) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.rev > since {
		return false
	}
	if since == math.MaxInt64 { // it wants no history
		since = r.rev
	}
	m := &membership{conn: conn, room: r, index: len(r.members), from: r.position, rev: since}
	r.members = append(r.members, m)
	r.spoken[conn.Kind]++
	conn.memberships = append(conn.memberships, m)
	if r.announces() {
		r.deliver(Joined{conn.User})
	} else {
		conn.Socket.Write(r.hub.frames[conn.Kind].Append(nil, Joined{conn.User}))
	}
	return true
}

// leave ends a membership and tells everybody, the one who leaves included:
// its line comes after all that was said before, and then nothing.
func (h *hub) leave(m *membership) {
	r := m.room
	stopping := h.isStopping() // then everybody leaves, and everybody is told so
	r.mu.Lock()
	if r.announces() && !stopping {
		r.deliver(Left{m.conn.User})
	}
	r.waitForPass(r.position)
	r.remove(m)
	r.mu.Unlock()
	h.closeRoom(r)
}

// remove leaves a hole, so that a pass under way misses nobody; a later one
// closes it. The caller holds the lock.
func (r *room) remove(m *membership) {
	r.members[m.index] = nil
	r.holes++
	r.spoken[m.conn.Kind]--
	if !r.pumping {
		r.compact()
	}
}

// compact closes the holes once they are more than the members.
func (r *room) compact() {
	if r.holes <= len(r.members)/2 {
		return
	}
	kept := r.members[:0]
	for _, m := range r.members {
		if m != nil {
			m.index = len(kept)
			kept = append(kept, m)
		}
	}
	clear(r.members[len(kept):])
	r.members, r.holes = kept, 0
}

// announces reports whether coming and going is told by name: above the limit
// n people coming would cost n² lines and tell nobody anything. The caller
// holds the lock.
func (r *room) announces() bool {
	limit := r.hub.options.AnnounceLimit
	return limit == 0 || len(r.members)-r.holes <= limit
}

// openRoom returns the room and keeps it open until closeRoom.
func (h *hub) openRoom(slug string) (*room, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.stopping {
		return nil, ErrStopping
	}
	r := h.rooms[slug]
	if r == nil {
		r = &room{slug: slug, hub: h}
		r.handed = sync.Cond{L: &r.mu}
		h.rooms[slug] = r
	}
	r.users++
	return r, nil
}

func (h *hub) closeRoom(r *room) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if r.users--; r.users == 0 {
		delete(h.rooms, r.slug)
	}
}
