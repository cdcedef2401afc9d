package main

import (
	"bytes"
	"flag"
	"math"
	"os"
	"slices"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write the tables of docs/scaling.md anew")

const page, begin, end = "../../docs/scaling.md", "<!-- fleet -->\n", "<!-- end of fleet -->"

// The page has the tables that this program computes.
func TestThePageIsTheProgram(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	if err := run(nil, &out); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, there := strings.Cut(string(text), begin)
	is, after, ends := strings.Cut(rest, end)
	if !there || !ends {
		t.Fatalf("%s has no markers for the tables", page)
	}
	if *update {
		if err := os.WriteFile(page, []byte(before+begin+out.String()+end+after), 0o600); err != nil {
			t.Fatal(err)
		}
	} else if is != out.String() {
		t.Errorf("%s is outdated. Run: go -C bench test ./fleet -update", page)
	}
}

// small is a load of few people, which is drawn quickly.
func small() load {
	l := evening
	l.users = 20_000
	l.fillIn()
	return l
}

// In every placement, each person is on one node, each message is sent once, and it is
// delivered to every member.
func TestNobodyIsLost(t *testing.T) {
	t.Parallel()
	w := populate(small())
	rooms := make([][]int32, w.users)
	said, delivered := 0.0, 0.0
	for room := range w.rooms {
		members := w.members[w.from[room]:w.from[room+1]]
		for _, user := range members {
			rooms[user] = append(rooms[user], int32(room))
		}
		said += w.said(float64(len(members)))
		delivered += w.said(float64(len(members))) * float64(len(members))
	}
	for user, mine := range rooms {
		if len(slices.Compact(mine)) != w.each || !slices.Contains(mine, w.home[user]) {
			t.Fatalf("somebody is in the rooms %v, with home %d", mine, w.home[user])
		}
	}
	for _, p := range placements {
		var all node
		for _, n := range measure(w, p.nodes(w, 7), 7) {
			all.add(n)
		}
		if all.connections != float64(w.users) || !about(all.published, said, 1e-9) || !about(all.delivered, delivered, 1e-9) {
			t.Errorf("%s: people %+v, %v sent and %v delivered", p.name, all, said, delivered)
		}
	}
}

// A node receives from NATS the messages of other nodes in its open rooms, and nothing
// else.
func TestANodeReceivesTheMessagesOfItsRooms(t *testing.T) {
	t.Parallel()
	w := &world{
		load:    load{users: 4, rooms: 2, each: 1, rate: 1, limit: 10},
		members: []int32{0, 1, 2, 3}, from: []int32{0, 3, 4},
	}
	all := measure(w, []int32{0, 0, 1, 1}, 2)
	want := []node{
		{connections: 2, rooms: 1, published: 2, received: 1, delivered: 6},
		{connections: 2, rooms: 2, published: 2, received: 2, delivered: 4},
	}
	for i, n := range all {
		for _, pair := range [][2]float64{
			{n.connections, want[i].connections},
			{n.rooms, want[i].rooms},
			{n.published, want[i].published},
			{n.received, want[i].received},
			{n.delivered, want[i].delivered},
		} {
			if !about(pair[0], pair[1], 1e-9) {
				t.Fatalf("node %d has %+v, want %+v", i, n, want[i])
			}
		}
	}
	if w.limit = 1; measure(w, []int32{0, 0, 1, 1}, 2)[0].delivered >= 6 {
		t.Error("more is sent than can be read")
	}
}

// Hashing by the room's name fills the node of the largest room; spreading large rooms
// fills no node.
func TestSpreadIsEvenAndHashedIsNot(t *testing.T) {
	t.Parallel()
	w := populate(small())
	const nodes = 20
	most := func(of []int32) (most float64) {
		for _, n := range measure(w, of, nodes) {
			most = math.Max(most, n.connections)
		}
		return most / (float64(w.users) / nodes)
	}
	if x := most(placements[1].nodes(w, nodes)); x < 1.5 {
		t.Errorf("hashed, the fullest node has %.2f times the mean", x)
	}
	for _, p := range placements[2:] {
		if x := most(p.nodes(w, nodes)); x > 1.05 {
			t.Errorf("%s, the fullest node has %.2f times the mean", p.name, x)
		}
	}
}

// If people who share rooms are on one node, fewer nodes receive each message.
func TestFewerNodesReceiveWhenRoomsAreGrouped(t *testing.T) {
	t.Parallel()
	w := populate(small())
	heard := make([]float64, len(placements))
	for i, p := range placements {
		for _, n := range measure(w, p.nodes(w, 20), 20) {
			heard[i] += n.received
		}
	}
	if heard[2]*1.2 > heard[0] || heard[3]*1.2 > heard[2] {
		t.Errorf("nodes receive %.0f at random, %.0f by room, %.0f by neighbourhood", heard[0], heard[2], heard[3])
	}
}

// The formula for millions agrees with a drawn sample of thousands, as far as room sizes
// follow Zipf's law. They do not do so exactly, because nobody is in a room twice.
func TestTheFormulaAgreesWithASample(t *testing.T) {
	t.Parallel()
	l := small()
	l.users, l.tail = 100_000, 0.5
	l.rooms = l.users / 10
	w := populate(l)
	for i, together := range map[int]bool{0: false, 3: true} {
		var drawn node
		for _, n := range measure(w, placements[i].nodes(w, 20), 20) {
			drawn.add(n)
		}
		f := expect(l, step{users: l.users, nodes: 20, together: together})
		for what, pair := range map[string][2]float64{
			"rooms": {f.rooms, drawn.rooms}, "published": {f.published, drawn.published},
			"received": {f.received, drawn.received}, "delivered": {f.delivered, drawn.delivered},
		} {
			if !about(pair[0], pair[1], 0.1) {
				t.Errorf("%s, %s: expected %.0f, drawn %.0f", placements[i].name, what, pair[0], pair[1])
			}
		}
	}
}

// Every room is counted once, however many are grouped together.
func TestEveryRoomIsCounted(t *testing.T) {
	t.Parallel()
	for _, rooms := range []int{1, 999, 1000, 1001, 12_345, 10_000_000} {
		counted, before := 0.0, 0.0
		for rank, alike := range (load{rooms: rooms}).ranks() {
			if rank <= before {
				t.Fatalf("of %d rooms, no. %v comes after %v", rooms, rank, before)
			}
			counted, before = counted+alike, rank
		}
		if counted != float64(rooms) {
			t.Errorf("of %d rooms %.0f are counted", rooms, counted)
		}
	}
}

// The memory of a node agrees with the page's table for a single server.
func TestANodeCostsWhatWasMeasured(t *testing.T) {
	t.Parallel()
	n := node{connections: 10_000, rooms: 1000}
	if !about(n.bytes(), 113e6, 0.01) {
		t.Errorf("it has %.0f bytes", n.bytes())
	}
	n = node{published: 1, delivered: 1000}
	if !about(n.cpu(), 0.012595, 0.01) {
		t.Errorf("it uses %f cores", n.cpu())
	}
	if busy := (node{published: 1e6}); busy.commits() > 1/commitSeconds {
		t.Errorf("it commits %f times a second, one after the other", busy.commits())
	}
}

func TestInvalidFlagsAreRefused(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{
		{"-users", "0"},
		{"-users", "30000000"},
		{"-nodes", "0"},
		{"-users", "5", "-nodes", "6"},
		{"-users", "10", "-nodes", "1", "-each", "2"},
		{"-near", "2"},
		{"-cap", "-1"},
	} {
		if err := run(args, new(bytes.Buffer)); err == nil {
			t.Errorf("%v is accepted", args)
		}
	}
	var out bytes.Buffer
	if err := run([]string{"-users", "100", "-rooms", "10", "-nodes", "2"}, &out); err != nil || !strings.Contains(out.String(), "| connections | 50 ") {
		t.Errorf("%v: %s", err, &out)
	}
}

func TestNumbersAreShort(t *testing.T) {
	t.Parallel()
	for x, want := range map[float64]string{0: "0", 0.001: "< 0.01", 0.0123: "0.012", 9.96: "10", 123.4: "123", 999.6: "1,000", 12_345: "12,300", 1_999_999: "2,000,000"} {
		if is := count(x); is != want {
			t.Errorf("%v is formatted as %s, want %s", x, is, want)
		}
	}
}

func about(a, b, within float64) bool { return math.Abs(a-b) <= within*math.Abs(b) }
