package chat

import (
	"container/list"
	"slices"
	"time"
)

const (
	// MaxListed is how many members a room lists: the first to come.
	MaxListed = 256
	// presenceInterval and countEvery are how often coming and going is told at
	// most, by name and in a crowd.
	presenceInterval = 250 * time.Millisecond
	countInterval    = 2 * time.Second
)

// presence is who is in a room, by user: two connections of one user are one
// member. What changes is gathered and told at most every presenceEvery, so that
// a thousand people coming cost a few events and not a thousand. The room's lock
// guards it.
type presence struct {
	entries   map[string]*list.Element // of *present, by the key of the name
	order     list.List                // of *present, the first to come first
	local     int                      // members with a connection to this node
	remote    remotePresence           // who is there on other nodes
	listed    *Members                 // the list as it is given; nil when it has changed
	changed   []string                 // keys of names under which somebody came or went since it was told last
	gone      map[string][]User        // by such a key: who went
	crowd     bool                     // a count was told, or half a list: not everybody's is whole
	sentAt    time.Time                // when
	scheduled bool                     // a telling is due
}

type presenceEntry struct {
	user        User
	connections int // to this node
	nodes       int // others that have some, too
}

// online is how many members there are.
func (p *presence) online() int { return len(p.entries) + p.remote.unlisted }

// list returns the members, the first MaxListed to come. Of those who come into a
// crowd all get the same.
func (p *presence) list() *Members {
	if p.listed == nil {
		users := make([]User, 0, min(len(p.entries), MaxListed))
		for e := p.order.Front(); e != nil && len(users) < MaxListed; e = e.Next() {
			users = append(users, e.Value.(*presenceEntry).user)
		}
		p.listed = &Members{Users: users}
	}
	return p.listed
}

// enter counts a connection of a user to this node, and reports whether it is the
// user's first.
func (p *presence) enter(user User) (first bool) {
	entry := p.entry(user)
	entry.connections++
	if entry.connections > 1 {
		return false
	}
	p.local++
	p.update(entry, user)
	return true
}

// update changes how a member is shown, if it has another age or spelling now.
func (p *presence) update(entry *presenceEntry, user User) {
	if entry.user.Name == user.Name && entry.user.Age == user.Age {
		return
	}
	p.listed = nil
	p.noteChange(user.nameKey)
	p.noteGone(user.nameKey, entry.user)
	entry.user = user
}

// noteGone notes who is not shown any more under a name.
func (p *presence) noteGone(nameKey string, user User) {
	if gone := p.gone[nameKey]; !slices.ContainsFunc(gone, named(user.Name)) {
		p.gone[nameKey] = append(gone, user)
	}
}

// exit is the opposite of enter: it reports whether that was the user's last.
func (p *presence) exit(user User) (last bool) {
	entry := p.entries[user.nameKey].Value.(*presenceEntry)
	entry.connections--
	if entry.connections > 0 {
		return false
	}
	p.local--
	p.dropIfGone(user)
	return true
}

// entry is who is present under a user's name, from now on if nobody was.
func (p *presence) entry(user User) *presenceEntry {
	if e := p.entries[user.nameKey]; e != nil {
		return e.Value.(*presenceEntry)
	}
	if p.entries == nil {
		p.entries = map[string]*list.Element{}
	}
	entry := &presenceEntry{user: user}
	p.entries[user.nameKey] = p.order.PushBack(entry)
	if len(p.entries) <= MaxListed {
		p.listed = nil
	}
	p.noteChange(user.nameKey)
	return entry
}

// dropIfGone takes out a member that has no connection to any node, and reports whether
// it had none.
func (p *presence) dropIfGone(user User) (gone bool) {
	e := p.entries[user.nameKey]
	entry := e.Value.(*presenceEntry)
	if entry.connections+entry.nodes > 0 {
		return false
	}
	p.order.Remove(e)
	delete(p.entries, user.nameKey)
	p.listed = nil
	p.noteChange(user.nameKey)
	p.noteGone(user.nameKey, entry.user)
	return true
}

// noteChange notes that somebody came or went under a name.
func (p *presence) noteChange(nameKey string) {
	if p.gone == nil {
		p.gone = map[string][]User{}
	}
	if _, known := p.gone[nameKey]; !known {
		p.gone[nameKey] = nil
		p.changed = append(p.changed, nameKey)
	}
}

func named(name string) func(User) bool { return func(u User) bool { return u.Name == name } }

