//go:build unix

package main

import (
	"fmt"
	"syscall"
)

// raiseOpenFiles lets this process and the servers it starts have as many
// connections as the system allows. Go does that for itself only: what it
// starts would get the limit of before.
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
