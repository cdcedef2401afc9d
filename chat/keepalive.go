package chat

import (
	"cmp"
	"math/rand/v2"
	"sync"
	"time"
)

const (
	// PingInterval is how often a quiet connection is pinged. Many proxies, NATs and
	// client libraries give up on one after 30, 40 or 60 s without a byte; a ping every
	// 27 s comes before all of them. Somebody who is silently gone is noticed after
	// twice to 2.2 times as long, within the 75 s after which people would have noticed
	// themselves.
	PingInterval = 27 * time.Second
	// ChecksPerPing is how often a connection is looked at in a ping interval: that is
	// as exactly as it is known since when it is quiet.
	ChecksPerPing = 5
	// keepaliveSlots spread the connections between two looks, so that a thousand that came
	// in one second are not all pinged in one moment.
	keepaliveSlots = 20
)

// keepalive is the one wheel that looks after all connections: no timer and no
// goroutine a connection. It is also the list of the connections.
type keepalive struct {
	mu    sync.Mutex
	slots [keepaliveSlots][]*Connection
	quit  chan struct{}
	done  chan struct{}
}

// keepaliveSlot is where a connection is on the wheel.
type keepaliveSlot struct{ slot, index int }

// startKeepalive looks at every connection LooksPerPing times in a ping interval; 0 is
// PingInterval.
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

// stop ends the wheel; the list stays.
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
