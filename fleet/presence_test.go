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

// Whoever is in a room is seen there, whatever the node: by those who are there, by who
// comes, and as a number by who looks at the list of rooms.
func TestWhoIsThereIsSeenOnAllNodes(t *testing.T) {
	t.Parallel()
	f := chattest.NewFleet(t, 3)
	ann := f.Nodes[0].Join("Ann", "lobby", chattest.Aged(25))
	bob := f.Nodes[1].Join("Bob", "lobby")
	if who, _ := bob.Sees("lobby"); len(who) != 2 || who[0].Name != "Ann" || who[0].Age != 25 {
		t.Errorf("Bob comes and sees %v", who)
	}
	ann.SeesJust("lobby", "Ann", "Bob")
	ann.SaysUntilAcknowledged("lobby", "5f4dcc3b-5aa7-45d6-8327-deb882cf99aa", "hello")
	if n := online(t, f.Nodes[2].Join("Dan", "elsewhere"), "lobby"); n != 2 {
		t.Errorf("on a node where nobody is in the lobby there are %d there", n)
	}

	again := f.Nodes[1].Join("Ann", "lobby") // a second connection of hers
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

// online is how many the list of rooms says are in one.
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

// A crowd is one by all that are in it, and everybody knows the same number.
func TestACrowdIsOneOnAllNodesTogether(t *testing.T) {
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

// tries is the status that somebody gets who wants to come under a name.
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

// A name is one person's, on whatever node, until that one has left them all.
func TestANameIsOnePersonsOnAllNodes(t *testing.T) {
	t.Parallel()
	f := chattest.NewFleet(t, 3)
	ann := f.Nodes[0].Join("Ann", "lobby", chattest.WithKey(annsKey))
	for _, name := range []string{"Ann", "ANN", "\u0410nn"} { // the last begins with a Cyrillic letter
		if status := tries(f.Nodes[1], name, othersKey); status != http.StatusConflict {
			t.Errorf("somebody else who comes as %s to another node gets %d", name, status)
		}
	}
	second := f.Nodes[1].Join("Ann", "lobby", chattest.WithKey(annsKey))
	ann.Goes()
	second.SeesJust("lobby", "Ann")
	if status := tries(f.Nodes[2], "Ann", othersKey); status != http.StatusConflict {
		t.Errorf("somebody else who comes while she is on one of two nodes gets %d", status)
	}
	second.Disconnects()
	eventually(t, "the name is free", func() bool { return tries(f.Nodes[2], "Ann", othersKey) == http.StatusSwitchingProtocols })
	eventually(t, "and hers again", func() bool { return tries(f.Nodes[0], "Ann", annsKey) == http.StatusSwitchingProtocols })
}

// A name whose holder was cut is kept on all nodes, and the holder comes back to any.
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
				t.Errorf("%s: somebody else who comes as Ann to node %d gets %d", when, i, status)
			}
		}
	}
	refused("just cut")
	eventually(t, "the other nodes know that the name is kept", func() bool { return f.Nodes[1].ReservedNames() == 1 })
	refused("cut, and known to be")
	ann := f.Nodes[1].Join("Ann", "lobby", chattest.WithKey(annsKey))
	refused("back on another node")
	if kept := f.Nodes[1].ReservedNames(); kept != 0 {
		t.Errorf("while Ann is back, %d names are kept", kept)
	}
	bob.Hears("Ann connected to chat")
	ann.Goes()
	bob.Hears("Ann left the chat")
	eventually(t, "the name is kept again", func() bool { return f.Nodes[1].ReservedNames() == 1 })
	f.Nodes[1].ExpiresReservedNames()
	if status := tries(f.Nodes[0], "Ann", othersKey); status != http.StatusSwitchingProtocols {
		t.Errorf("a minute later somebody else who comes as Ann gets %d", status)
	}
}

// eventually waits for something that nobody is told of.
func eventually(t *testing.T, what string, is func() bool) {
	t.Helper()
	for deadline := time.Now().Add(chattest.Patience); !is(); {
		if time.Now().After(deadline) {
			t.Fatalf("in vain: %s", what)
		}
	}
}

// Of two who come under one name to two nodes at once, one is let in.
func TestOfTwoWhoComeAtOnceUnderOneNameOneIsLetIn(t *testing.T) {
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
			t.Errorf("%s: both, or nobody, are in: %v", name, in)
		}
		for _, p := range in {
			if p != nil {
				p.IsCut()
			}
		}
	}
}

