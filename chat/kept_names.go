package chat

import (
	"net/netip"
	"time"
)

// KeepName is how long a name is kept for the holder's key after the connection was lost: a
// phone that changes networks, or a server that restarts, must not lose the name to whoever
// comes first. After a clean disconnect the name is free at once.
const KeepName = 60 * time.Second

// keptName states until when a name is kept, and the network that it counts against.
type keptName struct {
	until   time.Time
	network netip.Prefix
}

// keptNames are the names that are kept without a connection. The hub's lock guards them.
type keptNames struct {
	queue []expiry // soonest first
	count map[netip.Prefix]int
}

// expiry is the time at which a kept name expires. It is outdated if the holder has returned
// since, or was disconnected again: the name is then kept until another time, or not at all.
type expiry struct {
	holder *nameHolder
	at     time.Time
}

// isHeldLocked reports whether a name has a holder, connected or not. The caller holds the
// lock.
func (h *hub) isHeldLocked(b *nameHolder) bool {
	return b.connections > 0 || h.now().Before(b.kept.until)
}

// keepNameLocked keeps a name for its holder after the last connection, and reports whether
// it does. Without a key there is no holder to keep it for. A network can have no more kept
// names than connections, so that nobody can reserve a thousand names by connecting under
// each of them. The caller holds the lock.
func (h *hub) keepNameLocked(b *nameHolder, conn *Connection) bool {
	h.expireNamesLocked()
	network := Network(conn.Address)
	limit := h.options.MaxPerAddress
	if conn.User.Key == "" || limit > 0 && LimitedAddress(conn.Address) && h.kept.count[network] >= limit {
		return false
	}
	b.kept = keptName{h.now().Add(KeepName), network}
	h.kept.queue = append(h.kept.queue, expiry{b, b.kept.until})
	if network.IsValid() {
		h.kept.count[network]++
	}
	return true
}

// expireNamesLocked frees the names whose time is over. The caller holds the lock.
func (h *hub) expireNamesLocked() {
	now := h.now()
	for len(h.kept.queue) > 0 && !now.Before(h.kept.queue[0].at) {
		b := h.kept.queue[0].holder
		if b.kept.until.Equal(h.kept.queue[0].at) {
			h.stopKeepingLocked(b)
			if skeleton := b.lease.Skeleton; h.presenceSync == nil && h.nameHolders[skeleton] == b {
				delete(h.nameHolders, skeleton)
			}
		}
		h.kept.queue = h.kept.queue[1:]
	}
}

// stopKeepingLocked clears the kept state of a name. A name kept from before a restart has
// no known network. The caller holds the lock.
func (h *hub) stopKeepingLocked(b *nameHolder) {
	if b.kept.until.IsZero() {
		return
	}
	if network := b.kept.network; h.kept.count[network] > 1 {
		h.kept.count[network]--
	} else {
		delete(h.kept.count, network)
	}
	b.kept = keptName{}
}
