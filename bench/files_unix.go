//go:build unix

package main

import (
	"fmt"
	"math"
	"syscall"
)

// raiseOpenFiles raises the limit of open files to the system's maximum, for this
// process and the servers that it starts. Go raises it only for itself, and child
// processes get the old limit.
func raiseOpenFiles() error {
	var limit syscall.Rlimit
	err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit)
	if err == nil {
		limit.Cur = limit.Max
		err = syscall.Setrlimit(syscall.RLIMIT_NOFILE, &limit)
	}
	if err != nil {
		return fmt.Errorf("raise the limit of open files: %w", err)
	}
	return nil
}

// openFiles returns how many files this process, and a server that it starts, can have
// open after the limit is raised.
func openFiles() (int, error) {
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit); err != nil {
		return 0, fmt.Errorf("the limit of open files: %w", err)
	}
	return int(min(uint64(limit.Cur), math.MaxInt32)), nil //nolint:gosec,unconvert // the BSDs have signed ones
}
