// Package cluster connects the rooms and names of this process with the other processes that
// use the store: with the nodes of a fleet (Node), or, for a process alone (Solo), with the
// operator's command line.
package cluster

import (
	"context"
	"errors"
	"time"

	"chatserver/chat"
	"chatserver/live"
)

// Node is this process as one of the nodes of a fleet.
type Node struct {
	*common
	sync       *presenceSync
	reconciler *reconciler
	removals   *removals
}

var _ live.Nodes = (*Node)(nil)

// NewNode returns this process as a node of a fleet. It needs no nodes until Start.
func NewNode(fleet Fleet) *Node {
	c := &common{fleet: fleet}
	return &Node{c, newPresenceSync(c), newReconciler(c), newRemovals(fleet.Removals)}
}

// Start connects the rooms and names of a hub with the other nodes.
func (n *Node) Start(h *live.Hub, store chat.Store, html *chat.Rendering, o chat.Options) {
	n.hub, n.html, n.options, n.log = h, html, o, o.Log
	n.sync.start()
	n.reconciler.start(store)
	n.removals.start(h, o.Log)
}

// Interrupt ends the comparisons with the store.
func (n *Node) Interrupt(ctx context.Context) error {
	return errors.Join(n.reconciler.task.Stop(ctx), n.removals.task.Stop(ctx))
}

// Stop removes this node's presence and names from the registry. If that fails, the node
// expires.
func (n *Node) Stop(ctx context.Context) { n.sync.stop(ctx) }

// Stats implements Peers.
func (n *Node) Stats() *chat.FleetStats {
	f := &chat.FleetStats{
		Store:            n.fleet.Store.Stats(),
		Stale:            n.stats.stale.Load(),
		Invalid:          n.stats.invalid.Load(),
		Restarted:        n.hub.Restarted(),
		CompareFailures:  n.stats.compareFailures.Load(),
		RegistryFailures: n.stats.registryFailures.Load(),
	}
	if _, none := n.fleet.Broker.(NoBroker); !none {
		broker := n.fleet.Broker.Stats()
		f.Broker = &broker
	}
	return f
}

// Shared implements Nodes.
func (*Node) Shared() bool { return true }

// GapTimeout implements Nodes.
func (*Node) GapTimeout() time.Duration { return gapTimeout }

// Acquire implements Nodes.
func (n *Node) Acquire(name chat.NameLease) error { return n.sync.acquireName(name) }

// MayAcquire implements Nodes.
func (n *Node) MayAcquire(name chat.NameLease) error { return n.sync.canAcquireName(name) }

// Idle implements Nodes.
func (n *Node) Idle(skeleton string) { n.sync.nameIdle(skeleton) }

// PresenceChanged implements Nodes.
func (n *Node) PresenceChanged(room string) { n.sync.localChanged(room) }

// Online implements Nodes.
func (n *Node) Online(rooms []string) map[string]int { return n.sync.remoteOnline(rooms) }

// Open implements Nodes.
func (n *Node) Open(room *live.OpenRoom) (end func()) {
	end = n.openHints(room)
	nodes, err := n.sync.remote([]string{room.Slug()})
	if err != nil {
		n.sync.remoteChanged(room.Slug())
		return end
	}
	room.LoadRemotePresence(nodes)
	return end
}
