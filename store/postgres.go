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
	// The connections of a node, by kind. There are two writers because one writes a
	// batch while the other checks whether the database is healthy.
	postgresWriters  = 2
	postgresReaders  = 4
	postgresRegistry = 1
	postgresNames    = 2
	// connectTimeout applies to each host of the URL.
	connectTimeout = 3 * time.Second
	// postgresTimeout equals statement_timeout: a writer gets an answer within it, as
	// with SQLite, even if the server does not respond.
	postgresTimeout = 5 * time.Second
)

// onPostgres is the dialect of Postgres. A statement takes a whole batch, because each
// statement costs a round trip. The driver caches prepared statements.
var onPostgres = dialect{
	rows:      256,
	forUpdate: ` FOR UPDATE`,
	classify:  classifyPostgres,
	timeout:   postgresTimeout,
	writable:  `SELECT current_setting('transaction_read_only') = 'off'`,
}

// session has the settings of a connection. They override those of the URL, the role and
// the database.
type session map[string]string

func (s session) with(name, value string) session {
	s = maps.Clone(s)
	s[name] = value
	return s
}

var (
	// serving prevents a node that is frozen or cut off from locking a room for longer
	// than two seconds, and a waiting node from waiting longer.
	serving = session{
		"application_name":                    applicationName,
		"idle_in_transaction_session_timeout": "2s",
		"lock_timeout":                        "2s",
		"statement_timeout":                   "5s",
		"synchronous_commit":                  "on", // or an acknowledged message could be lost
	}
	// ephemeral is for presence, which is published again after a crash. A statement that
	// takes too long is abandoned.
	ephemeral = serving.with("synchronous_commit", "off").with("statement_timeout", "1500ms")
	// noTimeout is for migrations, exports and copies, which take as long as they need. A
	// migration waits for a table no longer than a batch waits for a room, because
	// everyone else queues behind it.
	noTimeout = session{
		"application_name":                    "chatserver, unhurried",
		"idle_in_transaction_session_timeout": "0",
		"lock_timeout":                        "2s",
		"statement_timeout":                   "0",
		"synchronous_commit":                  "on",
	}
	// baseSettings apply to all connections. The server notices within seconds that a
	// node is gone, and releases its locks.
	baseSettings = session{
		"client_encoding":               "UTF8",
		"default_transaction_isolation": "read committed",
		"tcp_keepalives_idle":           "5",
		"tcp_keepalives_interval":       "2",
		"tcp_keepalives_count":          "3",
		"tcp_user_timeout":              "10s",
	}
)

// isPostgres reports whether a URL is a Postgres URL.
func isPostgres(database string) bool {
	return strings.HasPrefix(database, "postgres://") || strings.HasPrefix(database, "postgresql://")
}

// openPostgres opens and migrates the database of a URL, even while other nodes do the
// same.
func openPostgres(ctx context.Context, url string, options Options) (*DB, error) {
	if err := migratePostgres(ctx, url, options.allowPartial); err != nil {
		return nil, err
	}
	db, settings := &DB{dialect: onPostgres, limits: roomLimits{options.MaxRooms, options.NewRooms}, diskLow: options.DiskLow}, serving
	if options.session != nil {
		settings = options.session
	}
	for _, pool := range []struct {
		open        *database
		connections int
		settings    session
	}{
		{&db.writer, postgresWriters, settings},
		{&db.reader, postgresReaders, settings},
		{&db.registry, postgresRegistry, ephemeral},
		{&db.names, postgresNames, ephemeral},
	} {
		connected, err := connect(url, pool.settings, pool.connections, db.readEpoch)
		if err != nil {
			return nil, errors.Join(err, db.Close())
		}
		*pool.open = postgresPool{connected}
	}
	if err := db.Check(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("%s: %w", withoutSecrets(url), err), db.Close())
	}
	return db, nil
}

// connect opens a pool without connecting yet. Each connection goes to a writable server,
// gets the session's settings, and is passed to afterConnect if that is not nil.
func connect(database string, settings session, connections int, afterConnect func(context.Context, *pgx.Conn) error) (*sql.DB, error) {
	config, err := pgx.ParseConfig(database)
	if err != nil {
		return nil, fmt.Errorf("%s is not a valid Postgres URL: %w", withoutSecrets(database), err)
	}
	config.ConnectTimeout = connectTimeout
	config.DialFunc = (&net.Dialer{
		KeepAliveConfig: net.KeepAliveConfig{Enable: true, Idle: 5 * time.Second, Interval: 2 * time.Second, Count: 3},
		Control:         setUserTimeout,
	}).DialContext
	// A standby would serve old data, and a promoted one has another epoch.
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

// applicationName identifies our connections in pg_stat_activity.
const applicationName = "chatserver"

// classifyPostgres recognizes errors in the data and errors of locked rooms.
func classifyPostgres(err error) error {
	var from *pgconn.PgError
	if !errors.As(err, &from) {
		return err
	}
	switch from.Code {
	case "55P03", "40P01", "40001": // lock timeout, deadlock, serialization failure
		return fmt.Errorf("%w: %w", errLocked, err)
	}
	switch from.Code[:2] { // the class
	case "22", "23", "54": // invalid data, constraints, limits
		return fmt.Errorf("%w: %w", chat.ErrData, err)
	}
	return err
}

// withoutSecrets returns a URL without its password and parameters, for logs and
// messages.
func withoutSecrets(database string) string {
	u, err := url.Parse(database)
	if err != nil {
		return strconv.Quote(strings.SplitAfter(database, "://")[0] + "…")
	}
	u.RawQuery = ""
	return u.Redacted()
}
