package handlers

import (
	"container/list"
	"net"
	"net/netip"
	"sync"
	"time"

	"github.com/valyala/fasthttp"

	"chatserver/chat"
)

const (
	// closedAtOnce is how many idle connections are closed when descriptors run short. If
	// only one were closed, the next connection would get the low descriptor that became
	// free, and the shortage would go unnoticed.
	closedAtOnce = 16
	// silentAfter is how long a new connection may send nothing before it counts as idle.
	// Browsers open spare connections that they may never use; a TLS handshake over a slow
	// network takes up to two seconds.
	silentAfter = 3 * time.Second
)

// httpConns tracks the HTTP connections of a port: all that have not become WebSockets. Idle
// ones, whose requests are answered or that sent nothing for silentAfter, are closed first
// when there are too many: a client opens another for its next request, as it does after the
// idle timeout. The zero value has no limit per address.
type httpConns struct {
	limit      int                    // connections per address; 0 = no limit
	exempt     func(netip.Addr) bool  // addresses without a limit: loopback and trusted proxies
	webSockets func(netip.Prefix) int // the number of WebSockets of a network
	now        func() time.Time       // nil = time.Now

	mu       sync.Mutex
	known    map[net.Conn]*httpConn
	all      connGroup
	networks map[netip.Prefix]*connGroup
}

// httpConn is one HTTP connection. It belongs to the group of each network that its address
// counts for, and to the group of all connections.
type httpConn struct {
	conn   net.Conn
	groups []*connGroup
	idle   []*list.Element // its places in the idle lists of its groups; nil while it is busy
	opened time.Time       // the zero time after its first byte
}

// connGroup counts HTTP connections and lists the idle ones, the longest idle first.
type connGroup struct {
	network netip.Prefix
	count   int
	idle    list.List // of *httpConn
}

// note is fasthttp's ConnState hook.
func (h *httpConns) note(conn net.Conn, state fasthttp.ConnState) {
	h.mu.Lock()
	defer h.mu.Unlock()
	c := h.known[conn]
	switch {
	case state == fasthttp.StateNew:
		h.addLocked(conn)
	case c == nil: // closed by us
	case state == fasthttp.StateActive:
		c.opened = time.Time{}
		c.setBusy()
	case state == fasthttp.StateIdle:
		c.setIdle()
	default: // closed, or a WebSocket
		h.removeLocked(c)
	}
}

func (h *httpConns) addLocked(conn net.Conn) {
	c := &httpConn{conn: conn, groups: []*connGroup{&h.all}, opened: h.time()}
	if address := addressOf(conn); h.limits(address) {
		for _, share := range chat.Shares(address) {
			c.groups = append(c.groups, h.groupLocked(share.Network))
		}
	}
	for _, group := range c.groups {
		group.count++
	}
	c.setIdle()
	if h.known == nil {
		h.known = map[net.Conn]*httpConn{}
	}
	h.known[conn] = c
}

func (h *httpConns) groupLocked(network netip.Prefix) *connGroup {
	group := h.networks[network]
	if group == nil {
		group = &connGroup{network: network}
		if h.networks == nil {
			h.networks = map[netip.Prefix]*connGroup{}
		}
		h.networks[network] = group
	}
	return group
}

func (h *httpConns) removeLocked(c *httpConn) {
	c.setBusy()
	delete(h.known, c.conn)
	for _, group := range c.groups {
		if group.count--; group.count == 0 {
			delete(h.networks, group.network)
		}
	}
}

func (c *httpConn) setIdle() {
	for _, group := range c.groups {
		c.idle = append(c.idle, group.idle.PushBack(c))
	}
}

func (c *httpConn) setBusy() {
	for i, place := range c.idle {
		c.groups[i].idle.Remove(place)
	}
	c.idle = nil
}

// admit reports whether a connection that was just accepted may be served. WebSockets and
// HTTP connections of an address count together. At the limit, a new connection replaces the
// longest idle HTTP connection of its network. People behind one address may all have
// WebSockets, and their browsers open up to six HTTP connections each; they are refused only
// while as many HTTP connections as the limit are busy.
func (h *httpConns) admit(conn net.Conn) bool {
	address := addressOf(conn)
	if !h.limits(address) {
		return true
	}
	for _, share := range chat.Shares(address) {
		limit := h.limit * share.Times
		webSockets := h.webSockets(share.Network)
		if count := h.count(share.Network); count+webSockets >= limit && !h.closeOldestOf(share.Network) && count >= limit {
			return false
		}
	}
	return true
}

func (h *httpConns) limits(address netip.Addr) bool {
	return h.limit > 0 && address.IsValid() && !h.exempt(address)
}

func (h *httpConns) count(network netip.Prefix) int {
	h.mu.Lock()
	defer h.mu.Unlock()
	if group := h.networks[network]; group != nil {
		return group.count
	}
	return 0
}

// closeOldest closes up to closedAtOnce connections, the longest idle first, and reports
// whether there were any. Their descriptors are free when it returns.
func (h *httpConns) closeOldest() bool {
	closed := false
	for n := 0; n < closedAtOnce && closeNow(h.takeOldest(&h.all)); n++ {
		closed = true
	}
	return closed
}

// closeOldestOf closes the longest idle connection of a network, and reports whether there
// was one.
func (h *httpConns) closeOldestOf(network netip.Prefix) bool {
	h.mu.Lock()
	group := h.networks[network]
	h.mu.Unlock()
	return group != nil && closeNow(h.takeOldest(group))
}

// takeOldest removes and returns the longest idle connection of a group, or nil if none is
// idle. It skips new connections, whose first request may already have arrived.
func (h *httpConns) takeOldest(group *connGroup) net.Conn {
	h.mu.Lock()
	defer h.mu.Unlock()
	silent := h.time().Add(-silentAfter)
	for place := group.idle.Front(); place != nil; place = place.Next() {
		c := place.Value.(*httpConn) //nolint:forcetypeassert // it holds nothing else
		if c.opened.Before(silent) {
			h.removeLocked(c)
			return c.conn
		}
	}
	return nil
}

func (h *httpConns) time() time.Time {
	if h.now != nil {
		return h.now()
	}
	return time.Now()
}

// closeNow closes a connection at once, if it is not nil, and reports whether it was not.
func closeNow(conn net.Conn) bool {
	if conn == nil {
		return false
	}
	if secured, ok := conn.(interface{ NetConn() net.Conn }); ok {
		conn = secured.NetConn() // TLS would first write an alert, and block until the socket accepts it
	}
	_ = conn.Close() // after an error the descriptor is free as well
	return true
}

// addressOf returns the remote address of a connection, or the zero Addr if it is not TCP.
func addressOf(conn net.Conn) netip.Addr {
	tcp, ok := conn.RemoteAddr().(*net.TCPAddr)
	if !ok {
		return netip.Addr{}
	}
	return tcp.AddrPort().Addr().Unmap()
}
