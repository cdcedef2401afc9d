// Package fleet_test runs several nodes on one Postgres and one NATS, with people on
// each.
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

// What people hear does not depend on their node: plain-text lines, byte for byte.
func TestPeopleOnTwoNodesAreInOneRoom(t *testing.T) {
	t.Parallel()
	f := chattest.NewFleet(t, 2)
	ann := f.Nodes[0].Connect("Ann", "age=25")
	ann.Hears("Ann with age 25 connected to chat")
	bob := f.Nodes[1].Connect("Bob", "")
	until(t, ann, "Bob connected to chat")
	ann.Says("begin")
	until(t, bob, "Ann: begin") // the line that Ann joined may have arrived first
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

// until reads lines until a given one.
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

// Without NATS each node serves its own people, and finds the messages of other nodes in
// the database. When NATS returns, everything is as before (P22).
func TestNodesFindMessagesInTheDatabaseWithoutNATS(t *testing.T) {
	t.Parallel()
	f := chattest.NewFleet(t, 2)
	ann, bob := f.Nodes[0].Join("Ann", "lobby"), f.Nodes[1].Join("Bob", "lobby")
	says := func(speaker *chattest.Member, text string) {
		t.Helper()
		_, code := speaker.SaysUntilAcknowledged("lobby", uuid.NewString(), text)
		if code != "" {
			t.Fatalf("%s was refused: %s", speaker.Name, code)
		}
	}
	have := func(n int64) {
		t.Helper()
		for _, m := range []*chattest.Member{ann, bob} {
			if !m.Reaches("lobby", n) {
				t.Errorf("%s does not reach rev %d", m.Name, n)
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

// A busy room on three nodes has the same order everywhere.
func TestAHotRoomHasOneOrderOnAllNodes(t *testing.T) {
	f := chattest.NewFleet(t, 3)
	c := f.Nodes[0].Company(t, "lobby", 6, 12, 0)
	c.AlsoChanges()
	c.TalksUntil(func() bool { return c.Said() >= 600 })
	c.Agrees()
}

// One of two nodes is killed while people talk. Its people continue on the other node,
// and no acknowledged message is missing (P23, except for presence).
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
	c.AlsoChanges()
	c.TalksUntil(func() bool { return c.Said() >= 200 })
	var killed time.Time
	var once sync.Once
	c.TalksUntil(func() bool { // also while they do so
		if c.Said() >= 300 {
			once.Do(func() { killed = time.Now(); nodes[1].Kill() })
		}
		return c.Said() >= 600
	})
	c.Agrees()
	chattest.Figure(t, "P23", "all are back, and 300 messages later have the same, after %v", time.Since(killed).Round(time.Millisecond))
}
