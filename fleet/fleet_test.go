// Package fleet_test has several nodes on one Postgres and one NATS, and people on each.
package fleet_test

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"chatserver/chattest"
)

func TestMain(m *testing.M) { chattest.Main(m) }

// What somebody hears does not depend on the node: lines of the guide, byte for byte.
func TestPeopleOnTwoNodesAreInOneRoom(t *testing.T) {
	t.Parallel()
	f := chattest.NewFleet(t, 2)
	ann := f.Nodes[0].Connect("Ann", "age=25")
	ann.Hears("Ann with age 25 connected to chat")
	bob := f.Nodes[1].Connect("Bob", "")
	until(t, ann, "Bob connected to chat")
	ann.Says("begin")
	until(t, bob, "Ann: begin") // that Ann came may have reached him before
	ann.Hears("Ann: begin")
	for i := range 20 {
		speaker, name := ann, "Ann"
		if i%2 == 1 {
			speaker, name = bob, "Bob"
		}
		speaker.Says(fmt.Sprint("line ", i))
		for _, hearer := range []*chattest.Person{ann, bob} {
			hearer.Hears(fmt.Sprintf("%s: line %d", name, i))
		}
	}
	bob.Leaves()
	ann.Hears("Bob left the chat")
}

// until has somebody listen until a line comes.
func until(t *testing.T, p *chattest.Person, want string) {
	t.Helper()
	for {
		line, err := p.Line()
		if err != nil {
			t.Fatalf("waiting for %q: %v", want, err)
		}
		if line == want {
			return
		}
	}
}

// Without NATS each node serves its own people, and hears of the others from the
// database; when NATS is back it is as before (P22).
func TestWhatNATSDoesNotCarryIsFoundInTheDatabase(t *testing.T) {
	t.Parallel()
	f := chattest.NewFleet(t, 2)
	ann, bob := f.Nodes[0].Join("Ann", "lobby"), f.Nodes[1].Join("Bob", "lobby")
	says := func(speaker *chattest.Member, text string) {
		t.Helper()
		_, code := speaker.SaysUntilAcknowledged("lobby", uuid.NewString(), text)
		if code != "" {
			t.Fatalf("%s is refused: %s", speaker.Name, code)
		}
	}
	have := func(n int64) {
		t.Helper()
		for _, m := range []*chattest.Member{ann, bob} {
			if !m.Reaches("lobby", n) {
				t.Errorf("%s does not get as far as %d", m.Name, n)
			}
		}
	}
	says(ann, "one")
	says(bob, "two")
	have(2)
	f.NATS.Kill()
	began := time.Now()
	says(ann, "three")
	says(bob, "four")
	have(4)
	chattest.Figure(t, "P22", "without NATS everybody had what was said after %v", time.Since(began))
	f.NATS.Start()
	says(ann, "five")
	says(bob, "six")
	have(6)
	for _, m := range []*chattest.Member{ann, bob} {
		for id, times := range m.Shown("lobby") {
			if times != 1 {
				t.Errorf("%s was shown %s %d times", m.Name, id, times)
			}
		}
	}
}

// In a hot room on three nodes the order is one and the same everywhere.
func TestAHotRoomHasOneOrderOnAllNodes(t *testing.T) {
	f := chattest.NewFleet(t, 3)
	c := f.Nodes[0].Company(t, "lobby", 6, 12, 0)
	c.TalksUntil(func() bool { return c.Said() >= 600 })
	c.Agrees()
}

// One of two nodes is killed while people talk: its people go on on the other one, and
// nothing that was acknowledged is missing (P23, but for the list of people).
func TestANodeMayDie(t *testing.T) {
	t.Parallel()
	database, nats := chattest.Database(t), chattest.StartNATS(t)
	var nodes []*chattest.Program
	for range 2 {
		nodes = append(nodes, chattest.StartProgram(t, "--database", database, "--nats", nats.URL(), "--rate", "0", "--byte-rate", "0"))
	}
	a, b := nodes[0].World(), nodes[1].World()
	a.Beside(b)
	c := a.Company(t, "lobby", 10, 10, 0)
	c.TalksUntil(func() bool { return c.Said() >= 200 })
	var killed time.Time
	var once sync.Once
	c.TalksUntil(func() bool { // and while they do
		if c.Said() >= 300 {
			once.Do(func() { killed = time.Now(); nodes[1].Kill() })
		}
		return c.Said() >= 600
	})
	c.Agrees()
	chattest.Figure(t, "P23", "all are back, and 300 messages later have the same, after %v", time.Since(killed).Round(time.Millisecond))
}
