package fleet_test

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"chatserver/chattest"
	"chatserver/config"
)

// Members of a room are visible on all nodes: to members, to those who join, and as a
// number in the room list.
func TestMembersAreSeenOnAllNodes(t *testing.T) {
	t.Parallel()
	f := chattest.NewFleet(t, 3)
	ann := f.Nodes[0].Join("Ann", "lobby", chattest.Aged(25))
	bob := f.Nodes[1].Join("Bob", "lobby")
	if who, _ := bob.Sees("lobby"); len(who) != 2 || who[0].Name != "Ann" || who[0].Age != 25 {
		t.Errorf("Bob joins and sees %v", who)
	}
	ann.SeesJust("lobby", "Ann", "Bob")
	ann.SaysUntilAcknowledged("lobby", "5f4dcc3b-5aa7-45d6-8327-deb882cf99aa", "hello")
	if n := online(t, f.Nodes[2].Join("Dan", "elsewhere"), "lobby"); n != 2 {
		t.Errorf("on a node without members in the lobby, the list says %d", n)
	}

	again := f.Nodes[1].Join("Ann", "lobby") // her second connection
	bob.SeesJust("lobby", "Ann", "Bob")
	again.Goes()
	cid := f.Nodes[2].Connect("Cid", "")
	for _, m := range []*chattest.Member{ann, bob} {
		m.SeesJust("lobby", "Ann", "Bob", "Cid")
	}
	cid.Leaves()
	ann.Goes()
	bob.SeesJust("lobby", "Bob")
}

// online returns the number of members of a room in the room list.
func online(t *testing.T, m *chattest.Member, room string) int {
	t.Helper()
	m.Asks("rooms")
	for _, r := range m.HearsEvent("rooms").Rooms {
		if r.Room == room {
			return r.Online
		}
	}
	t.Fatalf("%s is not in the list", room)
	return 0
}

// A crowd is counted over all nodes, and everybody gets the same number.
func TestACrowdIsCountedOverAllNodes(t *testing.T) {
	t.Parallel()
	f := chattest.NewFleet(t, 2, chattest.With(func(c *config.Config) { c.AnnounceLimit = 4 }))
	var all []*chattest.Member
	for i := range 8 {
		all = append(all, f.Nodes[i%2].Join(fmt.Sprint("m", i), "lobby"))
	}
	isEight := func(e chattest.Event) bool { return e.Online == 8 }
	all[0].HearsEventThat("8 people", isEight)
	all[1].HearsEventThat("8 people", isEight)
	for _, m := range all[3:] {
		m.Goes()
	}
	all[0].SeesJust("lobby", "m0", "m1", "m2")
	all[1].SeesJust("lobby", "m0", "m1", "m2")
}

const (
	annsKey   = "00000000000000000000000000000001"
	othersKey = "00000000000000000000000000000002"
)

// tries returns the status of a handshake under a name.
func tries(w *chattest.World, name, key string) int {
	p, response, err := w.TryConnect(name, "", http.Header{"Cookie": {"chat_guest=" + key}})
	if err == nil {
		p.Leaves()
	}
	if response == nil {
		return 0
	}
	return response.StatusCode
}

// A name belongs to one person on all nodes, until that person has left all of them.
func TestANameBelongsToOnePersonOnAllNodes(t *testing.T) {
	t.Parallel()
	f := chattest.NewFleet(t, 3)
	ann := f.Nodes[0].Join("Ann", "lobby", chattest.WithKey(annsKey))
	for _, name := range []string{"Ann", "ANN", "\u0410nn"} { // the last begins with a Cyrillic letter
		if status := tries(f.Nodes[1], name, othersKey); status != http.StatusConflict {
			t.Errorf("as %s on another node, somebody else gets %d", name, status)
		}
	}
	second := f.Nodes[1].Join("Ann", "lobby", chattest.WithKey(annsKey))
	ann.Goes()
	second.SeesJust("lobby", "Ann")
	if status := tries(f.Nodes[2], "Ann", othersKey); status != http.StatusConflict {
		t.Errorf("while she is still on one of two nodes, somebody else gets %d", status)
	}
	second.Disconnects()
	eventually(t, "the name is free", func() bool { return tries(f.Nodes[2], "Ann", othersKey) == http.StatusSwitchingProtocols })
	eventually(t, "and hers again", func() bool { return tries(f.Nodes[0], "Ann", annsKey) == http.StatusSwitchingProtocols })
}

