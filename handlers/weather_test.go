package handlers_test

import (
	"fmt"
	"math/rand/v2"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"chatserver/chat"
	"chatserver/chattest"
)

// sides are the members on both sides of a network: those who feel its weather, and those who
// do not.
type sides struct {
	t       *testing.T
	world   *chattest.World
	network *chattest.Network
	far     []*chattest.Member
	near    []*chattest.Member
}

func newSides(t *testing.T, far, near int) *sides {
	t.Helper()
	s := &sides{t: t, world: chattest.NewWorld(t)}
	s.network = s.world.Network(nil).WithWeather()
	patient := chattest.Patient(10 * chattest.Patience)
	for i := range far {
		s.far = append(s.far, s.world.Join(fmt.Sprint("far", i), "lobby",
			chattest.Via(s.network), chattest.Relaxed(), chattest.ReadsEverything(), patient))
	}
	for i := range near {
		s.near = append(s.near, s.world.Join(fmt.Sprint("near", i), "lobby", chattest.ReadsEverything(), patient))
	}
	return s
}

// talk lets members send each messages, and returns a function that waits until all are
// acknowledged.
func (s *sides) talk(members []*chattest.Member, each int) (wait func()) {
	var talking sync.WaitGroup
	for _, m := range members {
		talking.Go(func() {
			for n := range each {
				if seq, code := m.SaysUntilAcknowledged("lobby", uuid.NewString(), fmt.Sprint(m.Name, " ", n, " ", uuid.NewString())); seq == 0 {
					s.t.Errorf("%s is refused: %s", m.Name, code)
				}
			}
		})
	}
	return talking.Wait
}

func (s *sides) all() []*chattest.Member { return append(s.far[:len(s.far):len(s.far)], s.near...) }

// agree waits until everybody has every message, and checks that each message is stored
// once, has the place that was acknowledged, and was shown once, in order.
func (s *sides) agree(said int) {
	s.t.Helper()
	stored := s.world.Stored("lobby")
	texts := map[string]bool{}
	for _, m := range stored {
		texts[m.Text] = true
	}
	if len(stored) != said || len(texts) != said {
		s.t.Errorf("%d were said, %d are stored, %d of them different", said, len(stored), len(texts))
	}
	for _, m := range s.all() {
		if m.Reaches("lobby", stored[len(stored)-1].Rev) {
			s.check(m, stored)
		}
	}
}

func (s *sides) check(m *chattest.Member, stored []chat.Message) {
	s.t.Helper()
	has, shown := m.Has("lobby"), m.Shown("lobby")
	if len(has) != len(stored) || len(shown) != len(stored) {
		s.t.Errorf("%s has %d messages, was shown %d, stored are %d", m.Name, len(has), len(shown), len(stored))
		return
	}
	for i := range stored {
		if has[i].ID != stored[i].ID || has[i].Text != stored[i].Text || shown[stored[i].ID] != 1 {
			s.t.Errorf("%s has %q where %q is stored, and was shown that %d times", m.Name, has[i].Text, stored[i].Text, shown[stored[i].ID])
		}
	}
	for _, wrong := range append(m.Jumps(), m.Wrongs()...) {
		s.t.Errorf("%s: %s", m.Name, wrong)
	}
}

// hold waits in the long form of a test.
func hold(t *testing.T, long time.Duration) {
	if chattest.Long() {
		select {
		case <-time.After(long):
		case <-t.Context().Done():
		}
	}
}

// A network that stalls for a while without breaking a connection loses nothing, not even
// connections.
func TestAStalledNetworkLosesNothing(t *testing.T) {
	s := newSides(t, 10, 10)
	each := chattest.LongOr(100, 30)
	s.network.Has(chattest.Partition)
	began := time.Now()
	stalled := s.talk(s.far, 1)
	s.talk(s.near, each)()
	hold(t, 5*time.Second-time.Since(began))
	s.network.Has(chattest.Weather{})
	took := time.Since(began)
	stalled()
	said := 10 + 10*each
	s.agree(said)
	opened := 0
	for _, m := range s.far {
		opened += m.Opened()
	}
	if opened != len(s.far) && took < 8*time.Second { // after that clients give a connection up
		t.Errorf("%d who were stalled for %v had %d connections", len(s.far), took, opened)
	}
	chattest.Figure(t, "P17", "10 clients stalled for %.1f s while %d were said: missed 0, twice 0, in order, on the connections they had (%d)",
		took.Seconds(), said, opened)
}

