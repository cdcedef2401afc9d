package handlers

import (
	"log/slog"
	"runtime/debug"
	"time"

	"chatserver/telemetry"
)

// reporter sends events to the metrics and the log.
type reporter struct {
	*telemetry.Telemetry
	log *slog.Logger
}

// FlushPanicked implements ws.WriterMetrics.
func (r *reporter) FlushPanicked(value any) {
	r.Panicked("flush")
	r.log.Error("panic while flushing a connection", "panic", value, "stack", string(debug.Stack()))
}

// durationAttr returns a duration as a log attribute: a number of milliseconds, in every log
// format.
func durationAttr(d time.Duration) slog.Attr {
	return slog.Float64("ms", float64(d.Round(time.Microsecond))/float64(time.Millisecond))
}