// The name of a user whose connection was cut stays reserved on all nodes, and the user
// can reconnect to any of them.
func TestANameIsKeptOnAllNodes(t *testing.T) {
	t.Parallel()
	f := chattest.NewFleet(t, 2)
	bob := f.Nodes[1].Connect("Bob", "")
	bob.Hears("Bob connected to chat")
	f.Nodes[0].Join("Ann", "lobby", chattest.WithKey(annsKey)).Goes()
	bob.Hears("Ann connected to chat", "Ann left the chat")
	refused := func(when string) {
		t.Helper()
		for i, node := range f.Nodes {
			if status := tries(node, "Ann", othersKey); status != http.StatusConflict {
				t.Errorf("%s: as Ann on node %d, somebody else gets %d", when, i, status)
			}
		}
	}
	refused("just cut")
	eventually(t, "the other nodes know that the name is kept", func() bool { return f.Nodes[1].ReservedNames() == 1 })
	refused("cut, and known to be")
	ann := f.Nodes[1].Join("Ann", "lobby", chattest.WithKey(annsKey))
	refused("back on another node")
	if kept := f.Nodes[1].ReservedNames(); kept != 0 {
		t.Errorf("while Ann is connected, %d names are reserved", kept)
	}
	bob.Hears("Ann connected to chat")
	ann.Goes()
	bob.Hears("Ann left the chat")
	eventually(t, "the name is kept again", func() bool { return f.Nodes[1].ReservedNames() == 1 })
	f.Nodes[1].ExpiresReservedNames()
	if status := tries(f.Nodes[0], "Ann", othersKey); status != http.StatusSwitchingProtocols {
		t.Errorf("a minute later somebody else gets %d as Ann", status)
	}
}

// eventually polls for a condition that sends no event.
func eventually(t *testing.T, what string, is func() bool) {
	t.Helper()
	for deadline := time.Now().Add(chattest.Patience); !is(); {
		if time.Now().After(deadline) {
			t.Fatalf("waited in vain: %s", what)
		}
	}
}

// When two users connect to two nodes at once under one name, one of them is admitted.
func TestOneOfTwoPeopleWithOneNameIsAdmitted(t *testing.T) {
	t.Parallel()
	f := chattest.NewFleet(t, 2)
	for i := range 20 {
		var (
			all sync.WaitGroup
			in  [2]*chattest.Person
		)
		name := fmt.Sprint("twin ", string(rune('a'+i)))
		for n, key := range []string{annsKey, othersKey} {
			all.Go(func() {
				p, _, err := f.Nodes[n].TryConnect(name, "", http.Header{"Cookie": {"chat_guest=" + key}})
				if err != nil {
					return
				}
				if line, err := p.Line(); err == nil && strings.HasPrefix(line, name) { // or it is closed after the upgrade
					in[n] = p
				}
			})
		}
		all.Wait()
		if (in[0] == nil) == (in[1] == nil) {
			t.Errorf("%s: not exactly one was admitted: %v", name, in)
		}
		for _, p := range in {
			if p != nil {
				p.IsCut()
			}
		}
	}
}

// When a node stops, its people leave at once, and their names stay reserved for them on
// the other nodes.
func TestPeopleOfAStoppedNodeLeaveAtOnce(t *testing.T) {
	t.Parallel()
	f := chattest.NewFleet(t, 2)
	ann := f.Nodes[0].Join("Ann", "lobby")
	cid := f.Nodes[0].Connect("Cid", "")
	cid.Hears("Cid connected to chat")
	f.Nodes[1].Join("Bob", "lobby", chattest.WithKey(annsKey))
	cid.Hears("Bob connected to chat")
	ann.SeesJust("lobby", "Ann", "Bob", "Cid")
	f.Nodes[1].Stop()
	ann.SeesJust("lobby", "Ann", "Cid")
	cid.Hears("Bob left the chat")
	if status := tries(f.Nodes[0], "Bob", othersKey); status != http.StatusConflict {
		t.Errorf("somebody else gets %d as Bob", status)
	}
	if status := tries(f.Nodes[0], "Bob", annsKey); status != http.StatusSwitchingProtocols {
		t.Errorf("Bob connects to another node and gets %d", status)
	}
	f.Nodes[1].Start()
	cid.Hears("Bob connected to chat", "Bob left the chat") // once: this was the other node
}

