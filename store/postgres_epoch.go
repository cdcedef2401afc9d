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

// The epoch of a Postgres database consists of its own epoch, the server's identifier,
// the timeline of its WAL, which changes with every promotion and every restore to a
// point in time, and the OIDs of the database and of the table, which change when a dump
// is restored.
//
// The timeline comes from the name of the current WAL file, because the control file has
// a new one only after the next checkpoint.
const (
	selectPast = `SELECT m.epoch, concat_ws('/', s.system_identifier,
			substr(pg_walfile_name(pg_current_wal_insert_lsn()), 1, 8), d.oid, 'meta'::regclass::oid)
		FROM meta m, pg_control_system() s, pg_database d WHERE d.datname = current_database()`
	// selectPastWithoutServer is for roles and hosted services that may not read the
	// server's identity. It does not detect a restore to a point in time;
	// docs/postgres.md says what to do after one.
	selectPastWithoutServer = `SELECT m.epoch, concat_ws('/', d.oid, 'meta'::regclass::oid)
		FROM meta m, pg_database d WHERE d.datname = current_database()`
)

// readEpoch reads the epoch on each new connection before anything else. A failover is
// noticed this way, because all connections to the new server are new.
func (db *DB) readEpoch(ctx context.Context, conn *pgx.Conn) error {
	var own, past string
	err := conn.QueryRow(ctx, selectPast).Scan(&own, &past)
	var refused *pgconn.PgError
	if errors.As(err, &refused) && slices.Contains([]string{"42501", "42883", "0A000"}, refused.Code) { // not permitted, not found, not supported
		err = conn.QueryRow(ctx, selectPastWithoutServer).Scan(&own, &past)
	}
	if err != nil {
		return fmt.Errorf("read the epoch: %w", err)
	}
	epoch := uuid.NewSHA1(uuid.NameSpaceOID, []byte(own+"/"+past)).String()
	db.epoch.Store(&epoch)
	return nil
}
