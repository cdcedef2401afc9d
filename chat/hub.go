package chat

import (
	"context"
	"log/slog"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"

	"chatserver/fair"
)

// hub holds the connections of this process, the rooms they are subscribed to, and the
// presence in them. A room exists in the hub only while it has connections, so empty rooms
// cost nothing.
type hub struct {
	frames         [kinds]Frames
	options        Options
	log            *slog.Logger
	keepalive      *keepalive
	pumps          counter // rooms with undelivered batches
	fairness       *fair.Yielder
	html           *rendering
	suspect        func(slug string, why BackfillReason) // requests a comparison of a room with the store as soon as possible
	requestCompare func(slug string)                     // requests a comparison at a limited rate, for unsigned hints; nil for a single process
	stats          hubStats
	now            func() time.Time // for kept names

	presenceSync *presenceSync // nil for a single process

	mu          sync.Mutex
	epoch       string // of the store that the rooms follow
	rooms       map[string]*room
	nameHolders map[string]*nameHolder // by confusable skeleton
	kept        keptNames
	addresses   map[netip.Prefix]int
	connections int
	kinds       [kinds]int // connections by Kind
	stopping    bool
	empty       chan struct{} // closed when the chat is stopping and the last connection has exited
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
	h.keepalive, h.fairness = startKeepalive(options.PingInterval), fair.NewYielder(fair.Interval)
	h.html = newRendering(options.Renderer)
	return h
}

// mayEnter returns the error with which this process alone would refuse a user with the
// name, and reports whether a connection here holds the name.
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

// enter registers a connection. On a fleet it acquires the name unless a connection here
// already holds it.
func (h *hub) enter(conn *Connection) error {
	name := conn.User.nameLease()
	b, err := h.countIn(conn, name)
	if err != nil || b == nil {
		return err
	}
	err = h.presenceSync.acquireName(name)
	if err != nil {
		conn.Left = true // the connection never held the name, so nothing is kept for it
		h.exit(conn)
	}
	h.settleName(b, err == nil)
	return err
}

// countIn counts a connection, and returns the name holder if its name must still be
// acquired for this node.
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

// followEpoch makes the hub follow the store's epoch. A new epoch means that the store went
// back in time, for example in a failover to a server without the last commits: what the
// rooms and their clients have is no longer valid. New connections therefore get new rooms,
// and all current ones are closed: clients reconnect with the old epoch and are told to
// start over.
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

// stop delivers the remaining batches, closes all connections (see drain) and waits until
// they have exited.
func (h *hub) stop(ctx context.Context) error {
	err := h.pumps.wait(ctx)
	defer h.fairness.Stop()
	h.keepalive.stop()
	h.drain(ctx)
	select {
	case <-h.empty:
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}

// counter counts operations in progress. Unlike a sync.WaitGroup it allows new ones to start
// while another goroutine waits.
type counter struct{ n atomic.Int64 }

func (c *counter) add(n int64) { c.n.Add(n) }

// wait returns when no operation is in progress, or with the context's error. It polls every
// millisecond, which is fine because it only runs during a stop.
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

// afterGapTimeout calls f after the gap timeout, when hints in transit from other nodes
// should have arrived. A single process has no such hints, so it calls f at once.
func (h *hub) afterGapTimeout(f func()) {
	if h.options.Fleet == nil {
		go f()
		return
	}
	time.AfterFunc(gapTimeout, f)
}
