package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/pressly/goose/v3"
	_ "modernc.org/sqlite" // the driver "sqlite" of database/sql, for migrations
)

// migrateSQLite brings a file up to date. An older one is copied first if copyFirst is set.
func migrateSQLite(ctx context.Context, path string, copyFirst bool) (err error) {
	db, err := openToMigrate(path)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	provider, err := migrations(goose.DialectSQLite3, db)
	if err != nil {
		return err
	}
	return migrate(ctx, provider, path, func(schema int64) error {
		if !copyFirst {
			return nil
		}
		return copyBeforeMigration(ctx, path, schema, db)
	})
}

// openToMigrate opens a file by database/sql, which the migrations need.
func openToMigrate(path string) (*sql.DB, error) {
	parameters := fmt.Sprintf("_txlock=immediate&_pragma=busy_timeout(%d)&_pragma=", busyTimeout.Milliseconds()) + strings.Join(writing.pragmas, "&_pragma=")
	db, err := sql.Open("sqlite", fileURI(path, parameters))
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", path, err)
	}
	db.SetMaxOpenConns(1)
	return db, nil
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