// A node that stops takes its people with it at once, and their names are kept for them on
// the others.
func TestThePeopleOfANodeThatStopsAreGoneAtOnce(t *testing.T) {
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
		t.Errorf("who else comes as Bob gets %d", status)
	}
	if status := tries(f.Nodes[0], "Bob", annsKey); status != http.StatusSwitchingProtocols {
		t.Errorf("Bob comes to another node and gets %d", status)
	}
	f.Nodes[1].Start()
	cid.Hears("Bob connected to chat", "Bob left the chat") // once: that was the other one
}

// A node that is killed takes its people with it when it has been silent for so long that
// it counts as gone, and those who hear lines are told so (P23).
func TestThePeopleOfADeadNodeVanish(t *testing.T) {
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
		t.Errorf("who comes as Bob right away gets %d", status)
	}
	cid.HearsWithin(promised, "Bob left the chat")
	ann.SeesJust("lobby", "Ann", "Cid")
	chattest.Figure(t, "P23", "who was on a node that was killed is gone after %v", time.Since(died).Round(time.Second))
	if status := tries(a.World(), "Bob", othersKey); status != http.StatusConflict {
		t.Errorf("who comes as Bob then gets %d", status)
	}
	eventually(t, "the name is free when nobody has come back to it for a minute", func() bool {
		return tries(a.World(), "Bob", othersKey) == http.StatusSwitchingProtocols
	})
}

// Who came under a name while its node counted as gone keeps it: whoever bore it before is
// told to come again, and then why not.
func TestWhoBoreANameThatIsSomebodyElsesNowIsTold(t *testing.T) {
	t.Parallel()
	f := chattest.NewFleet(t, 2)
	ann, _, err := f.Nodes[0].TryConnect("Ann", "", http.Header{"Cookie": {"chat_guest=" + annsKey}})
	if err != nil {
		t.Fatal(err)
	}
	f.Nodes[0].ExpiresNodeOf("Ann")
	other := f.Nodes[1].Join("Ann", "lobby", chattest.WithKey(othersKey))
	if code, reason, _ := ann.IsClosed(); code != 1001 || reason != "another user holds this name now: reconnect" {
		t.Errorf("Ann is closed with %d %s", code, reason)
	}
	if status := tries(f.Nodes[0], "Ann", annsKey); status != http.StatusConflict {
		t.Errorf("Ann comes again and gets %d", status)
	}
	other.SeesJust("lobby", "Ann")
}

// A Postgres that crashes forgets who is there, and not whose the names are. Nobody sees
// anybody go, and a while later everybody who comes sees all who are there.
func TestWhoIsThereIsSaidAnewAfterPostgresCrashed(t *testing.T) {
	t.Parallel()
	postgres := chattest.StartPostgres(t)
	f := chattest.NewFleet(t, 2, chattest.OnPostgres(postgres.Database()))
	ann := f.Nodes[0].Join("Ann", "lobby", chattest.WithKey(annsKey))
	bob := f.Nodes[1].Join("Bob", "lobby")
	ann.SeesJust("lobby", "Ann", "Bob")
	ann.SaysUntilAcknowledged("lobby", "5f4dcc3b-5aa7-45d6-8327-deb882cf99aa", "hello") // and what was written before is on the disk
	postgres.Kill()
	if status := tries(f.Nodes[0], "Cid", annsKey); status != http.StatusServiceUnavailable {
		t.Errorf("who comes while there is no Postgres gets %d", status)
	}
	postgres.Restart()
	eventually(t, "who comes as Ann is answered", func() bool {
		status := tries(f.Nodes[1], "Ann", othersKey)
		if status == http.StatusSwitchingProtocols {
			t.Error("who comes as Ann after that is let in")
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
				t.Errorf("%s is told that %s left", m.Name, who.Name)
			}
		}
	}
}

// Without NATS nobody is told that somebody came; every node looks now and then.
func TestWhoComesIsSeenOnAllNodesWithoutNATS(t *testing.T) {
	t.Parallel()
	f := chattest.NewFleet(t, 2)
	ann := f.Nodes[0].Join("Ann", "lobby")
	f.NATS.Kill()
	bob := f.Nodes[1].Join("Bob", "lobby")
	ann.SeesJust("lobby", "Ann", "Bob")
	ann.Goes()
	bob.SeesJust("lobby", "Bob")
}
