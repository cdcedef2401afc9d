//go:build darwin || freebsd || dragonfly

package telemetry

import (
	"fmt"

	"golang.org/x/sys/unix"
)

// DiskSpace returns the space of a folder's file system. The error is the kernel's, or
// errors.ErrUnsupported on systems where the space is unknown.
func DiskSpace(folder string) (Space, error) {
	var fs unix.Statfs_t
	if err := unix.Statfs(folder, &fs); err != nil {
		return Space{}, fmt.Errorf("read the free space of %s: %w", folder, err)
	}
	block := float64(fs.Bsize)
	return Space{Free: max(float64(fs.Bavail), 0) * block, Total: float64(fs.Blocks) * block}, nil // negative when only root may still write
}
