package live

import (
	"container/list"
	"slices"
	"time"

	"chatserver/chat"
)

// presence is the set of members of a room, by user: two connections of one user are one
// member. Changes are collected and sent at most every presenceInterval, so that a thousand
// arrivals cost a few events and not a thousand. It is guarded by the room's lock.
type presence struct {
	entries   map[string]*list.Element // of *presenceEntry, by name key
	order     list.List                // of *presenceEntry, in order of arrival
	local     int                      // members with a connection to this node
	remote    remotePresence           // presence on other nodes
	listed    *chat.Members            // the cached list; nil when it has changed
	changed   []string                 // name keys with arrivals or departures since the last event
	gone      map[string][]chat.User   // users who left, by name key
	crowd     bool                     // a count or a partial list was sent, so not every client has the complete list
	sentAt    time.Time                // time of the last event
	scheduled bool                     // an event is scheduled
}

type presenceEntry struct {
	user        chat.User
	connections int // to this node
	nodes       int // other nodes with connections of the user
}

// online returns the number of members.
func (p *presence) online() int { return len(p.entries) + p.remote.unlisted }

// list returns the first MaxListed members to arrive. All connections that join a crowd
// share one encoded list.
func (p *presence) list() *chat.Members {
	if p.listed == nil {
		users := make([]chat.User, 0, min(len(p.entries), chat.MaxListed))
		for e := p.order.Front(); e != nil && len(users) < chat.MaxListed; e = e.Next() {
			users = append(users, e.Value.(*presenceEntry).user)
		}
		p.listed = &chat.Members{Users: users}
	}
	return p.listed
}

// enter counts a connection of a user to this node, and reports whether it is the user's
// first.
func (p *presence) enter(user chat.User) (first bool) {
	entry := p.entry(user)
	entry.connections++
	if entry.connections > 1 {
		return false
	}
	p.local++
	p.update(entry, user)
	return true
}

// update changes a member's displayed name and age, if they differ now.
func (p *presence) update(entry *presenceEntry, user chat.User) {
	if entry.user.Name == user.Name && entry.user.Age == user.Age {
		return
	}
	p.listed = nil
	p.noteChange(user.NameKey())
	p.noteGone(user.NameKey(), entry.user)
	entry.user = user
}

// noteGone records that a user is no longer shown under a name key.
func (p *presence) noteGone(nameKey string, user chat.User) {
	if gone := p.gone[nameKey]; !slices.ContainsFunc(gone, named(user.Name)) {
		p.gone[nameKey] = append(gone, user)
	}
}

// exit undoes enter, and reports whether it was the user's last connection to this node.
func (p *presence) exit(user chat.User) (last bool) {
	entry := p.entries[user.NameKey()].Value.(*presenceEntry)
	entry.connections--
	if entry.connections > 0 {
		return false
	}
	p.local--
	p.dropIfGone(user)
	return true
}

// entry returns the entry of a user's name, which it creates if necessary.
func (p *presence) entry(user chat.User) *presenceEntry {
	if e := p.entries[user.NameKey()]; e != nil {
		return e.Value.(*presenceEntry)
	}
	if p.entries == nil {
		p.entries = map[string]*list.Element{}
	}
	entry := &presenceEntry{user: user}
	p.entries[user.NameKey()] = p.order.PushBack(entry)
	if len(p.entries) <= chat.MaxListed {
		p.listed = nil
	}
	p.noteChange(user.NameKey())
	return entry
}

// dropIfGone removes a member without connections to any node, and reports whether it did.
func (p *presence) dropIfGone(user chat.User) (gone bool) {
	e := p.entries[user.NameKey()]
	entry := e.Value.(*presenceEntry)
	if entry.connections+entry.nodes > 0 {
		return false
	}
	p.order.Remove(e)
	delete(p.entries, user.NameKey())
	p.listed = nil
	p.noteChange(user.NameKey())
	p.noteGone(user.NameKey(), entry.user)
	return true
}

