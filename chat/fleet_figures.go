package chat

import (
	"sync/atomic"
	"time"
)

// Doubt is why a room is compared with the store.
type Doubt int

// The doubts.
const (
	Gap          Doubt = iota // what a message waited for did not come in time
	FoundBehind               // a comparison with the store found it behind
	UnsureCommit              // a batch failed, and may be stored all the same
	doubts
)

// String names a doubt for the metrics.
func (d Doubt) String() string { return [doubts]string{"gap", "comparison", "commit"}[d] }

// counts are what a hub counts of rooms that lacked something, and why.
type counts struct {
	filled     [doubts]atomic.Int64 // rooms that were filled, by Doubt
	stale      atomic.Int64         // hints of another epoch
	uncompared atomic.Int64         // comparisons that failed
	invalid    atomic.Int64         // hints that no node of this version makes
	restarted  atomic.Int64         // rooms that were told what is not stored
	unshared   atomic.Int64         // attempts of the registrar that failed
}

func (c *counts) filledNow() (filled [doubts]int64) {
	for doubt := range filled {
		filled[doubt] = c.filled[doubt].Load()
	}
	return filled
}

// FleetFigures are how a node stands among the others, and what it counted since it
// started.
type FleetFigures struct {
	Broker     *BrokerFigures // nil without one
	Store      StoreFigures
	Stale      int64 // hints that were left out, being of another epoch
	Invalid    int64 // hints that were left out, being none that a node of this version makes
	Restarted  int64 // rooms that began afresh: their members had been told what is not stored
	Uncompared int64 // comparisons with the store that failed
	Unshared   int64 // attempts to ask the register that failed
}

// BrokerFigures are how a broker stands, and what it counted since it was opened.
type BrokerFigures struct {
	Gone                time.Time // since when it is; zero while it is there
	Published, Received int64     // hints
	Unpublished         int64     // hints that could not be published, the broker being gone
	Misread             int64     // of those that came: what is no hint, or of a kind that this version does not know
	Unsigned, Forged    int64     // hints without a MAC, and with a wrong one
	Late                int64     // hints that came late or again, and have no place in a room
	Overflowed          int64     // hints that came faster than they could be heard
}

// StoreFigures are how a store stands that other nodes write to, and what it counted
// since it was opened.
type StoreFigures struct {
	Writers, Readers PoolFigures // connections that write messages and read them
	Register, Names  PoolFigures // connections for who is where and who bears which name
	LockTimeouts     int64       // batches that did not get a lock in time
}

// PoolFigures are of connections to a database, of which there may be so many and no
// more.
type PoolFigures struct {
	Open, InUse int
	Waits       int64         // how often somebody had to wait for one
	Waited      time.Duration // how long, all together
}

// fleetFigures are nil for a process alone.
func (h *hub) fleetFigures() *FleetFigures {
	fleet := h.options.Fleet
	if fleet == nil {
		return nil
	}
	f := &FleetFigures{Store: fleet.Store.Figures(), Stale: h.counts.stale.Load(), Invalid: h.counts.invalid.Load(), Restarted: h.counts.restarted.Load(), Uncompared: h.counts.uncompared.Load(), Unshared: h.counts.unshared.Load()}
	if fleet.Broker != nil {
		broker := fleet.Broker.Figures()
		f.Broker = &broker
	}
	return f
}
