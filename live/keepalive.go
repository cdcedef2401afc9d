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
