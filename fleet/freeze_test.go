package fleet_test

import (
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"chatserver/chattest"
)

// NATS accepts connections and data but answers nothing. Only the first member of a room
// waits, for a moment; nodes find each other's messages in the database.
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
			flo.size = 8000 // in the long form, more than the buffers on the way to NATS hold
			freezes(nats, network)
			seconds := chattest.LongOr(60, 6)
			coming := talkFor(seconds, func() { f.Nodes[1].Join("Cleo", "attic") }, there, back, flo)
			network.Has(chattest.Weather{})
			if _, code := bob.SaysUntilAcknowledged("den", uuid.NewString(), "hello again"); code != "" {
				t.Errorf("Bob was refused: %s", code)
			}
			late := max(longestOf(there.ears[1].delays), longestOf(back.ears[0].delays))
			if chattest.Exceeds(late, 3*time.Second) || chattest.Exceeds(coming, 3*time.Second) {
				t.Errorf("the other node delivered a message after %v, a new member joined after %v", late, coming)
			}
			few := map[*talk]int{there: seconds * perSecond / 3, back: seconds * perSecond / 3, flo: seconds} // her messages are long
			for k, few := range few {
				if k.said == 0 || chattest.Long() && k.said < few || chattest.Exceeds(k.longest, 3*time.Second) {
					t.Errorf("%s sent %d messages in %d s, one of which took %v", k.speaker.Name, k.said, seconds, k.longest)
				}
			}
			f.Nodes[0].Agree(t, "lobby", ann, al, bob)
			f.Nodes[0].Agree(t, "den", ann, bob)
			chattest.Figure(t, "P22", "NATS frozen %s for %d s: %d and %d messages sent, acknowledged after %s at most, received on the same node after %s, on the other one after %s; a new member joins after %s",
				when, seconds, there.said, back.said, inSeconds(max(there.longest, back.longest, flo.longest)), inSeconds(longestOf(there.ears[0].delays)), inSeconds(late), inSeconds(coming))
		})
	}
}

// talkFor makes people talk for the given number of seconds, and calls comes in the
// middle. It returns how long that call took.
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
