package fleet_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"chatserver/chattest"
)

// partitions are what becomes of a node's way to NATS or to Postgres, and for how long in
// the long form.
var partitions = []struct {
	what    string
	weather chattest.Weather
	seconds int
}{
	{"everything is late", chattest.Weather{Delay: 500 * time.Millisecond}, 20},
	{"a few bytes at a time", chattest.Weather{Trickle: 64}, 20},
	{"nothing is carried", chattest.Partition, 180},
	{"nothing comes from the node", chattest.Weather{HoldsFromHere: true}, 60},
	{"nothing comes to the node", chattest.Weather{HoldsFromThere: true}, 60},
}

// apart is a fleet of two of which one has a way of its own to NATS, and to Postgres.
// Ann and Al are on that one, Bob and Cleo on the other.
type apart struct {
	t                  *testing.T
	toNATS, toPostgres *chattest.Network
	other              *chattest.World
	ann, al, bob, cleo *chattest.Member
}

func newApart(t *testing.T) *apart {
	t.Helper()
	database, nats := chattest.Database(t), chattest.StartNATS(t)
	a := &apart{t: t, other: chattest.NewWorld(t, chattest.OnPostgres(database), chattest.OnNATS(nats.URL()))}
	var farDatabase, farNATS string
	a.toPostgres, farDatabase = chattest.BetweenURL(t, database)
	a.toNATS, farNATS = chattest.BetweenURL(t, nats.URL())
	node := chattest.NewWorld(t, chattest.OnPostgres(farDatabase), chattest.OnNATS(farNATS))
	for name, m := range map[string]**chattest.Member{"Ann": &a.ann, "Al": &a.al} {
		*m = node.Join(name, "lobby", patient)
	}
	for name, m := range map[string]**chattest.Member{"Bob": &a.bob, "Cleo": &a.cleo} {
		*m = a.other.Join(name, "lobby", patient)
	}
	for _, m := range a.everybody() {
		m.JoinsAlso("den")
	}
	return a
}

func (a *apart) everybody() []*chattest.Member {
	return []*chattest.Member{a.ann, a.al, a.bob, a.cleo}
}

// while has somebody on the node talk, and others on the other one, and breaks the way in
// the middle of it, for so many seconds and until the fault was felt. It returns how long
// after it healed everybody had everything.
func (a *apart) while(way *chattest.Network, weather chattest.Weather, seconds int, felt func(), apart *talk, others ...*talk) time.Duration {
	a.t.Helper()
	talking, over := context.WithCancel(context.Background())
	defer over()
	enough := func() bool { return talking.Err() != nil }
	var isApart, areNot sync.WaitGroup
	isApart.Go(func() { apart.runs(enough) })
	for _, k := range others {
		areNot.Go(func() { k.runs(enough) })
	}
	a.al.Reaches(apart.room, 20)
	way.Has(weather)
	<-time.After(time.Duration(seconds) * time.Second)
	felt()
	over()
	areNot.Wait()
	way.Has(chattest.Weather{})
	healed := time.Now()
	isApart.Wait()
	for _, room := range []string{"lobby", "den"} {
		a.other.Agree(a.t, room, a.everybody()...)
	}
	return time.Since(healed)
}

// A node that is cut off from NATS, or has it far away, goes on: its people hear each
// other as before, and the others as soon as they are found in the database (P18).
func TestANodeApartFromNATSHeals(t *testing.T) {
	t.Parallel()
	for _, partition := range partitions {
		t.Run(partition.what, func(t *testing.T) {
			t.Parallel() // it is waiting for the most part
			a := newApart(t)
			ann, cleo := newTalk(t, a.ann, "lobby", a.al, a.bob), newTalk(t, a.cleo, "den", a.bob, a.ann)
			healed := a.while(a.toNATS, partition.weather, chattest.LongOr(partition.seconds, 3), func() {}, ann, cleo)
			here, there := max(longestOf(ann.ears[0].delays), longestOf(cleo.ears[0].delays)), max(longestOf(ann.ears[1].delays), longestOf(cleo.ears[1].delays))
			if chattest.Exceeds(here, time.Second) || chattest.Exceeds(there, 3*time.Second) {
				t.Errorf("on a node something was heard after %v, on the other one after %v", here, there)
			}
			for _, k := range []*talk{ann, cleo} {
				if n := k.refused(); n > 0 || chattest.Exceeds(k.longest, 2*time.Second) {
					t.Errorf("%s was refused %d times, and answered after %v", k.speaker.Name, n, k.longest)
				}
			}
			chattest.Figure(t, "P18", "a node and NATS, %s: answered after %s at most, heard on the same node after %s, on the other one after %s; everything once, %s after it healed",
				partition.what, inSeconds(max(ann.longest, cleo.longest)), inSeconds(here), inSeconds(there), inSeconds(healed))
		})
	}
}

// A node that is cut off from Postgres, or has it far away, says so to its people. It may
// hold the room in which they speak, for seconds; all others go on (P18).
func TestANodeApartFromPostgresHeals(t *testing.T) {
	t.Parallel()
	for _, partition := range partitions {
		t.Run(partition.what, func(t *testing.T) {
			t.Parallel()
			a := newApart(t)
			ann, bob, cleo := newTalk(t, a.ann, "lobby"), newTalk(t, a.bob, "lobby", a.cleo), newTalk(t, a.cleo, "den", a.bob)
			ann.pace = time.Millisecond // so that a transaction is open when it begins
			felt := ann.isRefused
			if partition.weather.Trickle > 0 {
				felt = func() {} // slow, but never so slow that anybody is refused
			}
			healed := a.while(a.toPostgres, partition.weather, chattest.LongOr(partition.seconds, 6), felt, ann, bob, cleo)
			refused := ann.refused()
			if n := cleo.refused(); n > 0 || chattest.Exceeds(cleo.longest, 5*time.Second) {
				t.Errorf("in another room on the other node Cleo is refused %d times, and answered after %v", n, cleo.longest)
			}
			chattest.Figure(t, "P18", "a node and Postgres, %s: its people answered after %s at most (%d said, %d refusals), on the other node in the same room after %s (%d, %d), in another one after %s (%d, 0); everything once, %s after it healed",
				partition.what, inSeconds(ann.longest), ann.said, refused, inSeconds(bob.longest), bob.said, bob.refused(), inSeconds(cleo.longest), cleo.said, inSeconds(healed))
		})
	}
}

// inSeconds is a time for a figure.
func inSeconds(d time.Duration) string { return fmt.Sprintf("%.3g s", d.Seconds()) }
