// Package telemetry has the server's observability: metrics for Prometheus, traces for
// OpenTelemetry, and the log. It observes and decides nothing.
package telemetry

import (
	"context"
	"errors"
	"net/http"
	"time"

	"chatserver/chat"
	"chatserver/metrics"
)

// Telemetry has the metrics and traces of one server. Its methods are safe for concurrent
// use and never block.
type Telemetry struct {
	Traffic

	registry metrics.Registry
	metrics  instruments
	traces   *Traces // nil if tracing is off
}

var _ chat.Metrics = (*Telemetry)(nil)

// New returns the telemetry of a server. traces may be nil.
func New(version string, traces *Traces) *Telemetry {
	t := &Telemetry{traces: traces}
	t.metrics.register(&t.registry, version, &t.Traffic)
	return t
}

// Watch adds the state of a chat, the free space for its database, and other collectors.
// The metrics about other nodes exist only in a fleet.
func (t *Telemetry) Watch(stats func() chat.Stats, disk Disk, others ...metrics.Collector) {
	if fleet := stats().Fleet; fleet != nil && fleet.Broker != nil {
		t.registry.Register(t.metrics.allAges)
	}
	t.registry.Register(append(others, stateCollector{stats, disk})...)
}

// Expect initializes the counters of these reasons to zero: a series that only appears
// with its first event is not an increase for an alert.
func (t *Telemetry) Expect(refused, throttled, closed []string) {
	for _, reason := range throttled {
		t.metrics.throttled.With(reason)
	}
	for _, reason := range refused {
		t.metrics.refused.With(reason)
	}
	for _, reason := range closed {
		t.metrics.closed.With(reason)
	}
}

// Handler serves the metrics in the text format of Prometheus.
func (t *Telemetry) Handler() http.Handler {
	return &t.registry
}

// Close flushes the traces, or gives up when the context ends.
func (t *Telemetry) Close(ctx context.Context) error {
	if t.traces == nil {
		return nil
	}
	return t.traces.provider.Shutdown(ctx)
}

// Stored implements chat.Metrics.
func (t *Telemetry) Stored(batch []chat.Change, began time.Time, err error) {
	took := time.Since(began)
	if err == nil {
		t.metrics.commits.Observe(took.Seconds())
		t.metrics.batches.Observe(float64(len(batch)))
	} else {
		t.metrics.failedCommits.Inc()
	}
	if t.traces != nil {
		t.traces.stored(batch, began, began.Add(took), err)
	}
}

// Answered implements chat.Metrics.
func (t *Telemetry) Answered(change chat.Change, outcome chat.Outcome) {
	header := change.Header()
	switch {
	case outcome.Err != nil:
		t.metrics.unstored.With(reasonOf(outcome.Err)).Inc()
		t.MessageRejected(header.Trace, outcome.Err)
	case outcome.Known:
		t.metrics.repeated.Inc()
	default:
		t.metrics.stored.Inc()
	}
	t.metrics.acks.Observe(time.Since(header.Taken).Seconds())
}

// reasonOf returns the label for an error of a change.
func reasonOf(err error) string {
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
func (t *Telemetry) DeliveredToAll(change chat.Header) {
	if t.traces != nil {
		t.traces.delivered(change, time.Now())
	}
}

// Delivered implements chat.Metrics.
func (t *Telemetry) Delivered(messages, connections int) {
	t.metrics.deliveries.Add(float64(messages * connections))
}

// RemoteReceived implements chat.Metrics. If the other node's clock is ahead of ours, the
// age counts as 0.
func (t *Telemetry) RemoteReceived(message chat.Message) {
	t.metrics.ages.Observe(max(0, time.Since(message.At).Seconds()))
}

// Panicked implements chat.Metrics.
func (t *Telemetry) Panicked(in string) { t.metrics.panics.With(in).Inc() }

// Refused counts a connection that was refused before its upgrade.
func (t *Telemetry) Refused(reason string) { t.metrics.refused.With(reason).Inc() }

// Closed counts a connection that ended.
func (t *Telemetry) Closed(reason string) { t.metrics.closed.With(reason).Inc() }

// Throttled adds the time for which a connection was not read.
func (t *Telemetry) Throttled(reason string, span time.Duration) {
	t.metrics.throttled.With(reason).Add(span.Seconds())
}

// Denied counts a command that was answered with an error.
func (t *Telemetry) Denied(code string) { t.metrics.denied.With(code).Inc() }

// Requested counts an answered request.
func (t *Telemetry) Requested(method, route, status string, took time.Duration) {
	t.metrics.requests.With(method, route, status).Inc()
	t.metrics.requestTimes.With(route).Observe(took.Seconds())
}
