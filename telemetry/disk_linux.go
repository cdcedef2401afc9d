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
	block := float64(fs.Frsize) // the blocks are counted in it; Bsize is what is best to read (statvfs(3))
	if block == 0 {
		block = float64(fs.Bsize)
	}
	return Space{Free: float64(fs.Bavail) * block, Total: float64(fs.Blocks) * block}, nil
}
