package chat

import "sync/atomic"

// hubStats count the repairs of a hub.
type hubStats struct {
	backfilled [BackfillReasons]atomic.Int64 // backfilled rooms, by BackfillReason
	restarted  atomic.Int64                  // rooms that had diverged from the store
}

func (s *hubStats) backfilledNow() (filled [BackfillReasons]int64) {
	for reason := range filled {
		filled[reason] = s.backfilled[reason].Load()
	}
	return filled
}
