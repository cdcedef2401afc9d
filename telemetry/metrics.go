package telemetry

import (
	"runtime"

	"chatserver/chat"
	"chatserver/metrics"
)

// The buckets. People perceive less than a tenth of a second as immediate. A commit on a
// good disk takes less than a millisecond, and one that takes seconds is waiting for a
// lock.
var (
	ackBuckets     = []float64{.0005, .001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10}
	commitBuckets  = []float64{.0001, .00025, .0005, .001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 5}
	batchBuckets   = []float64{1, 2, 4, 8, 16, 32, 64, 128, 256}
	ageBuckets     = []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10}
	requestBuckets = []float64{.0005, .001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5}
)

// instruments are the metrics that are updated by events. docs/monitoring.md explains
// each.
type instruments struct {
	stored, repeated, deliveries, failedCommits *metrics.Counter
	unstored, denied, refused, closed, panics   *metrics.Counters
	throttled                                   *metrics.Counters
	acks, commits, batches, ages                *metrics.Histogram
	allAges                                     *metrics.Histograms
	requests                                    *metrics.Counters
	requestTimes                                *metrics.Histograms
}

func (m *instruments) register(to *metrics.Registry, version string, traffic *Traffic) {
	counters := func(name, help string, labels ...string) *metrics.Counters {
		return add(to, metrics.NewCounters(name, help, labels...))
	}
	counter := func(name, help string) *metrics.Counter { return counters(name, help).With() }
	histogram := func(name, help string, buckets []float64) *metrics.Histogram {
		return add(to, metrics.NewHistograms(name, help, buckets)).With()
	}
	m.stored = counter("chatserver_messages_stored_total", "Messages stored and acknowledged.")
	m.repeated = counter("chatserver_messages_repeated_total", "Repeated messages that were already stored.")
	m.unstored = counters("chatserver_messages_not_stored_total", "Messages not stored, by reason; their senders got an error.", "reason")
	m.deliveries = counter("chatserver_deliveries_total", "Messages times the connections that each was delivered to.")
	m.acks = histogram("chatserver_send_to_ack_seconds", "Time from receiving a message to acknowledging it.", ackBuckets)
	m.commits = histogram("chatserver_commit_seconds", "Duration of the commit of a batch of messages.", commitBuckets)
	m.batches = histogram("chatserver_commit_messages", "Messages per commit.", batchBuckets)
	m.allAges = metrics.NewHistograms("chatserver_hint_age_seconds", "Age of other nodes' messages on arrival, by the clocks of both nodes.", ageBuckets) // a single server has none: see Watch
	m.ages = m.allAges.With()
	m.failedCommits = counter("chatserver_commits_failed_total", "Batches of messages that failed; none of their messages was stored.")
	m.denied = counters("chatserver_commands_denied_total", "Commands answered with an error, by code.", "code")
	m.refused = counters("chatserver_connections_refused_total", "Connections refused before the upgrade, by reason.", "reason")
	m.closed = counters("chatserver_connections_closed_total", "Closed connections, by reason.", "reason")
	m.throttled = counters("chatserver_throttled_seconds_total", "Time for which connections were throttled, by limit.", "reason")
	m.panics = counters("chatserver_panics_total", "Recovered panics: each is a bug.", "in")
	m.requests = counters("chatserver_http_requests_total", "HTTP requests answered, without upgrades.", "method", "route", "status")
	m.requestTimes = add(to, metrics.NewHistograms("chatserver_http_request_seconds", "Duration of HTTP requests.", requestBuckets, "route"))
	sampled := func(kind, name, help string, value func() float64) {
		desc := &metrics.Desc{Name: name, Help: help, Kind: kind}
		to.Register(metrics.CollectorFunc(func(to *metrics.Scrape) { to.Add(desc, value()) }))
	}
	sampled(metrics.CounterKind, "chatserver_received_bytes_total", "Bytes received from connections after their upgrade.", traffic.received.sum)
	sampled(metrics.CounterKind, "chatserver_sent_bytes_total", "Bytes sent to connections after their upgrade.", traffic.sent.sum)
	sampled(metrics.GaugeKind, "chatserver_connections_behind", "Connections with a backlog, because they read too slowly.", traffic.behindNow)
	sampled(metrics.GaugeKind, "chatserver_queued_bytes", "Bytes queued for connections with a backlog.", traffic.queuedNow)
	runs := gauge("chatserver_build_info", "Always 1; the labels have the versions.", "go", "version")
	to.Register(metrics.CollectorFunc(func(to *metrics.Scrape) { to.Add(runs, 1, runtime.Version(), version) }))
}

func add[C metrics.Collector](to *metrics.Registry, collector C) C {
	to.Register(collector)
	return collector
}

func gauge(name, help string, labels ...string) *metrics.Desc {
	return &metrics.Desc{Name: name, Help: help, Kind: metrics.GaugeKind, Labels: labels}
}

func counter(name, help string, labels ...string) *metrics.Desc {
	return &metrics.Desc{Name: name, Help: help, Kind: metrics.CounterKind, Labels: labels}
}

// stateCollector collects the state of a chat when metrics are scraped.
type stateCollector struct {
	stats func() chat.Stats
	disk  Disk
}

// Disk is the disk of the database. With Postgres it is the zero Disk.
type Disk struct {
	Space func() (Space, error)
	Floor func(total float64) float64 // see config.Config.DiskFloor
}

var (
	connectionsNow = gauge("chatserver_connections", "Open connections, by framing.", "frames")
	roomsNow       = gauge("chatserver_rooms_open", "Rooms with members.")
	draftsNow      = gauge("chatserver_drafts_pending", "Messages waiting for the next commit.")
	draftBytesNow  = gauge("chatserver_drafts_bytes", "Bytes of messages that are not acknowledged yet.")
	deliveringNow  = gauge("chatserver_rooms_delivering", "Rooms with pending deliveries.")
	filledTotal    = counter("chatserver_rooms_filled_total", "Backfills of rooms from the store, by reason.", "reason")
	floorNow       = gauge("chatserver_data_min_free_bytes", "Free space below which only short messages are stored; 0 = never.")
	freeNow        = gauge("chatserver_data_free_bytes", "Free space on the disk of the data directory.")
)

// Collect implements metrics.Collector.
func (s stateCollector) Collect(to *metrics.Scrape) {
	f := s.stats()
	connections := map[string]int{}
	for kind, n := range f.Connections {
		connections[chat.Kind(kind).String()] += n
	}
	for kind, n := range connections {
		to.Add(connectionsNow, float64(n), kind)
	}
	to.Add(roomsNow, float64(f.Rooms))
	to.Add(draftsNow, float64(f.Drafts))
	to.Add(draftBytesNow, float64(f.DraftBytes))
	to.Add(deliveringNow, float64(f.Delivering))
	for reason, n := range f.Backfilled {
		to.Add(filledTotal, float64(n), chat.BackfillReason(reason).String())
	}
	if f.Fleet != nil {
		collectFleet(to, f.Fleet)
	}
	if s.disk.Space == nil {
		return
	}
	if space, err := s.disk.Space(); err == nil {
		to.Add(freeNow, space.Free)
		to.Add(floorNow, s.disk.Floor(space.Total))
	}
}
