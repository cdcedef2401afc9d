package fleet_test

import (
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"chatserver/chattest"
)

// Connections, NATS, nodes and Postgres break while people talk. In the end everybody
// has exactly what is stored, in one order, and was shown each message once, and no live
// rev skipped one.
func TestEverybodyHasWhatIsStoredWhateverBreaksInAFleet(t *testing.T) {
	if !chattest.Long() { // in parallel it would disturb the measurements of other tests
		t.Parallel()
	}
	postgres := chattest.StartPostgres(t)
	f := chattest.NewFleetOn(t, postgres.Database(), 3)
	c := f.Nodes[0].Company(t, "lobby", 12, 6, chattest.LongOr(2000, 300))
	c.AlsoChanges()
	began, rounds := time.Now(), 0
	for ; rounds < len(f.Nodes) || !c.IsCutEnough(); rounds++ { // replaces one part after the other while they talk
		breaks := []func(){f.NATS.Kill, postgres.Kill}
		if rounds%2 == 1 {
			breaks = []func(){postgres.Stops, f.NATS.Kill}
		}
		var replaced atomic.Bool
		var replacing sync.WaitGroup
		replacing.Go(func() {
			for _, does := range append(breaks, f.NATS.Start, postgres.Restart) {
				does()
			}
			node := f.Nodes[rounds%len(f.Nodes)]
			node.Stop()
			node.Start()
			replaced.Store(true)
		})
		c.TalksUntil(replaced.Load)
		replacing.Wait()
		if t.Failed() {
			return
		}
	}
	c.Agrees()
	chattest.Figure(t, "fleet", "%d cuts, and %d times a node, NATS and Postgres replaced, in %.1f s: %d said, everybody has what is stored, once",
		c.Network.Broken(), rounds, time.Since(began).Seconds(), c.Said())
}
