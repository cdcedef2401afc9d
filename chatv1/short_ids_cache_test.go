package chatv1

import (
	"fmt"
	"testing"
)

// Short ids are cached, and entries are replaced: a short id never changes, and never
// belongs to someone else.
func TestAShortIDStaysTheSameInTheCache(t *testing.T) {
	ids, owners := NewShortIDs([]byte("a secret")), map[string]string{}
	for round := range 2 {
		for i := range 2000 { // more than the cache holds
			id := fmt.Sprintf("%032x", i)
			short := ids.Of(id)
			if want := NewShortIDs([]byte("a secret")).Of(id); short != want {
				t.Fatalf("round %d: %s is %s, and was %s", round, id, short, want)
			}
			if owner, taken := owners[short]; taken && owner != id {
				t.Fatalf("%s has the short id of %s", id, owner)
			}
			owners[short] = id
		}
	}
}
