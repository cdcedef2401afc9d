//go:build darwin || freebsd || dragonfly

package telemetry

import (
	"fmt"

	"golang.org/x/sys/unix"
)

// DiskSpace returns what the file system of a folder has. The error is the kernel's, or
// errors.ErrUnsupported on systems where it is not known.
func DiskSpace(folder string) (Space, error) {
	var fs unix.Statfs_t
	if err := unix.Statfs(folder, &fs); err != nil {
		return Space{}, fmt.Errorf("ask for the free space of %s: %w", folder, err)
	}
	block := float64(fs.Bsize)
	return Space{Free: max(float64(fs.Bavail), 0) * block, Total: float64(fs.Blocks) * block}, nil // below 0 only root may write
}
