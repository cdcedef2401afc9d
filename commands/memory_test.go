package commands

import (
	"log/slog"
	"runtime/debug"
	"testing"
)

// The operator's memory settings take precedence.
func TestGarbageIsCollectedAsTheOperatorSays(t *testing.T) {
	before := debug.SetGCPercent(300)
	limit := debug.SetMemoryLimit(-1)
	t.Cleanup(func() { debug.SetGCPercent(before); debug.SetMemoryLimit(limit) })

	t.Setenv("GOGC", "300")
	t.Setenv("GOMEMLIMIT", "1GiB")
	debug.SetMemoryLimit(1 << 30)
	BoundMemory(slog.New(slog.DiscardHandler))
	if percent, limit := debug.SetGCPercent(300), debug.SetMemoryLimit(-1); percent != 300 || limit != 1<<30 {
		t.Errorf("with GOGC=300 and GOMEMLIMIT=1GiB they are %d and %d", percent, limit)
	}
	t.Setenv("GOGC", "")
	BoundMemory(slog.New(slog.DiscardHandler))
	if percent := debug.SetGCPercent(300); percent != gcPercent {
		t.Errorf("without GOGC it is %d", percent)
	}
}
