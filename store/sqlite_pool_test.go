package store

import (
	"context"
	"database/sql"
	"errors"
	"path/filepath"
	"testing"
)

// numbers is a query that never ends.
const numbers = `WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i FROM n WHERE i > $1`

func openPool(t *testing.T, connections int) *sqlitePool {
	t.Helper()
	pool := newSQLitePool(filepath.Join(t.TempDir(), File), writing, connections)
	t.Cleanup(func() { _ = pool.Close() })
	if _, err := pool.ExecContext(context.Background(), `CREATE TABLE words (word TEXT)`); err != nil {
		t.Fatal(err)
	}
	return pool
}

// words returns the number of stored words.
func words(t *testing.T, db queryer) (n int) {
	t.Helper()
	if err := db.QueryRowContext(context.Background(), `SELECT COUNT(*) FROM words`).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

// Somebody who waits for a query that never ends leaves, and the next one gets the connection.
func TestAQueryEndsWithItsContext(t *testing.T) {
	pool := openPool(t, 1)
	ctx, leave := context.WithCancel(context.Background())
	err := each(ctx, pool, numbers, []any{0}, func(scanner) error {
		leave()
		return nil
	})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("the query ends with %v", err)
	}
	if err := pool.QueryRowContext(ctx, `SELECT 1`).Scan(new(int)); !errors.Is(err, context.Canceled) {
		t.Errorf("a query after the end of its context returns %v", err)
	}
	if n := words(t, pool); n != 0 {
		t.Errorf("there are %d words", n)
	}
}

// A transaction whose context ends stores nothing, not even what was written after the end.
func TestATransactionEndsWithItsContext(t *testing.T) {
	pool := openPool(t, 1)
	ctx, leave := context.WithCancel(context.Background())
	tx, err := pool.begin(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := tx.ExecContext(ctx, `INSERT INTO words VALUES ($1)`, "before"); err != nil {
		t.Fatal(err)
	}
	leave()
	if _, err := tx.ExecContext(context.Background(), `INSERT INTO words VALUES ($1)`, "after"); !errors.Is(err, context.Canceled) {
		t.Errorf("a write after the end returns %v", err)
	}
	if err := tx.Commit(); !errors.Is(err, context.Canceled) {
		t.Errorf("the commit returns %v", err)
	}
	if err := errors.Join(tx.Rollback(), tx.Rollback()); err != nil {
		t.Error(err)
	}
	if n := words(t, pool); n != 0 {
		t.Errorf("there are %d words", n)
	}
}

// A statement runs while the rows of the same statement are read, and both see the same.
func TestAStatementRunsAmongItsOwnRows(t *testing.T) {
	pool := openPool(t, 1)
	tx, err := pool.begin(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	for _, word := range []any{"a", "b", []byte("c")} {
		if _, err := tx.ExecContext(context.Background(), `INSERT INTO words VALUES ($1)`, word); err != nil {
			t.Fatal(err)
		}
	}
	pairs, nothing := 0, func(scanner) error { return nil }
	count := func(scanner) error { pairs++; return nil }
	const query = `SELECT word FROM words`
	err = each(context.Background(), tx, query, nil, func(scan scanner) error {
		var word string
		return errors.Join(scan(&word), each(context.Background(), tx, query, nil, count))
	})
	if err != nil || pairs != 9 {
		t.Errorf("%d pairs of 9, %v", pairs, err)
	}
	if err := errors.Join(each(context.Background(), tx, query, nil, nothing), tx.Commit()); err != nil {
		t.Error(err)
	}
	if n := words(t, pool); n != 3 {
		t.Errorf("there are %d words", n)
	}
}

// What cannot be bound or read is an error, and so is a connection after the end.
func TestAPoolRefusesWhatMakesNoSense(t *testing.T) {
	pool, ctx := openPool(t, 1), context.Background()
	for name, err := range map[string]error{
		"a missing argument":   pool.QueryRowContext(ctx, `SELECT $2`, 1).Scan(new(int)),
		"NULL in a number":     pool.QueryRowContext(ctx, `SELECT NULL`).Scan(new(int)),
		"two columns in one":   pool.QueryRowContext(ctx, `SELECT 1, 2`).Scan(new(int)),
		"a column in a struct": pool.QueryRowContext(ctx, `SELECT 1`).Scan(&struct{}{}),
		"two statements":       pool.QueryRowContext(ctx, `SELECT 1; SELECT 2`).Scan(new(int)),
		"a struct":             pool.QueryRowContext(ctx, `SELECT $1`, struct{}{}).Scan(new(int)),
	} {
		if err == nil || errors.Is(err, sql.ErrNoRows) {
			t.Errorf("%s returns %v", name, err)
		}
	}
	if err := pool.QueryRowContext(ctx, `SELECT word FROM words`).Scan(new(string)); !errors.Is(err, sql.ErrNoRows) {
		t.Errorf("no row returns %v", err)
	}
	var number, text any
	if err := pool.QueryRowContext(ctx, `SELECT $2, $1`, "x", 7).Scan(&number, &text); err != nil || number != int64(7) || text != "x" {
		t.Errorf("it reads %v and %v, %v", number, text, err)
	}
	if err := errors.Join(pool.Close(), pool.Close()); err != nil {
		t.Error(err)
	}
	if err := pool.QueryRowContext(ctx, `SELECT 1`).Scan(new(int)); err == nil {
		t.Error("a closed pool answers")
	}
}

// A file that cannot be opened now may be whole: only what SQLite reads as damage ends the service.
func TestAFileThatCannotBeReadNowIsNotDamaged(t *testing.T) {
	path := filepath.Join(t.TempDir(), "missing", File)
	check := startCheck(path, func(err error) { t.Errorf("it is taken for damage: %v", err) })
	<-check.done
	if err := findDamage(context.Background(), path, newSQLitePool(path, reading, 1), `PRAGMA quick_check(1)`); err == nil || readDamage(err) {
		t.Errorf("the check returns %v", err)
	}
}

// A transaction that cannot be rolled back ends with its connection, and the next one is stored.
func TestAConnectionWithAnOpenTransactionIsNotUsedAgain(t *testing.T) {
	pool := openPool(t, 1)
	tx, err := pool.begin(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := tx.ExecContext(context.Background(), `INSERT INTO words VALUES ($1)`, "lost"); err != nil {
		t.Fatal(err)
	}
	if err := pool.replace(tx.(*sqliteTx).conn); err != nil {
		t.Fatal(err)
	}
	if _, err := pool.ExecContext(context.Background(), `INSERT INTO words VALUES ($1)`, "kept"); err != nil {
		t.Fatal(err)
	}
	if n := words(t, pool); n != 1 || pool.poolStats().Open != 1 {
		t.Errorf("there are %d words, and %+v", n, pool.poolStats())
	}
}
