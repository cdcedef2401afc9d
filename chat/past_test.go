package chat_test

import (
	"context"
	"testing"

	"chatserver/chat"
	"chatserver/store"
)

// goesBack replaces the store's history by an empty one.
func (s *troubledStore) goesBack(t *testing.T) {
	t.Helper()
	db, err := store.OpenSQLite(context.Background(), t.TempDir(), store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	s.DB = db
}

// TestANewMemberIsLiveAfterTheStoreWentBack keeps an old connection open: a new member gets
// the new history and live messages, also after the old one has left.
func TestANewMemberIsLiveAfterTheStoreWentBack(t *testing.T) {
	c, s := startTroubledChat(t)
	ann, annHears := person(t, c, "Ann", 0)
	for range 3 {
		says(t, c, ann, annHears, "lost")
	}
	epoch := c.Epoch()
	s.goesBack(t)
	if err := c.Ready(context.Background()); err != nil {
		t.Fatal(err)
	}
	bob, bobHears := visitor(t, c, "Bob")
	join(t, c, bob, &chat.Position{Rev: 3, Epoch: epoch})
	says(t, c, bob, bobHears, "first")
	_ = c.Leave(context.Background(), ann, chat.Lobby)
	says(t, c, bob, bobHears, "second")
	bobHears.waitFor(t, "{0-0 more:false reset:true} +Bob first second ")
}

// TestAPageReadBeforeTheStoreWentBackIsDiscarded lets the store go back during a read: the
// page then belongs to the old history.
func TestAPageReadBeforeTheStoreWentBackIsDiscarded(t *testing.T) {
	c, s := startTroubledChat(t)
	ann, annHears := person(t, c, "Ann", 0)
	for range 3 {
		says(t, c, ann, annHears, "lost")
	}
	_ = c.Leave(context.Background(), ann, chat.Lobby)
	bob, bobHears := visitor(t, c, "Bob")
	s.change(func() {
		s.behind = func() {
			s.change(func() { s.behind = nil })
			s.goesBack(t)
		}
	})
	join(t, c, bob, &chat.Position{Rev: 1, Epoch: c.Epoch()})
	bobHears.waitFor(t, "{0-0 more:false reset:true} +Bob ")
}
