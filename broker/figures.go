package broker

import (
	"sync/atomic"
	"time"

	"github.com/nats-io/nats.go"

	"chatserver/chat"
)

// counts are what is told by Figures.
type counts struct {
	published, unpublished, received, misread, unsigned, forged, late atomic.Int64

	gone       atomic.Pointer[time.Time] // since when; nil while it is there
	overflowed int64                     // of subscriptions that have ended; guarded by the lock of NATS

	toldOverflowed atomic.Int64 // of all, the last time that it was counted
}

func (c *counts) goes() {
	now := time.Now()
	c.gone.Store(&now)
}

// isGone reports whether NATS is gone. To ask the connection would wait while it tries to
// be one.
func (c *counts) isGone() bool { return c.gone.Load() != nil }

func (c *counts) comes() { c.gone.Store(nil) }

// Stats implements chat.Broker. Somebody who subscribes may hold the lock for as long as
// the connection tries to be one: then what is behind it is as it was the last time.
func (n *NATS) Stats() chat.BrokerStats {
	if n.mu.TryLock() {
		all := n.counts.overflowed
		for sub := range n.hears {
			all += overflowed(sub)
		}
		n.mu.Unlock()
		n.counts.toldOverflowed.Store(all)
	}
	f := chat.BrokerStats{
		Published: n.counts.published.Load(), Unpublished: n.counts.unpublished.Load(),
		Malformed: n.counts.misread.Load(), Unsigned: n.counts.unsigned.Load(), Forged: n.counts.forged.Load(), Late: n.counts.late.Load(), Overflowed: n.counts.toldOverflowed.Load(),
	}
	f.Received = n.counts.received.Load() + f.Overflowed
	if since := n.counts.gone.Load(); since != nil {
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
