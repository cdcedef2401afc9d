package broker

import (
	"sync/atomic"
	"time"

	"github.com/nats-io/nats.go"

	"chatserver/chat"
)

// counters are the values behind Stats.
type counters struct {
	published, unpublished, received, malformed, unsigned, forged, late atomic.Int64

	disconnectedSince atomic.Pointer[time.Time] // nil while connected
	overflowed        int64                     // of ended subscriptions; guarded by NATS.mu

	lastOverflowed atomic.Int64 // of all subscriptions, when last read
}

func (c *counters) disconnect() {
	now := time.Now()
	c.disconnectedSince.Store(&now)
}

// disconnected reports whether the connection to NATS is down. Asking the connection
// itself would block while it reconnects.
func (c *counters) disconnected() bool { return c.disconnectedSince.Load() != nil }

func (c *counters) connect() { c.disconnectedSince.Store(nil) }

// Stats implements chat.Broker. A subscriber may hold the lock while the connection
// reconnects; then the number of overflowed hints is the one read last.
func (n *NATS) Stats() chat.BrokerStats {
	if n.mu.TryLock() {
		all := n.counters.overflowed
		for sub := range n.handlers {
			all += overflowed(sub)
		}
		n.mu.Unlock()
		n.counters.lastOverflowed.Store(all)
	}
	f := chat.BrokerStats{
		Published: n.counters.published.Load(), Unpublished: n.counters.unpublished.Load(),
		Malformed: n.counters.malformed.Load(), Unsigned: n.counters.unsigned.Load(), Forged: n.counters.forged.Load(), Late: n.counters.late.Load(), Overflowed: n.counters.lastOverflowed.Load(),
	}
	f.Received = n.counters.received.Load() + f.Overflowed
	if since := n.counters.disconnectedSince.Load(); since != nil {
		f.DisconnectedSince = *since
	}
	return f
}

// overflowed returns how many hints a subscription dropped because the incoming channel
// was full.
func overflowed(sub *nats.Subscription) int64 {
	dropped, err := sub.Dropped()
	if err != nil { // the subscription ended with its connection
		return 0
	}
	return int64(dropped)
}
