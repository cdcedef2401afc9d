package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/pressly/goose/v3"
)

// migrationLock is the advisory lock that a node holds while it migrates.
const migrationLock = 0x63686174 // "chat"

// migratePostgres brings a database up to date. If several nodes start at once, one
// migrates and the others wait.
func migratePostgres(ctx context.Context, database string, allowPartial bool) (err error) {
	db, err := connect(database, noTimeout, 2, nil)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	name := withoutSecrets(database)
	locked, err := lockMigrations(ctx, db)
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	defer func() { err = errors.Join(err, locked.Close()) }()
	provider, err := migrations(goose.DialectPostgres, db)
	if err != nil {
		return err
	}
	if err := migrate(ctx, provider, name, func(int64) error { return nil }); err != nil {
		return explainRights(ctx, locked, name, err)
	}
	if _, err := ensureEpoch(ctx, postgresPool{db}, allowPartial); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	return nil
}

// lockMigrations returns a connection that holds the migration lock until it is closed.
// It refuses a database that cannot store all of Unicode.
func lockMigrations(ctx context.Context, db *sql.DB) (_ *sql.Conn, err error) {
	conn, err := db.Conn(ctx)
	if err != nil {
		return nil, fmt.Errorf("connect: %w", explainPooler(err))
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, conn.Close())
		}
	}()
	if err := checkSession(ctx, conn, noTimeout); err != nil {
		return nil, err
	}
	var encoding string
	if err := conn.QueryRowContext(ctx, `SHOW server_encoding`).Scan(&encoding); err != nil {
		return nil, fmt.Errorf("read its encoding: %w", err)
	}
	if encoding != "UTF8" {
		return nil, fmt.Errorf("the database has the encoding %s, but messages need UTF8: create it with ENCODING 'UTF8'", encoding)
	}
	if _, err := conn.ExecContext(ctx, `SET lock_timeout = '5min'`); err != nil {
		return nil, fmt.Errorf("wait for another node's migration: %w", err)
	}
	if _, err := conn.ExecContext(ctx, `SELECT pg_advisory_lock($1)`, migrationLock); err != nil {
		return nil, fmt.Errorf("wait for another node's migration: %w", err)
	}
	return conn, nil
}
