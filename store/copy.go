package store

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/google/uuid"
	"zombiezen.com/go/sqlite"
)

// CopyStats describes the contents of a copy of a database.
type CopyStats struct {
	Rooms, Messages int64
	Bytes           int64 // of the file
}

// SpaceCheck returns an error if a file of at most this many bytes should not be written.
// It is called before anything is written.
type SpaceCheck func(bytes int64) error

// check calls f; a nil SpaceCheck allows everything.
func (f SpaceCheck) check(bytes int64) error {
	if f == nil {
		return nil
	}
	return f(bytes)
}

// BackupOptions are the options of Backup.
type BackupOptions struct {
	Force bool // replace an existing file
	// Number is stored in the file's header, where BackupNumber finds it. The server
	// numbers its own backups from 1 in the order in which it takes them; 0 is any other
	// backup.
	Number     int32
	SpaceCheck SpaceCheck // nil = no check
}

// Backup writes the state of a data directory's database at one moment to a file, even while
// a server runs on the folder. The file appears under its name only when it is complete,
// verified and synced to disk. An existing file is replaced only with Force. The copy has
// its own epoch: for clients, a server that runs on it has gone back in time.
func Backup(ctx context.Context, folder, to string, options BackupOptions) (CopyStats, error) {
	from := filepath.Join(folder, File)
	if _, err := os.Stat(from); err != nil {
		return CopyStats{}, fmt.Errorf("there is no database to back up: %w", err)
	}
	if !options.Force {
		if _, err := os.Lstat(to); err == nil {
			return CopyStats{}, fmt.Errorf("%s already exists: choose another name, or replace it with --force", to)
		}
	}
	fresh, copied, err := copyChecked(ctx, from, "rw", to, options)
	if err != nil {
		return CopyStats{}, fmt.Errorf("back up %s to %s: %w", from, to, err)
	}
	if err := os.Rename(fresh, to); err != nil {
		return CopyStats{}, errors.Join(fmt.Errorf("back up to %s: %w", to, err), os.Remove(fresh))
	}
	return copied, syncFolder(filepath.Dir(to))
}

// copyChecked copies a database to a temporary file next to its final name, verifies it
// and syncs it. On an error it removes the file. It uses only Number and SpaceCheck of
// the options.
func copyChecked(ctx context.Context, from, mode, to string, options BackupOptions) (fresh string, copied CopyStats, err error) {
	// SQLite writes into this empty file, so the copy is never readable by other users.
	file, err := os.CreateTemp(filepath.Dir(to), filepath.Base(to)+".*.new")
	if err != nil {
		return "", copied, err
	}
	fresh = file.Name()
	if err = file.Close(); err == nil {
		copied, err = copyAndCheck(ctx, from, mode, fresh, options)
	}
	if err != nil {
		_ = os.Remove(fresh + "-journal") // usually it does not exist
		return "", CopyStats{}, errors.Join(explainFullDisk(err), os.Remove(fresh))
	}
	return fresh, copied, nil
}

func copyAndCheck(ctx context.Context, from, mode, fresh string, options BackupOptions) (CopyStats, error) {
	before, err := vacuumInto(ctx, from, mode, fresh, options.SpaceCheck)
	if err != nil {
		return CopyStats{}, err
	}
	copied, err := checkCopy(ctx, fresh, before, options.Number)
	if err != nil {
		return CopyStats{}, err
	}
	return copied, syncFile(fresh)
}

// vacuumInto copies a database as of one moment, and returns the stats of the source from
// just before that moment.
func vacuumInto(ctx context.Context, from, mode, to string, fits SpaceCheck) (before CopyStats, err error) {
	db := openAsIs(from, mode)
	defer func() { err = errors.Join(err, db.Close()) }()
	if err := checkVacuumSpace(ctx, db, fits); err != nil {
		return before, err
	}
	if before, err = count(ctx, db); err != nil {
		return before, err
	}
	_, err = db.ExecContext(ctx, `VACUUM INTO $1`, to)
	return before, err
}

// checkVacuumSpace checks that there is space for what VACUUM writes: at most the pages
// in use.
func checkVacuumSpace(ctx context.Context, db queryer, fits SpaceCheck) error {
	var bytes int64
	err := db.QueryRowContext(ctx, `SELECT (p.page_count - f.freelist_count) * s.page_size FROM pragma_page_count p, pragma_freelist_count f, pragma_page_size s`).Scan(&bytes)
	if err != nil {
		return fmt.Errorf("read the size of the database: %w", err)
	}
	return fits.check(bytes)
}

