package chat

import (
	"sync/atomic"
	"time"
)

// BackfillReason is why a room is compared with the store.
type BackfillReason int

// The doubts.
const (
	Gap             BackfillReason = iota // what a message waited for did not come in time
	FoundBehind                           // a comparison with the store found it behind
	UncertainCommit                       // a batch failed, and may be stored all the same
	backfillReasons
)

// String names a doubt for the metrics.
func (r BackfillReason) String() string {
	return [backfillReasons]string{"gap", "comparison", "commit"}[r]
}

// hubStats are what a hub counts of rooms that lacked something, and why.
type hubStats struct {
	backfilled       [backfillReasons]atomic.Int64 // rooms that were filled, by Doubt
	stale            atomic.Int64                  // hints of another epoch
	compareFailures  atomic.Int64                  // comparisons that failed
	invalid          atomic.Int64                  // hints that no node of this version makes
	restarted        atomic.Int64                  // rooms that were told what is not stored
	registryFailures atomic.Int64                  // attempts of the registrar that failed
}

func (s *hubStats) backfilledNow() (filled [backfillReasons]int64) {
	for reason := range filled {
		filled[reason] = s.backfilled[reason].Load()
	}
	return filled
}

// FleetStats are how a node stands among the others, and what it counted since it
// started.
type FleetStats struct {
	Broker           *BrokerStats // nil without one
	Store            StoreStats
	Stale            int64 // hints that were left out, being of another epoch
	Invalid          int64 // hints that were left out, being none that a node of this version makes
	Restarted        int64 // rooms that began afresh: their members had been told what is not stored
	CompareFailures  int64 // comparisons with the store that failed
	RegistryFailures int64 // attempts to ask the register that failed
}

// BrokerStats are how a broker stands, and what it counted since it was opened.
type BrokerStats struct {
	DisconnectedSince   time.Time // since when it is; zero while it is there
	Published, Received int64     // hints
	Unpublished         int64     // hints that could not be published, the broker being gone
	Malformed           int64     // of those that came: what is no hint, or of a kind that this version does not know
	Unsigned, Forged    int64     // hints without a MAC, and with a wrong one
	Late                int64     // hints that came late or again, and have no place in a room
	Overflowed          int64     // hints that came faster than they could be heard
}

// StoreStats are how a store stands that other nodes write to, and what it counted
// since it was opened.
type StoreStats struct {
	Writers, Readers PoolStats // connections that write messages and read them
	Registry, Names  PoolStats // connections for who is where and who bears which name
	LockTimeouts     int64     // batches that did not get a lock in time
}

// PoolStats are of connections to a database, of which there may be so many and no
// more.
type PoolStats struct {
	Open, InUse int
	Waits       int64         // how often somebody had to wait for one
	Waited      time.Duration // how long, all together
}

// fleetStats are nil for a process alone.
func (h *hub) fleetStats() *FleetStats {
	fleet := h.options.Fleet
	if fleet == nil {
		return nil
	}
	f := &FleetStats{Store: fleet.Store.Stats(), Stale: h.stats.stale.Load(), Invalid: h.stats.invalid.Load(), Restarted: h.stats.restarted.Load(), CompareFailures: h.stats.compareFailures.Load(), RegistryFailures: h.stats.registryFailures.Load()}
	if fleet.Broker != nil {
		broker := fleet.Broker.Stats()
		f.Broker = &broker
	}
	return f
}
