package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

// ProbeResult is what a look at a database found.
type ProbeResult struct {
	Bytes         int64     // of the file
	Schema, Known int       // the number of the schema, and of the newest that this program knows
	Newest        time.Time // when the newest message was said; zero if there is none
}

// Probe reads how a database stands, which is chosen as by Open, beside servers that may
// run on it, and changes nothing. Thoroughly, it reads all of a file for damage; Postgres
// looks after its own. The error is fs.ErrNotExist if there is no database.
func Probe(ctx context.Context, database, folder string, full bool) (result ProbeResult, err error) {
	if isPostgres(database) {
		return probePostgres(ctx, database)
	}
	file := filepath.Join(folder, File)
	info, err := os.Stat(file)
	if err != nil {
		return result, err
	}
	result.Bytes = info.Size()
	mode := "ro" // nothing is to be changed here, and no file to be left that is not its owner's
	if !exists(file + "-wal") {
		mode += "&immutable=1" // nobody has it open; otherwise a log would be begun
	}
	db, err := openAsIs(file, mode)
	if err != nil {
		return result, err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	if err := result.read(ctx, db, "sqlite"); err != nil || result.Schema > result.Known {
		return result, err
	}
	if full {
		return result, integrity(ctx, db)
	}
	return result, nil
}

// probePostgres is Look for the database of a URL.
func probePostgres(ctx context.Context, database string) (result ProbeResult, err error) {
	db, err := connect(database, serving, 1, nil)
	if err != nil {
		return result, err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	if err := checkSession(ctx, db, serving); err != nil {
		return result, fmt.Errorf("%s: %w", withoutSecrets(database), oneLine{err})
	}
	var made bool
	err = db.QueryRowContext(ctx, `SELECT pg_database_size(current_database()), to_regclass('goose_db_version') IS NOT NULL`).Scan(&result.Bytes, &made)
	if err != nil {
		return result, fmt.Errorf("%s: %w", withoutSecrets(database), oneLine{err})
	}
	if made {
		err = result.read(ctx, db, "postgres")
	}
	if err == nil && (!made || result.Schema < result.Known) {
		err = checkRights(ctx, db)
	}
	if err == nil && !made {
		err = fs.ErrNotExist
	}
	return result, err
}

// read reads what a look tells, of a schema that is known, of one kind of database.
func (l *ProbeResult) read(ctx context.Context, db *sql.DB, kind string) (err error) {
	if l.Known, err = newestMigration(kind); err != nil {
		return err
	}
	if err := db.QueryRowContext(ctx, `SELECT MAX(version_id) FROM goose_db_version WHERE is_applied`).Scan(&l.Schema); err != nil {
		return fmt.Errorf("read the schema: %w", err)
	}
	if l.Schema > l.Known {
		return nil // who knows what its tables are
	}
	var newest sql.NullInt64
	err = db.QueryRowContext(ctx, `SELECT MAX((SELECT created_at FROM messages WHERE room_id = rooms.id ORDER BY seq DESC LIMIT 1)) FROM rooms`).Scan(&newest)
	if newest.Valid {
		l.Newest = time.UnixMilli(newest.Int64).UTC()
	}
	return err
}
