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

// ProbeResult is the state of a database.
type ProbeResult struct {
	Bytes         int64     // of the file
	Schema, Known int       // the schema version, and the newest one that this program knows
	Newest        time.Time // the time of the newest message; zero without messages
}

// Probe reads the state of a database, which is chosen as by Open, even while servers run
// on it. It changes nothing. If full is set, it checks all of a file for damage; Postgres
// looks after its own files. The error is fs.ErrNotExist if there is no database.
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
	mode := "ro" // must not change anything or leave files that belong to another user
	if !exists(file + "-wal") {
		mode += "&immutable=1" // no server has it open; without this, SQLite would create a WAL
	}
	db := openAsIs(file, mode)
	defer func() { err = errors.Join(err, db.Close()) }()
	if err := result.read(ctx, db, "sqlite"); err != nil || result.Schema > result.Known {
		return result, err
	}
	if full {
		return result, integrity(ctx, db)
	}
	return result, nil
}

// probePostgres is Probe for a Postgres database.
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
		err = result.read(ctx, postgresPool{db}, "postgres")
	}
	if err == nil && (!made || result.Schema < result.Known) {
		err = checkRights(ctx, db)
	}
	if err == nil && !made {
		err = fs.ErrNotExist
	}
	return result, err
}

// read fills in the schema versions and, if this program knows the schema, the newest
// message.
func (l *ProbeResult) read(ctx context.Context, db queryer, kind string) (err error) {
	if l.Known, err = newestMigration(kind); err != nil {
		return err
	}
	if err := db.QueryRowContext(ctx, `SELECT MAX(version_id) FROM goose_db_version WHERE is_applied`).Scan(&l.Schema); err != nil {
		return fmt.Errorf("read the schema: %w", err)
	}
	if l.Schema > l.Known {
		return nil // its tables are unknown
	}
	var newest sql.NullInt64
	err = db.QueryRowContext(ctx, `SELECT MAX((SELECT created_at FROM messages WHERE room_id = rooms.id ORDER BY seq DESC LIMIT 1)) FROM rooms`).Scan(&newest)
	if newest.Valid {
		l.Newest = time.UnixMilli(newest.Int64).UTC()
	}
	return err
}
