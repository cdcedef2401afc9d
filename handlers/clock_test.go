package handlers_test

import (
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"

	"chatserver/chattest"
	"chatserver/config"
)

// The clock jumps an hour and ten years, forwards and backwards. The order stays the same,
// since it follows seq, and no wait depends on the wall clock.
func TestTheClockMayJump(t *testing.T) {
	const year, each, rate = 365 * 24 * time.Hour, 30, 40 // the last of them wait for the rate
	var ahead atomic.Int64
	w := chattest.NewWorld(t,
		chattest.Clock(func() time.Time { return time.Now().Round(0).Add(time.Duration(ahead.Load())) }), // Round(0) strips the monotonic reading
		chattest.With(func(c *config.Config) { c.Rate = rate }))
	ann, bob := w.Join("Ann", "lobby"), w.Join("Bob", "lobby", chattest.ComesBack())
	began := time.Now()
	said := 0
	for _, jump := range []time.Duration{0, time.Hour, -time.Hour, 10 * year, -10 * year} {
		ahead.Store(int64(jump))
		for range each {
			said++
			ann.SaysUntilAcknowledged("lobby", uuid.NewString(), fmt.Sprint("no. ", said))
		}
		ann.Asks("typing", "room", "lobby")
		bob.IsCut()
	}
	if took := time.Since(began); took > chattest.Patience {
		t.Errorf("%d messages at %d a second took %v", said, rate, took)
	}
	bob.Reaches("lobby", int64(said))
	fresh := w.Join("Zoe", "lobby", chattest.ReadsEverything())
	fresh.Reaches("lobby", int64(said))
	years := map[string]bool{}
	for _, m := range []*chattest.Member{ann, bob, fresh} {
		for i, message := range m.Has("lobby") {
			years[message.At[:4]] = true
			if message.Text != fmt.Sprint("no. ", i+1) || m.Shown("lobby")[message.ID] != 1 {
				t.Fatalf("%s has %q in place %d", m.Name, message.Text, i+1)
			}
		}
		for _, wrong := range append(m.Jumps(), m.Wrongs()...) {
			t.Errorf("%s: %s", m.Name, wrong)
		}
	}
	if len(years) < 3 {
		t.Errorf("the clock did not jump: %v", years)
	}
	checkPainted(t, w, said)
	chattest.Figure(t, "P25", "±1 h and ±10 years, %d messages, %d lost connections: same order for members who stayed, reconnected and joined later; nothing waited for the clock", said, bob.Opened()-1)
}

// checkPainted checks the order of the newest messages in the server-side render.
func checkPainted(t *testing.T, w *chattest.World, said int) {
	t.Helper()
	_, page := w.Handshake("/?name=Zoe", "Host", w.Address(), "Accept", "text/html", "Connection", "close")
	last := -1
	for n := said - 4; n <= said; n++ {
		at := strings.Index(page, fmt.Sprint("no. ", n, "<"))
		if at <= last {
			t.Errorf("on the page no. %d stands at %d, and the one before at %d", n, at, last)
		}
		last = at
	}
}

// Typing events are still sent after the clock went back.
func TestTypingArrivesAfterTheClockGoesBack(t *testing.T) {
	var back atomic.Int64
	w := chattest.NewWorld(t, chattest.Clock(func() time.Time { return time.Now().Round(0).Add(-time.Duration(back.Load())) }))
	ann, bob := w.Join("Ann", "lobby"), w.Join("Bob", "lobby")
	ann.Asks("typing", "room", "lobby")
	bob.HearsEvent("typing")
	back.Store(int64(time.Hour))
	asked := make(chan struct{})
	defer close(asked)
	go func() { // repeatedly, as the page does while a user types
		for ticker := time.NewTicker(50 * time.Millisecond); ; {
			select {
			case <-asked:
				ticker.Stop()
				return
			case <-ticker.C:
				ann.Asks("typing", "room", "lobby")
			}
		}
	}()
	if e := bob.HearsEvent("typing"); e.From != "Ann" {
		t.Errorf("Bob hears %+v", e)
	}
}
