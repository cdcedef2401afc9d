// Package store keeps rooms and messages in SQL. It is the only place with SQL,
// and holds no rules: those are in chat.
package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"

	"github.com/google/uuid"

	"chatserver/chat"
)

// DB is a store on an open database.
type DB struct {
	dialect
	writer   *sql.DB    // SQLite has one writer, and it waits here instead of failing there
	reader   reads      // has connections of its own, so that who reads much keeps nobody from writing
	registry *sql.DB    // has one for who is on which node; nil on SQLite
	names    *sql.DB    // has some for names, so that a rush of newcomers keeps nothing else waiting; nil on SQLite
	prepared statements // of the writer
	limits   roomLimits
	diskLow  func() bool
	epoch    atomic.Pointer[string]

	lockTimeouts atomic.Int64
}

var _ chat.Store = (*DB)(nil)

// Options are the limits of a store.
type Options struct {
	MaxRooms int // rooms that may exist; 0 = no limit
	// NewRooms is how many rooms one network may make in 24 hours. Altogether it may
	// have made a quarter of MaxRooms. 0 = no limit.
	NewRooms int

	// DiskLow reports whether the disk is almost full. Then rooms are not made, and new
	// messages are stored up to chat.ShortText only. It is called for each batch and must
	// not block; nil = never.
	DiskLow func() bool

	allowPartial bool    // half a copy is fine: it is about to become a whole one
	session      session // of Postgres, instead of serving
}

// Close ends the store. What was acknowledged is on the disk already.
func (db *DB) Close() error {
	var errs []error
	for _, pool := range []*sql.DB{db.names, db.registry, db.reader.DB, db.writer} {
		if pool != nil {
			errs = append(errs, pool.Close())
		}
	}
	return errors.Join(errs...)
}

// SingleWriter reports whether no other node can write to the database.
func (db *DB) SingleWriter() bool { return db.singleWriter() }

// Stats implements chat.SharedStore.
func (db *DB) Stats() chat.StoreStats {
	return chat.StoreStats{
		Writers: poolStats(db.writer), Readers: poolStats(db.reader.DB), Registry: poolStats(db.registry), Names: poolStats(db.names),
		LockTimeouts: db.lockTimeouts.Load(),
	}
}

// poolStats are those of a pool; there may be none.
func poolStats(pool *sql.DB) chat.PoolStats {
	if pool == nil {
		return chat.PoolStats{}
	}
	stats := pool.Stats()
	return chat.PoolStats{Open: stats.OpenConnections, InUse: stats.InUse, Waits: stats.WaitCount, Waited: stats.WaitDuration}
}

// Epoch implements chat.Store.
func (db *DB) Epoch() string { return *db.epoch.Load() }

// ensureEpoch reads the epoch, which a database gets when it is first opened.
func ensureEpoch(ctx context.Context, db *sql.DB, allowPartial bool) (epoch string, err error) {
	err = db.QueryRowContext(ctx, `SELECT epoch FROM meta`).Scan(&epoch)
	if errors.Is(err, sql.ErrNoRows) {
		epoch = uuid.NewString()
		_, err = db.ExecContext(ctx, `INSERT INTO meta (epoch) VALUES ($1)`, epoch)
	}
	if err != nil {
		return "", fmt.Errorf("read the epoch: %w", err)
	}
	if strings.HasPrefix(epoch, partialCopy) && !allowPartial {
		return "", errPartialCopy
	}
	return epoch, nil
}

// Check reports whether the database can be written. SQLite's write lock is taken
// for that.
func (db *DB) Check(ctx context.Context) error {
	return db.inTx(ctx, func(ctx context.Context, tx tx) error {
		if db.writable == "" {
			return nil
		}
		var is bool
		if err := tx.QueryRowContext(ctx, db.writable).Scan(&is); err != nil {
			return fmt.Errorf("ask whether it can be written: %w", err)
		}
		if !is {
			return errors.New("the database takes no writes")
		}
		return nil
	})
}

// inTx runs f in a transaction of the writer and commits unless f fails. The context of
// f ends when the database has had all the time it gets.
func (db *DB) inTx(ctx context.Context, f func(context.Context, tx) error) error {
	ctx, cancel := db.withTimeout(ctx)
	defer cancel()
	begun, err := db.writer.BeginTx(ctx, nil)
	if err != nil {
		return fmt.Errorf("begin: %w", err)
	}
	defer func() { _ = begun.Rollback() }() // also after a panic; once it is committed this does nothing
	if err := f(ctx, tx{begun, db.prepared, db.rows}); err != nil {
		return errors.Join(err, begun.Rollback())
	}
	if err := begun.Commit(); err != nil {
		return fmt.Errorf("commit: %w", err)
	}
	return nil
}

// withTimeout is a context that ends when the database has had all the time it gets.
func (db *DB) withTimeout(ctx context.Context) (context.Context, context.CancelFunc) {
	if db.timeout == 0 {
		return ctx, func() {}
	}
	return context.WithTimeout(ctx, db.timeout)
}
