package handlers_test

import (
	"context"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/google/uuid"

	"chatserver/chat"
	"chatserver/chattest"
)

// slowRemovals is a store that delays one query for removed rooms. Each time it is asked, it
// counts one more removed room, so that the server looks again: its first look may come
// before a room is open.
type slowRemovals struct {
	chat.Store
	removals        chat.RoomChanges
	once            sync.Once
	found, released chan struct{}
	counts          chan struct{} // one element per call of Removals
	asked           atomic.Int64
}

func (s *slowRemovals) Removals(ctx context.Context) (int64, error) {
	select {
	case s.counts <- struct{}{}:
	default:
	}
	return s.asked.Add(1), ctx.Err()
}

func (s *slowRemovals) RoomChanges(ctx context.Context, since int64) (int64, []string, error) {
	return s.removals.RoomChanges(ctx, since)
}

func (s *slowRemovals) Purged(ctx context.Context, slugs []string) (map[string]int64, error) {
	purged, err := s.removals.Purged(ctx, slugs)
	s.once.Do(func() {
		close(s.found)
		<-s.released
	})
	return purged, err
}

// A room whose first message is stored just after the server looked for removed rooms is not
// taken for a removed room.
func TestANewRoomIsNotTakenForARemovedOne(t *testing.T) {
	t.Parallel()
	slow := &slowRemovals{found: make(chan struct{}), released: make(chan struct{}), counts: make(chan struct{}, 1)}
	w := chattest.NewWorld(t, chattest.Store(func(store chat.Store) chat.Store {
		slow.Store, slow.removals = store, store.(chat.RoomChanges)
		return slow
	}))
	ann := w.Join("Ann", "cave", chattest.ComesBack())
	<-slow.found
	ann.SaysUntilAcknowledged("cave", uuid.NewString(), "the first")
	ann.HearsEvent("message")
	select {
	case <-slow.counts: // of this check
	default:
	}
	close(slow.released)
	<-slow.counts // this check is over
	ann.Pings()
	if opened := ann.Opened(); opened != 1 {
		t.Errorf("Ann was cut off: she connected %d times", opened)
	}
}
