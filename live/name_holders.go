package live

import (
	"net/netip"
	"sync"
	"time"

	"chatserver/chat"
)

// NameHolders are the holders of the names on this node. The hub's lock guards them; the
// exported methods take it.
type NameHolders struct {
	mu    *sync.Mutex // of the hub
	nodes NodeNames
	limit int              // of kept names per network; 0 = none
	now   func() time.Time // the clock for kept names

	holders map[string]*nameHolder // by confusable skeleton
	kept    []expiry               // of kept names, soonest first
	count   map[netip.Prefix]int   // of kept names per network
}

// nameHolder is the holder of a name on this node: a connection using the name must present
// the holder's key. On a fleet the name is acquired for the whole fleet, and released some
// time after the last connection has exited.
type nameHolder struct {
	lease       chat.NameLease
	connections int
	busy        chan struct{} // closed when an acquire or release in progress ends; nil if there is none
	kept        keptName      // zero unless the last connection was lost
}

func newNameHolders(mu *sync.Mutex, nodes NodeNames, options chat.Options) *NameHolders {
	return &NameHolders{
		mu: mu, nodes: nodes, limit: options.MaxPerAddress, now: options.Now,
		holders: map[string]*nameHolder{}, count: map[netip.Prefix]int{},
	}
}

// heldHereLocked reports whether a connection here has a name.
func (n *NameHolders) heldHereLocked(skeleton string) bool {
	b := n.holders[skeleton]
	return b != nil && b.connections > 0
}

// refusalLocked returns the error for a user who needs a lease that another user here has.
func (n *NameHolders) refusalLocked(name chat.NameLease) error {
	b := n.holders[name.Skeleton]
	if b == nil || !n.isHeldLocked(b) {
		return nil
	}
	holder := b.lease
	holder.Kept = b.connections == 0
	return name.Refusal(holder)
}

// waitLocked waits until no acquire or release of a name is in progress. The lock is
// released while waiting.
func (n *NameHolders) waitLocked(skeleton string) {
	for {
		b := n.holders[skeleton]
		if b == nil || b.busy == nil {
			return
		}
		busy := b.busy
		n.mu.Unlock()
		<-busy
		n.mu.Lock()
	}
}

// acquireLocked counts a connection of a name holder. It returns the holder if the name must
// still be acquired for this node; others then wait for settleLocked.
func (n *NameHolders) acquireLocked(name chat.NameLease) (acquiring *nameHolder) {
	b := n.holders[name.Skeleton]
	known := b != nil && b.lease.Holder == name.Holder
	if !known {
		b = &nameHolder{lease: name}
		n.holders[name.Skeleton] = b
	}
	b.connections++
	n.stopKeepingLocked(b)
	if known || !n.nodes.Shared() {
		return nil
	}
	b.busy = make(chan struct{})
	return b
}

// releaseLocked undoes acquireLocked.
func (n *NameHolders) releaseLocked(conn *chat.Connection) {
	skeleton := conn.User.Skeleton()
	b := n.holders[skeleton]
	if b.connections--; b.connections > 0 {
		return
	}
	kept := !conn.Left && n.keepLocked(b, conn)
	switch {
	case n.nodes.Shared():
		n.nodes.Idle(skeleton)
	case !kept:
		delete(n.holders, skeleton)
	}
}

// settleLocked ends an acquire and wakes the connections that wait for the name. If the name
// was not acquired, the next connection tries again.
func (n *NameHolders) settleLocked(b *nameHolder, acquired bool) {
	if !acquired {
		b.lease.Holder = ""
	}
	close(b.busy)
	b.busy = nil
	if b.connections == 0 {
		n.nodes.Idle(b.lease.Skeleton)
	}
}

// BeginRelease returns those of the names that have no connection, and blocks their use
// until EndRelease.
func (n *NameHolders) BeginRelease(skeletons []string) (idle []chat.NameRelease) {
	n.mu.Lock()
	defer n.mu.Unlock()
	for _, skeleton := range skeletons {
		if b := n.holders[skeleton]; b != nil && b.connections == 0 && b.busy == nil {
			b.busy = make(chan struct{})
			idle = append(idle, chat.NameRelease{Skeleton: skeleton, Kept: max(0, b.kept.until.Sub(n.now()))})
		}
	}
	return idle
}

// EndRelease removes the names if the registry released them, and unblocks them.
func (n *NameHolders) EndRelease(names []chat.NameRelease, released bool) {
	n.mu.Lock()
	defer n.mu.Unlock()
	for _, name := range names {
		skeleton := name.Skeleton
		b := n.holders[skeleton]
		close(b.busy)
		b.busy = nil
		if released {
			delete(n.holders, skeleton)
		}
	}
}

// Revoke marks names as held on another node: the next connection that uses one has to
// acquire it.
func (n *NameHolders) Revoke(skeletons map[string]bool) {
	n.mu.Lock()
	defer n.mu.Unlock()
	for skeleton := range skeletons {
		if b := n.holders[skeleton]; b != nil {
			b.lease.Holder = ""
			n.stopKeepingLocked(b)
		}
	}
}

// Leases returns the leases of all names with a connection here.
func (n *NameHolders) Leases() []chat.NameLease {
	n.mu.Lock()
	defer n.mu.Unlock()
	leases := make([]chat.NameLease, 0, len(n.holders))
	for _, b := range n.holders {
		if b.connections > 0 && b.busy == nil {
			leases = append(leases, b.lease)
		}
	}
	return leases
}

// keptName states until when a name is kept, and the network that it counts against.
type keptName struct {
	until   time.Time
	network netip.Prefix
}

// expiry is the time at which a kept name expires. It is outdated if the holder has returned
// since, or was disconnected again: the name is then kept until another time, or not at all.
type expiry struct {
	holder *nameHolder
	at     time.Time
}

// NodeNames are the names that the nodes of a fleet hold.
type NodeNames interface {
	// Shared reports whether other nodes hold names, too: names must then be acquired, and
	// are released some time after Idle. Otherwise nothing of that is necessary.
	Shared() bool
	// Acquire acquires a name for this node. The errors are those of Hub.Enter.
	Acquire(name chat.NameLease) error
	// MayAcquire returns the error of Acquire without acquiring the name.
	MayAcquire(name chat.NameLease) error
	// Idle states that the last connection with a name has exited. It does not block.
	Idle(skeleton string)
}

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
