package telemetry

import (
	"fmt"

	"golang.org/x/sys/windows"
)

// DiskSpace returns what the file system of a folder has. The error is the kernel's, or
// errors.ErrUnsupported on systems where it is not known.
func DiskSpace(folder string) (Space, error) {
	path, err := windows.UTF16PtrFromString(folder)
	var free, total uint64
	if err == nil {
		err = windows.GetDiskFreeSpaceEx(path, &free, &total, nil) // both by the quota of this user
	}
	if err != nil {
		return Space{}, fmt.Errorf("ask for the free space of %s: %w", folder, err)
	}
	return Space{Free: float64(free), Total: float64(total)}, nil
}
