package chat

import (
	"fmt"
	"strings"
	"testing"
)

func testGuest(name string, age int) User {
	user, err := NewUser(name, age, "")
	if err != nil {
		panic(err)
	}
	return user
}

func names(users []User) string {
	var all []string
	for _, u := range users {
		all = append(all, u.Name)
	}
	return strings.Join(all, " ")
}

// summary returns a short form of an event.
func summary(e *Presence) string {
	switch {
	case e == nil:
		return "nothing"
	case e.Crowd:
		return fmt.Sprintf("%d", e.Online)
	case e.Whole:
		return fmt.Sprintf("=%s %d", names(e.Members.Users), e.Online)
	default:
		return fmt.Sprintf("+%s -%s %d", names(e.Joined), names(e.Left), e.Online)
	}
}

func TestPresenceIsReportedByUser(t *testing.T) {
	ann, bob, cid := testGuest("Ann", 25), testGuest("Bob", 0), testGuest("Cid", 0)
	for _, test := range []struct {
		what string
		do   func(p *presence)
		told string
	}{
		{"nothing", func(*presence) {}, "nothing"},
		{"somebody comes", func(p *presence) { p.enter(cid) }, "+Cid - 3"},
		{"with two connections", func(p *presence) { p.enter(cid); p.enter(cid) }, "+Cid - 3"},
		{"one of two connections goes", func(p *presence) { p.enter(bob); p.exit(bob) }, "nothing"},
		{"the last goes", func(p *presence) { p.exit(bob) }, "+ -Bob 1"},
		{"comes and goes", func(p *presence) { p.enter(cid); p.exit(cid) }, "+ -Cid 2"},
		{"goes and comes back", func(p *presence) { p.exit(bob); p.enter(bob) }, "+Bob - 2"},
		{"comes, goes and comes", func(p *presence) { p.enter(cid); p.exit(cid); p.enter(cid) }, "+Cid - 3"},
		{"goes, comes and goes", func(p *presence) { p.exit(bob); p.enter(bob); p.exit(bob) }, "+ -Bob 1"},
		{"goes, and another of the name comes", func(p *presence) { p.exit(bob); p.enter(testGuest("BOB", 7)) }, "+BOB -Bob 2"},
		{"two go, one comes", func(p *presence) { p.exit(ann); p.enter(cid); p.exit(bob) }, "+Cid -Ann Bob 1"},
	} {
		p := &presence{}
		p.enter(ann)
		p.enter(bob)
		p.nextEvent("lobby", false)
		test.do(p)
		if got := summary(p.nextEvent("lobby", false)); got != test.told {
			t.Errorf("%s: told is %q instead of %q", test.what, got, test.told)
		}
		if got := summary(p.nextEvent("lobby", false)); got != "nothing" {
			t.Errorf("%s: told again is %q", test.what, got)
		}
	}
}

// TestAListAndTheNextEventAgree gives a list to a client that joins between two events: the
// list and the next event together must be the current members.
func TestAListAndTheNextEventAgree(t *testing.T) {
	ann, bob, cid, bob7 := testGuest("Ann", 25), testGuest("Bob", 0), testGuest("Cid", 0), testGuest("Bob", 7)
	for _, test := range []struct {
		what   string
		before func(p *presence)
		after  func(p *presence)
		told   string
	}{
		{"nobody goes", func(p *presence) { p.enter(cid) }, func(*presence) {}, "+Cid - 3"},
		{"comes, is listed and goes", func(p *presence) { p.enter(cid) }, func(p *presence) { p.exit(cid) }, "+ -Cid 2"},
		{"goes, is not listed and comes back", func(p *presence) { p.exit(bob) }, func(p *presence) { p.enter(bob) }, "+Bob - 2"},
		{"goes, and another of the name is listed and goes", func(p *presence) { p.exit(bob); p.enter(bob7) }, func(p *presence) { p.exit(bob7) }, "+ -Bob 1"},
		{"listed before anything happens", func(*presence) {}, func(p *presence) { p.enter(cid); p.exit(cid) }, "+ -Cid 2"},
	} {
		p := &presence{}
		p.enter(ann)
		p.enter(bob)
		p.nextEvent("lobby", false)
		test.before(p)
		p.list()
		test.after(p)
		if got := summary(p.nextEvent("lobby", false)); got != test.told {
			t.Errorf("%s: told is %q instead of %q", test.what, got, test.told)
		}
		if got := summary(p.nextEvent("lobby", false)); got != "nothing" {
			t.Errorf("%s: told again is %q", test.what, got)
		}
	}
}

func TestACrowdIsCountedAndThenListed(t *testing.T) {
	p := &presence{}
	for i := range 4 {
		p.enter(testGuest(fmt.Sprint("p", i), 0))
	}
	for i, step := range []struct {
		crowd bool
		told  string
	}{{true, "4"}, {true, "4"}, {false, "=p0 p1 p2 p3 4"}, {false, "nothing"}} {
		if got := summary(p.nextEvent("lobby", step.crowd)); got != step.told {
			t.Errorf("step %d: told is %q instead of %q", i, got, step.told)
		}
	}
}

