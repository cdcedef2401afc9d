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
	block := float64(fs.Frsize) // the unit of Blocks and Bavail; Bsize is the preferred I/O size (statvfs(3))
	if block == 0 {
		block = float64(fs.Bsize)
	}
	return Space{Free: float64(fs.Bavail) * block, Total: float64(fs.Blocks) * block}, nil
}
