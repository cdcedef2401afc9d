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
	// gcPercent is the GC target unless GOGC is set. Most memory belongs to idle
	// connections, and Go's default of 100 would keep as much again as garbage: with 50,
	// an idle connection costs a tenth less. The CPU cost is not measurable, but the
	// slowest responses of a busy server are slower (docs/performance.md).
	gcPercent = 50
	// memoryShare is the share of a container's memory for Go, unless GOMEMLIMIT is set.
	// SQLite uses up to 24 MB that Go does not count.
	memoryShare = 0.8
)

// BoundMemory configures the garbage collector. Near the memory limit it works harder, so
// that the kernel does not kill the process.
func BoundMemory(log *slog.Logger) {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(gcPercent)
	}
	limit, err := memlimit.Set(memlimit.WithProvider(memlimit.FromCgroup), memlimit.WithRatio(memoryShare))
	switch {
	case errors.Is(err, memlimit.ErrNoCgroup), errors.Is(err, memlimit.ErrCgroupsNotSupported):
	case err != nil:
		log.Warn("no memory limit set: cannot read the container's limit", "error", err)
	case limit < math.MaxInt64:
		log.Info("memory limit set", "bytes", limit)
	}
}
