package live

import (
	"context"
	"slices"

	"chatserver/chat"
)

// Join subscribes a connection to a room and answers with a RoomSnapshot: see Chat.Join. A
// connection that is already subscribed gets only the answer. The error is ErrStopping or
// the store's.
func (h *Hub) Join(ctx context.Context, conn *chat.Connection, room *chat.RoomInfo, at *chat.Position) error {
	if m := subscriptionOf(conn, room.ID); m != nil {
		return attachment{h, conn, m.room}.resume(ctx, at)
	}
	return h.withRoom(room, func(r *OpenRoom) error { return attachment{h, conn, r}.resume(ctx, at) })
}

// JoinWithHistory subscribes a plain-text connection to a room: see Chat.JoinWithHistory.
// The error is ErrStopping, the connection's, or the store's.
func (h *Hub) JoinWithHistory(ctx context.Context, conn *chat.Connection, room *chat.RoomInfo, history int) error {
	return h.withRoom(room, func(r *OpenRoom) error { return attachment{h, conn, r}.read(ctx, history) })
}

// Leave ends a connection's subscription.
func (h *Hub) Leave(conn *chat.Connection, from chat.Subscription) {
	conn.Unsubscribe(from)
	h.leave(from.(*subscription))
}

// withRoom opens a room for a connection that joins it, and closes it if join fails.
func (h *Hub) withRoom(room *chat.RoomInfo, join func(*OpenRoom) error) error {
	r, err := h.openRoom(room)
	if err != nil {
		return err
	}
	r.connect()
	if err := join(r); err != nil {
		h.closeRoom(r)
		return err
	}
	return nil
}

// openRoom returns the room and keeps it open until closeRoom. The error is ErrStopping.
func (h *Hub) openRoom(room *chat.RoomInfo) (*OpenRoom, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.stopping {
		return nil, chat.ErrStopping
	}
	r := h.rooms[room.ID]
	if r == nil {
		r = newRoom(h, room)
		h.rooms[room.ID] = r
	}
	r.refs++
	return r, nil
}

// closeRoom releases the room, and removes it from the hub after its last user.
func (h *Hub) closeRoom(r *OpenRoom) {
	h.mu.Lock()
	r.refs--
	last := r.refs == 0
	if last && h.rooms[r.slug] == r { // FollowEpoch may have replaced it
		delete(h.rooms, r.slug)
	}
	h.mu.Unlock()
	if last {
		r.disconnect()
	}
}

// leave ends a subscription and announces it.
func (h *Hub) leave(m *subscription) {
	m.room.leave(m)
	h.closeRoom(m.room)
}

// Find returns a room that is open, or nil.
func (h *Hub) Find(slug string) *OpenRoom {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.rooms[slug]
}

// Room returns a room for a reader of its pages, whether it is open or not.
func (h *Hub) Room(slug string) chat.LiveRoom {
	if r := h.Find(slug); r != nil {
		return r
	}
	return closedRoom(slug)
}

// closedRoom is the slug of a room that no connection has open.
type closedRoom string

// Slug implements LiveRoom.
func (r closedRoom) Slug() string { return string(r) }

// CurrentRev implements LiveRoom.
func (closedRoom) CurrentRev() (rev int64, known bool) { return 0, false }

// OpenRooms returns the slugs of the open rooms.
func (h *Hub) OpenRooms() (slugs []string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for slug := range h.rooms {
		slugs = append(slugs, slug)
	}
	return slugs
}

// CurrentRevs returns the current revs of those of the rooms that have live subscriptions.
func (h *Hub) CurrentRevs(slugs []string) map[*OpenRoom]int64 {
	revs := make(map[*OpenRoom]int64, len(slugs))
	for _, slug := range slugs {
		if r := h.Find(slug); r != nil {
			if rev, known := r.CurrentRev(); known {
				revs[r] = rev
			}
		}
	}
	return revs
}

// CountOnline sets the number of users online in each room. Of rooms without connections
// here, the other nodes know it.
func (h *Hub) CountOnline(rooms []chat.Room) {
	var closed []string
	for i := range rooms {
		if r := h.Find(rooms[i].ID); r != nil {
			rooms[i].Online = r.online()
		} else {
			closed = append(closed, rooms[i].ID)
		}
	}
	remote := h.nodes.Online(closed)
	for i := range rooms {
		rooms[i].Online += remote[rooms[i].ID]
	}
}

