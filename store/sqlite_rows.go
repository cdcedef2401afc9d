package store

import (
	"database/sql"
	"fmt"

	"zombiezen.com/go/sqlite"
)

// sqliteRows are the results of a statement.
type sqliteRows struct {
	statement *sqliteStatement
	pool      *sqlitePool // gets the connection back at the end; nil in a transaction
	err       error
	closed    bool
}

// Next implements rows.
func (r *sqliteRows) Next() bool {
	if r.closed || r.err != nil {
		return false
	}
	more, err := r.statement.stmt.Step()
	r.err = sqliteError(r.statement.conn.ctx, err)
	return more && r.err == nil
}

// Err implements rows.
func (r *sqliteRows) Err() error { return r.err }

// Close implements rows.
func (r *sqliteRows) Close() error {
	if r.closed {
		return nil
	}
	r.closed = true
	conn, pool := r.statement.conn, r.pool
	r.statement.done()
	if pool != nil {
		pool.release(conn)
	}
	return nil
}

// Scan implements rows.
func (r *sqliteRows) Scan(into ...any) error {
	stmt := r.statement.stmt
	if columns := stmt.ColumnCount(); columns != len(into) {
		return fmt.Errorf("SQLite: %d columns for %d variables", columns, len(into))
	}
	for column, to := range into {
		if err := scanColumn(stmt, column, to); err != nil {
			return err
		}
	}
	return nil
}

func scanColumn(stmt *sqlite.Stmt, column int, to any) error {
	null := stmt.ColumnType(column) == sqlite.TypeNull
	switch to := to.(type) {
	case *sql.NullInt64:
		*to = sql.NullInt64{Int64: stmt.ColumnInt64(column), Valid: !null}
		return nil
	case *sql.NullString:
		*to = sql.NullString{String: stmt.ColumnText(column), Valid: !null}
		return nil
	case sql.Scanner:
		return to.Scan(columnValue(stmt, column))
	case *any:
		*to = columnValue(stmt, column)
		return nil
	}
	if null {
		return fmt.Errorf("SQLite: column %d is NULL", column+1)
	}
	switch to := to.(type) {
	case *int64:
		*to = stmt.ColumnInt64(column)
	case *int:
		*to = stmt.ColumnInt(column)
	case *bool:
		*to = stmt.ColumnBool(column)
	case *string:
		*to = stmt.ColumnText(column)
	case *[]byte:
		*to = []byte(stmt.ColumnText(column))
	case *float64:
		*to = stmt.ColumnFloat(column)
	default:
		return fmt.Errorf("SQLite: column %d cannot be read into a %T", column+1, to)
	}
	return nil
}

// columnValue returns a column as a value of database/sql/driver.
func columnValue(stmt *sqlite.Stmt, column int) any {
	switch stmt.ColumnType(column) {
	case sqlite.TypeInteger:
		return stmt.ColumnInt64(column)
	case sqlite.TypeFloat:
		return stmt.ColumnFloat(column)
	case sqlite.TypeText:
		return stmt.ColumnText(column)
	case sqlite.TypeBlob:
		return []byte(stmt.ColumnText(column))
	default:
		return nil
	}
}

// onlyRow is the first row of a query, or the error instead of it.
type onlyRow struct {
	rows rows
	err  error
}

// Scan implements scannable.
func (r onlyRow) Scan(into ...any) (err error) {
	if r.err != nil {
		return r.err
	}
	defer func() {
		if closed := r.rows.Close(); err == nil {
			err = closed
		}
	}()
	if !r.rows.Next() {
		if err := r.rows.Err(); err != nil {
			return err
		}
		return sql.ErrNoRows
	}
	return r.rows.Scan(into...)
}
