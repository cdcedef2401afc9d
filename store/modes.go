package store

import (
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
)

// otherUsers are the permission bits of everyone but the owner.
const otherUsers fs.FileMode = 0o077

// OpenToOthers reports whether the mode of a file or folder gives users other than its
// owner access. On Windows it is always false, because there are no modes.
func OpenToOthers(info fs.FileInfo) bool {
	return runtime.GOOS != "windows" && info.Mode()&otherUsers != 0
}

// createPrivate creates an empty file that only its owner may read, whatever the umask.
// SQLite writes into it, and gives its WAL and shared-memory files the same mode.
func createPrivate(path string) error {
	file, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	return file.Close()
}

// restrictModes removes other users' access to the database, its copies and the lock
// file: older versions created them as the umask allowed. A file that belongs to another
// user, or is on a file system without modes, stays unchanged.
func (f *Folder) restrictModes(folder string) {
	entries, _ := os.ReadDir(folder) // readable: the lock was just written there
	for _, entry := range entries {
		path := filepath.Join(folder, entry.Name())
		if !strings.HasPrefix(entry.Name(), File) && entry.Name() != lockFile && entry.Name() != erasureList {
			continue
		}
		info, err := os.Stat(path)
		if err != nil || !info.Mode().IsRegular() || !OpenToOthers(info) {
			continue
		}
		_ = os.Chmod(path, 0o600) // the result is checked next
		if info, err = os.Stat(path); err == nil && OpenToOthers(info) {
			f.StillOpen = append(f.StillOpen, path)
		} else {
			f.Restricted = append(f.Restricted, path)
		}
	}
}
