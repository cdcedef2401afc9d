// Package store keeps rooms and messages in SQL. It is the only place with SQL,
// and holds no rules: those are in chat.
package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"chatserver/chat"
)

// DB is a store on an open database.
type DB struct {
	writer   *sql.DB // one connection: SQLite has one writer, and it waits here instead of failing there
	reader   *sql.DB
	maxRooms int
}

var _ chat.Store = (*DB)(nil)

// Close ends the store. What was acknowledged is on the disk already.
func (db *DB) Close() error {
	return errors.Join(db.reader.Close(), db.writer.Close())
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
func (db *DB) inTx(ctx context.Context, f func(*sql.Tx) error) error {
	tx, err := db.writer.BeginTx(ctx, nil)
	if err != nil {
		return fmt.Errorf("begin: %w", err)
	}
	if err := f(tx); err != nil {
		return errors.Join(err, tx.Rollback())
	}
	if err := tx.Commit(); err != nil {
		return fmt.Errorf("commit: %w", err)
	}
	return nil
}
