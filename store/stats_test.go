package store_test

import (
	"context"
	"testing"
	"time"

	"chatserver/chat"
	"chatserver/chattest"
	"chatserver/store"
)

// Batches that time out while another transaction locks their room are counted.
func TestLockTimeoutsAreCounted(t *testing.T) {
	database := chattest.Database(t)
	db := openURL(t, database, store.Options{})
	say(t, db, draft("a", "before"))
	if n := db.Stats().LockTimeouts; n != 0 {
		t.Errorf("before the room is locked, there are %d", n)
	}
	holder := admin(t, database, "BEGIN", "SELECT * FROM rooms WHERE slug = 'a' FOR UPDATE")
	if err := appendOne(db, "a"); !isLocked(err, "a") {
		t.Fatalf("the room is not locked: %v", err)
	}
	if n := db.Stats().LockTimeouts; n != 1 {
		t.Errorf("there are %d", n)
	}
	does(t, holder, "ROLLBACK")
	say(t, db, draft("a", "after"))
	if n := db.Stats().LockTimeouts; n != 1 {
		t.Errorf("after the room is unlocked, there are %d", n)
	}
}

// Writers have two connections, readers four. If all are in use, the wait and its
// duration are counted.
func TestWaitingForAConnectionIsCounted(t *testing.T) {
	database := chattest.Database(t)
	db := openURL(t, database, store.Options{})
	say(t, db, draft("a", "before"))
	if f := db.Stats(); f.Writers.Open < 1 || f.Writers.Open > 2 || f.Readers.Open > 4 || f.Writers.InUse+f.Readers.InUse != 0 || f.Writers.Waits+f.Readers.Waits != 0 {
		t.Errorf("for an idle store, the stats are %+v", f)
	}
	holder := admin(t, database, "BEGIN", "SELECT * FROM rooms WHERE slug = 'a' FOR UPDATE")
	done := make(chan error, 3)
	for range cap(done) {
		go func() { _, err := db.Commit(context.Background(), []chat.Change{draft("a", "x")}); done <- err }()
	}
	for began := time.Now(); db.Stats().Writers.InUse < 2 || db.Stats().Writers.Waits < 1; {
		if time.Since(began) > chattest.Patience {
			t.Fatalf("no connection waits: %+v", db.Stats().Writers)
		}
	}
	does(t, holder, "ROLLBACK")
	for range cap(done) {
		if err := <-done; err != nil && !isLocked(err, "a") { // on a slow machine
			t.Error(err)
		}
	}
	if f := db.Stats(); f.Writers.InUse != 0 || f.Writers.Waited <= 0 || f.Readers.Waits != 0 {
		t.Errorf("afterwards, the stats are %+v", f)
	}
}
