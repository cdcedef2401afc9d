package store

import (
	"context"
	"fmt"
	"strings"
)

// Open opens the database of a URL like postgres://user:password@host/chat, or,
// without one, the SQLite file of a data folder, which must exist. It makes what is
// missing and migrates what is old.
func Open(ctx context.Context, database, folder string, options Options) (*DB, error) {
	switch {
	case database == "":
		return OpenSQLite(ctx, folder, options)
	case isPostgres(database):
		db, err := openPostgres(ctx, database, options)
		if err != nil {
			return nil, oneLine{err}
		}
		return db, nil
	default:
		return nil, unknownDatabase(database)
	}
}

func unknownDatabase(database string) error {
	return fmt.Errorf("the database %s is none that chatserver knows: write postgres://user:password@host:5432/chat, or nothing for SQLite in the data folder", withoutSecrets(database))
}

// oneLine is an error that says in one line what the driver says in several.
type oneLine struct{ error }

func (e oneLine) Error() string { return strings.Join(strings.Fields(e.error.Error()), " ") }

func (e oneLine) Unwrap() error { return e.error }
