package live

import (
	"context"
	"testing"
	"time"

	"chatserver/chat"
	"chatserver/fair"
)

// otherNodes are the other nodes of a fleet, on which nothing happens; or none.
type otherNodes struct{ shared bool }

func (n otherNodes) Shared() bool                  { return n.shared }
func (otherNodes) Acquire(chat.NameLease) error    { return nil }
func (otherNodes) MayAcquire(chat.NameLease) error { return nil }
func (otherNodes) Idle(string)                     {}
func (otherNodes) Open(*OpenRoom) (end func())     { return func() {} }
func (otherNodes) PresenceChanged(string)          {}
func (otherNodes) Online([]string) map[string]int {
	return nil
}
func (otherNodes) PublishMessage(chat.Message, any) {}
func (otherNodes) Publish(string, chat.Event)       {}
func (otherNodes) GapTimeout() time.Duration        { return time.Hour }

// noHistory is a store without messages.
type noHistory struct{ chat.Store }

func (noHistory) Epoch() string { return "" }

// testHub returns a hub without a journal, of a process alone or of a node of a fleet.
func testHub(t *testing.T, frames [chat.Kinds]chat.Frames, shared bool, options chat.Options) *Hub {
	t.Helper()
	h := NewHub(Parts{
		Frames: frames, Store: noHistory{}, Nodes: otherNodes{shared}, Rendering: chat.NewRendering(nil), Yielder: fair.NewYielder(fair.Interval),
	}, options.WithDefaults())
	t.Cleanup(func() {
		h.keepalive.stop()
		h.yielder.Stop()
		if err := h.backfiller.stop(context.Background()); err != nil {
			t.Error(err)
		}
	})
	return h
}

func guest(t *testing.T, name, key string) chat.User {
	t.Helper()
	user, err := chat.NewUser(name, 0, key)
	if err != nil {
		t.Fatalf("%q: %v", name, err)
	}
	return user
}
