//go:build unix && !netbsd && !openbsd && !solaris && !illumos

package telemetry

import "golang.org/x/sys/unix"

// FreeBytes is the space of a folder's file system that is left for us.
func FreeBytes(folder string) (bytes float64, known bool) {
	var fs unix.Statfs_t
	if err := unix.Statfs(folder, &fs); err != nil {
		return 0, false
	}
	return float64(fs.Bavail) * float64(fs.Bsize), true
}
