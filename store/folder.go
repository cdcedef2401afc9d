package store

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/gofrs/flock"
)

// Folder is a data directory that this process has locked.
type Folder struct {
	lock *flock.Flock
	// Restricted lists the files that other users had access to until the folder was
	// locked.
	Restricted []string
	// StillOpen lists the files that other users still have access to, because their
	// modes cannot be changed.
	StillOpen []string
}

// lockFile is the name of the file that a server locks in its data directory.
const lockFile = "lock"

// LockFolder creates the data directory if it is missing and locks it, so that two servers
// never write the same history. The lock ends with the process, however the process ends.
func LockFolder(path string) (*Folder, error) {
	if err := os.MkdirAll(path, 0o700); err != nil {
		return nil, fmt.Errorf("cannot create the data directory: %w", err)
	}
	lock := flock.New(filepath.Join(path, lockFile), flock.SetPermissions(0o600))
	held, err := lock.TryLock()
	if err != nil {
		return nil, fmt.Errorf("cannot write to the data directory: %w", err)
	}
	if !held {
		return nil, fmt.Errorf("another chatserver is running on the data directory %s: stop it, or choose another directory with --data", path)
	}
	f := &Folder{lock: lock}
	f.restrictModes(path)
	return f, nil
}

// Unlock releases the folder.
func (f *Folder) Unlock() error { return f.lock.Unlock() }

// syncFolder makes a rename in a folder survive a power failure.
func syncFolder(path string) error {
	folder, err := os.Open(path)
	if err != nil {
		return fmt.Errorf("open the data directory: %w", err)
	}
	if err := errors.Join(ignoreUnsupported(folder.Sync()), folder.Close()); err != nil {
		return fmt.Errorf("sync the data directory: %w", err)
	}
	return nil
}

// ignoreUnsupported drops the error of systems that cannot sync folders (Windows).
func ignoreUnsupported(err error) error {
	if errors.Is(err, errors.ErrUnsupported) || errors.Is(err, os.ErrPermission) || errors.Is(err, os.ErrInvalid) {
		return nil
	}
	return err
}
