package telemetry

import (
	"github.com/prometheus/client_golang/prometheus"

	"chatserver/chat"
)

// What only a node of a fleet tells: the second half only one with NATS.
var (
	uncomparedTotal  = prometheus.NewDesc("chatserver_comparisons_failed_total", "Comparisons of the open rooms with the store that failed.", nil, nil)
	unsharedTotal    = prometheus.NewDesc("chatserver_register_failed_total", "Attempts to share with other nodes who is where that failed.", nil, nil)
	poolNow          = prometheus.NewDesc("chatserver_postgres_connections", "Connections to Postgres that are open.", []string{"pool"}, nil)
	poolUsedNow      = prometheus.NewDesc("chatserver_postgres_connections_in_use", "Connections to Postgres that are in use.", []string{"pool"}, nil)
	poolWaitsTotal   = prometheus.NewDesc("chatserver_postgres_waits_total", "How often somebody had to wait for a connection to Postgres.", []string{"pool"}, nil)
	poolWaitedTotal  = prometheus.NewDesc("chatserver_postgres_wait_seconds_total", "How long all have waited for a connection to Postgres.", []string{"pool"}, nil)
	lockTimeoutTotal = prometheus.NewDesc("chatserver_postgres_lock_timeouts_total", "Batches of messages that did not get a lock in time.", nil, nil)

	natsNow        = prometheus.NewDesc("chatserver_nats_connected", "1 while NATS is there, else 0.", nil, nil)
	publishedTotal = prometheus.NewDesc("chatserver_hints_published_total", "Hints that the other nodes were sent.", nil, nil)
	receivedTotal  = prometheus.NewDesc("chatserver_hints_received_total", "Hints that came from other nodes.", nil, nil)
	droppedTotal   = prometheus.NewDesc("chatserver_hints_dropped_total", "Hints that came to nothing.", []string{"reason"}, nil)
)

func describeFleet(to chan<- *prometheus.Desc) {
	for _, desc := range []*prometheus.Desc{
		uncomparedTotal, unsharedTotal, poolNow, poolUsedNow, poolWaitsTotal, poolWaitedTotal, lockTimeoutTotal,
		natsNow, publishedTotal, receivedTotal, droppedTotal,
	} {
		to <- desc
	}
}

// collectFleet tells how a node stands among the others.
func collectFleet(to chan<- prometheus.Metric, f *chat.FleetStats) {
	counter := func(desc *prometheus.Desc, value float64, labels ...string) {
		to <- prometheus.MustNewConstMetric(desc, prometheus.CounterValue, value, labels...)
	}
	gauge := func(desc *prometheus.Desc, value float64, labels ...string) {
		to <- prometheus.MustNewConstMetric(desc, prometheus.GaugeValue, value, labels...)
	}
	counter(uncomparedTotal, float64(f.CompareFailures))
	counter(unsharedTotal, float64(f.RegistryFailures))
	counter(lockTimeoutTotal, float64(f.Store.LockTimeouts))
	for name, pool := range map[string]chat.PoolStats{"write": f.Store.Writers, "read": f.Store.Readers, "register": f.Store.Registry, "names": f.Store.Names} {
		gauge(poolNow, float64(pool.Open), name)
		gauge(poolUsedNow, float64(pool.InUse), name)
		counter(poolWaitsTotal, float64(pool.Waits), name)
		counter(poolWaitedTotal, pool.Waited.Seconds(), name)
	}
	b := f.Broker
	if b == nil {
		return
	}
	connected := 0.0
	if b.DisconnectedSince.IsZero() {
		connected = 1
	}
	gauge(natsNow, connected)
	counter(publishedTotal, float64(b.Published))
	counter(receivedTotal, float64(b.Received))
	for reason, n := range map[string]int64{"epoch": f.Stale, "not_understood": b.Malformed, "unsigned": b.Unsigned, "forged": b.Forged, "late": b.Late, "invalid": f.Invalid, "too_many": b.Overflowed, "not_published": b.Unpublished} {
		counter(droppedTotal, float64(n), reason)
	}
}
