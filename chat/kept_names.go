package chat

import (
	"net/netip"
	"time"
)

// KeepName is how long a name is kept for its holder's key after the connection was cut: a
// phone that changes networks, or a server that restarts, does not give it to whoever comes
// first. After a clean disconnect the name is free at once.
const KeepName = 60 * time.Second

// keptName is until when a name is kept, and for which network that counts.
type keptName struct {
	until   time.Time
	network netip.Prefix
}

// keptNames are the names that are kept. The lock of the hub guards them.
type keptNames struct {
	queue []expiry // soonest first
	count map[netip.Prefix]int
}

// expiry is when a name is kept no more. If its holder came back before, or came back and
// was cut again, the holder is kept until another time, or not at all.
type expiry struct {
	holder *nameHolder
	at     time.Time
}

// isHeldLocked reports whether a name has a holder, here or away. The caller holds the lock.
func (h *hub) isHeldLocked(b *nameHolder) bool {
	return b.connections > 0 || h.now().Before(b.kept.until)
}

// keepNameLocked keeps a name for its holder, whose last connection ends, and reports whether it
// does. Without a key there is no holder to keep it for. One network keeps no more names
// than it may have connections: whoever comes and goes under a thousand names does not get
// them all. The caller holds the lock.
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

// expireNamesLocked forgets the names that are kept no more. The caller holds the lock.
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

// stopKeepingLocked ends the keeping of a name. Of one that was kept over a restart no network is
// known. The caller holds the lock.
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