// noteChange records an arrival or departure under a name key.
func (p *presence) noteChange(nameKey string) {
	if p.gone == nil {
		p.gone = map[string][]chat.User{}
	}
	if _, known := p.gone[nameKey]; !known {
		p.gone[nameKey] = nil
		p.changed = append(p.changed, nameKey)
	}
}

func named(name string) func(chat.User) bool { return func(u chat.User) bool { return u.Name == name } }

// nextEvent returns the event to send and resets the recorded changes; nil if there were
// none. In a crowd the event has only the number of members.
func (p *presence) nextEvent(room string, crowd bool) *chat.Presence {
	event := &chat.Presence{Room: room, Crowd: crowd, Online: p.online()}
	switch {
	case crowd:
	case p.crowd: // no longer a crowd, and no client has a complete list
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

// changes returns, for each name key with arrivals or departures, the user who is present
// now and those who no longer are. Opposite changes do not cancel out: a user who came and
// left may be in a list that was sent in between, and one who left and returned may not.
func (p *presence) changes() (joined, left []chat.User) {
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

// remotePresence is the presence in a room on other nodes.
type remotePresence struct {
	loaded   bool // it was read from the registry
	nodes    map[string]nodeUsers
	unlisted int // users that are counted but not named
}

type nodeUsers struct {
	byName   map[string]chat.User
	unlisted int
}

// setRemote updates remote presence to the registry's state. It returns the users it removed
// because their node expired. Unless certain, it keeps the presence of nodes that expired or
// have no row for the room.
func (p *presence) setRemote(nodes []chat.NodePresence, certain bool) (lost []chat.User) {
	p.remote.loaded = true
	gone := map[string]bool{}
	for node := range p.remote.nodes {
		gone[node] = true
	}
	expired := map[string]bool{}
	for _, presence := range nodes {
		if presence.Expired {
			expired[presence.Node] = true
			continue
		}
		delete(gone, presence.Node)
		p.setRemoteNode(presence)
	}
	if !certain {
		return nil
	}
	for node := range gone {
		left := p.setRemoteNode(chat.NodePresence{Node: node})
		if expired[node] {
			lost = append(lost, left...)
		}
	}
	return lost
}

// setRemoteNode updates the presence of one remote node, and returns the users who are no
// longer present on any node.
func (p *presence) setRemoteNode(now chat.NodePresence) (left []chat.User) {
	before := p.remote.nodes[now.Node]
	after := nodeUsers{byName: make(map[string]chat.User, len(now.Users)), unlisted: max(now.Online-len(now.Users), 0)}
	for _, user := range now.Users {
		known, was := before.byName[user.Name]
		if !was || known.Age != user.Age {
			var valid bool
			if user, valid = user.OfAnotherNode(); !valid {
				continue // not a valid name in this version
			}
			known = user
			entry := p.entry(user)
			if entry.connections == 0 {
				p.update(entry, user)
			}
			if !was {
				entry.nodes++
			}
		}
		after.byName[user.Name] = known
	}
	for name, user := range before.byName {
		if _, still := after.byName[name]; still {
			continue
		}
		p.entries[user.NameKey()].Value.(*presenceEntry).nodes--
		if p.dropIfGone(user) {
			left = append(left, user)
		}
	}
	p.remote.unlisted += after.unlisted - before.unlisted
	if p.remote.nodes == nil {
		p.remote.nodes = map[string]nodeUsers{}
	}
	if p.remote.nodes[now.Node] = after; now.Online == 0 {
		delete(p.remote.nodes, now.Node)
	}
	return left
}

// localPresence returns the local presence as it is published to other nodes.
func (p *presence) localPresence() chat.NodePresence {
	local := chat.NodePresence{Online: p.local, Users: make([]chat.User, 0, min(p.local, chat.MaxListed))}
	for e := p.order.Front(); e != nil && len(local.Users) < cap(local.Users); e = e.Next() {
		if member := e.Value.(*presenceEntry); member.connections > 0 {
			local.Users = append(local.Users, member.user)
		}
	}
	return local
}