// checkCopy gives a copy its own epoch and number, reads all of it, and compares it with
// the source's stats from before the copy.
func checkCopy(ctx context.Context, path string, before CopyStats, number int32) (copied CopyStats, err error) {
	db := openAsIs(path, "rw")
	defer func() { err = errors.Join(err, db.Close()) }()
	if err := renewEpoch(ctx, db); err != nil {
		return copied, err
	}
	if err := endSessionsOfCopy(ctx, db); err != nil {
		return copied, err
	}
	if _, err := db.ExecContext(ctx, fmt.Sprintf(`PRAGMA user_version = %d`, number)); err != nil {
		return copied, fmt.Errorf("number the copy: %w", err)
	}
	if err := integrity(ctx, db); err != nil {
		return copied, fmt.Errorf("the copy is damaged: %w", err)
	}
	if copied, err = count(ctx, db); err != nil {
		return copied, err
	}
	if copied.Rooms < before.Rooms || copied.Messages < before.Messages {
		return copied, fmt.Errorf("the copy has only %d rooms and %d messages, the source %d and %d", copied.Rooms, copied.Messages, before.Rooms, before.Messages)
	}
	info, err := os.Stat(path)
	if err == nil {
		copied.Bytes = info.Size()
	}
	return copied, err
}

// renewEpoch gives a database a new epoch. A database older than the second schema has
// none; it gets one when it is migrated.
func renewEpoch(ctx context.Context, db queryer) error {
	var there bool
	if err := db.QueryRowContext(ctx, `SELECT COUNT(*) FROM sqlite_master WHERE type = 'table' AND name = 'meta'`).Scan(&there); err != nil || !there {
		return err
	}
	if _, err := db.ExecContext(ctx, `UPDATE meta SET epoch = $1`, uuid.NewString()); err != nil {
		return fmt.Errorf("renew the epoch: %w", err)
	}
	return nil
}

// endSessionsOfCopy ends all sessions in a copy: some may have been revoked by the time at which
// it is restored. A database from before accounts has none.
func endSessionsOfCopy(ctx context.Context, db queryer) error {
	var there bool
	if err := db.QueryRowContext(ctx, `SELECT COUNT(*) FROM sqlite_master WHERE type = 'table' AND name = 'sessions'`).Scan(&there); err != nil || !there {
		return err
	}
	if _, err := db.ExecContext(ctx, `DELETE FROM sessions`); err != nil {
		return fmt.Errorf("end the sessions of the copy: %w", err)
	}
	return nil
}

func count(ctx context.Context, db queryer) (c CopyStats, err error) {
	err = db.QueryRowContext(ctx, `SELECT (SELECT COUNT(*) FROM rooms), (SELECT COUNT(*) FROM messages)`).Scan(&c.Rooms, &c.Messages)
	return c, err
}

// integrity reads everything, including indexes, and reports the first damage.
func integrity(ctx context.Context, db queryer) error {
	var result string
	if err := db.QueryRowContext(ctx, `PRAGMA integrity_check(1)`).Scan(&result); err != nil {
		return err
	}
	if result != "ok" {
		return errors.New(strings.Join(strings.Fields(result), " "))
	}
	return nil
}

// openAsIs opens an existing database without creating it or changing its journal mode.
func openAsIs(path, mode string) database {
	return newSQLitePool(path, sqliteMode{uri: "mode=" + mode, pragmas: []string{"temp_store(MEMORY)"}}, 1)
}

// explainFullDisk prefixes a disk-full error with what to do about it.
func explainFullDisk(err error) error {
	if sqlite.ErrCode(err).ToPrimary() == sqlite.ResultFull {
		return fmt.Errorf("the disk is full: free some space, or choose another location: %w", err)
	}
	return err
}

// syncFile makes a file's contents survive a power failure.
func syncFile(path string) error {
	file, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	return errors.Join(file.Sync(), file.Close())
}

// exists reports whether a file exists.
func exists(path string) bool {
	_, err := os.Lstat(path)
	return !errors.Is(err, fs.ErrNotExist)
}
