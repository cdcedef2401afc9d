package chattest

import (
	"slices"
	"testing"
	"time"
)

// Figure logs a measurement for a promise of docs/reliability.md. make chaos prints
// these lines.
func Figure(t testing.TB, promise, format string, args ...any) {
	t.Helper()
	t.Logf("figure: "+promise+": "+format, args...)
}

// LongOr returns the first number in the long form of a test, and the second in the
// short form.
func LongOr(long, short int) int {
	if Long() {
		return long
	}
	return short
}

// Quantile returns the given quantile (0 to 1) of sorted times, or 0 if there are none.
func Quantile(of float64, times []time.Duration) time.Duration {
	if len(times) == 0 {
		return 0
	}
	slices.Sort(times)
	return times[min(len(times)-1, int(of*float64(len(times))))]
}
