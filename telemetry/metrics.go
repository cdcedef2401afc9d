package telemetry

import (
	"runtime"

	"github.com/prometheus/client_golang/prometheus"

	"chatserver/chat"
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

// metrics are what is counted. docs/monitoring.md says what each is good for.
type metrics struct {
	stored, repeated, deliveries, failedCommits prometheus.Counter
	unstored, denied, refused, closed, panics   *prometheus.CounterVec
	throttled                                   *prometheus.CounterVec
	acks, commits, batches, ages                prometheus.Histogram
	requests                                    *prometheus.CounterVec
	requestTimes                                *prometheus.HistogramVec
}

func (m *metrics) register(to *prometheus.Registry, version string, traffic *Traffic) {
	counter := func(name, help string) prometheus.Counter {
		return add(to, prometheus.NewCounter(prometheus.CounterOpts{Name: name, Help: help}))
	}
	counters := func(name, help string, labels ...string) *prometheus.CounterVec {
		return add(to, prometheus.NewCounterVec(prometheus.CounterOpts{Name: name, Help: help}, labels))
	}
	histogram := func(name, help string, buckets []float64) prometheus.Histogram {
		return add(to, prometheus.NewHistogram(prometheus.HistogramOpts{Name: name, Help: help, Buckets: buckets}))
	}
	m.stored = counter("chatserver_messages_stored_total", "Messages that were stored and acknowledged.")
	m.repeated = counter("chatserver_messages_repeated_total", "Messages that were sent again and were stored already.")
	m.unstored = counters("chatserver_messages_not_stored_total", "Messages that were taken and not stored; their senders were told.", "reason")
	m.deliveries = counter("chatserver_deliveries_total", "Messages times the connections that each was handed to.")
	m.acks = histogram("chatserver_send_to_ack_seconds", "From a message being taken to its sender being told.", ackBuckets)
	m.commits = histogram("chatserver_commit_seconds", "How long the store took for a batch of messages.", commitBuckets)
	m.batches = histogram("chatserver_commit_messages", "How many messages shared a commit.", batchBuckets)
	m.ages = prometheus.NewHistogram(prometheus.HistogramOpts{
		Name: "chatserver_hint_age_seconds", Help: "How old messages of other nodes are when they arrive, by the clocks of both nodes.", Buckets: ageBuckets,
	}) // a process alone has none: see Watch
	m.failedCommits = counter("chatserver_commits_failed_total", "Batches of messages of which nothing was stored.")
	m.denied = counters("chatserver_commands_denied_total", "Commands that were answered with an error, by its code.", "code")
	m.refused = counters("chatserver_connections_refused_total", "Connections that were refused before the upgrade.", "reason")
	m.closed = counters("chatserver_connections_closed_total", "Connections that have ended, by why.", "reason")
	m.throttled = counters("chatserver_throttled_seconds_total", "Seconds for which connections were not read because a limit was reached, by which.", "reason")
	m.panics = counters("chatserver_panics_total", "Panics that were recovered: each is a mistake in the program.", "in")
	m.requests = counters("chatserver_http_requests_total", "Requests that were answered, but for those that became a connection.", "method", "route", "status")
	m.requestTimes = add(to, prometheus.NewHistogramVec(prometheus.HistogramOpts{
		Name: "chatserver_http_request_seconds", Help: "How long a request took to be answered.", Buckets: requestBuckets,
	}, []string{"route"}))
	add(to, prometheus.NewCounterFunc(prometheus.CounterOpts{Name: "chatserver_received_bytes_total", Help: "Bytes that connections sent, after their upgrade."}, traffic.received.sum))
	add(to, prometheus.NewCounterFunc(prometheus.CounterOpts{Name: "chatserver_sent_bytes_total", Help: "Bytes that connections were sent, after their upgrade."}, traffic.sent.sum))
	add(to, prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: "chatserver_connections_behind", Help: "Connections that have something queued because they do not take it."}, traffic.behindNow))
	add(to, prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: "chatserver_queued_bytes", Help: "Bytes that are queued for connections that are behind."}, traffic.queuedNow))
	add(to, prometheus.NewGaugeFunc(prometheus.GaugeOpts{
		Name: "chatserver_build_info", Help: "Always 1; the labels say what runs.",
		ConstLabels: prometheus.Labels{"version": version, "go": runtime.Version()},
	}, func() float64 { return 1 }))
}

func add[C prometheus.Collector](to *prometheus.Registry, collector C) C {
	to.MustRegister(collector)
	return collector
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
	connectionsNow = prometheus.NewDesc("chatserver_connections", "Connections that are open, by how they speak.", []string{"frames"}, nil)
	roomsNow       = prometheus.NewDesc("chatserver_rooms_open", "Rooms in which somebody is.", nil, nil)
	draftsNow      = prometheus.NewDesc("chatserver_drafts_pending", "Messages that wait for the next commit.", nil, nil)
	draftBytesNow  = prometheus.NewDesc("chatserver_drafts_bytes", "Bytes of the messages that are not acknowledged yet.", nil, nil)
	deliveringNow  = prometheus.NewDesc("chatserver_rooms_delivering", "Rooms that have something to deliver.", nil, nil)
	filledTotal    = prometheus.NewDesc("chatserver_rooms_filled_total", "Rooms whose members were given from the store what they lacked, by how that was found out.", []string{"reason"}, nil)
	floorNow       = prometheus.NewDesc("chatserver_data_min_free_bytes", "Free space below which only short messages are stored; 0 = never.", nil, nil)
	freeNow        = prometheus.NewDesc("chatserver_data_free_bytes", "Free space where the data folder is.", nil, nil)
)

// Describe implements prometheus.Collector.
func (standing) Describe(to chan<- *prometheus.Desc) {
	for _, desc := range []*prometheus.Desc{connectionsNow, roomsNow, draftsNow, draftBytesNow, deliveringNow, filledTotal, freeNow, floorNow} {
		to <- desc
	}
	describeFleet(to)
}

// Collect implements prometheus.Collector.
func (s standing) Collect(to chan<- prometheus.Metric) {
	gauge := func(desc *prometheus.Desc, value float64, labels ...string) {
		to <- prometheus.MustNewConstMetric(desc, prometheus.GaugeValue, value, labels...)
	}
	f := s.figures()
	connections := map[string]int{}
	for kind, n := range f.Connections {
		connections[chat.Kind(kind).String()] += n
	}
	for kind, n := range connections {
		gauge(connectionsNow, float64(n), kind)
	}
	gauge(roomsNow, float64(f.Rooms))
	gauge(draftsNow, float64(f.Drafts))
	gauge(draftBytesNow, float64(f.DraftBytes))
	gauge(deliveringNow, float64(f.Delivering))
	for doubt, n := range f.Backfilled {
		to <- prometheus.MustNewConstMetric(filledTotal, prometheus.CounterValue, float64(n), chat.BackfillReason(doubt).String())
	}
	if f.Fleet != nil {
		collectFleet(to, f.Fleet)
	}
	if s.disk.Space == nil {
		return
	}
	if space, err := s.disk.Space(); err == nil {
		gauge(freeNow, space.Free)
		gauge(floorNow, s.disk.Floor(space.Total))
	}
}
