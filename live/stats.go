package live

import (
	"sync/atomic"

	"chatserver/chat"
)

// hubStats count the repairs of a hub.
type hubStats struct {
	backfilled [chat.BackfillReasons]atomic.Int64 // backfilled rooms, by BackfillReason
	restarted  atomic.Int64                       // rooms that had diverged from the store
}

func (s *hubStats) backfilledNow() (filled [chat.BackfillReasons]int64) {
	for reason := range filled {
		filled[reason] = s.backfilled[reason].Load()
	}
	return filled
}
