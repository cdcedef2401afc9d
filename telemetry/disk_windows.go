package telemetry

import (
	"fmt"

	"golang.org/x/sys/windows"
)

// DiskSpace returns the space of a folder's file system. The error is the kernel's, or
// errors.ErrUnsupported on systems where the space is unknown.
func DiskSpace(folder string) (Space, error) {
	path, err := windows.UTF16PtrFromString(folder)
	var free, total uint64
	if err == nil {
		err = windows.GetDiskFreeSpaceEx(path, &free, &total, nil) // both respect this user's quota
	}
	if err != nil {
		return Space{}, fmt.Errorf("read the free space of %s: %w", folder, err)
	}
	return Space{Free: float64(free), Total: float64(total)}, nil
}