// When a node is killed, its people leave when it has expired, and plain-text clients
// get the lines that say so (P23).
func TestPeopleOfADeadNodeLeave(t *testing.T) {
	t.Parallel()
	const promised = 75 * time.Second
	database, nats := chattest.Database(t), chattest.StartNATS(t)
	a, b := chattest.StartProgram(t, "--database", database, "--nats", nats.URL()), chattest.StartProgram(t, "--database", database, "--nats", nats.URL())
	ann := a.World().Join("Ann", "lobby")
	cid := a.World().Connect("Cid", "")
	cid.Hears("Cid connected to chat")
	b.World().Join("Bob", "lobby", chattest.WithKey(annsKey), chattest.ComesBack())
	cid.Hears("Bob connected to chat")
	ann.SeesJust("lobby", "Ann", "Bob", "Cid")
	died := time.Now()
	b.Kill()
	if status := tries(a.World(), "Bob", othersKey); status != http.StatusConflict {
		t.Errorf("right away somebody gets %d as Bob", status)
	}
	cid.HearsWithin(promised, "Bob left the chat")
	ann.SeesJust("lobby", "Ann", "Cid")
	chattest.Figure(t, "P23", "who was on a node that was killed is gone after %v", time.Since(died).Round(time.Second))
	if status := tries(a.World(), "Bob", othersKey); status != http.StatusConflict {
		t.Errorf("later somebody gets %d as Bob", status)
	}
	eventually(t, "the name is free when nobody has come back to it for a minute", func() bool {
		return tries(a.World(), "Bob", othersKey) == http.StatusSwitchingProtocols
	})
}

// A user who took a name while its holder's node had expired keeps it. The former holder
// is told to reconnect, and then learns that the name is taken.
func TestAFormerNameHolderIsDisconnected(t *testing.T) {
	t.Parallel()
	f := chattest.NewFleet(t, 2)
	ann, _, err := f.Nodes[0].TryConnect("Ann", "", http.Header{"Cookie": {"chat_guest=" + annsKey}})
	if err != nil {
		t.Fatal(err)
	}
	f.Nodes[0].ExpiresNodeOf("Ann")
	other := f.Nodes[1].Join("Ann", "lobby", chattest.WithKey(othersKey))
	if code, reason, _ := ann.IsClosed(); code != 1001 || reason != "another user holds this name now: reconnect" {
		t.Errorf("Ann was closed with %d %s", code, reason)
	}
	if status := tries(f.Nodes[0], "Ann", annsKey); status != http.StatusConflict {
		t.Errorf("Ann reconnects and gets %d", status)
	}
	other.SeesJust("lobby", "Ann")
}

// After a crash, Postgres has lost the presence tables, but not the names. Nobody sees
// anyone leave, and a while later people who join see everyone again.
func TestPresenceIsRestoredAfterPostgresCrashes(t *testing.T) {
	t.Parallel()
	postgres := chattest.StartPostgres(t)
	f := chattest.NewFleet(t, 2, chattest.OnPostgres(postgres.Database()))
	ann := f.Nodes[0].Join("Ann", "lobby", chattest.WithKey(annsKey))
	bob := f.Nodes[1].Join("Bob", "lobby")
	ann.SeesJust("lobby", "Ann", "Bob")
	ann.SaysUntilAcknowledged("lobby", "5f4dcc3b-5aa7-45d6-8327-deb882cf99aa", "hello") // and earlier writes are on the disk
	postgres.Kill()
	if status := tries(f.Nodes[0], "Cid", annsKey); status != http.StatusServiceUnavailable {
		t.Errorf("without Postgres, a new connection gets %d", status)
	}
	postgres.Restart()
	eventually(t, "who comes as Ann is answered", func() bool {
		status := tries(f.Nodes[1], "Ann", othersKey)
		if status == http.StatusSwitchingProtocols {
			t.Error("somebody else is admitted as Ann afterwards")
		}
		return status == http.StatusConflict
	})
	cid := f.Nodes[0].Join("Cid", "lobby")
	for _, m := range []*chattest.Member{cid, ann, bob} {
		m.SeesJust("lobby", "Ann", "Bob", "Cid")
	}
	dan := f.Nodes[1].Join("Dan", "lobby")
	dan.SeesJust("lobby", "Ann", "Bob", "Cid", "Dan")
	for _, m := range []*chattest.Member{ann, bob} {
		for _, e := range m.HeardSince() {
			for _, who := range e.Left {
				t.Errorf("%s receives that %s left", m.Name, who.Name)
			}
		}
	}
}

// Without NATS no hint announces arrivals, but every node polls for them.
func TestArrivalsAreSeenOnAllNodesWithoutNATS(t *testing.T) {
	t.Parallel()
	f := chattest.NewFleet(t, 2)
	ann := f.Nodes[0].Join("Ann", "lobby")
	f.NATS.Kill()
	bob := f.Nodes[1].Join("Bob", "lobby")
	ann.SeesJust("lobby", "Ann", "Bob")
	ann.Goes()
	bob.SeesJust("lobby", "Bob")
}