// Epoch returns the epoch of the store that the rooms follow.
func (h *Hub) Epoch() string {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.epoch
}

// FollowEpoch makes the hub follow the store's epoch. A new epoch means that the store went
// back in time, for example in a failover to a server without the last commits: what the
// rooms and their clients have is no longer valid. New connections therefore get new rooms,
// and all current ones are closed: clients reconnect with the old epoch and are told to
// start over.
func (h *Hub) FollowEpoch(epoch string) {
	h.mu.Lock()
	same := h.epoch == epoch
	if !same {
		h.epoch, h.rooms = epoch, map[string]*OpenRoom{}
	}
	h.mu.Unlock()
	if same {
		return
	}
	h.directory.Forget()
	h.log.Warn("the store went back in time: closing all connections so that clients start over")
	h.keepalive.each(func(conn *chat.Connection) { conn.Socket.Close(chat.CloseHistoryReset) })
}

// Apply delivers a stored message to its room in order. It returns false if the members
// already have the message, or if an earlier one is missing; the message then waits for that
// one, or comes with a page.
func (h *Hub) Apply(m chat.Message) (live bool) {
	r := h.Find(m.Room)
	if r == nil {
		return false // not open: connections that join read the message from the store
	}
	return r.Apply(m)
}

// PublishMessage announces a stored message to the other nodes. The trace identifies it for
// Metrics, or is nil.
func (h *Hub) PublishMessage(m chat.Message, trace any) { h.nodes.PublishMessage(m, trace) }

// AfterDelivery runs a callback once everything up to a rev of a room was written to its
// subscriptions; at once if it has none.
func (h *Hub) AfterDelivery(slug string, rev int64, call func()) {
	r := h.Find(slug)
	if r == nil || !r.addCallback(deliveryCallback{rev, call}) {
		call()
	}
}

// Suspect has a room compared with the store as soon as possible. It does not block.
func (h *Hub) Suspect(slug string, why chat.BackfillReason) { h.backfiller.suspect(slug, why) }

// Restart discards a room whose members received something that is not stored. They
// reconnect and get the room from the store.
func (h *Hub) Restart(r *OpenRoom, why string) {
	if h.discard(r, chat.CloseHistoryReset) {
		h.stats.restarted.Add(1)
		h.log.Error("a room diverged from the store: closing its connections so that clients start over", "room", r.slug, "why", why)
	}
}

// Restarted returns the number of rooms that were restarted.
func (h *Hub) Restarted() int64 { return h.stats.restarted.Load() }

// ForgetRooms makes the hub look all rooms up again, because some were removed.
func (h *Hub) ForgetRooms() { h.directory.Forget() }

// RoomsChanged looks the rooms at these ids and addresses up again, and tells the members of
// those that are open here. The people in a room that was not stored yet, and whose name is now
// the address of another room, have to join that one. The error is the store's; the change must
// then be reported again.
func (h *Hub) RoomsChanged(ctx context.Context, addresses []string) error {
	h.directory.Forget(addresses...)
	for _, id := range addresses {
		r := h.Find(id)
		if r == nil {
			continue
		}
		info, err := h.directory.Find(ctx, id)
		if err != nil {
			return err
		}
		if info.ID == id {
			r.setInfo(info)
		} else {
			h.discard(r, chat.CloseRoomRenamed)
		}
	}
	return nil
}

// CloseRemoved closes the connections in a removed room. Clients that join it later get a
// new one.
func (h *Hub) CloseRemoved(r *OpenRoom) {
	if h.discard(r, chat.CloseRoomRemoved) {
		h.log.Info("a room was removed: closing its connections", "room", r.slug)
	}
}

// discard removes a room from the hub, so that new connections get a new one, and closes the
// connections subscribed to it. It returns false if the room was already removed.
func (h *Hub) discard(r *OpenRoom, why chat.Close) bool {
	h.mu.Lock()
	current := h.rooms[r.slug] == r
	if current {
		delete(h.rooms, r.slug)
	}
	h.mu.Unlock()
	if !current {
		return false
	}
	r.mu.Lock()
	members := slices.Clone(r.subscriptions)
	r.mu.Unlock()
	for _, m := range members {
		if m != nil {
			m.socket.Close(why)
		}
	}
	return true
}
