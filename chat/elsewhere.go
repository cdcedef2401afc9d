package chat

// others is who is in a room on other nodes.
type others struct {
	known    bool // they were looked up
	nodes    map[string]nodeUsers
	unlisted int // users that are counted and not named
}

type nodeUsers struct {
	byName   map[string]User
	unlisted int
}

// set brings who is on other nodes up to what the register says, and returns whom it
// took out since their node has lapsed. Unless it is sure, nodes that have lapsed, or say
// nothing of the room, are left as they were.
func (p *presence) set(nodes []NodePresence, sure bool) (lost []User) {
	p.others.known = true
	gone := map[string]bool{}
	for node := range p.others.nodes {
		gone[node] = true
	}
	lapsed := map[string]bool{}
	for _, there := range nodes {
		if there.Lapsed {
			lapsed[there.Node] = true
			continue
		}
		delete(gone, there.Node)
		p.setNode(there)
	}
	if !sure {
		return nil
	}
	for node := range gone {
		left := p.setNode(NodePresence{Node: node})
		if lapsed[node] {
			lost = append(lost, left...)
		}
	}
	return lost
}

// setNode sets who is on one of them, and returns who is on none any more.
func (p *presence) setNode(now NodePresence) (left []User) {
	before := p.others.nodes[now.Node]
	after := nodeUsers{byName: make(map[string]User, len(now.Users)), unlisted: max(now.Online-len(now.Users), 0)}
	for _, user := range now.Users {
		known, was := before.byName[user.Name]
		if !was || known.Age != user.Age {
			var err error
			if user.nameKey, err = nameKey(user.Name); err != nil {
				continue // no name to this version
			}
			known = user
			there := p.member(user)
			if there.connections == 0 {
				p.become(there, user)
			}
			if !was {
				there.nodes++
			}
		}
		after.byName[user.Name] = known
	}
	for name, user := range before.byName {
		if _, still := after.byName[name]; still {
			continue
		}
		p.members[user.nameKey].Value.(*present).nodes--
		if p.dropIfGone(user) {
			left = append(left, user)
		}
	}
	p.others.unlisted += after.unlisted - before.unlisted
	if p.others.nodes == nil {
		p.others.nodes = map[string]nodeUsers{}
	}
	if p.others.nodes[now.Node] = after; now.Online == 0 {
		delete(p.others.nodes, now.Node)
	}
	return left
}

// onThisNode is what other nodes are told of who is here.
func (p *presence) onThisNode() NodePresence {
	there := NodePresence{Online: p.here, Users: make([]User, 0, min(p.here, MaxListed))}
	for e := p.order.Front(); e != nil && len(there.Users) < cap(there.Users); e = e.Next() {
		if member := e.Value.(*present); member.connections > 0 {
			there.Users = append(there.Users, member.user)
		}
	}
	return there
}

// onThisNode is who is in a room here.
func (h *hub) onThisNode(slug string) NodePresence {
	r := h.find(slug)
	if r == nil {
		return NodePresence{Room: slug}
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	there := r.presence.onThisNode()
	there.Room = slug
	return there
}

// hearElsewhere has the members of a room know who is there on other nodes. Of those
// whose node died nobody could tell that they left.
func (r *room) hearElsewhere(nodes []NodePresence, sure bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	online, crowd := r.presence.online(), r.crowded()
	lost := r.presence.set(nodes, sure)
	if !crowd && len(r.members) > r.holes {
		for _, user := range lost {
			r.deliver(Left{user})
		}
	}
	if len(r.presence.changed) > 0 || r.presence.online() != online {
		r.tellSoon()
	}
}

// lookElsewhere finds out who is there on other nodes before the first one enters.
func (r *room) lookElsewhere() {
	nodes, err := r.hub.registrar.elsewhere([]string{r.slug})
	if err != nil {
		r.hub.registrar.unread(r.slug)
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.presence.others.known { // or it was told meanwhile
		r.presence.set(nodes, true)
		r.presence.forget()
	}
}
