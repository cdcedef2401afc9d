package handlers_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync/atomic"
	"testing"

	"chatserver/chat"
	"chatserver/chattest"
)

// Whatever fails, and however often: in the end everybody has exactly the stored messages in
// their order, was shown each of them once, and saw no gap in live revs. CHAT_TEST_SEED
// repeats a seed from the log.
func TestEverybodyHasWhatIsStoredWhateverBreaks(t *testing.T) {
	c := chattest.NewWorld(t).Company(t, "lobby", 30, 6, 1000)
	c.AlsoChanges()
	c.TalksUntil(c.IsCutEnough)
	c.Agrees()
	if c.Network.Broken() < 1000 {
		t.Errorf("only %d connections broke", c.Network.Broken())
	}
}

// A client that missed more than a queue holds gets it page by page.
func TestEverybodyHasWhatIsStoredThoughPagesAreBig(t *testing.T) {
	t.Parallel()
	c := chattest.NewWorld(t).Company(t, "lobby", 8, 4, 100)
	c.SendsTextsOf(8 << 10)
	c.TalksUntil(func() bool { return c.Said() >= 60 })
	for _, reader := range c.Readers[:4] {
		reader.StaysAway()
	}
	missed := c.Said() + 80 // more than two queues hold
	c.TalksUntil(func() bool { return c.Said() >= missed })
	for _, reader := range c.Readers[:4] {
		reader.Returns()
	}
	c.TalksUntil(c.IsCutEnough)
	c.Agrees()
}

// Another process changes messages without a hint to this node. Members still get the latest
// state of each message.
func TestEverybodyHasTheLatestStateOfChangesWithoutHints(t *testing.T) {
	t.Parallel()
	w := chattest.NewWorld(t)
	c := w.Company(t, "lobby", 10, 4, 120)
	c.AlsoChanges()
	changed := 0
	for !c.IsCutEnough() && !t.Failed() {
		until := c.Said() + 8
		c.TalksUntil(func() bool { return c.Said() >= until })
		stored := w.Stored("lobby")
		changed++
		w.ChangesBehindTheBack("lobby", stored[rand.IntN(len(stored))].Seq, fmt.Sprint("changed ", changed))
	}
	c.Agrees()
	if changed < 5 {
		t.Errorf("only %d messages were changed", changed)
	}
}

// forgetfulStore is a store whose results are lost at random, after the commit.
type forgetfulStore struct {
	chat.Store
	lost atomic.Int64
	well atomic.Bool
}

func (s *forgetfulStore) Commit(ctx context.Context, changes []chat.Change) ([]chat.Outcome, error) {
	outcomes, err := s.Store.Commit(ctx, changes)
	if err == nil && !s.well.Load() && rand.IntN(4) == 0 {
		s.lost.Add(1)
		return nil, errors.New("the answer was lost")
	}
	return outcomes, err
}

// A client that gets an error and sends the message again does not store it twice.
func TestEverybodyHasWhatIsStoredThoughTheStoresResultsAreLost(t *testing.T) {
	t.Parallel()
	store := &forgetfulStore{}
	w := chattest.NewWorld(t, chattest.Store(func(inner chat.Store) chat.Store {
		store.Store = inner
		return store
	}))
	c := w.Company(t, "lobby", 10, 4, 120)
	c.AlsoChanges()
	c.TalksUntil(c.IsCutEnough)
	store.well.Store(true)
	c.Agrees()
	if store.lost.Load() < 10 {
		t.Errorf("only %d answers were lost", store.lost.Load())
	}
}

// An operator restores an older copy of the database and starts the server, and people
// continue at once. Clients forget the messages that are no longer stored: those who
// reconnect to a smaller rev, and those who reconnect when it has grown past theirs.
func TestEverybodyForgetsWhatARestoredDatabaseLacks(t *testing.T) {
	t.Parallel()
	w := chattest.NewWorld(t)
	c := w.Company(t, "lobby", 10, 4, 120)
	c.AlsoChanges()
	talk := func(n int) {
		until := c.Said() + n
		c.TalksUntil(func() bool { return c.Said() >= until })
	}
	talk(120)
	w.Stop()
	old := w.CopiesTheDatabase()
	w.Start()
	talk(40)
	last := c.Settles()
	c.StartsAfresh()
	late := c.Readers[:5]
	for _, reader := range late {
		reader.StaysAway()
	}
	w.Stop()
	w.PutsBack(old)
	w.Start()
	talk(60)
	c.Writers[0].Reaches("lobby", last+1) // so that late clients cannot tell by the rev
	for _, reader := range late {
		reader.Returns()
	}
	c.TalksUntil(c.IsCutEnough)
	c.Agrees()
	for _, reader := range c.Readers {
		if reader.Resets() == 0 {
			t.Errorf("%s was never told to reset", reader.Name)
		}
	}
	chattest.Figure(t, "P8", "the store went back in time, and the gap cannot be filled: all 10 readers were told to start afresh, and have what is stored")
}
