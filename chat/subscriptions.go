package chat

import (
	"math"
	"sync"
	"sync/atomic"
	"time"
)

// catchingUp is the rev of a membership that hears no message: it is still reading
// what it missed.
const catchingUp = math.MaxInt64

// subscription is a connection in a room, from one moment on: it has had, or
// never hears, what is before the position from and all messages up to rev.
//
// What every delivery looks at comes first, copied from the connection: a crowd
// does not fit the processor's cache, and each look elsewhere would be a miss.
type subscription struct {
	socket Socket
	from   int64 // a position in the room
	rev    atomic.Int64
	kind   Kind
	index  int32 // in room.members; -1 when it has left
	conn   *Connection
	room   *room
	typed  time.Time // when its typing was told last; of the reading goroutine
}

// emptyLocked reports whether nobody hears what is live: then it is not known where
// the room stands, and nobody needs to. The caller holds the lock.
func (r *room) emptyLocked() bool { return r.live == 0 }

// beginLocked says where a room stands that was empty. The caller holds the lock.
func (r *room) beginLocked(rev int64) {
	if r.emptyLocked() {
		r.rev, r.handed = max(r.rev, rev), max(r.handed, rev)
	}
}

// addLocked makes a member of a connection. The caller holds the lock.
func (r *room) addLocked(conn *Connection) *subscription {
	m := &subscription{socket: conn.Socket, kind: conn.Kind, conn: conn, room: r, index: int32(len(r.subscriptions)), from: r.position} //nolint:gosec // members are connections
	m.rev.Store(catchingUp)
	r.subscriptions = append(r.subscriptions, m)
	r.byKind[conn.Kind]++
	conn.subscriptions = append(conn.subscriptions, m)
	if r.presence.enter(conn.User) {
		r.hub.presenceSync.localChanged(r.slug)
		r.schedulePresenceLocked()
	}
	return m
}

// attachLocked has a member hear what comes after a rev, which is not below the room's,
// or nothing, if it is notLive. The caller holds the lock.
func (r *room) attachLocked(m *subscription, rev int64) {
	if m.rev.Load() != catchingUp {
		r.live--
	}
	if rev != catchingUp {
		r.beginLocked(rev)
		r.live++
	}
	m.rev.Store(rev)
	if r.emptyLocked() {
		r.held = nil
		if answers := r.dueCallbacksLocked(math.MaxInt64); len(answers) > 0 { // nobody is left who could hear it before
			go callAll(answers)
		}
	}
}

// announceLocked says in plain text that a connection came: to everybody, or, in a
// crowd, to the one who comes alone. The caller holds the lock.
func (r *room) announceLocked(conn *Connection) {
	if r.crowdedLocked() {
		r.hub.send(conn, Joined{conn.User})
	} else {
		r.deliverLocked(Joined{conn.User})
		r.hub.publishHint(r.slug, Joined{conn.User}, nil)
	}
}

// leave ends a membership and tells everybody, the one who leaves included:
// its line comes after all that was said before, and then nothing. Whether it is
// a crowd is asked after the wait: of those who leave it together, the last are
// none any more.
func (h *hub) leave(m *subscription) {
	r := m.room
	stopping := h.isStopping() // then everybody leaves, and everybody is told so
	r.mu.Lock()
	r.waitForPassLocked(r.position)
	if !r.crowdedLocked() && !stopping {
		r.deliverLocked(Left{m.conn.User})
		r.waitForPassLocked(r.position)
	}
	if !r.crowdedLocked() {
		h.publishHint(r.slug, Left{m.conn.User}, nil)
	}
	r.removeLocked(m)
	if r.presence.exit(m.conn.User) {
		h.presenceSync.localChanged(r.slug)
		if !stopping {
			r.schedulePresenceLocked()
		}
	}
	r.mu.Unlock()
	h.closeRoom(r)
}

// removeLocked leaves a hole, so that a pass under way misses nobody; a later one
// closes it. The caller holds the lock.
func (r *room) removeLocked(m *subscription) {
	r.attachLocked(m, catchingUp)
	r.subscriptions[m.index] = nil
	m.index = -1
	r.holes++
	r.byKind[m.conn.Kind]--
	if !r.pumping {
		r.compactLocked()
	}
}

// compactLocked closes the holes once they are more than the members.
func (r *room) compactLocked() {
	if r.holes <= len(r.subscriptions)/2 {
		return
	}
	kept := r.subscriptions[:0]
	for _, m := range r.subscriptions {
		if m != nil {
			m.index = int32(len(kept)) //nolint:gosec // as above
			kept = append(kept, m)
		}
	}
	clear(r.subscriptions[len(kept):])
	r.subscriptions, r.holes = kept, 0
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
		r.passing = sync.Cond{L: &r.mu}
		h.rooms[slug] = r
	}
	r.refs++
	return r, nil
}

func (h *hub) closeRoom(r *room) {
	h.mu.Lock()
	r.refs--
	last := r.refs == 0
	if last && h.rooms[r.slug] == r { // after follow, its place may be another's
		delete(h.rooms, r.slug)
	}
	h.mu.Unlock()
	if last && r.unsubscribeHints != nil {
		r.unsubscribeHints()
	}
}

// find returns a room that is open, or nil.
func (h *hub) find(slug string) *room {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.rooms[slug]
}

// countOnline counts the users of rooms. Of those in which nobody is here the register
// says how many are elsewhere, if it can be asked.
func (h *hub) countOnline(rooms []Room) {
	var closed []string
	for i := range rooms {
		if r := h.find(rooms[i].Slug); r != nil {
			rooms[i].Online = r.online()
		} else {
			closed = append(closed, rooms[i].Slug)
		}
	}
	elsewhere := h.presenceSync.remoteOnline(closed)
	for i := range rooms {
		rooms[i].Online += elsewhere[rooms[i].Slug]
	}
}

func (r *room) online() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.presence.online()
}
