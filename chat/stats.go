package chat

import "time"

// BackfillReason is the reason why a room was compared with the store.
type BackfillReason int

// The reasons for a backfill.
const (
	Gap             BackfillReason = iota // an earlier message did not arrive within the gap timeout
	FoundBehind                           // a comparison with the store found missing messages
	UncertainCommit                       // a batch failed but may have been stored
	BackfillReasons
)

// String returns the reason's label in metrics.
func (r BackfillReason) String() string {
	return [BackfillReasons]string{"gap", "comparison", "commit"}[r]
}

// FleetStats are a node's values, and its counters since its start.
type FleetStats struct {
	Broker           *BrokerStats // nil without a broker
	Store            StoreStats
	Stale            int64 // ignored hints of another epoch
	Invalid          int64 // ignored hints that no node of this version sends
	Restarted        int64 // rooms that were restarted because they had diverged from the store
	CompareFailures  int64 // failed comparisons with the store
	RegistryFailures int64 // failed requests to the presence registry
}

// BrokerStats are a broker's values, and its counters since it was opened.
type BrokerStats struct {
	DisconnectedSince   time.Time // zero while connected
	Published, Received int64     // hints
	Unpublished         int64     // hints that could not be published while disconnected
	Malformed           int64     // received data that is not a hint, or is a hint of an unknown kind
	Unsigned, Forged    int64     // received hints without a MAC, and with a wrong one
	Late                int64     // received hints that were late or repeated, and have no position in a room
	Overflowed          int64     // hints that arrived faster than they could be processed
}

// StoreStats are the values of a store that other nodes write to as well, and its counters
// since it was opened.
type StoreStats struct {
	Writers, Readers PoolStats // connections that write messages, and that read them
	Registry, Names  PoolStats // connections for the presence registry and the name registry
	LockTimeouts     int64     // batches that did not get a lock in time
}

// PoolStats describe a bounded pool of database connections.
type PoolStats struct {
	Open, InUse int
	Waits       int64         // how often a caller waited for a connection
	Waited      time.Duration // total waiting time
}

// Stats are the values of a chat at one moment.
type Stats struct {
	Connections [Kinds]int             // by Kind
	Rooms       int                    // with connections
	Drafts      int                    // waiting for the next commit
	DraftBytes  int                    // of all pending changes
	Delivering  int                    // rooms with undelivered batches
	Backfilled  [BackfillReasons]int64 // since the start: backfilled rooms, by BackfillReason
	Fleet       *FleetStats            // nil for a single process
}
