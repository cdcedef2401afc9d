package fleet_test

import (
	"sync"
	"testing"
	"time"

	"chatserver/chattest"
)

// NATS is down for a while, and people continue to talk. On one node they hear each
// other as before, and from the other node within three seconds. When NATS returns,
// everything is as before (P22).
func TestNATSMayBeGoneForAWhile(t *testing.T) {
	t.Parallel()
	f := chattest.NewFleet(t, 2)
	ann, al, bob, there, back := twoTalks(t, f.Nodes[0], f.Nodes[1])
	// talks makes both speak for a time, calls happens meanwhile, and returns the delays on
	// each node.
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
	if longest := longestOf(near); chattest.Exceeds(longest, time.Second) {
		t.Errorf("on the node itself a message arrived after %v", longest)
	}
	if longest := max(longestOf(without), longestOf(late)); chattest.Exceeds(longest, 3*time.Second) {
		t.Errorf("without NATS, a message reached the other node after %v", longest)
	}
	if usual := chattest.Quantile(0.5, after); chattest.Exceeds(usual, 20*time.Millisecond) {
		t.Errorf("with NATS again, the median delay is %v", usual)
	}
	f.Nodes[1].Agree(t, "lobby", ann, al, bob)
	f.Nodes[1].Agree(t, "den", ann, bob)
	chattest.Figure(t, "P22", "NATS gone for %.1f s: heard on the node itself after %v at most, on the other one after %v in the median and %.1f s at most; before it was %v, afterwards %v",
		outage.Seconds(), longestOf(near).Round(time.Millisecond), chattest.Quantile(0.5, without).Round(time.Millisecond), longestOf(without).Seconds(),
		chattest.Quantile(0.5, before).Round(10*time.Microsecond), chattest.Quantile(0.5, after).Round(10*time.Microsecond))
}

// twoTalks returns Ann, who speaks in the lobby to Al on her node and to Bob on another
// one, and Bob, who speaks to her in the den. The rooms differ because a node that
// stores messages in a room detects by them what it lacks there.
func twoTalks(t *testing.T, a, b *chattest.World) (ann, al, bob *chattest.Member, there, back *talk) {
	t.Helper()
	ann, al, bob = a.Join("Ann", "lobby"), a.Join("Al", "lobby"), b.Join("Bob", "lobby")
	ann.JoinsAlso("den")
	bob.JoinsAlso("den")
	return ann, al, bob, newTalk(t, ann, "lobby", al, bob), newTalk(t, bob, "den", ann)
}
