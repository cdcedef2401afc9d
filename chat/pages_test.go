package chat_test

import (
	"context"
	"fmt"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"chatserver/chat"
	"chatserver/store"
)

// countingStore counts its reads, and how many run at once.
type countingStore struct {
	*store.DB
	reads, atOnce, most atomic.Int64
}

func (s *countingStore) Before(ctx context.Context, room string, seq int64, limit chat.Limit) (chat.Page, error) {
	defer s.ask()()
	return s.DB.Before(ctx, room, seq, limit)
}

func (s *countingStore) Changes(ctx context.Context, room string, since int64, limit chat.Limit) (chat.Page, error) {
	defer s.ask()()
	return s.DB.Changes(ctx, room, since, limit)
}

func (s *countingStore) ask() (answered func()) {
	s.reads.Add(1)
	for now := s.atOnce.Add(1); ; {
		if most := s.most.Load(); most >= now || s.most.CompareAndSwap(most, now) {
			return func() { s.atOnce.Add(-1) }
		}
	}
}

func TestManyWhoJoinTogetherShareOneRead(t *testing.T) {
	var counting *countingStore
	c := startChatWith(t, chat.Options{PageAge: time.Hour}, func(db *store.DB) chat.Store { counting = &countingStore{DB: db}; return counting })
	ann, book := visitor(t, c, "Ann")
	join(t, c, ann, nil)
	says(t, c, ann, book, "one")
	for _, at := range []*chat.Position{nil, {Rev: 0}, {Rev: 1}} {
		counting.reads.Store(0)
		var wg sync.WaitGroup
		for i := range 100 {
			conn, book := visitor(t, c, fmt.Sprint("p", i))
			wg.Go(func() {
				join(t, c, conn, at)
				want := "{0-1 one more:false reset:false}"
				if at != nil && at.Rev == 1 {
					want = "{1-1 more:false reset:false}"
				}
				book.begins(t, want)
			})
			defer c.Exit(conn)
		}
		wg.Wait()
		if n := counting.reads.Load(); n < 1 || n > int64(runtime.GOMAXPROCS(0)) { // that many may read at once
			t.Errorf("for a hundred clients at %v the store was read %d times", at, n)
		}
	}
	says(t, c, ann, book, "two")
	bob, book := visitor(t, c, "Bob")
	join(t, c, bob, nil)
	book.begins(t, "{0-2 one two more:false reset:false}")
}

// TestTheFirstToJoinGetsACurrentPage stores a message while the room is closed, as another
// process may: a cached page must not be used.
func TestTheFirstToJoinGetsACurrentPage(t *testing.T) {
	var counting *countingStore
	c := startChat(t, func(db *store.DB) chat.Store { counting = &countingStore{DB: db}; return counting })
	ann, _ := visitor(t, c, "Ann")
	join(t, c, ann, nil)
	c.Exit(ann)
	if _, err := counting.Commit(context.Background(), []chat.Change{chat.Post{Room: chat.Lobby, ID: "0198c5a0-7f3e-7cc2-a1b2-3c4d5e6f7a8b", From: "nobody", Text: "meanwhile"}}); err != nil {
		t.Fatal(err)
	}
	bob, book := visitor(t, c, "Bob")
	join(t, c, bob, nil)
	book.begins(t, "{0-1 meanwhile more:false reset:false}")
}

// TestNoMorePagesAreReadAtOnceThanThereAreCores checks that readers of history leave
// processor time to senders.
func TestNoMorePagesAreReadAtOnceThanThereAreCores(t *testing.T) {
	var counting *countingStore
	c := startChat(t, func(db *store.DB) chat.Store { counting = &countingStore{DB: db}; return counting })
	var wg sync.WaitGroup
	for i := range 50 {
		conn, _ := visitor(t, c, fmt.Sprint("p", i))
		join(t, c, conn, nil)
		wg.Go(func() {
			for range 20 {
				if _, err := c.History(context.Background(), conn, chat.Lobby, 10); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	if most, cores := counting.most.Load(), int64(runtime.GOMAXPROCS(0)); most > cores || counting.reads.Load() < 1000 {
		t.Errorf("%d pages were read at once on %d cores, of %d", most, cores, counting.reads.Load())
	}
}

// begins checks the start of what was heard.
func (n *notebook) begins(t *testing.T, with string) {
	t.Helper()
	n.mu.Lock()
	defer n.mu.Unlock()
	if !strings.HasPrefix(string(n.heard), with) {
		t.Errorf("heard %.80q first instead of %q", n.heard, with)
	}
}
