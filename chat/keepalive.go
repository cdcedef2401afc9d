package chat

import (
	"cmp"
	"math/rand/v2"
	"sync"
	"time"
)

const (
	// PingInterval is the time without incoming data after which a connection is pinged.
	// Many proxies, NATs and client libraries close a connection after 30, 40 or 60 s
	// without data; a ping every 27 s precedes all of them. A dead peer is detected after 2
	// to 2.2 intervals, within the 75 s after which people would notice it themselves.
	PingInterval = 27 * time.Second
	// ChecksPerPing is how often a connection is checked in a ping interval, and so the
	// precision with which its idle time is known.
	ChecksPerPing = 5
	// keepaliveSlots spreads the connections between two checks, so that a thousand
	// connections of the same second are not all pinged at once.
	keepaliveSlots = 20
)

// keepalive is a single timer wheel that pings every connection: there is no timer or
// goroutine per connection. It is also the list of all connections.
type keepalive struct {
	mu    sync.Mutex
	slots [keepaliveSlots][]*Connection
	quit  chan struct{}
	done  chan struct{}
}

// keepaliveSlot is a connection's place on the wheel.
type keepaliveSlot struct{ slot, index int }

// startKeepalive starts a wheel that checks every connection ChecksPerPing times in a ping
// interval; 0 means PingInterval.
func startKeepalive(ping time.Duration) *keepalive {
	k := &keepalive{quit: make(chan struct{}), done: make(chan struct{})}
	go k.run(max(cmp.Or(ping, PingInterval)/(ChecksPerPing*keepaliveSlots), time.Millisecond))
	return k
}

func (k *keepalive) add(conn *Connection) {
	k.mu.Lock()
	defer k.mu.Unlock()
	s := rand.IntN(keepaliveSlots) //nolint:gosec // spreading load, not a secret
	conn.keepalive = keepaliveSlot{s, len(k.slots[s])}
	k.slots[s] = append(k.slots[s], conn)
}

func (k *keepalive) remove(conn *Connection) {
	k.mu.Lock()
	defer k.mu.Unlock()
	at := conn.keepalive
	slot := k.slots[at.slot]
	last := slot[len(slot)-1]
	slot[at.index], last.keepalive = last, at
	slot[len(slot)-1] = nil
	k.slots[at.slot] = slot[:len(slot)-1]
}

func (k *keepalive) run(tick time.Duration) {
	defer close(k.done)
	ticker := time.NewTicker(tick)
	defer ticker.Stop()
	for s := 0; ; s = (s + 1) % keepaliveSlots {
		select {
		case <-k.quit:
			return
		case <-ticker.C:
		}
		for _, conn := range k.snapshot(s) {
			conn.Socket.CheckIdle()
		}
	}
}

// stop ends the checks. The list of connections remains.
func (k *keepalive) stop() {
	close(k.quit)
	<-k.done
}

func (k *keepalive) snapshot(slot int) []*Connection {
	k.mu.Lock()
	defer k.mu.Unlock()
	return append([]*Connection(nil), k.slots[slot]...)
}

// each calls f for every connection.
func (k *keepalive) each(f func(*Connection)) {
	for s := range k.slots {
		for _, conn := range k.snapshot(s) {
			f(conn)
		}
	}
}
