package chat

import (
	"math"
	"sync"
	"sync/atomic"
	"time"
)

// catchingUp is the rev of a subscription that is not live: it still reads the history it
// missed and receives no messages.
const catchingUp = math.MaxInt64

// subscription attaches a connection to a room from one moment on. Everything before the
// position from, and all messages up to rev, were sent to it earlier or never will be.
//
// The fields that every delivery reads come first, and are copied from the connection: a
// large room does not fit the processor's cache, and each indirection would be a miss.
type subscription struct {
	socket Socket
	from   int64 // a position in the room
	rev    atomic.Int64
	kind   Kind
	index  int32 // in room.subscriptions; -1 after it left
	conn   *Connection
	room   *room
	typed  time.Time // when its typing was last announced; owned by the reading goroutine
}

// emptyLocked reports whether the room has no live subscription. Its current rev is then
// unknown, and nothing needs it. The caller holds the lock.
func (r *room) emptyLocked() bool { return r.live == 0 }

// beginLocked sets the current rev of a room that had no live subscription. The caller holds
// the lock.
func (r *room) beginLocked(rev int64) {
	if r.emptyLocked() {
		r.rev, r.handed = max(r.rev, rev), max(r.handed, rev)
	}
}

// addLocked subscribes a connection to the room. The caller holds the lock.
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

// attachLocked makes a subscription live for the messages after a rev, which is not below
// the room's; with catchingUp it ends that. The caller holds the lock.
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
		if callbacks := r.dueCallbacksLocked(math.MaxInt64); len(callbacks) > 0 { // no live subscription is left to deliver to first
			go callAll(callbacks)
		}
	}
}

// announceLocked delivers the joined line of a connection: to the room, or, if it is a
// crowd, to that connection alone. The caller holds the lock.
func (r *room) announceLocked(conn *Connection) {
	if r.crowdedLocked() {
		r.hub.send(conn, Joined{conn.User})
	} else {
		r.deliverLocked(Joined{conn.User})
		r.hub.publishHint(r.slug, Joined{conn.User}, nil)
	}
}

// leave ends a subscription and announces it to the room, and to the connection itself: its
// left line comes after all earlier messages and is the last thing that it receives. The
// room's size is checked after the wait: when a crowd leaves together, the last ones no
// longer form a crowd.
func (h *hub) leave(m *subscription) {
	r := m.room
	stopping := h.isStopping() // then everyone leaves, and each connection gets a close frame instead
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

// removeLocked leaves a hole in the list, so that a pass in progress skips nobody;
// compactLocked closes it later. The caller holds the lock.
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

// compactLocked closes the holes once they outnumber the subscriptions. The caller holds the
// lock.
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

// openRoom returns the room and keeps it open until closeRoom. The error is ErrStopping.
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

// closeRoom releases the room, and removes it from the hub after its last user.
func (h *hub) closeRoom(r *room) {
	h.mu.Lock()
	r.refs--
	last := r.refs == 0
	if last && h.rooms[r.slug] == r { // followEpoch may have replaced it
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

// countOnline sets the number of users online in each room. For rooms without connections
// here it asks the presence registry, if that is available.
func (h *hub) countOnline(rooms []Room) {
	var closed []string
	for i := range rooms {
		if r := h.find(rooms[i].Slug); r != nil {
			rooms[i].Online = r.online()
		} else {
			closed = append(closed, rooms[i].Slug)
		}
	}
	remote := h.presenceSync.remoteOnline(closed)
	for i := range rooms {
		rooms[i].Online += remote[rooms[i].Slug]
	}
}

func (r *room) online() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.presence.online()
}
