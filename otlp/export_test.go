package otlp

import (
	"context"
	"time"
)

// Waits makes the exporter ask wait, or nobody, instead of the clock before it sends
// something again, and returns how long it would have waited each time.
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
