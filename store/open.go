package store

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
)

// Open opens the database of a URL like postgres://user:password@host/chat or, if the URL
// is empty, the SQLite file of an existing data directory. It creates a missing database and
// migrates an old one.
func Open(ctx context.Context, database, folder string, options Options) (*DB, error) {
	switch {
	case database == "":
		return OpenSQLite(ctx, folder, options)
	case isPostgres(database):
		db, err := openPostgres(ctx, database, options)
		if err != nil {
			return nil, oneLine{err}
		}
		return db, db.keepErasures(ctx, folder)
	default:
		return nil, unknownDatabase(database)
	}
}

// keepErasures keeps the erasure list of a Postgres database in the node's data directory, if
// there is one. On an error it closes the database.
func (db *DB) keepErasures(ctx context.Context, folder string) (err error) {
	if info, none := os.Stat(folder); none != nil || !info.IsDir() {
		return nil
	}
	if db.erasures, err = db.openErasures(ctx, folder); err != nil {
		return errors.Join(oneLine{err}, db.Close())
	}
	return nil
}

func unknownDatabase(database string) error {
	return fmt.Errorf("unsupported database URL %s: use postgres://user:password@host:5432/chat, or leave it out for SQLite in the data directory", withoutSecrets(database))
}

// oneLine is an error with the driver's multi-line message joined into one line.
type oneLine struct{ error }

func (e oneLine) Error() string { return strings.Join(strings.Fields(e.error.Error()), " ") }

func (e oneLine) Unwrap() error { return e.error }
