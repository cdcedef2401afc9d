package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"maps"
	"net"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"

	"chatserver/chat"
)

const (
	// A node has so many connections of each kind: one batch is written at a time, and
	// a second connection asks meanwhile whether the database is well.
	postgresWriters  = 2
	postgresReaders  = 4
	postgresRegistry = 1
	postgresNames    = 2
	// connectTimeout is for each host of the URL.
	connectTimeout = 3 * time.Second
	// postgresTimeout is what statement_timeout is as well: who writes is answered within
	// it, as with SQLite, though the server may not say a word.
	postgresTimeout = 5 * time.Second
)

// onPostgres is the dialect of a server that many nodes write to. A statement takes a
// whole batch: each costs a way to the server and back. What was parsed is kept by the
// driver.
var onPostgres = dialect{
	rows:      256,
	forUpdate: ` FOR UPDATE`,
	classify:  classifyPostgres,
	timeout:   postgresTimeout,
	writable:  `SELECT current_setting('transaction_read_only') = 'off'`,
}

// session is how every connection is set, whatever the URL, the role or the database
// say.
type session map[string]string

func (s session) with(name, value string) session {
	s = maps.Clone(s)
	s[name] = value
	return s
}

var (
	// serving keeps a node that stops in the middle, frozen or cut off, from holding a
	// room for longer than two seconds, and one that waits from waiting longer.
	serving = session{
		"application_name":                    applicationName,
		"idle_in_transaction_session_timeout": "2s",
		"lock_timeout":                        "2s",
		"statement_timeout":                   "5s",
		"synchronous_commit":                  "on", // or an acknowledgement is none
	}
	// ephemeral is for who is on which node: after a crash that is said anew. What is
	// answered too late is not done, either.
	ephemeral = serving.with("synchronous_commit", "off").with("statement_timeout", "1500ms")
	// noTimeout is for what takes as long as it takes: to migrate, to export, to copy.
	// A migration waits no longer for a table than a batch for a room, since everybody
	// else would wait behind it.
	noTimeout = session{
		"application_name":                    "chatserver, unhurried",
		"idle_in_transaction_session_timeout": "0",
		"lock_timeout":                        "2s",
		"statement_timeout":                   "0",
		"synchronous_commit":                  "on",
	}
	// baseSettings is for all. The server notices within seconds that a node is gone, and ends
	// what it held.
	baseSettings = session{
		"client_encoding":               "UTF8",
		"default_transaction_isolation": "read committed",
		"tcp_keepalives_idle":           "5",
		"tcp_keepalives_interval":       "2",
		"tcp_keepalives_count":          "3",
		"tcp_user_timeout":              "10s",
	}
)

// isPostgres reports whether a URL is one of Postgres.
func isPostgres(database string) bool {
	return strings.HasPrefix(database, "postgres://") || strings.HasPrefix(database, "postgresql://")
}

// openPostgres opens the database of a URL and migrates it, beside other nodes that
// do the same.
func openPostgres(ctx context.Context, database string, options Options) (*DB, error) {
	if err := migratePostgres(ctx, database, options.allowPartial); err != nil {
		return nil, err
	}
	db, settings := &DB{dialect: onPostgres, limits: roomLimits{options.MaxRooms, options.NewRooms}, diskLow: options.DiskLow}, serving
	if options.session != nil {
		settings = options.session
	}
	for _, pool := range []struct {
		open        **sql.DB
		connections int
		settings    session
	}{
		{&db.writer, postgresWriters, settings},
		{&db.reader.DB, postgresReaders, settings},
		{&db.registry, postgresRegistry, ephemeral},
		{&db.names, postgresNames, ephemeral},
	} {
		var err error
		if *pool.open, err = connect(database, pool.settings, pool.connections, db.readEpoch); err != nil {
			return nil, errors.Join(err, db.Close())
		}
	}
	if err := db.Check(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("%s: %w", withoutSecrets(database), err), db.Close())
	}
	return db, nil
}

// connect opens a pool, of which every connection is set as a session says, then
// handed to afterConnect, if there is one, and one to a server that can be written to. Nothing
// is asked yet.
func connect(database string, settings session, connections int, afterConnect func(context.Context, *pgx.Conn) error) (*sql.DB, error) {
	config, err := pgx.ParseConfig(database)
	if err != nil {
		return nil, fmt.Errorf("%s is no URL of a Postgres database: %w", withoutSecrets(database), err)
	}
	config.ConnectTimeout = connectTimeout
	config.DialFunc = (&net.Dialer{
		KeepAliveConfig: net.KeepAliveConfig{Enable: true, Idle: 5 * time.Second, Interval: 2 * time.Second, Count: 3},
		Control:         setUserTimeout,
	}).DialContext
	// A standby would serve the past, and one that was promoted is another epoch.
	config.ValidateConnect = pgconn.ValidateConnectTargetSessionAttrsReadWrite
	for _, settings := range []session{settings, baseSettings} {
		for name, value := range settings {
			config.RuntimeParams[name] = value
		}
	}
	var options []stdlib.OptionOpenDB
	if afterConnect != nil {
		options = append(options, stdlib.OptionAfterConnect(afterConnect))
	}
	db := stdlib.OpenDB(*config, options...)
	db.SetMaxOpenConns(connections)
	db.SetMaxIdleConns(connections)
	return db, nil
}

// applicationName is what the server's list of sessions calls those of a server.
const applicationName = "chatserver"

// classifyPostgres marks an error that is of the data, and one of a room that is locked.
func classifyPostgres(err error) error {
	var from *pgconn.PgError
	if !errors.As(err, &from) {
		return err
	}
	switch from.Code {
	case "55P03", "40P01", "40001": // the lock was not got in time, or only one of several could get it
		return fmt.Errorf("%w: %w", errLocked, err)
	}
	switch from.Code[:2] { // the class
	case "22", "23", "54": // data that cannot be, constraints, limits
		return fmt.Errorf("%w: %w", chat.ErrData, err)
	}
	return err
}

// withoutSecrets is a URL as it may be seen by whoever looks on.
func withoutSecrets(database string) string {
	u, err := url.Parse(database)
	if err != nil {
		return strconv.Quote(strings.SplitAfter(database, "://")[0] + "…")
	}
	u.RawQuery = ""
	return u.Redacted()
}
