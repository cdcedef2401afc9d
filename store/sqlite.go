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

// File is the name of the SQLite file in the data folder.
const File = "chat.db"

const (
	// synchronous=FULL syncs the log at each commit: an acknowledged message
	// survives a power cut. temp_store keeps SQLite from writing outside the
	// data folder.
	pragmas = "?_pragma=busy_timeout(5000)&_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)" +
		"&_pragma=foreign_keys(1)&_pragma=temp_store(MEMORY)"
	// An immediate transaction takes the write lock at its begin, and so never
	// fails half-way because another process has it. A batch for many rooms
	// changes some thousand pages: they must fit the cache, of 16 MB at most, and
	// not fill the log, which is moved to the file when it has 16 MB.
	writePragmas = "&_txlock=immediate&_pragma=cache_size(-16000)&_pragma=wal_autocheckpoint(4000)"
	readPragmas  = "&_pragma=query_only(1)"
	// maxReaders is how many pages can be read at once beside the writer.
	maxReaders = 4
)

// onSQLite is the dialect of a file, in which an immediate transaction is alone. With
// many more rows a statement, SQLite would spend its time in finding the names of the
// parameters, which it does one by one.
var onSQLite = dialect{rows: 16, classify: classifySQLite}

// OpenSQLite opens the database of a data folder, which must exist, makes it
// when there is none, and migrates it. A file that is damaged, empty, or of a
// newer chatserver is refused as it is, with a sentence that says what to do.
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
	return db, nil
}

// prepare has the statements parsed that messages need.
func (db *DB) prepare(ctx context.Context) (err error) {
	if db.prepared, err = prepare(ctx, db.writer,
		slices.Concat(selectRooms.upTo(db.rows), selectKnown.upTo(db.rows), insertRows.upTo(db.rows), updateRevs.upTo(db.rows))...); err != nil {
		return err
	}
	db.reader.prepared, err = prepare(ctx, db.reader.DB, selectBefore, selectChanges)
	return err
}

// LimitPages bounds how many pages of 4096 bytes the database may have from now
// on; beyond them it behaves as on a full disk. 0 is as many as SQLite can have.
func (db *DB) LimitPages(ctx context.Context, pages int64) error {
	if pages == 0 {
		pages = math.MaxUint32 - 1
	}
	_, err := db.writer.ExecContext(ctx, fmt.Sprintf(`PRAGMA max_page_count = %d`, pages))
	return err
}

// classifySQLite marks an error that is of the data: the same batch would fail again.
func classifySQLite(err error) error {
	var fromSQLite *sqlite.Error
	if errors.As(err, &fromSQLite) {
		switch fromSQLite.Code() & 0xFF { // the rest tells what kind of it
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

// ensureFile makes the database if there is none. It appears under its name
// only when it is complete, so that an empty file always means damage.
func ensureFile(ctx context.Context, path string) error {
	info, err := os.Stat(path)
	switch {
	case err == nil && info.Size() > 0:
		return nil
	case err == nil:
		return fmt.Errorf("%s is empty, so its messages are gone: put a backup in its place, or remove it to start afresh", path)
	case !errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("cannot read the database: %w", err)
	}
	if _, err := os.Stat(path + "-wal"); err == nil {
		return fmt.Errorf("%s is missing, but its log %s-wal is there: put the database back, or remove the log to start afresh", path, path)
	}
	fresh := path + ".new"
	for _, leftover := range []string{fresh, fresh + "-wal", fresh + "-shm"} { // of a start that was cut off
		if err := os.Remove(leftover); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("cannot write to the data folder: %w", err)
		}
	}
	if err := createPrivate(fresh); err != nil {
		return fmt.Errorf("cannot write to the data folder: %w", err)
	}
	db, err := open(fresh, writePragmas, 1)
	if err != nil {
		return err
	}
	if err := errors.Join(migrateSQLite(ctx, fresh, db), db.Close()); err != nil {
		return fmt.Errorf("cannot write to the data folder: %w", err)
	}
	if err := os.Rename(fresh, path); err != nil {
		return fmt.Errorf("cannot write to the data folder: %w", err)
	}
	return syncFolder(filepath.Dir(path))
}

// checkFile reads the whole file once and refuses it if SQLite finds damage. The
// writer would keep what it reads in its larger cache, so a reader does it.
func checkFile(ctx context.Context, path string, db *sql.DB) error {
	var result string
	err := db.QueryRowContext(ctx, `PRAGMA quick_check(1)`).Scan(&result)
	if err == nil && result == "ok" {
		return nil
	}
	if err != nil {
		result = err.Error()
	}
	result = strings.Join(strings.Fields(result), " ") // SQLite says it in several lines
	return fmt.Errorf("%s is damaged (%s): put a backup in its place; the file was left as it is", path, result)
}

// copyBeforeMigration keeps the database as it is before a migration, beside it, so that
// the program of before can go on with it. It appears under its name only when it
// is complete.
func copyBeforeMigration(ctx context.Context, path string, schema int64, db *sql.DB) error {
	kept := fmt.Sprintf("%s.schema-%d", path, schema)
	fresh := kept + ".new"
	if err := os.Remove(fresh); err != nil && !errors.Is(err, fs.ErrNotExist) { // of a start that was cut off
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

// migrateSQLite brings the schema up to what this program knows, after a copy.
func migrateSQLite(ctx context.Context, path string, db *sql.DB) error {
	provider, err := migrations(goose.DialectSQLite3, db)
	if err != nil {
		return err
	}
	return migrate(ctx, provider, path, func(schema int64) error { return copyBeforeMigration(ctx, path, schema, db) })
}
