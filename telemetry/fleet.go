package telemetry

import (
	"chatserver/chat"
	"chatserver/metrics"
)

// The metrics of a fleet's node. The second group exists only with NATS.
var (
	uncomparedTotal  = counter("chatserver_comparisons_failed_total", "Failed comparisons of the open rooms with the store.")
	unsharedTotal    = counter("chatserver_register_failed_total", "Failed attempts to synchronize presence with other nodes.")
	poolNow          = gauge("chatserver_postgres_connections", "Open connections to Postgres.", "pool")
	poolUsedNow      = gauge("chatserver_postgres_connections_in_use", "Connections to Postgres in use.", "pool")
	poolWaitsTotal   = counter("chatserver_postgres_waits_total", "Waits for a connection to Postgres.", "pool")
	poolWaitedTotal  = counter("chatserver_postgres_wait_seconds_total", "Total time spent waiting for a connection to Postgres.", "pool")
	lockTimeoutTotal = counter("chatserver_postgres_lock_timeouts_total", "Batches of messages that timed out waiting for a lock.")

	natsNow        = gauge("chatserver_nats_connected", "1 while connected to NATS, else 0.")
	publishedTotal = counter("chatserver_hints_published_total", "Hints published to other nodes.")
	receivedTotal  = counter("chatserver_hints_received_total", "Hints received from other nodes.")
	droppedTotal   = counter("chatserver_hints_dropped_total", "Dropped hints, by reason.", "reason")
)

// collectFleet collects the metrics of a fleet's node.
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
