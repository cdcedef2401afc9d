// Package telemetry says how the server is: metrics for Prometheus, traces for
// OpenTelemetry, and the log. It observes, and decides nothing.
package telemetry

import (
	"context"
	"errors"
	"net/http"
	"time"

	"chatserver/chat"
	"chatserver/metrics"
)

// Telemetry is all that is told of one server. Its methods are safe for several
// goroutines and never block.
type Telemetry struct {
	Traffic

	registry metrics.Registry
	counted  instruments
	traces   *Traces // nil when nobody collects them
}

var _ chat.Metrics = (*Telemetry)(nil)

// New makes what is told of a server of a version. Without traces there are none.
func New(version string, traces *Traces) *Telemetry {
	t := &Telemetry{traces: traces}
	t.counted.register(&t.registry, version, &t.Traffic)
	return t
}

// Watch adds how a chat stands, the free space for its database, and what others
// collect. What is about other nodes is there only for a chat that may have some.
func (t *Telemetry) Watch(figures func() chat.Stats, disk Disk, others ...metrics.Collector) {
	if fleet := figures().Fleet; fleet != nil && fleet.Broker != nil {
		t.registry.Register(t.counted.allAges)
	}
	t.registry.Register(append(others, standing{figures, disk})...)
}

// Expect has the reasons counted from nothing on: what appears with its first event is
// no increase to an alert.
func (t *Telemetry) Expect(refused, throttled, closed []string) {
	for _, reason := range throttled {
		t.counted.throttled.With(reason)
	}
	for _, reason := range refused {
		t.counted.refused.With(reason)
	}
	for _, reason := range closed {
		t.counted.closed.With(reason)
	}
}

// Handler serves the metrics in the text format of Prometheus.
func (t *Telemetry) Handler() http.Handler {
	return &t.registry
}

// Close sends what is left of the traces, or gives up with the context.
func (t *Telemetry) Close(ctx context.Context) error {
	if t.traces == nil {
		return nil
	}
	return t.traces.provider.Shutdown(ctx)
}

// Stored implements chat.Metrics.
func (t *Telemetry) Stored(batch []chat.Draft, began time.Time, err error) {
	took := time.Since(began)
	if err == nil {
		t.counted.commits.Observe(took.Seconds())
		t.counted.batches.Observe(float64(len(batch)))
	} else {
		t.counted.failedCommits.Inc()
	}
	if t.traces != nil {
		t.traces.stored(batch, began, began.Add(took), err)
	}
}

// Answered implements chat.Metrics.
func (t *Telemetry) Answered(draft chat.Draft, outcome chat.Outcome) {
	switch {
	case outcome.Err != nil:
		t.counted.unstored.With(why(outcome.Err)).Inc()
		t.Unsaid(draft.Trace, outcome.Err)
	case outcome.Known:
		t.counted.repeated.Inc()
	default:
		t.counted.stored.Inc()
	}
	t.counted.acks.Observe(time.Since(draft.Taken).Seconds())
}

// why names an error that a draft ended with.
func why(err error) string {
	switch {
	case errors.Is(err, chat.ErrNotStored):
		return "not_stored"
	case errors.Is(err, chat.ErrIDConflict):
		return "id_conflict"
	case errors.Is(err, chat.ErrTooManyRooms):
		return "too_many_rooms"
	case errors.Is(err, chat.ErrTooManyNewRooms):
		return "too_many_new_rooms"
	case errors.Is(err, chat.ErrShortOnly), errors.Is(err, chat.ErrNoNewRooms):
		return "disk_low"
	default:
		return "other"
	}
}

// DeliveredToAll implements chat.Metrics.
func (t *Telemetry) DeliveredToAll(draft chat.Draft) {
	if t.traces != nil {
		t.traces.heard(draft, time.Now())
	}
}

// Delivered implements chat.Metrics.
func (t *Telemetry) Delivered(messages, connections int) {
	t.counted.deliveries.Add(float64(messages * connections))
}

// RemoteReceived implements chat.Metrics. Who is ahead of us by the clock says nothing
// that is older than now.
func (t *Telemetry) RemoteReceived(message chat.Message) {
	t.counted.ages.Observe(max(0, time.Since(message.At).Seconds()))
}

// Panicked implements chat.Metrics.
func (t *Telemetry) Panicked(in string) { t.counted.panics.With(in).Inc() }

// Refused counts a connection that was refused before its upgrade, by the status.
func (t *Telemetry) Refused(reason string) { t.counted.refused.With(reason).Inc() }

// Closed counts a connection that has ended.
func (t *Telemetry) Closed(reason string) { t.counted.closed.With(reason).Inc() }

// Throttled adds a time for which a connection was not read.
func (t *Telemetry) Throttled(reason string, span time.Duration) {
	t.counted.throttled.With(reason).Add(span.Seconds())
}

// Denied counts a command that was answered with an error of this code.
func (t *Telemetry) Denied(code string) { t.counted.denied.With(code).Inc() }

// Requested counts a request that was answered.
func (t *Telemetry) Requested(method, route, status string, took time.Duration) {
	t.counted.requests.With(method, route, status).Inc()
	t.counted.requestTimes.With(route).Observe(took.Seconds())
}
