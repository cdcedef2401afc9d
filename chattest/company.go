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

// seedVariable is the environment variable that repeats a company's run, with the seed
// that the test logged.
const seedVariable = "CHAT_TEST_SEED"

// maxCarried is the largest number of the server's frames that a wire carries before it
// breaks.
const maxCarried = 30

// Company generates load in one room: many readers and some writers, over a network that
// keeps breaking.
type Company struct {
	Room    string
	Network *Network
	Readers []*Member
	Writers []*Member

	t     testing.TB
	world *World
	cuts  int // minimum number of faults
	size  int // bytes of a text
	said  atomic.Int64

	changes bool // see AlsoChanges
	changed atomic.Int64

	mu     sync.Mutex
	random *rand.Rand
	faults map[Fault]int
}

// Company lets people join a room, the readers before its first message. The network
// keeps breaking until it has had the given number of cuts.
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
		t.Logf("seed %d: %d cuts %v, %d messages, %d changes, %d connections, %v", seed, c.Network.Broken(), c.faults,
			c.said.Load(), c.changed.Load(), c.connections(), time.Since(began).Round(time.Millisecond))
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
		t.Fatalf("%s=%s is not a seed: %v", seedVariable, given, err)
	}
	return seed
}

// plan chooses how the next wire breaks: at random, after a random number of frames,
// until there were enough cuts.
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

// SendsTextsOf sets the size in bytes of the texts from now on.
func (c *Company) SendsTextsOf(size int) { c.size = size }

// TalksUntil lets all writers send, each at its own pace, until enough returns true.
func (c *Company) TalksUntil(enough func() bool) {
	c.t.Helper()
	var talking sync.WaitGroup
	for _, writer := range c.Writers {
		talking.Go(func() {
			for !enough() && c.Says(writer) {
				if c.changes {
					c.Changes(writer)
				}
			}
		})
	}
	talking.Wait()
}

// Says sends a writer's next text, and reports whether it was acknowledged.
func (c *Company) Says(writer *Member) bool {
	c.t.Helper()
	text := fmt.Sprintf("%d ", c.said.Add(1))
	text += strings.Repeat("x", max(0, c.size-len(text)))
	_, code := writer.SaysUntilAcknowledged(c.Room, uuid.NewString(), text)
	if code != "" {
		c.t.Errorf("%s was refused: %s", writer.Name, code)
	}
	return code == "" && !c.t.Failed()
}

// IsCutEnough reports whether the network has broken as often as required.
func (c *Company) IsCutEnough() bool { return c.Network.Broken() >= c.cuts }

// Said returns the number of texts sent.
func (c *Company) Said() int { return int(c.said.Load()) }

// Agrees stops the faults. Then it checks that all members have exactly what is stored,
// were shown each message once and received no other acknowledgements, and that the
// server kept the order law throughout.
func (c *Company) Agrees() {
	c.t.Helper()
	c.Network.Calm()
	c.Says(c.Writers[0])
	c.world.Agree(c.t, c.Room, c.everybody()...)
	c.agreesWithFresh()
}

// Settles waits until all members have everything that is stored, and returns its rev.
func (c *Company) Settles() (rev int64) {
	c.t.Helper()
	return c.world.settle(c.Room, c.everybody())
}

// StartsAfresh makes all members forget their acknowledgements, because the store is
// about to go back in time.
func (c *Company) StartsAfresh() {
	for _, m := range c.everybody() {
		m.ForgetsAcknowledged()
	}
}

func (c *Company) everybody() []*Member {
	return append(slices.Clone(c.Readers), c.Writers...)
}

func (c *Company) connections() (n int) {
	for _, m := range c.everybody() {
		n += m.Opened()
	}
	return n
}