// Nothing of a frame that was cut in two is shown, and the whole message arrives later.
func TestHalfAFrameShowsNothing(t *testing.T) {
	w := chattest.NewWorld(t)
	network := w.Network(func() (chattest.Fault, int) { return chattest.MidFrame, 3 + rand.IntN(20) })
	s := &sides{t: t, world: w, network: network}
	for i := range 10 {
		s.far = append(s.far, w.Join(fmt.Sprint("far", i), "lobby", chattest.Via(network), chattest.ReadsEverything()))
	}
	s.near = append(s.near, w.Join("near", "lobby", chattest.ReadsEverything()))
	each := chattest.LongOr(200, 20)
	s.talk(s.all(), each)()
	network.Calm()
	s.agree(11 * each)
	if network.Broken() < 10 {
		t.Errorf("only %d frames were cut", network.Broken())
	}
	chattest.Figure(t, "P17", "%d frames of the server cut in two by a reset, %d messages: nothing of half a frame shown, each shown once", network.Broken(), 11*each)
}

// Half a message from a client is not stored.
func TestHalfAMessageIsNotStored(t *testing.T) {
	w := chattest.NewWorld(t)
	ann := w.Connect("Ann", "")
	ann.Hears("Ann connected to chat")
	whole := maskedText("half of it and the rest")
	for i, size := range []int{len(whole) / 2, 1, len(whole) - 1} {
		name := fmt.Sprint("Bob", i)
		conn := w.Dial()
		in := upgrade(t, w, conn, "/chat/"+name)
		frame(t, in)
		ann.Hears(name + " connected to chat")
		if _, err := conn.Write(whole[:size]); err != nil {
			t.Fatal(err)
		}
		resets(t, conn)
		ann.Hears(name + " left the chat")
	}
	if stored := w.Stored("lobby"); len(stored) > 0 {
		t.Errorf("stored are %+v", stored)
	}
}

func resets(t *testing.T, conn *net.TCPConn) {
	t.Helper()
	if err := conn.SetLinger(0); err != nil {
		t.Fatal(err)
	}
	if err := conn.Close(); err != nil {
		t.Fatal(err)
	}
}

// Whatever a part of the network does, both sides keep sending, and when it has healed
// everybody has every message once.
func TestAPartitionHeals(t *testing.T) {
	for name, test := range map[string]struct {
		weather chattest.Weather
		holds   time.Duration // in the long form
	}{
		"everything is late":         {chattest.Weather{Delay: 500 * time.Millisecond}, 0},
		"a few bytes at a time":      {chattest.Weather{Trickle: 64}, 0},
		"nothing is carried":         {chattest.Partition, 3 * time.Minute},
		"nothing comes from them":    {chattest.Weather{HoldsFromHere: true}, time.Minute},
		"nothing comes back to them": {chattest.Weather{HoldsFromThere: true}, time.Minute},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel() // it mostly waits
			s := newSides(t, 5, 3)
			const each = 4
			s.network.Has(test.weather)
			began := time.Now()
			apart := s.talk(s.far, each)
			s.talk(s.near, each)()
			if test.weather.HoldsFromHere || test.weather.HoldsFromThere {
				hold(t, test.holds-time.Since(began))
			} else {
				apart()
			}
			held := time.Since(began)
			s.network.Has(chattest.Weather{})
			healed := time.Now()
			apart()
			s.agree(8 * each)
			chattest.Figure(t, "P18", "%s, for %.1f s: every message once, %.1f s after it healed", name, held.Seconds(), time.Since(healed).Seconds())
		})
	}
}

// A client whose connection stalls while many messages are sent is closed with a code,
// reconnects on its own and gets all of them.
func TestAClientThatStallsForLongMissesNothing(t *testing.T) {
	s := newSides(t, 1, 1)
	text := "`" + strings.Repeat("x", 8000) + "`" // code has HTML, so it is sent twice
	each := chattest.LongOr(3000, 150)
	held, speaker := s.far[0], s.near[0]
	s.network.Has(chattest.Partition)
	for n := range each { // many times what a queue holds
		speaker.SaysUntilAcknowledged("lobby", uuid.NewString(), fmt.Sprint(n, text))
	}
	s.network.Has(chattest.Weather{})
	healed := time.Now()
	s.agree(each)
	if held.Opened() < 2 {
		t.Error("the stalled connection was not closed")
	}
	chattest.Figure(t, "P8", "held while %d messages of 8 kB were said: let go, back by itself, all of them once, %.1f s after it was let on", each, time.Since(healed).Seconds())
}
