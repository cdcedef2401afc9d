// Package live is the delivery in this process: the hub with its connections, the rooms that
// they have open, and what a connection hears, in order. It needs chat, and what it needs of
// other nodes (Nodes) and of the history (PageSource) it says itself.
package live

import (
	"context"
	"errors"
	"log/slog"
	"net/netip"
	"sync"
	"time"

	"chatserver/chat"
	"chatserver/fair"
)

// Hub holds the connections of this process, the rooms they are subscribed to, and the
// presence in them. A room exists in the hub only while it has connections, so empty rooms
// cost nothing.
type Hub struct {
	frames     [chat.Kinds]chat.Frames
	options    chat.Options
	log        *slog.Logger
	store      chat.Store
	directory  *chat.Directory
	pages      PageSource
	nodes      Nodes
	keepalive  *keepalive
	pumps      counter // rooms with undelivered batches
	yielder    *fair.Yielder
	html       *chat.Rendering
	backfiller *backfiller
	stats      hubStats

	mu          sync.Mutex
	epoch       string // of the store that the rooms follow
	rooms       map[string]*OpenRoom
	names       *NameHolders
	addresses   map[netip.Prefix]int
	connections int
	kinds       [chat.Kinds]int // connections by Kind
	stopping    bool
	empty       chan struct{} // closed when the chat is stopping and the last connection has exited
}

// Parts is what a hub needs of the other packages.
type Parts struct {
	Frames    [chat.Kinds]chat.Frames // the encoder of each Kind
	Store     chat.Store
	Rooms     *chat.Directory
	Pages     PageSource
	Nodes     Nodes
	Rendering *chat.Rendering
	Yielder   *fair.Yielder // stopped by the hub
}

// PageSource reads pages of history for connections that join. journal.CachedPages
// implements it.
type PageSource interface {
	// Resume returns what a client at a position lacks: the changes since then; or the newest
	// page if there is no position; or the newest page and reset if the position belongs to
	// another history. A re-read skips the queue of readers.
	Resume(ctx context.Context, by chat.PageReader, room chat.LiveRoom, at *chat.Position, reread bool) (page chat.Page, reset bool, err error)
	// Before is Store.Before, after waiting for the payer's turn.
	Before(ctx context.Context, payer chat.Payer, room string, seq int64, limit chat.Limit) (chat.Page, error)
}

// NewHub starts a hub. Call Stop to end it.
func NewHub(parts Parts, options chat.Options) *Hub {
	h := &Hub{
		frames: parts.Frames, options: options, log: options.Log, store: parts.Store, directory: parts.Rooms, pages: parts.Pages, nodes: parts.Nodes,
		yielder: parts.Yielder, html: parts.Rendering, epoch: parts.Store.Epoch(),
		rooms: map[string]*OpenRoom{}, addresses: map[netip.Prefix]int{}, empty: make(chan struct{}),
	}
	h.names = newNameHolders(&h.mu, parts.Nodes, options)
	h.keepalive = startKeepalive(options.PingInterval)
	h.backfiller = startBackfiller(h)
	return h
}

// MayEnter returns the error with which Enter would refuse the actor now.
func (h *Hub) MayEnter(actor chat.Actor) error {
	name := actor.User.Lease()
	h.mu.Lock()
	held := h.names.heldHereLocked(name.Skeleton)
	err := h.mayEnterLocked(name, actor.Address)
	h.mu.Unlock()
	if err != nil || held {
		return err
	}
	return h.nodes.MayAcquire(name)
}

func (h *Hub) mayEnterLocked(name chat.NameLease, address netip.Addr) error {
	if h.stopping {
		return chat.ErrStopping
	}
	if limit := h.options.MaxConnections; limit > 0 && h.connections >= limit {
		return chat.ErrFull
	}
	if limit := h.options.MaxPerAddress; limit > 0 && chat.LimitedAddress(address) && h.addressFullLocked(address, limit) {
		return chat.ErrAddressFull
	}
	return h.names.refusalLocked(name)
}

// addressFullLocked reports whether a network of the address has reached its limit of
// connections.
func (h *Hub) addressFullLocked(address netip.Addr, limit int) bool {
	for _, share := range chat.Shares(address) {
		if h.addresses[share.Network] >= limit*share.Times {
			return true
		}
	}
	return false
}

