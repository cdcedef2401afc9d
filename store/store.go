// Package store stores rooms and messages in SQL. It is the only package with SQL, and it
// has no rules: those are in chat.
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

// DB is a chat.Store on an open database.
type DB struct {
	dialect
	writer   database // SQLite has a single writer; writers queue here instead of failing there
	reader   database // separate connections, so that heavy reading does not block writing
	registry database // for presence; nil on SQLite
	names    database // for names, so that a connection storm blocks nothing else; nil on SQLite
	limits   roomLimits
	diskLow  func() bool
	epoch    atomic.Pointer[string]
	erasures *erasures // nil: no list is kept
	scrubber *scrubber // nil on Postgres
	check    *fileCheck
	damage   atomic.Pointer[error]

	lockTimeouts atomic.Int64
}

var _ chat.Store = (*DB)(nil)

// Options are the limits of a store.
type Options struct {
	MaxRooms int // maximum number of rooms; 0 = no limit
	// NewRooms is how many rooms one network may create in 24 hours. In total it may have
	// created a quarter of MaxRooms. 0 = no limit.
	NewRooms int

	// DiskLow reports whether the disk is almost full. Then no rooms are created, and new
	// messages are stored only up to chat.ShortText. It is called for each batch and must
	// not block; nil = never.
	DiskLow func() bool

	// Damaged is called with what is wrong if a file turns out to be damaged while it is
	// served; nil = not of interest. From then on, everything fails.
	Damaged func(error)

	allowPartial bool    // accept an unfinished copy, because it is about to be completed
	session      session // for Postgres, instead of serving
}

func (o Options) damaged(err error) {
	if o.Damaged != nil {
		o.Damaged(err)
	}
}

// Close closes the store. Acknowledged messages are already on disk.
func (db *DB) Close() error {
	db.check.stop()
	errs := []error{db.scrubber.stop()}
	for _, pool := range []database{db.names, db.registry, db.reader, db.writer} {
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
		Writers: poolStats(db.writer), Readers: poolStats(db.reader), Registry: poolStats(db.registry), Names: poolStats(db.names),
		LockTimeouts: db.lockTimeouts.Load(),
	}
}

// poolStats returns the stats of a pool, which may be nil.
func poolStats(pool database) chat.PoolStats {
	if pool == nil {
		return chat.PoolStats{}
	}
	return pool.poolStats()
}

// Epoch implements chat.Store.
func (db *DB) Epoch() string { return *db.epoch.Load() }

// ensureEpoch reads the epoch. A new database gets one here.
func ensureEpoch(ctx context.Context, db queryer, allowPartial bool) (epoch string, err error) {
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

// Check reports whether the database, and the erasure list, accept writes. For SQLite, it takes the write lock.
func (db *DB) Check(ctx context.Context) error {
	if err := db.erasures.check(); err != nil {
		return err
	}
	return db.inTx(ctx, func(ctx context.Context, tx tx) error {
		if db.writable == "" {
			return nil
		}
		var writable bool
		if err := tx.QueryRowContext(ctx, db.writable).Scan(&writable); err != nil {
			return fmt.Errorf("check whether the database accepts writes: %w", err)
		}
		if !writable {
			return errors.New("the database does not accept writes")
		}
		return nil
	})
}

// inTx runs f in a transaction of the writer and commits unless f fails. The context of f
// has the database's timeout.
func (db *DB) inTx(ctx context.Context, f func(context.Context, tx) error) error {
	ctx, cancel := db.withTimeout(ctx)
	defer cancel()
	begun, err := db.writer.begin(ctx)
	if err != nil {
		return fmt.Errorf("begin: %w", err)
	}
	defer func() { _ = begun.Rollback() }() // also after a panic; does nothing after a commit
	space, _ := argumentSpaces.Get().(*[]any)
	defer func() { clear((*space)[:cap(*space)]); argumentSpaces.Put(space) }()
	if err := f(ctx, tx{begun, db.rows, space}); err != nil {
		return errors.Join(err, begun.Rollback())
	}
	if err := begun.Commit(); err != nil {
		return fmt.Errorf("commit: %w", err)
	}
	return nil
}

// withTimeout returns a context with the database's timeout, if it has one.
func (db *DB) withTimeout(ctx context.Context) (context.Context, context.CancelFunc) {
	if db.timeout == 0 {
		return ctx, func() {}
	}
	return context.WithTimeout(ctx, db.timeout)
}
