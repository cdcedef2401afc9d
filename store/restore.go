package store

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

// Restored is what a restore did.
type Restored struct {
	CopyStats
	Aside string // where the database of before is now; empty if there was none
}

// Restore puts a copy of a backup in the place of the database of a data folder,
// which must be locked. The database that is there is kept beside it under a
// dated name, with its log. A file that is damaged, of a newer chatserver, or of
// something else is refused before anything is changed. The restored database
// has another epoch, so whoever had more than the backup notices.
func Restore(ctx context.Context, folder, from string, now time.Time) (Restored, error) {
	if err := checkBackup(ctx, from); err != nil {
		return Restored{}, err
	}
	path := filepath.Join(folder, File)
	fresh, copied, err := copyChecked(ctx, from, "ro", path, BackupOptions{})
	if err != nil {
		return Restored{}, fmt.Errorf("restore %s: %w", from, err)
	}
	done := Restored{CopyStats: copied}
	if done.Aside, err = setAside(path, now); err == nil {
		err = os.Rename(fresh, path)
	}
	if err != nil {
		return Restored{}, errors.Join(fmt.Errorf("restore %s: %w", from, err), os.Remove(fresh))
	}
	return done, syncFolder(folder)
}

// setAside gives the database a second, dated name, and its log the one that
// belongs to it. The first name stays until the restored one takes it, so that at
// no moment a start would find no database and make an empty one.
func setAside(path string, now time.Time) (string, error) {
	if !exists(path) && !exists(path+"-wal") {
		return "", nil
	}
	aside := path + ".before-restore-" + now.UTC().Format("20060102T150405.000Z")
	if err := os.Link(path, aside); err != nil && !errors.Is(err, fs.ErrNotExist) {
		if err := os.Rename(path, aside); err != nil { // a file system without links
			return "", err
		}
	}
	if err := os.Rename(path+"-wal", aside+"-wal"); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return "", err
	}
	if err := os.Remove(path + "-shm"); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return "", err
	}
	return aside, syncFolder(filepath.Dir(path))
}

// checkBackup reports why a file cannot be restored, in a sentence.
func checkBackup(ctx context.Context, path string) (err error) {
	if _, err := readHeader(path); err != nil {
		return err
	}
	db, err := openAsIs(path, "ro")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	if err := integrity(ctx, db); err != nil {
		return fmt.Errorf("%s is damaged (%w): take another backup; nothing was changed", path, err)
	}
	var tables int
	if err := db.QueryRowContext(ctx, `SELECT COUNT(*) FROM sqlite_master WHERE type = 'table' AND name IN ('rooms', 'messages', 'goose_db_version')`).Scan(&tables); err != nil {
		return err
	}
	if tables != 3 {
		return fmt.Errorf("%s is a database of something else, not of chatserver; nothing was changed", path)
	}
	var schema int
	if err := db.QueryRowContext(ctx, `SELECT MAX(version_id) FROM goose_db_version`).Scan(&schema); err != nil {
		return err
	}
	known, err := newestMigration("sqlite")
	if err != nil {
		return err
	}
	if schema > known {
		return fmt.Errorf("%s was written by a newer chatserver (schema %d, this one knows %d): restore it with that version; nothing was changed", path, schema, known)
	}
	return nil
}
