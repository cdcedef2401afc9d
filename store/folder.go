package store

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/gofrs/flock"
)

// Folder is a data folder that this process holds alone.
type Folder struct {
	lock *flock.Flock
	// Restricted are the files that users other than their owner had access to until
	// the folder was locked.
	Restricted []string
	// StillOpen are the files that such users still have access to, because their modes
	// cannot be changed.
	StillOpen []string
}

// lockFile is the name of the file that the server of a data folder holds.
const lockFile = "lock"

// LockFolder makes the data folder if there is none and locks it, so that two
// servers never write the same history. The lock ends with the process,
// however it ends.
func LockFolder(path string) (*Folder, error) {
	if err := os.MkdirAll(path, 0o700); err != nil {
		return nil, fmt.Errorf("cannot make the data folder: %w", err)
	}
	lock := flock.New(filepath.Join(path, lockFile), flock.SetPermissions(0o600))
	held, err := lock.TryLock()
	if err != nil {
		return nil, fmt.Errorf("cannot write to the data folder: %w", err)
	}
	if !held {
		return nil, fmt.Errorf("another chatserver is running on the data folder %s: stop it, or choose another folder with --data", path)
	}
	f := &Folder{lock: lock}
	f.restrictModes(path)
	return f, nil
}

// Unlock lets others have the folder.
func (f *Folder) Unlock() error { return f.lock.Unlock() }

// syncFolder makes a rename in a folder survive a power cut.
func syncFolder(path string) error {
	folder, err := os.Open(path)
	if err != nil {
		return fmt.Errorf("open the data folder: %w", err)
	}
	if err := errors.Join(ignoreUnsupported(folder.Sync()), folder.Close()); err != nil {
		return fmt.Errorf("sync the data folder: %w", err)
	}
	return nil
}

// ignoreUnsupported: folders cannot be synced on every system (Windows).
func ignoreUnsupported(err error) error {
	if errors.Is(err, errors.ErrUnsupported) || errors.Is(err, os.ErrPermission) || errors.Is(err, os.ErrInvalid) {
		return nil
	}
	return err
}