func TestAListHasTheFirstToArrive(t *testing.T) {
	p := &presence{}
	for i := range MaxListed + 10 {
		p.enter(testGuest(fmt.Sprint("p", i), 0))
	}
	p.exit(testGuest("p0", 0))
	list := p.list().Users
	if len(list) != MaxListed || list[0].Name != "p1" || list[MaxListed-1].Name != fmt.Sprint("p", MaxListed) {
		t.Errorf("%d are listed, from %s to %s", len(list), list[0].Name, list[len(list)-1].Name)
	}
}

func TestAUserOnSeveralNodesIsOneMember(t *testing.T) {
	ann, bob, cid := testGuest("Ann", 25), testGuest("Bob", 0), testGuest("Cid", 0)
	on := func(node string, users ...User) NodePresence {
		return NodePresence{Node: node, Online: len(users), Users: users}
	}
	lapsed := func(node string, users ...User) NodePresence {
		there := on(node, users...)
		there.Expired = true
		return there
	}
	for _, test := range []struct {
		what string
		do   func(p *presence) (lost []User)
		told string
		lost string
	}{
		{"nothing", func(p *presence) []User { return p.setRemote([]NodePresence{on("b", bob)}, true) }, "nothing", ""},
		{"somebody comes elsewhere", func(p *presence) []User { return p.setRemote([]NodePresence{on("b", bob, cid)}, true) }, "+Cid - 3", ""},
		{"on a third node", func(p *presence) []User { return p.setRemote([]NodePresence{on("b", bob), on("c", cid)}, true) }, "+Cid - 3", ""},
		{"who is here comes elsewhere, too", func(p *presence) []User { return p.setRemote([]NodePresence{on("b", bob, ann)}, true) }, "nothing", ""},
		{"and goes here", func(p *presence) []User {
			p.setRemote([]NodePresence{on("b", bob, ann)}, true)
			p.exit(ann)
			return nil
		}, "nothing", ""},
		{"and there", func(p *presence) []User {
			p.setRemote([]NodePresence{on("b", bob, ann)}, true)
			p.exit(ann)
			return p.setRemote([]NodePresence{on("b", bob)}, true)
		}, "+ -Ann 1", ""},
		{"somebody goes elsewhere", func(p *presence) []User { return p.setRemote(nil, true) }, "+ -Bob 1", ""},
		{"or does not say anything for now", func(p *presence) []User { return p.setRemote(nil, false) }, "nothing", ""},
		{"moves to this node", func(p *presence) []User { p.enter(bob); return p.setRemote(nil, true) }, "nothing", ""},
		{"a node dies", func(p *presence) []User { return p.setRemote([]NodePresence{lapsed("b", bob)}, true) }, "+ -Bob 1", "Bob"},
		{"or seems to", func(p *presence) []User { return p.setRemote([]NodePresence{lapsed("b", bob)}, false) }, "nothing", ""},
		{"a node dies whose people are here by now", func(p *presence) []User { p.enter(bob); return p.setRemote([]NodePresence{lapsed("b", bob)}, true) }, "nothing", ""},
		{"whose age is another", func(p *presence) []User { return p.setRemote([]NodePresence{on("b", testGuest("Bob", 30))}, true) }, "+Bob - 2", ""},
		{"who spells the name in another way here", func(p *presence) []User { p.enter(testGuest("BOB", 0)); return p.setRemote(nil, true) }, "+BOB -Bob 2", ""},
		{"a crowd elsewhere", func(p *presence) []User {
			return p.setRemote([]NodePresence{{Node: "b", Online: 1000, Users: []User{bob}}}, true)
		}, "nothing", ""},
		{"a crowd goes", func(p *presence) []User {
			p.setRemote([]NodePresence{{Node: "b", Online: 1000, Users: []User{bob}}}, true)
			return p.setRemote(nil, true)
		}, "+ -Bob 1", ""},
	} {
		p := &presence{}
		p.enter(ann)
		p.setRemote([]NodePresence{on("b", bob)}, true)
		p.nextEvent("lobby", false)
		lost := names(test.do(p))
		if got := summary(p.nextEvent("lobby", false)); got != test.told || lost != test.lost {
			t.Errorf("%s: told %s and lost %s", test.what, got, lost)
		}
	}
}

func TestOtherNodesGetLocalPresence(t *testing.T) {
	ann, bob := testGuest("Ann", 25), testGuest("Bob", 0)
	p := &presence{}
	p.setRemote([]NodePresence{{Node: "b", Online: 500, Users: []User{bob}}}, true)
	p.enter(ann)
	p.enter(ann)
	if there := p.localPresence(); there.Online != 1 || names(there.Users) != "Ann" || p.online() != 501 {
		t.Errorf("told are %+v of %d", there, p.online())
	}
	for i := range MaxListed {
		p.enter(testGuest(fmt.Sprint("g", i), 0))
	}
	if there := p.localPresence(); there.Online != MaxListed+1 || len(there.Users) != MaxListed {
		t.Errorf("of a crowd are told %d of %d", len(there.Users), there.Online)
	}
	p.exit(ann)
	p.exit(ann)
	if there := p.localPresence(); there.Online != MaxListed || there.Users[0].Name != "g0" {
		t.Errorf("then %d, the first %s", there.Online, there.Users[0].Name)
	}
}