// Enter registers a connection. On a fleet it acquires the name unless a connection here
// already holds it.
func (h *Hub) Enter(conn *chat.Connection) error {
	name := conn.User.Lease()
	b, err := h.countIn(conn, name)
	if err != nil || b == nil {
		return err
	}
	err = h.nodes.Acquire(name)
	if err != nil {
		conn.Left = true // the connection never held the name, so nothing is kept for it
		h.Exit(conn)
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.names.settleLocked(b, err == nil)
	return err
}

// countIn counts a connection, and returns the name holder if its name must still be
// acquired for this node.
func (h *Hub) countIn(conn *chat.Connection, name chat.NameLease) (acquiring *nameHolder, err error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.names.waitLocked(name.Skeleton)
	if err := h.mayEnterLocked(name, conn.Address); err != nil {
		return nil, err
	}
	h.connections++
	h.kinds[conn.Kind]++
	for _, share := range chat.Shares(conn.Address) {
		h.addresses[share.Network]++
	}
	h.keepalive.add(conn)
	return h.names.acquireLocked(name), nil
}

// Exit ends a connection's subscriptions and unregisters it.
func (h *Hub) Exit(conn *chat.Connection) {
	for _, m := range conn.Subscriptions() {
		h.leave(m.(*subscription))
	}
	conn.UnsubscribeAll()
	h.mu.Lock()
	defer h.mu.Unlock()
	h.keepalive.remove(conn)
	h.names.releaseLocked(conn)
	for _, share := range chat.Shares(conn.Address) {
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

// Connections returns the number of open connections.
func (h *Hub) Connections() int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.connections
}

// EachConnection calls f for every open connection.
func (h *Hub) EachConnection(f func(*chat.Connection)) { h.keepalive.each(f) }

// ConnectionsFrom returns the number of open connections from a network, which must be one
// that Shares returns.
func (h *Hub) ConnectionsFrom(network netip.Prefix) int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.addresses[network]
}

// Stopping reports whether the hub refuses new connections.
func (h *Hub) Stopping() bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.stopping
}

// BeginStop makes the hub refuse new connections.
func (h *Hub) BeginStop() {
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

// Stop finishes the backfills, delivers the remaining batches, closes all connections (see
// drain) and waits until they have exited.
func (h *Hub) Stop(ctx context.Context) error {
	defer h.yielder.Stop()
	backfilled := h.backfiller.stop(ctx)
	delivered := h.pumps.wait(ctx)
	h.keepalive.stop()
	h.keepalive.drain(ctx, h.empty)
	select {
	case <-h.empty:
		return errors.Join(backfilled, delivered)
	case <-ctx.Done():
		return errors.Join(backfilled, ctx.Err())
	}
}

// Names returns the holders of the names here.
func (h *Hub) Names() *NameHolders { return h.names }

// CloseNames closes all connections under names.
func (h *Hub) CloseNames(skeletons map[string]bool) {
	h.keepalive.each(func(conn *chat.Connection) {
		if skeletons[conn.User.Skeleton()] {
			conn.Socket.Close(chat.CloseNameLost)
		}
	})
}

// Stats adds the hub's values to those of the chat.
func (h *Hub) Stats(stats *chat.Stats) {
	stats.Delivering, stats.Backfilled = int(h.pumps.n.Load()), h.stats.backfilledNow()
	h.mu.Lock()
	defer h.mu.Unlock()
	stats.Connections, stats.Rooms = h.kinds, len(h.rooms)
}

// send writes an event to one connection.
func (h *Hub) send(conn *chat.Connection, event chat.Event) {
	conn.Send(func(dst []byte) []byte { return h.frames[conn.Kind].Append(dst, event) })
}

// Nodes is what the names and rooms of this process need of the other nodes of a fleet.
// cluster.Node implements it, and cluster.Solo for a process alone.
type Nodes interface {
	NodeNames
	NodeRooms
}

// NodeRooms are the rooms that are open on the nodes of a fleet.
type NodeRooms interface {
	// Open connects a room with the same room on other nodes until close is called: it
	// receives their events, and has their presence. It returns when the room may be read:
	// anything stored after that is announced.
	Open(room *OpenRoom) (close func())
	// PresenceChanged states that a user entered or left a room here. It does not block.
	PresenceChanged(room string)
	// Online returns the number of users in rooms on other nodes; nil if it is unknown.
	Online(rooms []string) map[string]int
	// PublishMessage announces a stored message to the other nodes. The trace identifies it
	// for Metrics, or is nil.
	PublishMessage(message chat.Message, trace any)
	// Publish announces another event of a room to the other nodes.
	Publish(room string, event chat.Event)
	// GapTimeout is how long a message waits for earlier ones in transit from another node
	// before they are read from the store.
	GapTimeout() time.Duration
}
