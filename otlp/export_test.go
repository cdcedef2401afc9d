package otlp

import (
	"context"
	"time"
)

// Waits replaces the delay before a retry: the exporter calls wait, or returns at once if wait
// is nil. The result collects the delays it would have waited.
func (e *Exporter) Waits(wait func(context.Context) error) *[]time.Duration {
	waits := &[]time.Duration{}
	e.wait = func(ctx context.Context, delay time.Duration) error {
		*waits = append(*waits, delay)
		if wait == nil {
			return nil
		}
		return wait(ctx)
	}
	return waits
}
