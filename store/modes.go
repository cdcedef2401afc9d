package store

import (
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
)

// otherUsers are the rights of everybody but the owner.
const otherUsers fs.FileMode = 0o077

// OpenToOthers reports whether users other than its owner have access to a file or
// folder by its mode. On Windows there are no modes, and the answer is no.
func OpenToOthers(info fs.FileInfo) bool {
	return runtime.GOOS != "windows" && info.Mode()&otherUsers != 0
}

// createPrivate makes an empty file that only its owner may read, whatever the umask
// is. SQLite writes into it, and gives its log and its index the same mode.
func createPrivate(path string) error {
	file, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	return file.Close()
}

// restrictModes takes the rights to the database, its copies and the lock from everybody but
// their owner: older versions made them with the rights that the umask left. A file that
// belongs to another user, or on a file system without modes, stays as it is.
func (f *Folder) restrictModes(folder string) {
	entries, _ := os.ReadDir(folder) // the lock was just written there
	for _, entry := range entries {
		path := filepath.Join(folder, entry.Name())
		if !strings.HasPrefix(entry.Name(), File) && entry.Name() != lockFile {
			continue
		}
		info, err := os.Stat(path)
		if err != nil || !info.Mode().IsRegular() || !OpenToOthers(info) {
			continue
		}
		_ = os.Chmod(path, 0o600) // whether that worked is looked at next
		if info, err = os.Stat(path); err == nil && OpenToOthers(info) {
			f.StillOpen = append(f.StillOpen, path)
		} else {
			f.Restricted = append(f.Restricted, path)
		}
	}
}
