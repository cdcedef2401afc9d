package telemetry

import (
	"runtime"

	"chatserver/chat"
	"chatserver/metrics"
)

// The buckets: a person takes less than a tenth of a second for at once. A commit
// on a good disk takes less than a millisecond, and one that takes seconds waits for
// a lock.
var (
	ackBuckets     = []float64{.0005, .001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10}
	commitBuckets  = []float64{.0001, .00025, .0005, .001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 5}
	batchBuckets   = []float64{1, 2, 4, 8, 16, 32, 64, 128, 256}
	ageBuckets     = []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10}
	requestBuckets = []float64{.0005, .001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5}
)

// instruments are what is counted. docs/monitoring.md says what each is good for.
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
	m.stored = counter("chatserver_messages_stored_total", "Messages that were stored and acknowledged.")
	m.repeated = counter("chatserver_messages_repeated_total", "Messages that were sent again and were stored already.")
	m.unstored = counters("chatserver_messages_not_stored_total", "Messages that were taken and not stored; their senders were told.", "reason")
	m.deliveries = counter("chatserver_deliveries_total", "Messages times the connections that each was handed to.")
	m.acks = histogram("chatserver_send_to_ack_seconds", "From a message being taken to its sender being told.", ackBuckets)
	m.commits = histogram("chatserver_commit_seconds", "How long the store took for a batch of messages.", commitBuckets)
	m.batches = histogram("chatserver_commit_messages", "How many messages shared a commit.", batchBuckets)
	m.allAges = metrics.NewHistograms("chatserver_hint_age_seconds", "How old messages of other nodes are when they arrive, by the clocks of both nodes.", ageBuckets) // a process alone has none: see Watch
	m.ages = m.allAges.With()
	m.failedCommits = counter("chatserver_commits_failed_total", "Batches of messages of which nothing was stored.")
	m.denied = counters("chatserver_commands_denied_total", "Commands that were answered with an error, by its code.", "code")
	m.refused = counters("chatserver_connections_refused_total", "Connections that were refused before the upgrade.", "reason")
	m.closed = counters("chatserver_connections_closed_total", "Connections that have ended, by why.", "reason")
	m.throttled = counters("chatserver_throttled_seconds_total", "Seconds for which connections were not read because a limit was reached, by which.", "reason")
	m.panics = counters("chatserver_panics_total", "Panics that were recovered: each is a mistake in the program.", "in")
	m.requests = counters("chatserver_http_requests_total", "Requests that were answered, but for those that became a connection.", "method", "route", "status")
	m.requestTimes = add(to, metrics.NewHistograms("chatserver_http_request_seconds", "How long a request took to be answered.", requestBuckets, "route"))
	sampled := func(kind, name, help string, value func() float64) {
		desc := &metrics.Desc{Name: name, Help: help, Kind: kind}
		to.Register(metrics.CollectorFunc(func(to *metrics.Scrape) { to.Add(desc, value()) }))
	}
	sampled(metrics.CounterKind, "chatserver_received_bytes_total", "Bytes that connections sent, after their upgrade.", traffic.received.sum)
	sampled(metrics.CounterKind, "chatserver_sent_bytes_total", "Bytes that connections were sent, after their upgrade.", traffic.sent.sum)
	sampled(metrics.GaugeKind, "chatserver_connections_behind", "Connections that have something queued because they do not take it.", traffic.behindNow)
	sampled(metrics.GaugeKind, "chatserver_queued_bytes", "Bytes that are queued for connections that are behind.", traffic.queuedNow)
	runs := gauge("chatserver_build_info", "Always 1; the labels say what runs.", "go", "version")
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

// standing is how a chat stands when it is asked.
type standing struct {
	figures func() chat.Stats
	disk    Disk
}

// Disk is the disk of the database; of a Postgres elsewhere it is the zero Disk.
type Disk struct {
	Space func() (Space, error)
	Floor func(total float64) float64 // see config.Config.DiskFloor
}

var (
	connectionsNow = gauge("chatserver_connections", "Connections that are open, by how they speak.", "frames")
	roomsNow       = gauge("chatserver_rooms_open", "Rooms in which somebody is.")
	draftsNow      = gauge("chatserver_drafts_pending", "Messages that wait for the next commit.")
	draftBytesNow  = gauge("chatserver_drafts_bytes", "Bytes of the messages that are not acknowledged yet.")
	deliveringNow  = gauge("chatserver_rooms_delivering", "Rooms that have something to deliver.")
	filledTotal    = counter("chatserver_rooms_filled_total", "Rooms whose members were given from the store what they lacked, by how that was found out.", "reason")
	floorNow       = gauge("chatserver_data_min_free_bytes", "Free space below which only short messages are stored; 0 = never.")
	freeNow        = gauge("chatserver_data_free_bytes", "Free space where the data folder is.")
)

// Collect implements metrics.Collector.
func (s standing) Collect(to *metrics.Scrape) {
	f := s.figures()
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
	for doubt, n := range f.Backfilled {
		to.Add(filledTotal, float64(n), chat.BackfillReason(doubt).String())
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
