//go:build !linux && !darwin && !freebsd && !dragonfly && !windows

package telemetry

import (
	"errors"
	"fmt"
)

// DiskSpace returns what the file system of a folder has. The error is the kernel's, or
// errors.ErrUnsupported on systems where it is not known.
func DiskSpace(folder string) (Space, error) {
	return Space{}, fmt.Errorf("ask for the free space of %s: %w", folder, errors.ErrUnsupported)
}