// nextEvent returns what is to be told, and forgets that it was to be; nil if nobody
// came or went. In a crowd it is only how many there are.
func (p *presence) nextEvent(room string, crowd bool) *Presence {
	event := &Presence{Room: room, Crowd: crowd, Online: p.online()}
	switch {
	case crowd:
	case p.crowd: // it was one: nobody has a whole list
		event.Whole, event.Members = true, p.list()
	default:
		event.Joined, event.Left = p.changes()
		if len(event.Joined)+len(event.Left) == 0 {
			event = nil
		}
	}
	p.crowd = crowd
	p.discardChanges()
	return event
}

// changes tells of every name under which somebody came or went who bears it now,
// and who does not any more. Nothing cancels out: who came and went again may be in
// a list that was given meanwhile, and who went and came back may not.
func (p *presence) changes() (joined, left []User) {
	for _, nameKey := range p.changed {
		gone := p.gone[nameKey]
		if e := p.entries[nameKey]; e != nil {
			user := e.Value.(*presenceEntry).user
			joined = append(joined, user)
			gone = slices.DeleteFunc(gone, named(user.Name))
		}
		left = append(left, gone...)
	}
	return joined, left
}

func (p *presence) discardChanges() { p.changed, p.gone = nil, nil }

// crowdedLocked reports whether there are so many members that n people coming would
// cost n² lines and tell nobody anything. The caller holds the room's lock.
func (r *room) crowdedLocked() bool {
	limit := r.hub.options.AnnounceLimit
	return limit > 0 && r.presence.online() > limit
}

// listedLocked is the list that is given to one member. If it cannot be whole, everybody
// gets a whole one when that is possible again. The caller holds the room's lock.
func (r *room) listedLocked() *Members {
	r.presence.crowd = r.presence.crowd || r.countedLocked()
	return r.presence.list()
}

// countedLocked reports whether a whole list would not be whole. The caller holds the
// room's lock.
func (r *room) countedLocked() bool { return r.crowdedLocked() || r.presence.online() > MaxListed }

// schedulePresenceLocked has what changed told when it is time. The caller holds the lock.
func (r *room) schedulePresenceLocked() {
	p := &r.presence
	if r.jsonConnectionsLocked() == 0 { // nobody hears it, and who comes gets a list
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

func (r *room) sendPresence() {
	stopping := r.hub.isStopping() // then everybody leaves, and nobody needs to be told
	r.mu.Lock()
	defer r.mu.Unlock()
	r.presence.scheduled = false
	if stopping || r.jsonConnectionsLocked() == 0 {
		r.presence.discardChanges()
		return
	}
	r.presence.sentAt = time.Now()
	if event := r.presence.nextEvent(r.slug, r.countedLocked()); event != nil {
		r.deliverLocked(*event)
	}
}

// resendPresence tells one member everybody who is there: changes were spared while
// its queue was filling. If it is filling still, that comes later.
func (r *room) resendPresence(m *subscription) {
	r.mu.Lock()
	defer r.mu.Unlock()
	switch {
	case m.index < 0: // it has left
	case m.conn.Socket.Lag() != Current:
		m.conn.stale(m)
	default:
		r.hub.send(m.conn, Presence{
			Room: r.slug, Whole: !r.countedLocked(), Crowd: r.countedLocked(), Members: r.listedLocked(), Online: r.presence.online(),
		})
	}
}

// Type tells the others in a room that somebody is writing, at most once every
// typingEvery, and not in a crowd. The error is ErrNotJoined.
func (c *Chat) Type(conn *Connection, slug string) error {
	m := conn.subscription(slug)
	if m == nil {
		return ErrNotJoined
	}
	now := time.Now()
	if now.Sub(m.typed) < typingInterval {
		return nil
	}
	m.typed = now
	m.room.mu.Lock()
	defer m.room.mu.Unlock()
	if !m.room.countedLocked() {
		typing := Typing{m.room.slug, conn.User.Name}
		if m.room.jsonConnectionsLocked() > 1 {
			m.room.deliverLocked(typing)
		}
		c.hub.publishHint(slug, typing, nil)
	}
	return nil
}

// jsonConnectionsLocked returns the number of members that speak chat.v1. The caller holds the
// room's lock.
func (r *room) jsonConnectionsLocked() int { return r.byKind[JSON] + r.byKind[LargeJSON] }

// typingInterval is how often one member's typing is told at most.
const typingInterval = time.Second
