package live

import (
	"fmt"
	"strings"
	"testing"

	"chatserver/chat"
)

func testGuest(name string, age int) chat.User {
	user, err := chat.NewUser(name, age, "")
	if err != nil {
		panic(err)
	}
	return user
}

func namesOf(users []chat.User) string {
	var all []string
	for _, u := range users {
		all = append(all, u.Name)
	}
	return strings.Join(all, " ")
}

// summary returns a short form of an event.
func summary(e *chat.Presence) string {
	switch {
	case e == nil:
		return "nothing"
	case e.Crowd:
		return fmt.Sprintf("%d", e.Online)
	case e.Whole:
		return fmt.Sprintf("=%s %d", namesOf(e.Members.Users), e.Online)
	default:
		return fmt.Sprintf("+%s -%s %d", namesOf(e.Joined), namesOf(e.Left), e.Online)
	}
}

func TestPresenceIsReportedByUser(t *testing.T) {
	ann, bob, cid := testGuest("Ann", 25), testGuest("Bob", 0), testGuest("Cid", 0)
	for _, test := range []struct {
		what string
		do   func(p *presence)
		want string
	}{
		{"nothing", func(*presence) {}, "nothing"},
		{"a user joins", func(p *presence) { p.enter(cid) }, "+Cid - 3"},
		{"a user joins with two connections", func(p *presence) { p.enter(cid); p.enter(cid) }, "+Cid - 3"},
		{"one of two connections leaves", func(p *presence) { p.enter(bob); p.exit(bob) }, "nothing"},
		{"the last connection leaves", func(p *presence) { p.exit(bob) }, "+ -Bob 1"},
		{"joins and leaves", func(p *presence) { p.enter(cid); p.exit(cid) }, "+ -Cid 2"},
		{"leaves and returns", func(p *presence) { p.exit(bob); p.enter(bob) }, "+Bob - 2"},
		{"joins, leaves and joins", func(p *presence) { p.enter(cid); p.exit(cid); p.enter(cid) }, "+Cid - 3"},
		{"leaves, returns and leaves", func(p *presence) { p.exit(bob); p.enter(bob); p.exit(bob) }, "+ -Bob 1"},
		{"leaves, and another user of the name joins", func(p *presence) { p.exit(bob); p.enter(testGuest("BOB", 7)) }, "+BOB -Bob 2"},
		{"two leave, one joins", func(p *presence) { p.exit(ann); p.enter(cid); p.exit(bob) }, "+Cid -Ann Bob 1"},
	} {
		p := &presence{}
		p.enter(ann)
		p.enter(bob)
		p.nextEvent("lobby", false)
		test.do(p)
		if got := summary(p.nextEvent("lobby", false)); got != test.want {
			t.Errorf("%s: the event is %q instead of %q", test.what, got, test.want)
		}
		if got := summary(p.nextEvent("lobby", false)); got != "nothing" {
			t.Errorf("%s: the next event is %q", test.what, got)
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
		want   string
	}{
		{"no one leaves", func(p *presence) { p.enter(cid) }, func(*presence) {}, "+Cid - 3"},
		{"joins, is listed and leaves", func(p *presence) { p.enter(cid) }, func(p *presence) { p.exit(cid) }, "+ -Cid 2"},
		{"leaves, is not listed and returns", func(p *presence) { p.exit(bob) }, func(p *presence) { p.enter(bob) }, "+Bob - 2"},
		{"leaves, and another user of the name is listed and leaves", func(p *presence) { p.exit(bob); p.enter(bob7) }, func(p *presence) { p.exit(bob7) }, "+ -Bob 1"},
		{"the list precedes all changes", func(*presence) {}, func(p *presence) { p.enter(cid); p.exit(cid) }, "+ -Cid 2"},
	} {
		p := &presence{}
		p.enter(ann)
		p.enter(bob)
		p.nextEvent("lobby", false)
		test.before(p)
		p.list()
		test.after(p)
		if got := summary(p.nextEvent("lobby", false)); got != test.want {
			t.Errorf("%s: the event is %q instead of %q", test.what, got, test.want)
		}
		if got := summary(p.nextEvent("lobby", false)); got != "nothing" {
			t.Errorf("%s: the next event is %q", test.what, got)
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
		want  string
	}{{true, "4"}, {true, "4"}, {false, "=p0 p1 p2 p3 4"}, {false, "nothing"}} {
		if got := summary(p.nextEvent("lobby", step.crowd)); got != step.want {
			t.Errorf("step %d: the event is %q instead of %q", i, got, step.want)
		}
	}
}

func TestAListHasTheFirstToArrive(t *testing.T) {
	p := &presence{}
	for i := range chat.MaxListed + 10 {
		p.enter(testGuest(fmt.Sprint("p", i), 0))
	}
	p.exit(testGuest("p0", 0))
	list := p.list().Users
	if len(list) != chat.MaxListed || list[0].Name != "p1" || list[chat.MaxListed-1].Name != fmt.Sprint("p", chat.MaxListed) {
		t.Errorf("%d are listed, from %s to %s", len(list), list[0].Name, list[len(list)-1].Name)
	}
}

func TestAUserOnSeveralNodesIsOneMember(t *testing.T) {
	ann, bob, cid := testGuest("Ann", 25), testGuest("Bob", 0), testGuest("Cid", 0)
	on := func(node string, users ...chat.User) chat.NodePresence {
		return chat.NodePresence{Node: node, Online: len(users), Users: users}
	}
	expired := func(node string, users ...chat.User) chat.NodePresence {
		local := on(node, users...)
		local.Expired = true
		return local
	}
	for _, test := range []struct {
		what string
		do   func(p *presence) (lost []chat.User)
		want string
		lost string
	}{
		{"nothing", func(p *presence) []chat.User { return p.setRemote([]chat.NodePresence{on("b", bob)}, true) }, "nothing", ""},
		{"a user joins on another node", func(p *presence) []chat.User { return p.setRemote([]chat.NodePresence{on("b", bob, cid)}, true) }, "+Cid - 3", ""},
		{"a user joins on a third node", func(p *presence) []chat.User {
			return p.setRemote([]chat.NodePresence{on("b", bob), on("c", cid)}, true)
		}, "+Cid - 3", ""},
		{"a local user joins on another node, too", func(p *presence) []chat.User { return p.setRemote([]chat.NodePresence{on("b", bob, ann)}, true) }, "nothing", ""},
		{"and leaves here", func(p *presence) []chat.User {
			p.setRemote([]chat.NodePresence{on("b", bob, ann)}, true)
			p.exit(ann)
			return nil
		}, "nothing", ""},
		{"and leaves there", func(p *presence) []chat.User {
			p.setRemote([]chat.NodePresence{on("b", bob, ann)}, true)
			p.exit(ann)
			return p.setRemote([]chat.NodePresence{on("b", bob)}, true)
		}, "+ -Ann 1", ""},
		{"a user leaves another node", func(p *presence) []chat.User { return p.setRemote(nil, true) }, "+ -Bob 1", ""},
		{"a node has no row for now", func(p *presence) []chat.User { return p.setRemote(nil, false) }, "nothing", ""},
		{"a user moves to this node", func(p *presence) []chat.User { p.enter(bob); return p.setRemote(nil, true) }, "nothing", ""},
		{"a node expires", func(p *presence) []chat.User { return p.setRemote([]chat.NodePresence{expired("b", bob)}, true) }, "+ -Bob 1", "Bob"},
		{"a node seems to expire", func(p *presence) []chat.User { return p.setRemote([]chat.NodePresence{expired("b", bob)}, false) }, "nothing", ""},
		{"a node expires after its users moved here", func(p *presence) []chat.User {
			p.enter(bob)
			return p.setRemote([]chat.NodePresence{expired("b", bob)}, true)
		}, "nothing", ""},
		{"a user has another age now", func(p *presence) []chat.User {
			return p.setRemote([]chat.NodePresence{on("b", testGuest("Bob", 30))}, true)
		}, "+Bob - 2", ""},
		{"a user spells the name differently here", func(p *presence) []chat.User { p.enter(testGuest("BOB", 0)); return p.setRemote(nil, true) }, "+BOB -Bob 2", ""},
		{"a crowd on another node", func(p *presence) []chat.User {
			return p.setRemote([]chat.NodePresence{{Node: "b", Online: 1000, Users: []chat.User{bob}}}, true)
		}, "nothing", ""},
		{"a crowd leaves", func(p *presence) []chat.User {
			p.setRemote([]chat.NodePresence{{Node: "b", Online: 1000, Users: []chat.User{bob}}}, true)
			return p.setRemote(nil, true)
		}, "+ -Bob 1", ""},
	} {
		p := &presence{}
		p.enter(ann)
		p.setRemote([]chat.NodePresence{on("b", bob)}, true)
		p.nextEvent("lobby", false)
		lost := namesOf(test.do(p))
		if got := summary(p.nextEvent("lobby", false)); got != test.want || lost != test.lost {
			t.Errorf("%s: the event is %s, and %s are lost", test.what, got, lost)
		}
	}
}

func TestOtherNodesGetLocalPresence(t *testing.T) {
	ann, bob := testGuest("Ann", 25), testGuest("Bob", 0)
	p := &presence{}
	p.setRemote([]chat.NodePresence{{Node: "b", Online: 500, Users: []chat.User{bob}}}, true)
	p.enter(ann)
	p.enter(ann)
	if local := p.localPresence(); local.Online != 1 || namesOf(local.Users) != "Ann" || p.online() != 501 {
		t.Errorf("published are %+v of %d", local, p.online())
	}
	for i := range chat.MaxListed {
		p.enter(testGuest(fmt.Sprint("g", i), 0))
	}
	if local := p.localPresence(); local.Online != chat.MaxListed+1 || len(local.Users) != chat.MaxListed {
		t.Errorf("%d of a crowd of %d are published", len(local.Users), local.Online)
	}
	p.exit(ann)
	p.exit(ann)
	if local := p.localPresence(); local.Online != chat.MaxListed || local.Users[0].Name != "g0" {
		t.Errorf("then there are %d, the first %s", local.Online, local.Users[0].Name)
	}
}
