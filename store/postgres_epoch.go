package store

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// What names the past of a Postgres database, beside its own epoch: the server's
// identity, the timeline of its log, which is another one after every promotion and
// restore to a point in time, and the identities of the database and of the table,
// which are others when a dump was restored.
//
// The timeline is taken from the name of the log that is being written, since the
// control file tells of a new one only after the next checkpoint.
const (
	selectPast = `SELECT m.epoch, concat_ws('/', s.system_identifier,
			substr(pg_walfile_name(pg_current_wal_insert_lsn()), 1, 8), d.oid, 'meta'::regclass::oid)
		FROM meta m, pg_control_system() s, pg_database d WHERE d.datname = current_database()`
	// selectPastWithoutServer is for a role, or a service, that is not told who the server is.
	// It does not notice a restore to a point in time; docs/postgres.md says what to do
	// after one.
	selectPastWithoutServer = `SELECT m.epoch, concat_ws('/', d.oid, 'meta'::regclass::oid)
		FROM meta m, pg_database d WHERE d.datname = current_database()`
)

// readEpoch finds out the epoch when a connection is new, before anything is read by
// it: a server that took over from another one is noticed, because all connections
// to it are new.
func (db *DB) readEpoch(ctx context.Context, conn *pgx.Conn) error {
	var own, past string
	err := conn.QueryRow(ctx, selectPast).Scan(&own, &past)
	var refused *pgconn.PgError
	if errors.As(err, &refused) && slices.Contains([]string{"42501", "42883", "0A000"}, refused.Code) { // not allowed, not there, not supported
		err = conn.QueryRow(ctx, selectPastWithoutServer).Scan(&own, &past)
	}
	if err != nil {
		return fmt.Errorf("read the epoch: %w", err)
	}
	epoch := uuid.NewSHA1(uuid.NameSpaceOID, []byte(own+"/"+past)).String()
	db.epoch.Store(&epoch)
	return nil
}
