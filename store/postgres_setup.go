package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// Two common Postgres setups cannot work. Both are detected before anything is stored,
// and reported in one sentence that says what to do.

// ErrPooler means that a connection pooler drops the session's settings. A pooler that
// assigns sessions per transaction would also break the migration lock.
var ErrPooler = errors.New("a connection pooler such as PgBouncer drops session settings: connect to Postgres directly, chatserver has its own connection pool (docs/postgres.md)")

// ErrNoCreateRight means that the role may not create tables.
type ErrNoCreateRight struct{ Role, Schema, Database string }

func (e *ErrNoCreateRight) Error() string {
	return fmt.Sprintf(`the role %q may not create tables in the schema %q of the database %q: as an administrator of that database, run GRANT USAGE, CREATE ON SCHEMA %s TO %s (docs/postgres.md)`,
		e.Role, e.Schema, e.Database, quoted(e.Schema), quoted(e.Role))
}

// explainPooler turns the errors that a pooler causes into ErrPooler; other errors stay
// as they are.
func explainPooler(err error) error {
	var from *pgconn.PgError
	if !errors.As(err, &from) {
		return err
	}
	switch from.Code {
	case "08P01", // a startup parameter that PgBouncer does not know; Postgres itself returns 42704
		"42P05", "26000": // a prepared statement of another session
		return fmt.Errorf("%w: %w", ErrPooler, err)
	default:
		return err
	}
}

// checkSession checks that a connection has the settings that we requested. A pooler with
// ignore_startup_parameters drops them silently.
func checkSession(ctx context.Context, db rowQuerier, want session) error {
	const name = "lock_timeout"
	var set string
	if err := db.QueryRowContext(ctx, `SELECT current_setting('`+name+`')`, pgx.QueryExecModeSimpleProtocol).Scan(&set); err != nil {
		return explainPooler(err)
	}
	if set != want[name] {
		return fmt.Errorf("%w: %s is %s instead of %s", ErrPooler, name, set, want[name])
	}
	return nil
}

// checkRights returns an *ErrNoCreateRight if the role may not create tables.
func checkRights(ctx context.Context, db rowQuerier) error {
	var may bool
	var e ErrNoCreateRight
	err := db.QueryRowContext(ctx, `SELECT has_schema_privilege(s, 'CREATE') AND has_schema_privilege(s, 'USAGE'), s, current_user, current_database()
		FROM (SELECT COALESCE(current_schema(), 'public') AS s) schema`).Scan(&may, &e.Schema, &e.Role, &e.Database)
	if err != nil {
		return fmt.Errorf("read the rights of the role: %w", explainPooler(err))
	}
	if !may {
		return &e
	}
	return nil
}

// explainRights replaces a migration's error with the missing privilege if that is the
// cause; other errors stay as they are.
func explainRights(ctx context.Context, db rowQuerier, database string, err error) error {
	var missing *ErrNoCreateRight
	if errors.As(checkRights(ctx, db), &missing) {
		return fmt.Errorf("%s: %w", database, missing)
	}
	return err
}

// rowQuerier is a connection, or a pool of them.
type rowQuerier interface {
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

// quoted returns an identifier as quoted in SQL.
func quoted(name string) string { return pgx.Identifier{name}.Sanitize() }
