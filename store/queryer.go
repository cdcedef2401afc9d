package store

import (
	"context"
	"database/sql"
	"errors"
	"slices"
	"sync"

	"chatserver/chat"
)

// The store runs the same statements on SQLite's own connections (sqlite_pool.go, ADR 37) and
// on database/sql, which it uses for Postgres. What both have in common has the names and the
// meaning of database/sql.

// queryer runs statements: on a connection of a database, or in a transaction. The arguments
// may be pointers to values, which saves the allocation of copies.
type queryer interface {
	QueryContext(ctx context.Context, text string, args ...any) (rows, error)
	QueryRowContext(ctx context.Context, text string, args ...any) scannable
	ExecContext(ctx context.Context, text string, args ...any) (sql.Result, error)
}

// database is a pool of connections.
type database interface {
	queryer
	begin(ctx context.Context) (transaction, error)
	poolStats() chat.PoolStats
	Close() error
}

// transaction is one that has begun. Rollback does nothing after Commit.
type transaction interface {
	queryer
	Commit() error
	Rollback() error
}

// rows are the results of a query. They must be closed.
type rows interface {
	Next() bool
	Scan(into ...any) error
	Err() error
	Close() error
}

// scannable is the only row of a query. Scan returns sql.ErrNoRows without one.
type scannable interface{ Scan(into ...any) error }

// tx is a transaction with the dialect's number of rows per statement.
type tx struct {
	transaction
	rows  int    // see dialect
	space *[]any // for the arguments of one statement after the other
}

// argumentSpaces are the free spaces of transactions.
var argumentSpaces = sync.Pool{New: func() any { return new([]any) }}

// args returns an empty slice for n arguments. The next call uses it again.
func (t tx) args(n int) []any {
	*t.space = slices.Grow((*t.space)[:0], n)
	return *t.space
}

type scanner func(into ...any) error

// each calls f for every row of a query; errStop ends it early and is no error.
func each(ctx context.Context, db queryer, query string, args []any, f func(scanner) error) (err error) {
	rows, err := db.QueryContext(ctx, query, args...)
	if err != nil {
		return err
	}
	defer func() {
		if closed := rows.Close(); err == nil {
			err = closed
		}
	}()
	for rows.Next() {
		if err := f(rows.Scan); errors.Is(err, errStop) {
			return nil
		} else if err != nil {
			return err
		}
	}
	return rows.Err()
}

var errStop = errors.New("stop")
