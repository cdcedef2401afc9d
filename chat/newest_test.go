package chat_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"chatserver/chat"
	"chatserver/store"
)

func TestAPageShowsTheNewestMessages(t *testing.T) {
	var counting *countingStore
	c := startChatWith(t, chat.Options{PageAge: time.Hour}, func(db *store.DB) chat.Store { counting = &countingStore{DB: db}; return counting })
	ctx := context.Background()
	if page, err := c.Newest(ctx, chat.Actor{}, chat.Lobby, 3); err != nil || page.Rev != 0 || len(page.Messages) != 0 || page.More {
		t.Errorf("for a room that is not stored: %+v, %v", page, err)
	}
	ann, book := visitor(t, c, "Ann")
	join(t, c, ann, nil)
	for i := range 5 {
		says(t, c, ann, book, fmt.Sprint("line ", i))
	}
	for _, test := range []struct {
		most, want int
		more       bool
	}{{3, 3, true}, {5, 5, false}, {50, 5, false}} {
		page, err := c.Newest(ctx, chat.Actor{}, chat.Lobby, test.most)
		if err != nil || page.Rev != 5 || len(page.Messages) != test.want || page.More != test.more || page.Messages[test.want-1].Text != "line 4" {
			t.Errorf("%d of five: %+v, %v", test.most, page, err)
		}
	}
	counting.reads.Store(0)
	for range 10 {
		if _, err := c.Newest(ctx, chat.Actor{}, chat.Lobby, 3); err != nil {
			t.Fatal(err)
		}
	}
	if n := counting.reads.Load(); n != 0 {
		t.Errorf("a cached page was read %d times", n)
	}
}

// hangingStore is a store whose reads hang until they are released.
type hangingStore struct {
	*store.DB
	release chan struct{}
}

func (s *hangingStore) Before(ctx context.Context, room string, seq int64, limit chat.Limit) (chat.Page, error) {
	select {
	case <-s.release:
		return s.DB.Before(ctx, room, seq, limit)
	case <-ctx.Done():
		return chat.Page{}, ctx.Err()
	}
}

// TestAPageDoesNotWaitForAStoreThatHangs checks that web pages wait no longer than their
// context allows.
func TestAPageDoesNotWaitForAStoreThatHangs(t *testing.T) {
	hung := &hangingStore{release: make(chan struct{})}
	c := startChat(t, func(db *store.DB) chat.Store { hung.DB = db; return hung })
	t.Cleanup(func() { close(hung.release) })
	ctx, cancel := context.WithTimeout(context.Background(), 50*time.Millisecond)
	defer cancel()
	const many = 64 // more than there are turns
	done := make(chan error, many)
	for range many {
		go func() {
			_, err := c.Newest(ctx, chat.Actor{}, chat.Lobby, 3)
			done <- err
		}()
	}
	for range many {
		if err := <-done; !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("reading from a store that hangs returned %v", err)
		}
	}
}
