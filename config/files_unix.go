//go:build unix

package config

import (
	"math"
	"syscall"
)

// OpenFiles is how many files and sockets the process may have open; 0 when
// that is not limited or not known. Go has raised it to the hard limit by now.
func OpenFiles() int {
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit); err != nil || limit.Cur > math.MaxInt32 {
		return 0
	}
	return int(limit.Cur) //nolint:gosec // checked above
}
