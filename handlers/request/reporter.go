package request

import (
	"log/slog"
	"runtime/debug"
	"time"

	"chatserver/telemetry"
)

// Reporter sends events to the metrics and the log.
type Reporter struct {
	*telemetry.Telemetry
	Log *slog.Logger
}

// FlushPanicked implements ws.WriterMetrics.
func (r *Reporter) FlushPanicked(value any) {
	r.Panicked("flush")
	r.Log.Error("panic while flushing a connection", "panic", value, "stack", string(debug.Stack()))
}

// DurationAttr returns a duration as a log attribute: a number of milliseconds, in every log
// format.
func DurationAttr(d time.Duration) slog.Attr {
	return slog.Float64("ms", float64(d.Round(time.Microsecond))/float64(time.Millisecond))
}
