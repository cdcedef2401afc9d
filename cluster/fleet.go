package cluster

import (
	"log/slog"
	"sync/atomic"
	"time"

	"chatserver/chat"
	"chatserver/live"
)

// gapTimeout is how long a message waits for earlier ones in transit from another node
// before they are read from the store.
const gapTimeout = 20 * time.Millisecond

// Fleet is what a process needs besides its store to be a node of a fleet.
type Fleet struct {
	Store    chat.SharedStore
	Registry chat.Registry
	Names    chat.NameRegistry
	Broker   chat.Broker      // NoBroker: messages of other nodes are found in the store, within compareInterval
	Removals chat.RoomChanges // NoRemovals if no other process changes rooms
}

// common is what the parts of a node share.
type common struct {
	fleet   Fleet
	options chat.Options
	log     *slog.Logger
	html    *chat.Rendering
	hub     *live.Hub
	stats   nodeStats
}

// publish announces an event of a room to the other nodes.
func (c *common) publish(room string, event chat.Event, trace any) {
	c.fleet.Broker.Publish(chat.Hint{Room: room, Epoch: c.hub.Epoch(), Event: event, Trace: trace})
}

// nodeStats count a node's repairs and rejected hints.
type nodeStats struct {
	stale            atomic.Int64 // hints of another epoch
	invalid          atomic.Int64 // hints that no node of this version sends
	compareFailures  atomic.Int64 // failed comparisons with the store
	registryFailures atomic.Int64 // failed registry updates
}

// NoBroker is the broker of a fleet without one.
type NoBroker struct{}

var _ chat.Broker = NoBroker{}

// Subscribe implements Broker.
func (NoBroker) Subscribe(string, func(chat.Hint)) (end func()) { return func() {} }

// Publish implements Broker.
func (NoBroker) Publish(chat.Hint) {}

// OnLoss implements Broker.
func (NoBroker) OnLoss(func()) {}

// Close does nothing.
func (NoBroker) Close() {}

// Stats implements Broker.
func (NoBroker) Stats() chat.BrokerStats { return chat.BrokerStats{} }
