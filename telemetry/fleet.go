package telemetry

import (
	"chatserver/chat"
	"chatserver/metrics"
)

// What only a node of a fleet tells: the second half only one with NATS.
var (
	uncomparedTotal  = counter("chatserver_comparisons_failed_total", "Comparisons of the open rooms with the store that failed.")
	unsharedTotal    = counter("chatserver_register_failed_total", "Attempts to share with other nodes who is where that failed.")
	poolNow          = gauge("chatserver_postgres_connections", "Connections to Postgres that are open.", "pool")
	poolUsedNow      = gauge("chatserver_postgres_connections_in_use", "Connections to Postgres that are in use.", "pool")
	poolWaitsTotal   = counter("chatserver_postgres_waits_total", "How often somebody had to wait for a connection to Postgres.", "pool")
	poolWaitedTotal  = counter("chatserver_postgres_wait_seconds_total", "How long all have waited for a connection to Postgres.", "pool")
	lockTimeoutTotal = counter("chatserver_postgres_lock_timeouts_total", "Batches of messages that did not get a lock in time.")

	natsNow        = gauge("chatserver_nats_connected", "1 while NATS is there, else 0.")
	publishedTotal = counter("chatserver_hints_published_total", "Hints that the other nodes were sent.")
	receivedTotal  = counter("chatserver_hints_received_total", "Hints that came from other nodes.")
	droppedTotal   = counter("chatserver_hints_dropped_total", "Hints that came to nothing.", "reason")
)

// collectFleet tells how a node stands among the others.
func collectFleet(to *metrics.Scrape, f *chat.FleetStats) {
	to.Add(uncomparedTotal, float64(f.CompareFailures))
	to.Add(unsharedTotal, float64(f.RegistryFailures))
	to.Add(lockTimeoutTotal, float64(f.Store.LockTimeouts))
	for name, pool := range map[string]chat.PoolStats{"write": f.Store.Writers, "read": f.Store.Readers, "register": f.Store.Registry, "names": f.Store.Names} {
		to.Add(poolNow, float64(pool.Open), name)
		to.Add(poolUsedNow, float64(pool.InUse), name)
		to.Add(poolWaitsTotal, float64(pool.Waits), name)
		to.Add(poolWaitedTotal, pool.Waited.Seconds(), name)
	}
	b := f.Broker
	if b == nil {
		return
	}
	connected := 0.0
	if b.DisconnectedSince.IsZero() {
		connected = 1
	}
	to.Add(natsNow, connected)
	to.Add(publishedTotal, float64(b.Published))
	to.Add(receivedTotal, float64(b.Received))
	for reason, n := range map[string]int64{"epoch": f.Stale, "not_understood": b.Malformed, "unsigned": b.Unsigned, "forged": b.Forged, "late": b.Late, "invalid": f.Invalid, "too_many": b.Overflowed, "not_published": b.Unpublished} {
		to.Add(droppedTotal, float64(n), reason)
	}
}
