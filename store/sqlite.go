package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/pressly/goose/v3"
	"modernc.org/sqlite" // also the driver "sqlite", without cgo
	sqlite3 "modernc.org/sqlite/lib"

	"chatserver/chat"
)

// File is the name of the SQLite file in the data directory.
const File = "chat.db"

const (
	// synchronous=FULL syncs the WAL at each commit, so an acknowledged message survives
	// a power failure. temp_store keeps SQLite from writing outside the data directory.
	pragmas = "?_pragma=busy_timeout(5000)&_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)" +
		"&_pragma=foreign_keys(1)&_pragma=temp_store(MEMORY)"
	// An immediate transaction takes the write lock when it begins, so it never fails
	// half-way because another process has it. A batch for many rooms changes some
	// thousand pages: they must fit into the cache of 16 MB, and must not fill the WAL,
	// which is checkpointed at 16 MB.
	// secure_delete zeroes what is deleted, from the first row on (see eraseRemoved).
	writePragmas = "&_txlock=immediate&_pragma=cache_size(-16000)&_pragma=wal_autocheckpoint(4000)&_pragma=secure_delete(1)"
	readPragmas  = "&_pragma=query_only(1)"
	// maxReaders is how many pages can be read concurrently with the writer.
	maxReaders = 4
)

// onSQLite is the dialect of SQLite, in which an immediate transaction is the only
// writer. With many more rows per statement, SQLite would spend its time looking up
// parameter names, which is linear.
var onSQLite = dialect{rows: 16, classify: classifySQLite}

// OpenSQLite opens the database of an existing data directory, creates it if it is missing,
// and migrates it. It refuses a file that is damaged, empty or from a newer chatserver,
// and leaves it unchanged; the error says what to do.
func OpenSQLite(ctx context.Context, folder string, options Options) (*DB, error) {
	path := filepath.Join(folder, File)
	if err := ensureFile(ctx, path); err != nil {
		return nil, err
	}
	db := &DB{dialect: onSQLite, limits: roomLimits{options.MaxRooms, options.NewRooms}, diskLow: options.DiskLow}
	var err error
	if db.writer, err = open(path, writePragmas, 1); err != nil {
		return nil, err
	}
	if db.reader.DB, err = open(path, readPragmas, maxReaders); err != nil {
		return nil, errors.Join(err, db.writer.Close())
	}
	if err := checkFile(ctx, path, db.reader.DB); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	if err := migrateSQLite(ctx, path, db.writer); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	epoch, err := ensureEpoch(ctx, db.writer, options.allowPartial)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("%s: %w", path, err), db.Close())
	}
	db.epoch.Store(&epoch)
	if err := db.prepare(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("%s: %w", path, err), db.Close())
	}
	if db.scrubber, err = startScrubber(path); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	if db.erasures, err = db.openErasures(ctx, folder); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return db, nil
}

// prepare prepares the statements for messages.
func (db *DB) prepare(ctx context.Context) (err error) {
	if db.prepared, err = prepare(ctx, db.writer,
		slices.Concat(selectRooms.upTo(db.rows), selectKnown.upTo(db.rows), selectPlaces.upTo(db.rows), insertRows.upTo(db.rows), updateRows.upTo(db.rows), insertVersions.upTo(db.rows), updateRevs.upTo(db.rows))...); err != nil {
		return err
	}
	db.reader.prepared, err = prepare(ctx, db.reader.DB, selectBefore, selectChanges)
	return err
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
	var fromSQLite *sqlite.Error
	if errors.As(err, &fromSQLite) {
		switch fromSQLite.Code() & 0xFF { // the higher bits are the extended code
		case sqlite3.SQLITE_CONSTRAINT, sqlite3.SQLITE_MISMATCH, sqlite3.SQLITE_TOOBIG:
			return fmt.Errorf("%w: %w", chat.ErrData, err)
		}
	}
	return err
}

func open(path, mode string, connections int) (*sql.DB, error) {
	db, err := sql.Open("sqlite", "file:"+(&url.URL{Path: path}).EscapedPath()+pragmas+mode)
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", path, err)
	}
	db.SetMaxOpenConns(connections)
	db.SetMaxIdleConns(connections)
	return db, nil
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
	db, err := open(fresh, writePragmas, 1)
	if err != nil {
		return err
	}
	if err := errors.Join(migrateSQLite(ctx, fresh, db), db.Close()); err != nil {
		return fmt.Errorf("cannot write to the data directory: %w", err)
	}
	if err := os.Rename(fresh, path); err != nil {
		return fmt.Errorf("cannot write to the data directory: %w", err)
	}
	return syncFolder(filepath.Dir(path))
}

// checkFile reads the whole file once and refuses it if SQLite finds damage. A reader
// does it, because the writer would keep the pages in its larger cache.
func checkFile(ctx context.Context, path string, db *sql.DB) error {
	var result string
	err := db.QueryRowContext(ctx, `PRAGMA quick_check(1)`).Scan(&result)
	if err == nil && result == "ok" {
		return nil
	}
	if err != nil {
		result = err.Error()
	}
	result = strings.Join(strings.Fields(result), " ") // SQLite's message has several lines
	return fmt.Errorf("%s is damaged (%s): restore a backup; the file was not changed", path, result)
}

// copyBeforeMigration keeps a copy of the database next to it before a migration, so that
// the previous version can use it again. It appears under its name only when it is
// complete.
func copyBeforeMigration(ctx context.Context, path string, schema int64, db *sql.DB) error {
	kept := fmt.Sprintf("%s.schema-%d", path, schema)
	fresh := kept + ".new"
	if err := os.Remove(fresh); err != nil && !errors.Is(err, fs.ErrNotExist) { // of an interrupted start
		return err
	}
	if err := createPrivate(fresh); err != nil {
		return err
	}
	if _, err := db.ExecContext(ctx, `VACUUM INTO $1`, fresh); err != nil {
		return err
	}
	if err := os.Rename(fresh, kept); err != nil {
		return err
	}
	return syncFolder(filepath.Dir(path))
}

// migrateSQLite makes a copy and brings the schema up to date.
func migrateSQLite(ctx context.Context, path string, db *sql.DB) error {
	provider, err := migrations(goose.DialectSQLite3, db)
	if err != nil {
		return err
	}
	return migrate(ctx, provider, path, func(schema int64) error { return copyBeforeMigration(ctx, path, schema, db) })
}
