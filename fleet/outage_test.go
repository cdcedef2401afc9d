package fleet_test

import (
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"chatserver/chattest"
)

// NATS is gone for a while in which people talk on: on a node they hear each other as
// before, from the other node within three seconds; when it is back all is as before
// (P22).
func TestNATSMayBeGoneForAWhile(t *testing.T) {
	t.Parallel()
	f := chattest.NewFleet(t, 2)
	ann, al, bob, there, back := twoTalks(t, f.Nodes[0], f.Nodes[1])
	// talks has both say so much, and something happen meanwhile; how late was it heard?
	talks := func(seconds int, happens func()) (near, far []time.Duration) {
		var talking sync.WaitGroup
		for _, k := range []*talk{there, back} {
			until := k.said + seconds*perSecond
			talking.Go(func() { k.runs(func() bool { return k.said >= until }) })
		}
		talking.Go(happens)
		talking.Wait()
		return there.ears[0].delays, append(there.ears[1].delays, back.ears[0].delays...)
	}
	nothing := func() {}
	_, before := talks(1, nothing)
	gone := time.Now()
	near, without := talks(chattest.LongOr(20, 4), f.NATS.Kill)
	var outage time.Duration
	_, late := talks(1, func() {
		f.NATS.Start()
		outage = time.Since(gone)
		f.NATS.Serves(2)
	})
	_, after := talks(1, nothing)
	if longest := longestOf(near); longest > chattest.Within(time.Second) {
		t.Errorf("on the node itself something was heard after %v", longest)
	}
	if longest := max(longestOf(without), longestOf(late)); longest > chattest.Within(3*time.Second) {
		t.Errorf("without NATS the other node heard something after %v", longest)
	}
	if usual := chattest.Quantile(0.5, after); usual > chattest.Within(20*time.Millisecond) {
		t.Errorf("with NATS again half of what is said takes %v", usual)
	}
	f.Nodes[1].Agree(t, "lobby", ann, al, bob)
	f.Nodes[1].Agree(t, "den", ann, bob)
	chattest.Figure(t, "P22", "NATS gone for %.1f s: heard on the node itself after %v at most, on the other one after %v in the median and %.1f s at most; before it was %v, afterwards %v",
		outage.Seconds(), longestOf(near).Round(time.Millisecond), chattest.Quantile(0.5, without).Round(time.Millisecond), longestOf(without).Seconds(),
		chattest.Quantile(0.5, before).Round(10*time.Microsecond), chattest.Quantile(0.5, after).Round(10*time.Microsecond))
}

// twoTalks are Ann, who speaks in the lobby to Al on her node and to Bob on another one,
// and Bob, who speaks to her in the den. Would both speak in one room, a node would find
// out by its own messages what it lacks.
func twoTalks(t *testing.T, a, b *chattest.World) (ann, al, bob *chattest.Member, there, back *talk) {
	t.Helper()
	ann, al, bob = a.Join("Ann", "lobby"), a.Join("Al", "lobby"), b.Join("Bob", "lobby")
	ann.JoinsAlso("den")
	bob.JoinsAlso("den")
	return ann, al, bob, newTalk(t, ann, "lobby", al, bob), newTalk(t, bob, "den", ann)
}

// NATS freezes: it takes connections and what is sent, and answers nothing. Nobody waits
// for it, but newcomers for a moment; nodes hear of each other from the database.
func TestNATSMayFreeze(t *testing.T) {
	t.Parallel()
	nats := chattest.StartNATS(t)
	network, through := chattest.BetweenURL(t, nats.URL())
	f := chattest.NewFleet(t, 2, chattest.OnNATS(through))
	ann, al, bob, there, back := twoTalks(t, f.Nodes[0], f.Nodes[1])
	flo := newTalk(t, f.Nodes[0].Join("Flo", "cellar"), "cellar")
	flo.size = 8000 // in the long form more than is taken on the way to NATS
	network.Has(chattest.Partition)
	frozen := time.Now()
	until := frozen.Add(time.Duration(chattest.LongOr(60, 4)) * time.Second)
	enough := func() bool { return time.Now().After(until) }
	var talking sync.WaitGroup
	for _, k := range []*talk{there, back, flo} {
		talking.Go(func() { k.runs(enough) })
	}
	came := time.Now()
	cleo := f.Nodes[1].Join("Cleo", "attic")
	coming := time.Since(came)
	talking.Wait()
	network.Has(chattest.Weather{})
	said, _ := cleo.SaysUntilAcknowledged("attic", uuid.NewString(), "hello")
	if answered := max(there.longest, back.longest, flo.longest); said != 1 || answered > chattest.Within(3*time.Second) || coming > chattest.Within(time.Second) {
		t.Errorf("somebody is answered after %v, or comes in after %v", answered, coming)
	}
	late := max(longestOf(there.ears[1].delays), longestOf(back.ears[0].delays))
	if late > chattest.Within(3*time.Second) {
		t.Errorf("the other node heard something after %v", late)
	}
	f.Nodes[0].Agree(t, "lobby", ann, al, bob)
	f.Nodes[0].Agree(t, "den", ann, bob)
	chattest.Figure(t, "P22", "NATS frozen for %s: answered after %s at most, heard on the same node after %s, on the other one after %s; a newcomer comes in after %s",
		inSeconds(time.Since(frozen)), inSeconds(max(there.longest, back.longest, flo.longest)), inSeconds(longestOf(there.ears[0].delays)), inSeconds(late), inSeconds(coming))
}
