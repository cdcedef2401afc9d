package handlers

import (
	"fmt"
	"testing"
)

// A short id comes from a cache, where others take its place: it stays what it is, and is
// nobody else's.
func TestAShortIDStaysTheSameWhoeverSpeaksBetween(t *testing.T) {
	ids, owners := NewShortIDs([]byte("a secret")), map[string]string{}
	for round := range 2 {
		for i := range 2000 { // more than are kept
			id := fmt.Sprintf("%032x", i)
			short := ids.of(id)
			if want := NewShortIDs([]byte("a secret")).of(id); short != want {
				t.Fatalf("round %d: %s is %s, and was %s", round, id, short, want)
			}
			if owner, taken := owners[short]; taken && owner != id {
				t.Fatalf("%s has the short id of %s", id, owner)
			}
			owners[short] = id
		}
	}
}
