package store

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"slices"
	"time"

	"zombiezen.com/go/sqlite"

	"chatserver/chat"
)

// File is the name of the SQLite file in the data directory.
const File = "chat.db"

const (
	// busyTimeout is how long to wait for the write lock of another process.
	busyTimeout = 5 * time.Second
	// maxReaders is how many pages can be read concurrently with the writer.
	maxReaders = 4
)

var (
	// synchronous=FULL syncs the WAL at each commit, so an acknowledged message survives
	// a power failure. temp_store keeps SQLite from writing outside the data directory.
	pragmas = []string{"journal_mode(WAL)", "synchronous(FULL)", "foreign_keys(1)", "temp_store(MEMORY)"}
	// A batch for many rooms changes some thousand pages: they must fit into the cache of
	// 16 MB, and must not fill the WAL, which is checkpointed at 16 MB.
	// secure_delete zeroes what is deleted, from the first row on (see eraseRemoved).
	writing = sqliteMode{pragmas: slices.Concat(pragmas, []string{"cache_size(-16000)", "wal_autocheckpoint(4000)", "secure_delete(1)"})}
	reading = sqliteMode{pragmas: slices.Concat(pragmas, []string{"query_only(1)"})}
)

// onSQLite is the dialect of SQLite, in which an immediate transaction is the only
// writer. With many more rows per statement, SQLite would spend its time looking up
// parameter names, which is linear.
var onSQLite = dialect{rows: 16, classify: classifySQLite}

// OpenSQLite opens the database of an existing data directory, creates it if it is missing,
// and migrates it. It refuses a file that is damaged, empty or from a newer chatserver,
// and leaves it unchanged; the error says what to do. The check of a large file that was closed
// cleanly goes on afterwards: see DB.Damage.
func OpenSQLite(ctx context.Context, folder string, options Options) (*DB, error) {
	path := filepath.Join(folder, File)
	if err := ensureFile(ctx, path); err != nil {
		return nil, err
	}
	db := &DB{dialect: onSQLite, limits: roomLimits{options.MaxRooms, options.NewRooms}, diskLow: options.DiskLow}
	doubtful := doubtful(path) // opening it makes a log
	db.writer, db.reader = newSQLitePool(path, writing, 1), newSQLitePool(path, reading, maxReaders)
	check := checkFile
	if !doubtful {
		check = checkSchema
	}
	if err := check(ctx, path, db.reader); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	if err := migrateSQLite(ctx, path, true); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	epoch, err := ensureEpoch(ctx, db.writer, options.allowPartial)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("%s: %w", path, err), db.Close())
	}
	db.epoch.Store(&epoch)
	db.scrubber = startScrubber(path)
	if !doubtful {
		db.check = startCheck(path, func(err error) {
			db.refuseDamaged(path, err)
			options.damaged(err)
		})
	}
	if db.erasures, err = db.openErasures(ctx, folder); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return db, nil
}

// LimitPages limits the database to this many pages of 4096 bytes; beyond that it behaves
// as on a full disk. 0 = SQLite's own maximum.
func (db *DB) LimitPages(ctx context.Context, pages int64) error {
	if pages == 0 {
		pages = math.MaxUint32 - 1
	}
	_, err := db.writer.ExecContext(ctx, fmt.Sprintf(`PRAGMA max_page_count = %d`, pages))
	return err
}

// classifySQLite recognizes errors in the data: the same batch would fail again.
func classifySQLite(err error) error {
	switch sqlite.ErrCode(err).ToPrimary() {
	case sqlite.ResultConstraint, sqlite.ResultMismatch, sqlite.ResultTooBig:
		return fmt.Errorf("%w: %w", chat.ErrData, err)
	default:
		return err
	}
}

// ensureFile creates the database if it is missing. It appears under its name only when
// it is complete, so that an empty file always means damage.
func ensureFile(ctx context.Context, path string) error {
	info, err := os.Stat(path)
	switch {
	case err == nil && info.Size() > 0:
		return nil
	case err == nil:
		return fmt.Errorf("%s is empty, so its messages are lost: restore a backup, or remove the file to start with an empty chat", path)
	case !errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("cannot read the database: %w", err)
	}
	if _, err := os.Stat(path + "-wal"); err == nil {
		return fmt.Errorf("%s is missing, but its log %s-wal exists: put the database back, or remove the log to start with an empty chat", path, path)
	}
	fresh := path + ".new"
	for _, leftover := range []string{fresh, fresh + "-wal", fresh + "-shm"} { // of an interrupted start
		if err := os.Remove(leftover); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("cannot write to the data directory: %w", err)
		}
	}
	if err := createPrivate(fresh); err != nil {
		return fmt.Errorf("cannot write to the data directory: %w", err)
	}
	if err := migrateSQLite(ctx, fresh, false); err != nil {
		return fmt.Errorf("cannot write to the data directory: %w", err)
	}
	if err := os.Rename(fresh, path); err != nil {
		return fmt.Errorf("cannot write to the data directory: %w", err)
	}
	return syncFolder(filepath.Dir(path))
}
