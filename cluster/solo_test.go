package cluster

import (
	"context"
	"testing"
)

// TestAStoreWithoutRemovalsLosesNoRoom asks about rooms as the watch for removed rooms does
// at first, when it knows of none.
func TestAStoreWithoutRemovalsLosesNoRoom(t *testing.T) {
	purged, err := NoRemovals{}.Purged(context.Background(), []string{"lobby", "cave"})
	for _, room := range []string{"lobby", "cave"} {
		if until, stored := purged[room]; err != nil || !stored || until != 0 {
			t.Errorf("%s is stored: %t, purged until rev %d, %v", room, stored, until, err)
		}
	}
}
