package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"fmt"
	"strconv"
	"strings"
	"time"

	"zombiezen.com/go/sqlite"
)

// sqliteConn is a connection to a file. It keeps its statements prepared: all texts are
// constants of this package, so there are not many.
type sqliteConn struct {
	conn       *sqlite.Conn
	statements map[string]*sqliteStatement
	ctx        context.Context //nolint:containedctx // of the present user
}

// openSQLiteConn opens a file that exists, unless the mode says otherwise.
func openSQLiteConn(path string, mode sqliteMode) (_ *sqliteConn, err error) {
	conn, err := sqlite.OpenConn(fileURI(path, mode.uri), sqlite.OpenReadWrite, sqlite.OpenCreate, sqlite.OpenURI)
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", path, err)
	}
	conn.SetBusyTimeout(busyTimeout)
	c := &sqliteConn{conn: conn, statements: map[string]*sqliteStatement{}, ctx: context.Background()}
	for _, pragma := range mode.pragmas {
		if _, err := c.exec(`PRAGMA `+pragma, nil); err != nil {
			_ = c.close()
			return nil, fmt.Errorf("open %s: %w", path, err)
		}
	}
	return c, nil
}

// begin makes the statements of the connection end with a context.
func (c *sqliteConn) begin(ctx context.Context) {
	c.ctx = ctx
	if ctx.Done() != nil {
		c.conn.SetInterrupt(ctx.Done())
	}
}

// end undoes begin.
func (c *sqliteConn) end() {
	if c.ctx.Done() != nil {
		c.conn.SetInterrupt(nil)
	}
	c.ctx = context.Background()
}

func (c *sqliteConn) close() error {
	for _, s := range c.statements {
		_ = s.stmt.Finalize() // repeats the error of the last step
	}
	return c.conn.Close()
}

// prepare returns the prepared statement of a text, with the values of its parameters. A
// statement whose rows are still being read is prepared once more.
func (c *sqliteConn) prepare(text string, args []any) (s *sqliteStatement, err error) {
	if s = c.statements[text]; s == nil || s.busy {
		prepared, trailing, err := c.conn.PrepareTransient(text)
		switch {
		case err != nil:
			return nil, sqliteError(c.ctx, err)
		case trailing > 0:
			_ = prepared.Finalize()
			return nil, fmt.Errorf("SQLite: more than one statement: %.60q", text)
		}
		made := newSQLiteStatement(c, prepared)
		if s == nil {
			c.statements[text] = made
		} else {
			made.transient = true
		}
		s = made
	}
	s.busy = true
	if err := s.bind(args); err != nil {
		s.done()
		return nil, err
	}
	return s, nil
}

func (c *sqliteConn) query(text string, args []any) (*sqliteRows, error) {
	s, err := c.prepare(text, args)
	if err != nil {
		return nil, err
	}
	s.rows = sqliteRows{statement: s}
	return &s.rows, nil
}

func (c *sqliteConn) exec(text string, args []any) (sql.Result, error) {
	s, err := c.prepare(text, args)
	if err != nil {
		return nil, err
	}
	defer s.done()
	for more := true; more; {
		if more, err = s.stmt.Step(); err != nil {
			return nil, sqliteError(c.ctx, err)
		}
	}
	return driver.RowsAffected(c.conn.Changes()), nil
}

// sqliteStatement is a prepared statement.
type sqliteStatement struct {
	conn      *sqliteConn
	stmt      *sqlite.Stmt
	arguments []int // the index of the argument of each parameter: SQLite numbers $2 by its place in the text
	rows      sqliteRows
	busy      bool
	transient bool // prepared for one use
}

func newSQLiteStatement(c *sqliteConn, prepared *sqlite.Stmt) *sqliteStatement {
	s := &sqliteStatement{conn: c, stmt: prepared}
	for i := range prepared.BindParamCount() {
		argument, err := strconv.Atoi(strings.TrimPrefix(prepared.BindParamName(i+1), "$"))
		if err != nil {
			argument = i + 1
		}
		s.arguments = append(s.arguments, argument-1)
	}
	return s
}

// bind sets the values of the parameters.
func (s *sqliteStatement) bind(args []any) error {
	for i, argument := range s.arguments {
		if argument >= len(args) {
			return fmt.Errorf("SQLite: parameter $%d has no argument", argument+1)
		}
		if err := s.bindOne(i+1, args[argument]); err != nil {
			return err
		}
	}
	return nil
}

func (s *sqliteStatement) bindOne(parameter int, value any) error {
	switch v := value.(type) {
	case int64:
		s.stmt.BindInt64(parameter, v)
	case *int64:
		s.stmt.BindInt64(parameter, *v)
	case int:
		s.stmt.BindInt64(parameter, int64(v))
	case *int:
		s.stmt.BindInt64(parameter, int64(*v))
	case string:
		s.stmt.BindText(parameter, v)
	case *string:
		s.stmt.BindText(parameter, *v)
	case bool:
		s.stmt.BindBool(parameter, v)
	case []byte:
		s.stmt.BindBytes(parameter, v)
	case float64:
		s.stmt.BindFloat(parameter, v)
	case nil:
		s.stmt.BindNull(parameter)
	case time.Time:
		return fmt.Errorf("SQLite: parameter %d is a time: store milliseconds", parameter)
	default:
		converted, err := driver.DefaultParameterConverter.ConvertValue(value)
		if err != nil {
			return fmt.Errorf("SQLite: parameter %d: %w", parameter, err)
		}
		return s.bindOne(parameter, converted)
	}
	return nil
}

// done makes the statement ready for its next use.
func (s *sqliteStatement) done() {
	s.busy = false
	if s.transient {
		_ = s.stmt.Finalize()
		return
	}
	// The values stay bound until the next use, a few messages at most: after they are cleared,
	// SQLite parses each statement again in which it compares one with the column of a join.
	_ = s.stmt.Reset() // repeats the error of the last step
}
