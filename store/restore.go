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

// Restored is the result of a restore.
type Restored struct {
	CopyStats
	Aside  string // path of the previous database; empty if there was none
	Erased int64  // messages of the backup that were deleted since, and were deleted again
}

// Restore replaces the database of a data directory, which must be locked, with a copy of a
// backup. The previous database stays next to it under a dated name, with its WAL. A file
// that is damaged, from a newer chatserver, or not a backup is refused before anything
// changes. The restored database has another epoch, so clients that have more than the
// backup notice. What the erasure list of the folder names is deleted from it again.
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
	if done.Erased, err = eraseAgain(ctx, folder, fresh); err == nil {
		done.Aside, err = setAside(path, now)
	}
	if err == nil {
		err = os.Rename(fresh, path)
	}
	if err != nil {
		return Restored{}, errors.Join(fmt.Errorf("restore %s: %w", from, err), os.Remove(fresh))
	}
	return done, syncFolder(folder)
}

// setAside gives the database a second, dated name and renames its WAL to match. The
// first name stays until the restored database replaces it: a server that starts in
// between must not find the name missing and create an empty database.
func setAside(path string, now time.Time) (string, error) {
	if !exists(path) && !exists(path+"-wal") {
		return "", nil
	}
	aside := path + ".before-restore-" + now.UTC().Format("20060102T150405.000Z")
	if err := os.Link(path, aside); err != nil && !errors.Is(err, fs.ErrNotExist) {
		if err := os.Rename(path, aside); err != nil { // a file system without hard links
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

// checkBackup returns an error that says why a file cannot be restored.
func checkBackup(ctx context.Context, path string) (err error) {
	if _, err := readHeader(path); err != nil {
		return err
	}
	db := openAsIs(path, "ro")
	defer func() { err = errors.Join(err, db.Close()) }()
	if err := integrity(ctx, db); err != nil {
		return fmt.Errorf("%s is damaged (%w): use another backup; nothing was changed", path, err)
	}
	var tables int
	if err := db.QueryRowContext(ctx, `SELECT COUNT(*) FROM sqlite_master WHERE type = 'table' AND name IN ('rooms', 'messages', 'goose_db_version')`).Scan(&tables); err != nil {
		return err
	}
	if tables != 3 {
		return fmt.Errorf("%s is not a database of chatserver; nothing was changed", path)
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

// eraseAgain deletes from a copy what the erasure list of a folder names, and what its
// database names in addition, and returns the number of messages. A copy from which something
// has to be deleted is migrated first.
func eraseAgain(ctx context.Context, folder, fresh string) (erased int64, err error) {
	lines, err := readErasures(filepath.Join(folder, erasureList))
	if err != nil {
		return 0, err
	}
	current := erasuresOf(ctx, filepath.Join(folder, File))
	lines = append(lines, without(current, lines)...)
	if len(lines) == 0 {
		return 0, nil
	}
	if err := migrateSQLite(ctx, fresh, false); err != nil {
		return 0, err
	}
	db := &DB{dialect: onSQLite, writer: newSQLitePool(fresh, writing, 1)}
	defer func() {
		if closed := db.Close(); err == nil {
			err = errors.Join(closed, syncFile(fresh))
		}
	}()
	if erased, err = db.erase(ctx, lines); err != nil || erased == 0 {
		return erased, err
	}
	_, err = db.writer.ExecContext(ctx, `VACUUM`) // the copy may have their text in unused parts of its pages
	return erased, err
}

// erasuresOf returns the lines of a database, or none of one that is missing, damaged or
// older: the list has them as well, except after a power failure.
func erasuresOf(ctx context.Context, path string) (lines []string) {
	hadLog := exists(path + "-wal")
	db := openAsIs(path, "ro")
	defer func() {
		_ = db.Close()
		if !hadLog { // SQLite made an empty one to read
			_ = os.Remove(path + "-wal")
		}
	}()
	lines, _, _ = storedErasures(ctx, db)
	return lines
}
