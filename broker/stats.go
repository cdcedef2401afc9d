package broker

import (
	"sync/atomic"
	"time"

	"github.com/nats-io/nats.go"

	"chatserver/chat"
)

// counters are what is told by Figures.
type counters struct {
	published, unpublished, received, malformed, unsigned, forged, late atomic.Int64

	disconnectedSince       atomic.Pointer[time.Time] // since when; nil while it is there
	overflowed int64                     // of subscriptions that have ended; guarded by the lock of NATS

	lastOverflowed atomic.Int64 // of all, the last time that it was counted
}

func (c *counters) disconnect() {
	now := time.Now()
	c.disconnectedSince.Store(&now)
}

// disconnected reports whether NATS is gone. To ask the connection would wait while it tries to
// be one.
func (c *counters) disconnected() bool { return c.disconnectedSince.Load() != nil }

func (c *counters) connect() { c.disconnectedSince.Store(nil) }

// Stats implements chat.Broker. Somebody who subscribes may hold the lock for as long as
// the connection tries to be one: then what is behind it is as it was the last time.
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

// overflowed is how many hints of a subscription found no place among those that wait.
func overflowed(sub *nats.Subscription) int64 {
	dropped, err := sub.Dropped()
	if err != nil { // it has ended with its connection
		return 0
	}
	return int64(dropped)
}
