// Package store keeps rooms and messages in SQL. It is the only place with SQL,
// and holds no rules: those are in chat.
package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/google/uuid"

	"chatserver/chat"
)

// DB is a store on an open database.
type DB struct {
	writer   *sql.DB // one connection: SQLite has one writer, and it waits here instead of failing there
	reader   reads
	prepared statements // of the writer
	maxRooms int
	epoch    string
}

var _ chat.Store = (*DB)(nil)

// Close ends the store. What was acknowledged is on the disk already.
func (db *DB) Close() error {
	return errors.Join(db.reader.Close(), db.writer.Close())
}

// Epoch implements chat.Store.
func (db *DB) Epoch() string { return db.epoch }

// ensureEpoch reads the epoch, which a database gets when it is first opened.
func (db *DB) ensureEpoch(ctx context.Context) error {
	return db.inTx(ctx, func(tx tx) error {
		err := tx.QueryRowContext(ctx, `SELECT epoch FROM meta`).Scan(&db.epoch)
		if errors.Is(err, sql.ErrNoRows) {
			db.epoch = uuid.NewString()
			_, err = tx.ExecContext(ctx, `INSERT INTO meta (epoch) VALUES ($1)`, db.epoch)
		}
		if err != nil {
			return fmt.Errorf("read the epoch: %w", err)
		}
		return nil
	})
}

// Check reports whether the database can be written, by taking the write lock.
func (db *DB) Check(ctx context.Context) error {
	tx, err := db.writer.BeginTx(ctx, nil)
	if err != nil {
		return fmt.Errorf("lock the database: %w", err)
	}
	return tx.Rollback()
}

// inTx runs f in a transaction of the writer and commits unless f fails.
func (db *DB) inTx(ctx context.Context, f func(tx) error) error {
	begun, err := db.writer.BeginTx(ctx, nil)
	if err != nil {
		return fmt.Errorf("begin: %w", err)
	}
	defer func() { _ = begun.Rollback() }() // also after a panic; once it is committed this does nothing
	if err := f(tx{begun, db.prepared}); err != nil {
		return errors.Join(err, begun.Rollback())
	}
	if err := begun.Commit(); err != nil {
		return fmt.Errorf("commit: %w", err)
	}
	return nil
}
