package chat

import (
	"context"
	"log/slog"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"
)

// hub knows the connections of this process, the rooms they are in, and who is
// present. A room exists here while somebody is in it; rooms that are empty
// cost nothing.
type hub struct {
	frames         [kinds]Frames
	options        Options
	log            *slog.Logger
	keepalive      *keepalive
	pumps          counter // rooms that have something to deliver
	fairness       *fairness
	html           *rendering
	suspect        func(slug string, why BackfillReason) // has a room compared with the store, soon
	requestCompare func(slug string)                     // does so now and then, for hints that nobody vouches for; nil for a process alone
	stats          hubStats
	now            func() time.Time // for how long names are kept

	presenceSync *presenceSync // nil for a process alone

	mu          sync.Mutex
	epoch       string // of the store that the rooms follow
	rooms       map[string]*room
	nameHolders map[string]*nameHolder // by the look of the name
	kept        keptNames
	addresses   map[netip.Prefix]int
	connections int
	kinds       [kinds]int // connections by kind
	stopping    bool
	empty       chan struct{} // closed when stopping and the last has exited
}

func newHub(frames [kinds]Frames, options Options) *hub {
	h := &hub{
		frames: frames, options: options, log: options.Log,
		rooms: map[string]*room{}, nameHolders: map[string]*nameHolder{}, addresses: map[netip.Prefix]int{},
		kept: keptNames{count: map[netip.Prefix]int{}}, now: options.Now, empty: make(chan struct{}),
	}
	if h.now == nil {
		h.now = time.Now
	}
	h.keepalive, h.fairness = startKeepalive(options.PingInterval), newFairness(fairnessInterval)
	h.html = newRendering(options.Renderer)
	return h
}

// mayEnter reports why somebody who claims a name would be refused, as far as this
// process knows, and whether the name is held here.
func (h *hub) mayEnter(name NameLease, address netip.Addr) (held bool, err error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	b := h.nameHolders[name.Skeleton]
	return b != nil && b.connections > 0, h.mayEnterLocked(name, address)
}

func (h *hub) mayEnterLocked(name NameLease, address netip.Addr) error {
	if h.stopping {
		return ErrStopping
	}
	if limit := h.options.MaxConnections; limit > 0 && h.connections >= limit {
		return ErrFull
	}
	if limit := h.options.MaxPerAddress; limit > 0 && LimitedAddress(address) && h.addressFullLocked(address, limit) {
		return ErrAddressFull
	}
	if b := h.nameHolders[name.Skeleton]; b != nil && h.isHeldLocked(b) {
		holder := b.lease
		holder.Kept = b.connections == 0
		return name.refusal(holder)
	}
	return nil
}

// enter counts a connection in. On a fleet it claims the name, if nobody bears it here.
func (h *hub) enter(conn *Connection) error {
	name := conn.User.nameLease()
	b, err := h.countIn(conn, name)
	if err != nil || b == nil {
		return err
	}
	err = h.presenceSync.acquireName(name)
	if err != nil {
		conn.Left = true // it never had the name
		h.exit(conn)
	}
	h.settleName(b, err == nil)
	return err
}

// countIn counts a connection in, and returns a holder whose name is to be claimed.
func (h *hub) countIn(conn *Connection, name NameLease) (acquiring *nameHolder, err error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.waitForNameLocked(name.Skeleton)
	if err := h.mayEnterLocked(name, conn.Address); err != nil {
		return nil, err
	}
	h.connections++
	h.kinds[conn.Kind]++
	for _, share := range Shares(conn.Address) {
		h.addresses[share.Network]++
	}
	h.keepalive.add(conn)
	return h.acquireNameLocked(name), nil
}

func (h *hub) exit(conn *Connection) {
	for _, m := range conn.subscriptions {
		h.leave(m)
	}
	conn.subscriptions = nil
	h.mu.Lock()
	defer h.mu.Unlock()
	h.keepalive.remove(conn)
	h.releaseNameLocked(conn)
	for _, share := range Shares(conn.Address) {
		if h.addresses[share.Network]--; h.addresses[share.Network] == 0 {
			delete(h.addresses, share.Network)
		}
	}
	h.connections--
	h.kinds[conn.Kind]--
	if h.stopping && h.connections == 0 {
		close(h.empty)
	}
}

func (h *hub) count() int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.connections
}

func (h *hub) countFrom(network netip.Prefix) int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.addresses[network]
}

func (h *hub) isStopping() bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.stopping
}

// followEpoch has the hub follow a store of an epoch. If it was another one, the store went
// back in time, as one does that fails over to a server without the last commits: what
// the rooms and their members have is worth nothing. So newcomers get new rooms, and
// everybody is told to come again, with the old epoch, by which they are told to start
// afresh.
func (h *hub) followEpoch(epoch string) {
	h.mu.Lock()
	same := h.epoch == epoch
	if !same {
		h.epoch, h.rooms = epoch, map[string]*room{}
	}
	h.mu.Unlock()
	if same {
		return
	}
	h.log.Warn("the store went back in time: closing all connections so that clients start over")
	h.keepalive.each(func(conn *Connection) { conn.Socket.Close(CloseHistoryReset) })
}

func (h *hub) beginStop() {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.stopping {
		return
	}
	h.stopping = true
	if h.connections == 0 {
		close(h.empty)
	}
}

// stop delivers what is left, says goodbye to everybody (see sayGoodbye) and waits
// until they are gone.
func (h *hub) stop(ctx context.Context) error {
	err := h.pumps.wait(ctx)
	defer h.fairness.stop()
	h.keepalive.stop()
	h.drain(ctx)
	select {
	case <-h.empty:
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Network is what an address is counted by: an IPv6 subscriber has a whole /64. Of
// no address it is the zero Prefix.
func Network(address netip.Addr) netip.Prefix {
	address = address.Unmap().WithZone("")
	bits := address.BitLen()
	if address.Is6() {
		bits = 64
	}
	prefix, _ := address.Prefix(bits) // bits fit the address; of an invalid one the zero Prefix is right
	return prefix
}

// LimitedAddress reports whether an address is counted at all: this machine's own is
// not.
func LimitedAddress(address netip.Addr) bool {
	return address.IsValid() && !address.Unmap().IsLoopback()
}

// counter counts what is going on, and can be waited for while it starts anew
// (which a sync.WaitGroup forbids).
type counter struct{ n atomic.Int64 }

func (c *counter) add(n int64) { c.n.Add(n) }

// wait returns when nothing goes on. It looks every millisecond: it is only
// called while stopping.
func (c *counter) wait(ctx context.Context) error {
	for c.n.Load() > 0 {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(time.Millisecond):
		}
	}
	return nil
}

// afterGapTimeout calls f when what is on its way from other nodes should have come: at once if
// there are none.
func (h *hub) afterGapTimeout(f func()) {
	if h.options.Fleet == nil {
		go f()
		return
	}
	time.AfterFunc(gapTimeout, f)
}
