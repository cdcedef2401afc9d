package store_test

import (
	"context"
	"errors"
	"strings"
	"sync/atomic"
	"testing"

	"chatserver/chat"
	"chatserver/store"
)

// While the disk is almost full, short messages are stored in existing rooms. A message
// that was refused can be stored under the same id once there is space, and one that was
// already stored is acknowledged again, whatever its length.
func testDiskLow(t *testing.T, open opener) {
	var low atomic.Bool
	db := open(t, store.Options{DiskLow: low.Load})
	long, short := draft("lobby", strings.Repeat("x", chat.ShortText+1)), draft("lobby", strings.Repeat("x", chat.ShortText))
	before, elsewhere := draft("lobby", strings.Repeat("y", chat.ShortText+1)), draft("elsewhere", "hello")
	say(t, db, before)
	low.Store(true)
	outcomes, err := db.Commit(context.Background(), []chat.Change{long, short, elsewhere, before})
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []error{chat.ErrShortOnly, nil, chat.ErrNoNewRooms, nil} {
		if got := outcomes[i].Err; !errors.Is(got, want) || want == nil && got != nil {
			t.Errorf("draft %d: %v instead of %v", i, got, want)
		}
	}
	if !outcomes[3].Known || outcomes[3].Message.Rev != 1 || outcomes[1].Message.Rev != 2 {
		t.Errorf("the outcomes are %+v", outcomes)
	}
	if page := newest(t, db, "lobby", 9); len(page.Messages) != 2 || page.Rev != 2 || newest(t, db, "elsewhere", 9).Rev != 0 {
		t.Errorf("stored are %+v", page)
	}
	low.Store(false)
	if said := say(t, db, long, elsewhere); said[0].Rev != 3 || said[1].Rev != 1 {
		t.Errorf("with enough space again, it stores %+v", said)
	}
}
