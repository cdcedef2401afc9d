//go:build unix

package config

import (
	"math"
	"syscall"
)

// OpenFiles returns how many files and sockets the process may open; 0 if that is
// unlimited or unknown. Go has already raised the limit to the hard limit.
func OpenFiles() int {
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit); err != nil || limit.Cur > math.MaxInt32 {
		return 0
	}
	return int(limit.Cur) //nolint:gosec // checked above
}
