package live

import (
	"time"

	"chatserver/chat"
)

const (
	// presenceInterval and countInterval are the minimum times between presence events, by
	// name and in a crowd.
	presenceInterval = 250 * time.Millisecond
	countInterval    = 2 * time.Second
)

// online returns the number of members.
func (r *OpenRoom) online() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.presence.online()
}

// enterPresenceLocked counts a connection of a user who enters.
func (r *OpenRoom) enterPresenceLocked(user chat.User) {
	if r.presence.enter(user) {
		r.hub.nodes.PresenceChanged(r.slug)
		r.schedulePresenceLocked()
	}
}

// exitPresenceLocked undoes enterPresenceLocked. While the hub is stopping everyone leaves,
// and nobody needs to hear of it.
func (r *OpenRoom) exitPresenceLocked(user chat.User, stopping bool) {
	if r.presence.exit(user) {
		r.hub.nodes.PresenceChanged(r.slug)
		if !stopping {
			r.schedulePresenceLocked()
		}
	}
}

// crowdedLocked reports whether the room has so many members that n arrivals would cost n²
// lines that nobody reads.
func (r *OpenRoom) crowdedLocked() bool {
	limit := r.hub.options.AnnounceLimit
	return limit > 0 && r.presence.online() > limit
}

// listedLocked returns the list of members for one connection. If it is incomplete, the next
// complete list goes to everyone.
func (r *OpenRoom) listedLocked() *chat.Members {
	r.presence.crowd = r.presence.crowd || r.countedLocked()
	return r.presence.list()
}

// countedLocked reports whether the room is too large for a complete list.
func (r *OpenRoom) countedLocked() bool {
	return r.crowdedLocked() || r.presence.online() > chat.MaxListed
}

// schedulePresenceLocked schedules a presence event unless one is scheduled.
func (r *OpenRoom) schedulePresenceLocked() {
	p := &r.presence
	if r.jsonLocked() == 0 { // plain text has no presence events, and clients that join get a list
		p.discardChanges()
		return
	}
	if p.scheduled {
		return
	}
	p.scheduled = true
	every := presenceInterval
	if r.countedLocked() {
		every = countInterval
	}
	time.AfterFunc(time.Until(p.sentAt.Add(every)), r.sendPresence)
}

func (r *OpenRoom) sendPresence() {
	stopping := r.hub.Stopping() // everyone is about to leave, so nobody needs the event
	r.mu.Lock()
	defer r.mu.Unlock()
	r.presence.scheduled = false
	if stopping || r.jsonLocked() == 0 {
		r.presence.discardChanges()
		return
	}
	r.presence.sentAt = time.Now()
	if event := r.presence.nextEvent(r.slug, r.countedLocked()); event != nil {
		r.deliverLocked(*event)
	}
}

// resendPresence sends the complete list to a subscription that missed presence events while
// its queue was filling. If the queue is filling again, the list follows later.
func (r *OpenRoom) resendPresence(m *subscription) {
	r.mu.Lock()
	defer r.mu.Unlock()
	switch {
	case m.index < 0: // it has left
	case m.conn.Socket.Lag() != chat.Current:
		m.conn.Stale(m)
	default:
		r.hub.send(m.conn, chat.Presence{
			Room: r.slug, Whole: !r.countedLocked(), Crowd: r.countedLocked(), Members: r.listedLocked(), Online: r.presence.online(),
		})
	}
}

// announceTyping announces that a user is typing, unless the room is large.
func (r *OpenRoom) announceTyping(name string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.countedLocked() {
		return
	}
	typing := chat.Typing{Room: r.slug, From: name}
	if r.jsonLocked() > 1 {
		r.deliverLocked(typing)
	}
	r.hub.nodes.Publish(r.slug, typing)
}

// LocalPresence returns the local presence in the room.
func (r *OpenRoom) LocalPresence() chat.NodePresence {
	r.mu.Lock()
	defer r.mu.Unlock()
	local := r.presence.localPresence()
	local.Room = r.slug
	return local
}

// ApplyRemotePresence updates the room's presence on other nodes and announces the changes.
// For users whose node crashed it delivers the left lines that the node could not announce.
// Unless certain, it keeps the presence of nodes that expired or have no row for the room.
func (r *OpenRoom) ApplyRemotePresence(nodes []chat.NodePresence, certain bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	online, crowd := r.presence.online(), r.crowdedLocked()
	lost := r.presence.setRemote(nodes, certain)
	if !crowd && r.anyLocked() {
		for _, user := range lost {
			r.deliverLocked(chat.Left{User: user})
		}
	}
	if len(r.presence.changed) > 0 || r.presence.online() != online {
		r.schedulePresenceLocked()
	}
}

// LoadRemotePresence sets the room's presence on other nodes before the first connection
// enters, unless a concurrent ApplyRemotePresence was faster.
func (r *OpenRoom) LoadRemotePresence(nodes []chat.NodePresence) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.presence.remote.loaded {
		r.presence.setRemote(nodes, true)
		r.presence.discardChanges()
	}
}
