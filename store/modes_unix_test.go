//go:build unix

package store_test

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"chatserver/store"
)

// Whatever the server's umask, messages are in files that only their owner may read: the
// database, its WAL, a backup, a copy before a migration, a restored database.
func TestOnlyTheOwnerMayReadMessagesWhateverTheUmaskIs(t *testing.T) {
	defer syscall.Umask(syscall.Umask(0))
	ctx, folder := context.Background(), t.TempDir()
	data := filepath.Join(folder, "data")
	if err := errors.Join(os.Mkdir(data, 0o700), store.MakeOld(data, 1)); err != nil { // it will be copied and migrated
		t.Fatal(err)
	}
	lock, err := store.LockFolder(data)
	if err != nil {
		t.Fatal(err)
	}
	defer unlock(t, lock)
	db, err := store.OpenSQLite(ctx, data, store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	say(t, db, draft("lobby", "secret"))
	backup := filepath.Join(data, "a.backup")
	if _, err := store.Backup(ctx, data, backup, store.BackupOptions{}); err != nil {
		t.Fatal(err)
	}
	fresh, err := store.OpenSQLite(ctx, folder, store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer fresh.Close()
	restored := filepath.Join(folder, "restored")
	if err := os.Mkdir(restored, 0o700); err != nil {
		t.Fatal(err)
	}
	if _, err := store.Restore(ctx, restored, backup, time.Now()); err != nil {
		t.Fatal(err)
	}
	found := map[string]fs.FileMode{}
	err = filepath.WalkDir(folder, func(path string, entry fs.DirEntry, err error) error {
		if err == nil && entry.Type().IsRegular() {
			var info fs.FileInfo
			info, err = entry.Info()
			found[strings.TrimPrefix(path, folder+"/")] = info.Mode()
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for name, mode := range found {
		if mode != 0o600 {
			t.Errorf("%s has the mode %v", name, mode)
		}
	}
	for _, name := range []string{"chat.db", "chat.db-wal", "data/chat.db", "data/chat.db-wal", "data/chat.db-shm", "data/chat.db.schema-1", "data/a.backup", "data/lock", "restored/chat.db"} {
		if _, there := found[name]; !there {
			t.Errorf("no %s: %v", name, found)
		}
	}
}

// Files from a version that left their modes to the umask become private when the folder
// is locked. Other programs' files in the folder stay unchanged.
func TestFilesThatOthersMayReadBecomePrivate(t *testing.T) {
	folder := t.TempDir()
	ours := []string{"chat.db", "chat.db-shm", "chat.db-wal", "chat.db.before-restore-20260101T000000.000Z", "chat.db.schema-2", "lock"}
	for _, name := range append(slices.Clone(ours), "notes") {
		path := filepath.Join(folder, name)
		if err := os.WriteFile(path, nil, 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(path, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	lock, err := store.LockFolder(folder)
	if err != nil {
		t.Fatal(err)
	}
	defer unlock(t, lock)
	var restricted []string
	for _, path := range lock.Restricted {
		restricted = append(restricted, filepath.Base(path))
	}
	if !slices.Equal(restricted, ours) || len(lock.StillOpen) > 0 {
		t.Errorf("restricted are %v; still open are %v", restricted, lock.StillOpen)
	}
	for _, name := range append(slices.Clone(ours), "notes") {
		info, err := os.Stat(filepath.Join(folder, name))
		if err != nil {
			t.Fatal(err)
		}
		if open := store.OpenToOthers(info); open != (name == "notes") {
			t.Errorf("%s has the mode %v", name, info.Mode())
		}
	}
}

func unlock(t *testing.T, folder *store.Folder) {
	t.Helper()
	if err := folder.Unlock(); err != nil {
		t.Error(err)
	}
}
