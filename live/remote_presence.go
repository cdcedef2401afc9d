package live

import "chatserver/chat"

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
