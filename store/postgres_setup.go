package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// Two set-ups of Postgres are common and cannot work. Both are found before anything is
// stored, and named in one sentence that says what to do.

// ErrPooler is of a pooler that does not pass on how a session is to be set. One that
// gives each transaction another session also takes the lock of a migration away.
var ErrPooler = errors.New("a pooler such as PgBouncer is in front of Postgres, and does not keep the settings of a session: connect to Postgres itself, the server has a pool of its own (docs/postgres.md)")

// ErrNoCreateRight is of a role that may not make the tables.
type ErrNoCreateRight struct{ Role, Schema, Database string }

func (e *ErrNoCreateRight) Error() string {
	return fmt.Sprintf(`the role %q may not make tables in the schema %q of the database %q: as its administrator, run GRANT USAGE, CREATE ON SCHEMA %s TO %s there (docs/postgres.md)`,
		e.Role, e.Schema, e.Database, quoted(e.Schema), quoted(e.Role))
}

// explainPooler names a pooler that refuses our settings; other errors stay as they are.
func explainPooler(err error) error {
	var from *pgconn.PgError
	if !errors.As(err, &from) {
		return err
	}
	switch from.Code {
	case "08P01", // a parameter at the start that PgBouncer does not know; Postgres itself says 42704
		"42P05", "26000": // a prepared statement of another session
		return fmt.Errorf("%w: %w", ErrPooler, err)
	default:
		return err
	}
}

// checkSession reports whether a connection is set as we asked. A pooler that was told to
// ignore settings drops them without a word.
func checkSession(ctx context.Context, db rowQuerier, asked session) error {
	const name = "lock_timeout"
	var set string
	if err := db.QueryRowContext(ctx, `SELECT current_setting('`+name+`')`, pgx.QueryExecModeSimpleProtocol).Scan(&set); err != nil {
		return explainPooler(err)
	}
	if set != asked[name] {
		return fmt.Errorf("%w: %s is %s instead of %s", ErrPooler, name, set, asked[name])
	}
	return nil
}

// checkRights reports, as *ErrMayNotMake, whether the role may make tables.
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

// explainRights names the right that a migration lacked; other errors stay as they are.
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

// quoted is an identifier as it stands in SQL.
func quoted(name string) string { return pgx.Identifier{name}.Sanitize() }
