package live

import (
	"chatserver/chat"
)

// isHeldLocked reports whether a name has a holder, connected or not.
func (n *NameHolders) isHeldLocked(b *nameHolder) bool {
	return b.connections > 0 || n.now().Before(b.kept.until)
}

// keepLocked keeps a name for its holder after the last connection, and reports whether it
// does. Without a key there is no holder to keep it for. A network can have no more kept
// names than connections, so that nobody can reserve a thousand names by connecting under
// each of them.
func (n *NameHolders) keepLocked(b *nameHolder, conn *chat.Connection) bool {
	n.expireLocked()
	network := chat.Network(conn.Address)
	if conn.User.Key == "" || n.limit > 0 && chat.LimitedAddress(conn.Address) && n.count[network] >= n.limit {
		return false
	}
	b.kept = keptName{n.now().Add(chat.KeepName), network}
	n.kept = append(n.kept, expiry{b, b.kept.until})
	if network.IsValid() {
		n.count[network]++
	}
	return true
}

// expireLocked frees the names whose time is over.
func (n *NameHolders) expireLocked() {
	now := n.now()
	for len(n.kept) > 0 && !now.Before(n.kept[0].at) {
		b := n.kept[0].holder
		if b.kept.until.Equal(n.kept[0].at) {
			n.stopKeepingLocked(b)
			if skeleton := b.lease.Skeleton; !n.nodes.Shared() && n.holders[skeleton] == b {
				delete(n.holders, skeleton)
			}
		}
		n.kept = n.kept[1:]
	}
}

// stopKeepingLocked clears the kept state of a name. A name kept from before a restart has
// no known network.
func (n *NameHolders) stopKeepingLocked(b *nameHolder) {
	if b.kept.until.IsZero() {
		return
	}
	if network := b.kept.network; n.count[network] > 1 {
		n.count[network]--
	} else {
		delete(n.count, network)
	}
	b.kept = keptName{}
}

// Restore keeps the names that were kept when the previous process stopped.
func (n *NameHolders) Restore(names []chat.KeptName) {
	n.mu.Lock()
	defer n.mu.Unlock()
	longest := n.now().Add(chat.KeepName) // the clock may have been set back in between
	for _, name := range names {
		b := &nameHolder{lease: name.NameLease, kept: keptName{until: name.Until}}
		if name.Until.After(longest) {
			b.kept.until = longest
		}
		n.holders[name.Skeleton] = b
		n.kept = append(n.kept, expiry{b, b.kept.until})
	}
	n.expireLocked()
}

// Kept returns the names that are kept, for the next process.
func (n *NameHolders) Kept() []chat.KeptName {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.expireLocked()
	names := make([]chat.KeptName, 0, len(n.holders))
	for _, b := range n.holders {
		if !b.kept.until.IsZero() {
			names = append(names, chat.KeptName{NameLease: b.lease, Until: b.kept.until})
		}
	}
	return names
}
