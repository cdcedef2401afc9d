package store

import (
	"context"
	"fmt"
)

// Open opens the database of a URL like postgres://user:password@host/chat, or,
// without one, the SQLite file of a data folder, which must exist. It makes what is
// missing and migrates what is old.
func Open(ctx context.Context, database, folder string, options Options) (*DB, error) {
	switch {
	case database == "":
		return OpenSQLite(ctx, folder, options)
	case isPostgres(database):
		return openPostgres(ctx, database, options)
	default:
		return nil, fmt.Errorf("the database %s is none that chatserver knows: write postgres://user:password@host:5432/chat, or nothing for SQLite in the data folder", withoutSecrets(database))
	}
}
