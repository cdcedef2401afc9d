package store

import (
	"context"
	"database/sql"
	"embed"
	"fmt"
	"io/fs"
	"path"

	"github.com/pressly/goose/v3"
)

// A migration that exists for both databases has the same number in both. Migrations only
// add, so that nodes of the previous version keep working (docs/postgres.md).
//
//go:embed migrations/sqlite/*.sql migrations/postgres/*.sql
var migrationFiles embed.FS

// migrations returns the migrations of one kind of database.
func migrations(of goose.Dialect, db *sql.DB) (*goose.Provider, error) {
	folder := "migrations/sqlite"
	if of == goose.DialectPostgres {
		folder = "migrations/postgres"
	}
	files, err := fs.Sub(migrationFiles, folder)
	if err != nil {
		return nil, err
	}
	provider, err := goose.NewProvider(of, db, files, goose.WithDisableGlobalRegistry(true))
	if err != nil {
		return nil, fmt.Errorf("read the migrations: %w", err)
	}
	return provider, nil
}

// newestMigration returns the number of the newest migration for a kind of database,
// sqlite or postgres. Counting the files is not enough: a number may exist for the other
// kind only.
func newestMigration(kind string) (number int, err error) {
	files, err := fs.Glob(migrationFiles, "migrations/"+kind+"/*.sql")
	if err == nil {
		_, err = fmt.Sscanf(path.Base(files[len(files)-1]), "%d_", &number)
	}
	if err != nil {
		return 0, fmt.Errorf("read the number of the newest migration: %w", err)
	}
	return number, nil
}

// migrate brings a database's schema up to date; name is for error messages. It first
// calls before with the current schema, if there is one.
func migrate(ctx context.Context, provider *goose.Provider, name string, before func(schema int64) error) error {
	current, target, err := provider.GetVersions(ctx)
	if err != nil {
		return fmt.Errorf("read the schema version of %s: %w", name, err)
	}
	if current > target {
		return fmt.Errorf("%s was written by a newer chatserver (schema %d, this one knows %d): start that version, or restore a backup", name, current, target)
	}
	if current > 0 && current < target {
		if err := before(current); err != nil {
			return fmt.Errorf("copy %s before it is migrated from schema %d to %d: %w", name, current, target, err)
		}
	}
	if _, err := provider.Up(ctx); err != nil {
		return fmt.Errorf("migrate %s from schema %d to %d: %w", name, current, target, err)
	}
	return nil
}
