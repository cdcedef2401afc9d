package commands

import (
	"errors"
	"log/slog"
	"math"
	"os"
	"runtime/debug"

	"github.com/KimMachineGun/automemlimit/memlimit"
)

const (
	// gcPercent is how much garbage may gather, in percent of what is in use, if
	// GOGC does not say. Most of our memory belongs to connections on which nothing
	// happens, and Go's own 100 would let as much again stand unused: with 50 an idle
	// connection costs a tenth less. It costs no CPU that could be measured, but the
	// slowest answers of a busy server come later (docs/performance.md).
	gcPercent = 50
	// memoryShare is how much of a container's memory is Go's, if GOMEMLIMIT does not
	// say. SQLite has up to 24 MB that Go does not count.
	memoryShare = 0.8
)

// BoundMemory sets up the garbage collector of this process. With a limit it works
// harder before the kernel would end the process.
func BoundMemory(log *slog.Logger) {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(gcPercent)
	}
	limit, err := memlimit.Set(memlimit.WithProvider(memlimit.FromCgroup), memlimit.WithRatio(memoryShare))
	switch {
	case errors.Is(err, memlimit.ErrNoCgroup), errors.Is(err, memlimit.ErrCgroupsNotSupported):
	case err != nil:
		log.Warn("no memory limit is set: the container's is not known", "error", err)
	case limit < math.MaxInt64:
		log.Info("memory is limited", "bytes", limit)
	}
}
