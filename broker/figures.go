package broker

import (
	"github.com/nats-io/nats.go"

	"chatserver/chat"
)

// Figures implements chat.Broker.
func (n *NATS) Figures() chat.BrokerFigures {
	n.mu.Lock()
	defer n.mu.Unlock()
	lost := n.overflowed
	for sub := range n.hears {
		lost += overflowed(sub)
	}
	return chat.BrokerFigures{
		Gone: n.gone, Published: n.published.Load(), Unpublished: n.unpublished.Load(),
		Received: n.received.Load() + lost, Misread: n.misread.Load(), Overflowed: lost,
	}
}

// overflowed is how many hints of a subscription found no place among those that wait.
func overflowed(sub *nats.Subscription) int64 {
	dropped, err := sub.Dropped()
	if err != nil { // it has ended with its connection
		return 0
	}
	return int64(dropped)
}
