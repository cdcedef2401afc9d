package handlers

import (
	"container/list"
	"net"
	"sync"

	"github.com/valyala/fasthttp"
)

// idleConns are the HTTP connections on which no request is under way, in the order in which
// they became idle. They are the first to be closed when descriptors run short: a client
// opens another one for its next request, as it does after the idle timeout.
type idleConns struct {
	mu    sync.Mutex
	order list.List // of net.Conn, the one that has been idle for longest first
	place map[net.Conn]*list.Element
}

// note is fasthttp's ConnState hook. A connection is idle between two requests, not before its
// first one, which may have arrived already; one that became a WebSocket never is.
func (i *idleConns) note(conn net.Conn, state fasthttp.ConnState) {
	i.mu.Lock()
	defer i.mu.Unlock()
	if place, known := i.place[conn]; known {
		i.order.Remove(place)
		delete(i.place, conn)
	}
	if state != fasthttp.StateIdle {
		return
	}
	if i.place == nil {
		i.place = map[net.Conn]*list.Element{}
	}
	i.place[conn] = i.order.PushBack(conn)
}

// closedAtOnce is how many idle connections are closed when descriptors run short. With one
// each, the next newcomer would get the low descriptor that was freed and pass unnoticed.
const closedAtOnce = 16

// closeOldest closes up to closedAtOnce connections, those that have been idle for longest,
// and reports whether there were any. Their descriptors are free when it returns.
func (i *idleConns) closeOldest() bool {
	closed := false
	for n := 0; n < closedAtOnce && i.closeOne(); n++ {
		closed = true
	}
	return closed
}

func (i *idleConns) closeOne() bool {
	i.mu.Lock()
	oldest := i.order.Front()
	if oldest == nil {
		i.mu.Unlock()
		return false
	}
	conn := i.order.Remove(oldest).(net.Conn) //nolint:forcetypeassert // it holds nothing else
	delete(i.place, conn)
	i.mu.Unlock()
	if secured, ok := conn.(interface{ NetConn() net.Conn }); ok {
		conn = secured.NetConn() // TLS would first write an alert, and wait for the socket to take it
	}
	_ = conn.Close() // of one that is gone the descriptor is free, too
	return true
}
