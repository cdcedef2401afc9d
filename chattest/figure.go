package chattest

import (
	"slices"
	"testing"
	"time"
)

// Figure logs what was measured of a promise of docs/reliability.md. make chaos
// prints these lines.
func Figure(t testing.TB, promise, format string, args ...any) {
	t.Helper()
	t.Logf("figure: "+promise+": "+format, args...)
}

// LongOr is the one number in the long form, and the other in the short one.
func LongOr(long, short int) int {
	if Long() {
		return long
	}
	return short
}

// Quantile is what so much of the times, from 0 to 1, are not above. The times are
// sorted. Of none it is 0.
func Quantile(of float64, times []time.Duration) time.Duration {
	if len(times) == 0 {
		return 0
	}
	slices.Sort(times)
	return times[min(len(times)-1, int(of*float64(len(times))))]
}
