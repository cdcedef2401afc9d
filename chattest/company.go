package chattest

import (
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"
)

// seedVariable in the environment repeats a company: the seed that a test logged.
const seedVariable = "CHAT_TEST_SEED"

// maxCarried is after how many frames of the server a wire breaks at the latest.
const maxCarried = 30

// Company is many who read and some who write in one room, over a network that
// breaks again and again.
type Company struct {
	Room    string
	Network *Network
	Readers []*Member
	Writers []*Member

	t     testing.TB
	world *World
	cuts  int // how often the network breaks at least
	size  int // of a text
	said  atomic.Int64

	mu     sync.Mutex
	random *rand.Rand
	faults map[Fault]int
}

// Company has people join a room, the readers from before its first message on.
// The network breaks until there were so many cuts.
func (w *World) Company(t testing.TB, room string, readers, writers, cuts int) *Company {
	t.Helper()
	seed := seedOf(t)
	c := &Company{
		Room: room, t: t, world: w, cuts: cuts, size: 20,
		random: rand.New(rand.NewPCG(seed, 0)), faults: map[Fault]int{}, //nolint:gosec // to be repeated
	}
	c.Network = w.Network(c.plan)
	began := time.Now()
	t.Cleanup(func() {
		t.Logf("seed %d: %d cuts %v, %d messages, %d connections, %v", seed, c.Network.Broken(), c.faults,
			c.said.Load(), c.connections(), time.Since(began).Round(time.Millisecond))
	})
	for i := range readers {
		c.Readers = append(c.Readers, w.Join(fmt.Sprint("reader", i), room, Via(c.Network), ReadsEverything()))
	}
	for i := range writers {
		c.Writers = append(c.Writers, w.Join(fmt.Sprint("writer", i), room, Via(c.Network), ReadsEverything()))
	}
	return c
}

func seedOf(t testing.TB) uint64 {
	t.Helper()
	given := os.Getenv(seedVariable)
	if given == "" {
		return rand.Uint64() //nolint:gosec // to be repeated
	}
	seed, err := strconv.ParseUint(given, 10, 64)
	if err != nil {
		t.Fatalf("%s=%s is no seed: %v", seedVariable, given, err)
	}
	return seed
}

// plan is how the next wire breaks: as long as there are cuts to come, at random
// after some frames.
func (c *Company) plan() (Fault, int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.Network == nil || c.Network.Broken() >= c.cuts {
		return "", -1
	}
	fault := Faults[c.random.IntN(len(Faults))]
	c.faults[fault]++
	return fault, c.random.IntN(maxCarried)
}

// SaysTexts has the texts have so many bytes from now on.
func (c *Company) SaysTexts(size int) { c.size = size }

// TalksUntil has all writers talk, each for itself, until it is enough.
func (c *Company) TalksUntil(enough func() bool) {
	c.t.Helper()
	var talking sync.WaitGroup
	for _, writer := range c.Writers {
		talking.Go(func() {
			for !enough() && c.Says(writer) {
			}
		})
	}
	talking.Wait()
}

// Says has a writer say the next text, and reports whether it was acknowledged.
func (c *Company) Says(writer *Member) bool {
	c.t.Helper()
	text := fmt.Sprintf("%d ", c.said.Add(1))
	text += strings.Repeat("x", max(0, c.size-len(text)))
	_, code := writer.SaysUntilAcknowledged(c.Room, uuid.NewString(), text)
	if code != "" {
		c.t.Errorf("%s is refused: %s", writer.Name, code)
	}
	return code == "" && !c.t.Failed()
}

// IsCutEnough reports whether the network has broken as often as it was to.
func (c *Company) IsCutEnough() bool { return c.Network.Broken() >= c.cuts }

// Said is how many texts were said.
func (c *Company) Said() int { return int(c.said.Load()) }

// Agrees has the network break no more, and checks that everybody has exactly
// what is stored, was shown each message once, and was acknowledged nothing
// else; and that the server kept the order law all the time.
func (c *Company) Agrees() {
	c.t.Helper()
	c.Network.Calm()
	c.Says(c.Writers[0])
	c.Settles()
	stored, have, texts := c.world.Stored(c.Room), map[string]int64{}, map[string]bool{}
	for i, m := range stored {
		have[m.ID] = m.Seq
		if texts[m.Text] {
			c.t.Errorf("%.20q is stored twice", m.Text)
		}
		texts[m.Text] = true
		if i > 0 && m.Seq <= stored[i-1].Seq {
			c.t.Errorf("seq %d is stored after %d", m.Seq, stored[i-1].Seq)
		}
	}
	for _, m := range c.everybody() {
		c.checkWhatIsShown(m)
		for id, seq := range m.Acknowledged() {
			if have[id] != seq {
				c.t.Errorf("%s was acknowledged %s with seq %d; stored is %d", m.Name, id, seq, have[id])
			}
		}
	}
}

// Settles waits until everybody has all that is stored, and returns its rev.
func (c *Company) Settles() (rev int64) {
	c.t.Helper()
	for _, m := range c.world.Stored(c.Room) {
		rev = max(rev, m.Rev)
	}
	for _, m := range c.everybody() {
		if !m.Reaches(c.Room, rev) {
			return rev // one is enough to know; each of the others might wait as long
		}
	}
	return rev
}

// StartsAfresh has everybody forget what was acknowledged: the store is about to
// go back in time.
func (c *Company) StartsAfresh() {
	for _, m := range c.everybody() {
		m.ForgetsAcknowledged()
	}
}

func (c *Company) everybody() []*Member {
	return append(slices.Clone(c.Readers), c.Writers...)
}

func (c *Company) checkWhatIsShown(m *Member) {
	c.t.Helper()
	stored, shown, times := c.world.Stored(c.Room), m.Has(c.Room), m.Shown(c.Room)
	if len(shown) != len(stored) {
		c.t.Errorf("%s has %d messages, stored are %d", m.Name, len(shown), len(stored))
		return
	}
	for i, s := range stored {
		if h := shown[i]; h.ID != s.ID || h.Seq != s.Seq || h.Rev != s.Rev || h.Text != s.Text || h.From != s.From {
			c.t.Errorf("%s has %s, %d, rev %d, %.20q where %s, %d, rev %d, %.20q is stored", m.Name, h.ID, h.Seq, h.Rev, h.Text, s.ID, s.Seq, s.Rev, s.Text)
		}
		if times[s.ID] != 1 {
			c.t.Errorf("%s was shown %s %d times", m.Name, s.ID, times[s.ID])
		}
	}
	for _, wrong := range append(m.Jumps(), m.Wrongs()...) {
		c.t.Errorf("%s: %s", m.Name, wrong)
	}
}

func (c *Company) connections() (n int) {
	for _, m := range c.everybody() {
		n += m.Opened()
	}
	return n
}
