package handlers_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/google/uuid"

	"chatserver/chat"
	"chatserver/chattest"
	"chatserver/config"
)

// slowLine is the bandwidth of a slow rural connection in bits per second.
const slowLine = 5_000_000

// slowMembers joins n members to a room, each over a slow line.
func slowMembers(w *chattest.World, room string, n int) (all []*chattest.Member) {
	network := w.Network(nil).WithLinesOf(slowLine)
	for i := range n {
		all = append(all, w.Join(fmt.Sprint("far ", i), room, chattest.ThroughOneWire(network)))
	}
	return all
}

// hearAll fails the test unless members receive everything up to a rev without reconnecting.
func hearAll(t *testing.T, members []*chattest.Member, room string, rev int64, beside string) {
	t.Helper()
	for _, m := range members {
		if !m.Reaches(room, rev) || m.Opened() != 1 {
			t.Errorf("with %s, a member on a slow line was disconnected", beside)
		}
	}
}

// bareLinks is a message of 8 kB with the largest possible HTML: with more links, the renderer
// would leave them as text.
var bareLinks = strings.Repeat("https://a.example/ ", 400)

// Thirty messages of bare links arrive at once, as many as --rate allows. With and without a
// byte budget, members on slow lines receive all of them and stay connected.
func TestThirtyMessagesOfLinksCloseNobodyOnASlowLine(t *testing.T) {
	t.Parallel()
	for _, byteRate := range []int{64 << 10, 0} {
		const messages = 30
		w := chattest.NewWorld(t, chattest.With(func(c *config.Config) { c.ByteRate, c.Rate = byteRate, 10 }))
		members := slowMembers(w, "lobby", 8)
		eve := w.Join("Eve", "lobby")
		for range messages {
			eve.Sends("lobby", uuid.NewString(), bareLinks)
		}
		hearAll(t, members, "lobby", messages, "a flooder")
	}
}

// The same holds for many connections of one address, and of many users on this machine, that
// do not wait for answers. A member who sends one message is not held up by them.
func TestManyConnectionsCloseNobodyOnASlowLine(t *testing.T) {
	t.Parallel()
	for _, flood := range []struct {
		of, from string
		byteRate int
	}{
		{"one address", "203.0.113.7", 64 << 10},
		{"one address without a budget", "203.0.113.7", 0},
		{"loopback", "", 64 << 10},
	} {
		const connections, heard = 50, 30
		w := chattest.NewWorld(t, budgeted(flood.byteRate), chattest.With(func(c *config.Config) { c.Rate = 10 }))
		members := slowMembers(w, "lobby", 3)
		ann := w.Join("Ann", "lobby", chattest.From("203.0.113.8"))
		var lines []string
		if flood.from != "" {
			lines = []string{forwardedFor(flood.from)}
		}
		var ends []func() int
		for i := range connections {
			ends = append(ends, floodsWith(t, w, fmt.Sprint("eve", i), "chat.v1", func(n int) string {
				if n == 0 {
					return floodJoin("lobby")
				}
				return part(0x81, fmt.Sprintf(`{"cmd":"send","room":"lobby","id":"%s","text":"%s"}`, uuid.NewString(), bareLinks))
			}, lines...))
		}
		hearAll(t, members, "lobby", heard/2, flood.of)
		seq, code := ann.SaysUntilAcknowledged("lobby", uuid.NewString(), "and I?")
		if code != "" {
			t.Errorf("with %s, another member is refused with %s", flood.of, code)
		}
		hearAll(t, members, "lobby", max(seq, heard), flood.of)
		for _, end := range ends {
			end()
		}
	}
}

// locked is a store whose Append blocks while it is locked.
type locked struct {
	chat.Store
	lock sync.RWMutex
}

func (s *locked) Commit(ctx context.Context, changes []chat.Change) ([]chat.Outcome, error) {
	s.lock.RLock()
	defer s.lock.RUnlock()
	return s.Store.Commit(ctx, changes)
}

// Messages that pile up while the store is blocked are not all delivered at once afterwards:
// members on slow lines receive all of them and stay connected.
func TestTheBacklogOfAnOutageClosesNobodyOnASlowLine(t *testing.T) {
	t.Parallel()
	outage := &locked{}
	w := chattest.NewWorld(t, chattest.Store(func(inner chat.Store) chat.Store { outage.Store = inner; return outage }))
	members := slowMembers(w, "lobby", 2)
	const writers, each = 8, 15 // 2 MB with their HTML
	outage.lock.Lock()
	for i := range writers {
		writer := w.Join(fmt.Sprint("writer ", i), "lobby")
		for n := range each {
			writer.Sends("lobby", uuid.NewString(), fmt.Sprint("*", n, "* ", strings.Repeat("x", 8000)))
		}
		defer writer.Goes()
	}
	outage.lock.Unlock()
	hearAll(t, members, "lobby", writers*each, "an outage")
}
