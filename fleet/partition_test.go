package fleet_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"chatserver/chattest"
)

// partitions are the faults on a node's network to NATS or to Postgres, and their
// durations in the long form.
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

// apart is a fleet of two nodes. One of them has a faulty network to NATS and to
// Postgres, with Ann and Al on it; Bob and Cleo are on the other node.
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

// while makes people on both nodes talk, and breaks the network in the middle for the
// given number of seconds and until the fault was felt. It returns how long it took from
// the repair until everybody had everything.
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

// A node that is cut off from NATS, or far away from it, keeps working. Its people hear
// each other as before, and messages of others as soon as the node finds them in the
// database (P18).
func TestANodeApartFromNATSHeals(t *testing.T) {
	t.Parallel()
	for _, partition := range partitions {
		t.Run(partition.what, func(t *testing.T) {
			t.Parallel() // it mostly waits
			a := newApart(t)
			ann, cleo := newTalk(t, a.ann, "lobby", a.al, a.bob), newTalk(t, a.cleo, "den", a.bob, a.ann)
			healed := a.while(a.toNATS, partition.weather, chattest.LongOr(partition.seconds, 3), func() {}, ann, cleo)
			here, there := max(longestOf(ann.ears[0].delays), longestOf(cleo.ears[0].delays)), max(longestOf(ann.ears[1].delays), longestOf(cleo.ears[1].delays))
			if chattest.Exceeds(here, time.Second) || chattest.Exceeds(there, 3*time.Second) {
				t.Errorf("a message arrived after %v on the same node, after %v on the other one", here, there)
			}
			for _, k := range []*talk{ann, cleo} {
				if n := k.refused(); n > 0 || chattest.Exceeds(k.longest, 2*time.Second) {
					t.Errorf("%s was refused %d times, and got an answer after %v", k.speaker.Name, n, k.longest)
				}
			}
			chattest.Figure(t, "P18", "a node and NATS, %s: acknowledged after %s at most, received on the same node after %s, on the other one after %s; everything once, %s after it healed",
				partition.what, inSeconds(max(ann.longest, cleo.longest)), inSeconds(here), inSeconds(there), inSeconds(healed))
		})
	}
}

// A node that is cut off from Postgres, or far away from it, refuses its people's
// messages with a reason. For some seconds it may hold the room in which they write; all
// other rooms continue (P18).
func TestANodeApartFromPostgresHeals(t *testing.T) {
	t.Parallel()
	for _, partition := range partitions {
		t.Run(partition.what, func(t *testing.T) {
			t.Parallel()
			a := newApart(t)
			ann, bob, cleo := newTalk(t, a.ann, "lobby"), newTalk(t, a.bob, "lobby", a.cleo), newTalk(t, a.cleo, "den", a.bob)
			ann.pace = time.Millisecond // so that a transaction is open when the fault begins
			felt := ann.isRefused
			if partition.weather.Trickle > 0 {
				felt = func() {} // slow, but never slow enough for a refusal
			}
			healed := a.while(a.toPostgres, partition.weather, chattest.LongOr(partition.seconds, 6), felt, ann, bob, cleo)
			refused := ann.refused()
			if n := cleo.refused(); n > 0 || chattest.Exceeds(cleo.longest, 5*time.Second) {
				t.Errorf("in another room on the other node, Cleo was refused %d times, and got an answer after %v", n, cleo.longest)
			}
			chattest.Figure(t, "P18", "a node and Postgres, %s: its people got answers after %s at most (%d sent, %d refused), on the other node in the same room after %s (%d, %d), in another one after %s (%d, 0); everything once, %s after it healed",
				partition.what, inSeconds(ann.longest), ann.said, refused, inSeconds(bob.longest), bob.said, bob.refused(), inSeconds(cleo.longest), cleo.said, inSeconds(healed))
		})
	}
}

// inSeconds formats a duration for a figure.
func inSeconds(d time.Duration) string { return fmt.Sprintf("%.3g s", d.Seconds()) }
