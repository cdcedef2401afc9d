package live

import (
	"cmp"
	"context"
	"math/rand/v2"
	"sync"
	"time"

	"chatserver/chat"
	"chatserver/task"
)

const (
	// keepaliveSlots spreads the connections between two checks, so that a thousand
	// connections of the same second are not all pinged at once.
	keepaliveSlots = 20
)

// keepalive is a single timer wheel that pings every connection: there is no timer or
// goroutine per connection. It is also the list of all connections.
type keepalive struct {
	mu    sync.Mutex
	slots [keepaliveSlots][]*chat.Connection
	task  *task.Task
}

// startKeepalive starts a wheel that checks every connection ChecksPerPing times in a ping
// interval; 0 means PingInterval.
func startKeepalive(ping time.Duration) *keepalive {
	k := &keepalive{}
	tick := max(cmp.Or(ping, chat.PingInterval)/(chat.ChecksPerPing*keepaliveSlots), time.Millisecond)
	k.task = task.Start(func(ctx context.Context) { k.run(ctx, tick) })
	return k
}

func (k *keepalive) add(conn *chat.Connection) {
	k.mu.Lock()
	defer k.mu.Unlock()
	s := rand.IntN(keepaliveSlots)                                              //nolint:gosec // spreading load, not a secret
	conn.Wheel = chat.WheelPlace{Slot: int32(s), Index: int32(len(k.slots[s]))} //nolint:gosec // connections
	k.slots[s] = append(k.slots[s], conn)
}

func (k *keepalive) remove(conn *chat.Connection) {
	k.mu.Lock()
	defer k.mu.Unlock()
	at := conn.Wheel
	slot := k.slots[at.Slot]
	last := slot[len(slot)-1]
	slot[at.Index], last.Wheel = last, at
	slot[len(slot)-1] = nil
	k.slots[at.Slot] = slot[:len(slot)-1]
}

func (k *keepalive) run(ctx context.Context, tick time.Duration) {
	ticker := time.NewTicker(tick)
	defer ticker.Stop()
	for s := 0; ; s = (s + 1) % keepaliveSlots {
		select {
		case <-ctx.Done():
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
	_ = k.task.Stop(context.Background()) // a check does not block
}

func (k *keepalive) snapshot(slot int) []*chat.Connection {
	k.mu.Lock()
	defer k.mu.Unlock()
	return append([]*chat.Connection(nil), k.slots[slot]...)
}

// each calls f for every connection.
func (k *keepalive) each(f func(*chat.Connection)) {
	for s := range k.slots {
		for _, conn := range k.snapshot(s) {
			f(conn)
		}
	}
}

// Before it exits, a server closes its connections one after another, over the drain time:
// closing all at once would make all clients reconnect at once, here or on another node. The
// web page waits up to eight random seconds by itself, so the drain matters less for it. But
// plain-text programs may reconnect immediately, other nodes and proxies would receive all
// of them together, and simultaneous closing is also the most expensive for this server.
//
// During the drain nothing new is accepted, because the recorder has stopped: senders and
// new connections are refused immediately.
const (
	// drainRate is the number of connections closed per second, unless that takes too long.
	drainRate = 500
	// maxDrain is the longest drain. The last connection may take another closeWait, five
	// seconds, for its closing handshake, and a stop has nine.
	maxDrain = 3 * time.Second
	// drainStep is the interval in which connections that are due are closed together.
	drainStep = 10 * time.Millisecond
)

// drainTime returns how long it takes to close a number of connections.
func drainTime(connections int) time.Duration {
	return min(time.Duration(connections)*time.Second/drainRate, maxDrain)
}

// drain closes all connections in the random order of the wheel, until they have exited,
// which empty tells. When the context ends it closes the rest at once.
func (k *keepalive) drain(ctx context.Context, empty <-chan struct{}) {
	var all []*chat.Connection
	k.each(func(conn *chat.Connection) { all = append(all, conn) })
	began, drain := time.Now(), drainTime(len(all))
	for i, conn := range all {
		due := drain * time.Duration(i) / time.Duration(len(all))
		if wait := due - time.Since(began); wait >= drainStep {
			waitUntilDue(ctx, empty, wait)
		}
		conn.Socket.Close(chat.CloseGoingAway)
	}
}

// waitUntilDue waits for a time, or until the last connection has exited or the context
// ends.
func waitUntilDue(ctx context.Context, empty <-chan struct{}, wait time.Duration) {
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-empty:
	case <-ctx.Done():
	}
}
