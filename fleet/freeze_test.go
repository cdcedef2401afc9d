package fleet_test

import (
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"chatserver/chattest"
)

// NATS takes connections and what is sent, and answers nothing. Nobody waits for it, but
// the first one in a room for a moment; nodes hear of each other from the database.
func TestNATSMayFreeze(t *testing.T) {
	t.Parallel()
	for when, freezes := range map[string]func(*chattest.NATS, *chattest.Network){
		"while nodes are connected": func(_ *chattest.NATS, n *chattest.Network) { n.Has(chattest.Partition) },
		"when nodes come back": func(nats *chattest.NATS, n *chattest.Network) {
			nats.Kill()
			n.Has(chattest.Partition)
			nats.Start()
		},
	} {
		t.Run(when, func(t *testing.T) {
			t.Parallel()
			nats := chattest.StartNATS(t)
			network, through := chattest.BetweenURL(t, nats.URL())
			f := chattest.NewFleet(t, 2, chattest.OnNATS(through))
			ann, al, bob, there, back := twoTalks(t, f.Nodes[0], f.Nodes[1])
			flo := newTalk(t, f.Nodes[0].Join("Flo", "cellar"), "cellar")
			flo.size = 8000 // in the long form more than is taken on the way to NATS
			freezes(nats, network)
			seconds := chattest.LongOr(60, 6)
			coming := talkFor(seconds, func() { f.Nodes[1].Join("Cleo", "attic") }, there, back, flo)
			network.Has(chattest.Weather{})
			if _, code := bob.SaysUntilAcknowledged("den", uuid.NewString(), "hello again"); code != "" {
				t.Errorf("Bob is refused: %s", code)
			}
			late := max(longestOf(there.ears[1].delays), longestOf(back.ears[0].delays))
			if chattest.Exceeds(late, 3*time.Second) || chattest.Exceeds(coming, 3*time.Second) {
				t.Errorf("the other node heard something after %v, a newcomer came in after %v", late, coming)
			}
			few := map[*talk]int{there: seconds * perSecond / 3, back: seconds * perSecond / 3, flo: seconds} // she has much to say
			for k, few := range few {
				if k.said == 0 || chattest.Long() && k.said < few || chattest.Exceeds(k.longest, 3*time.Second) {
					t.Errorf("%s said %d things in %d s, one of them took %v", k.speaker.Name, k.said, seconds, k.longest)
				}
			}
			f.Nodes[0].Agree(t, "lobby", ann, al, bob)
			f.Nodes[0].Agree(t, "den", ann, bob)
			chattest.Figure(t, "P22", "NATS frozen %s for %d s: %d and %d said, answered after %s at most, heard on the same node after %s, on the other one after %s; a newcomer comes in after %s",
				when, seconds, there.said, back.said, inSeconds(max(there.longest, back.longest, flo.longest)), inSeconds(longestOf(there.ears[0].delays)), inSeconds(late), inSeconds(coming))
		})
	}
}

// talkFor has people talk for so many seconds, and somebody come in the middle. It returns
// how long that took.
func talkFor(seconds int, comes func(), talks ...*talk) time.Duration {
	began := time.Now()
	length := time.Duration(seconds) * time.Second
	var talking sync.WaitGroup
	for _, k := range talks {
		talking.Go(func() { k.runs(func() bool { return time.Since(began) > length }) })
	}
	<-time.After(length / 2)
	came := time.Now()
	comes()
	took := time.Since(came)
	talking.Wait()
	return took
}
