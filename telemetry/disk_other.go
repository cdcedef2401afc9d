//go:build !linux && !darwin && !freebsd && !dragonfly && !windows

package telemetry

import (
	"errors"
	"fmt"
)

// DiskSpace returns the space of a folder's file system. The error is the kernel's, or
// errors.ErrUnsupported on systems where the space is unknown.
func DiskSpace(folder string) (Space, error) {
	return Space{}, fmt.Errorf("read the free space of %s: %w", folder, errors.ErrUnsupported)
}
