package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"sync"
	"sync/atomic"
	"time"

	"zombiezen.com/go/sqlite"

	"chatserver/chat"
)

// sqliteMode is how a file is opened.
type sqliteMode struct {
	uri     string   // parameters of the file's URI, such as mode=ro
	pragmas []string // run on each connection
}

// sqlitePool is a database of one or more connections to a file. They are opened when they
// are first needed.
type sqlitePool struct {
	path  string
	mode  sqliteMode
	size  int
	free  chan *sqliteConn // nil: not open yet; closed with the pool
	close func() error
	open  atomic.Int64
	waits atomic.Int64
	wait  atomic.Int64 // nanoseconds in total

	refused atomic.Pointer[error] // why the file is not used any longer
}

func newSQLitePool(path string, mode sqliteMode, connections int) *sqlitePool {
	p := &sqlitePool{path: path, mode: mode, size: connections, free: make(chan *sqliteConn, connections)}
	for range connections {
		p.free <- nil
	}
	p.close = sync.OnceValue(p.closeAll)
	return p
}

// fileURI returns the URI of a file, which may have any name.
func fileURI(path, parameters string) string {
	return "file:" + (&url.URL{Path: path}).EscapedPath() + "?" + parameters
}

// acquire returns a connection for the exclusive use of the caller, whose statements end when
// ctx does. The caller releases it.
func (p *sqlitePool) acquire(ctx context.Context) (*sqliteConn, error) {
	conn, err := p.next(ctx)
	if err != nil {
		return nil, err
	}
	if conn == nil {
		if conn, err = openSQLiteConn(p.path, p.mode); err != nil {
			p.free <- nil
			return nil, err
		}
		p.open.Add(1)
	}
	conn.begin(ctx)
	return conn, nil
}

// next waits for a connection that nobody uses. It is nil if it is not open yet.
func (p *sqlitePool) next(ctx context.Context) (*sqliteConn, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if refused := p.refused.Load(); refused != nil {
		return nil, *refused
	}
	select {
	case conn, open := <-p.free:
		return conn, p.errUnless(open)
	default:
	}
	began := time.Now()
	p.waits.Add(1)
	defer func() { p.wait.Add(int64(time.Since(began))) }()
	select {
	case conn, open := <-p.free:
		return conn, p.errUnless(open)
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (p *sqlitePool) errUnless(open bool) error {
	if open {
		return nil
	}
	return fmt.Errorf("%s is closed", p.path)
}

func (p *sqlitePool) release(conn *sqliteConn) {
	conn.end()
	p.free <- conn
}

// replace closes a connection whose transaction cannot be ended, so that nobody writes in it.
func (p *sqlitePool) replace(conn *sqliteConn) error {
	err := conn.close()
	p.open.Add(-1)
	p.free <- nil
	return err
}

// Close waits until nobody uses a connection. Closing again does nothing.
func (p *sqlitePool) Close() error { return p.close() }

func (p *sqlitePool) closeAll() (err error) {
	defer close(p.free)
	for range p.size {
		if conn := <-p.free; conn != nil {
			if closed := conn.close(); err == nil {
				err = closed
			}
		}
	}
	return err
}

func (p *sqlitePool) poolStats() chat.PoolStats {
	return chat.PoolStats{Open: int(p.open.Load()), InUse: p.size - len(p.free), Waits: p.waits.Load(), Waited: time.Duration(p.wait.Load())}
}

// QueryContext implements queryer.
func (p *sqlitePool) QueryContext(ctx context.Context, text string, args ...any) (rows, error) {
	conn, err := p.acquire(ctx)
	if err != nil {
		return nil, err
	}
	rows, err := conn.query(text, args)
	if err != nil {
		p.release(conn)
		return nil, err
	}
	rows.pool = p
	return rows, nil
}

// QueryRowContext implements queryer.
func (p *sqlitePool) QueryRowContext(ctx context.Context, text string, args ...any) scannable {
	rows, err := p.QueryContext(ctx, text, args...)
	return onlyRow{rows, err}
}

// ExecContext implements queryer.
func (p *sqlitePool) ExecContext(ctx context.Context, text string, args ...any) (sql.Result, error) {
	conn, err := p.acquire(ctx)
	if err != nil {
		return nil, err
	}
	defer p.release(conn)
	return conn.exec(text, args)
}

// begin implements database: it takes the write lock, for which it waits for other processes
// up to busyTimeout.
func (p *sqlitePool) begin(ctx context.Context) (transaction, error) {
	conn, err := p.acquire(ctx)
	if err != nil {
		return nil, err
	}
	if err := conn.beginImmediate(ctx); err != nil {
		p.release(conn)
		return nil, err
	}
	return &sqliteTx{pool: p, conn: conn}, nil
}

// beginImmediate takes the write lock, for which it waits no longer than the context allows.
func (c *sqliteConn) beginImmediate(ctx context.Context) error {
	if deadline, limited := ctx.Deadline(); limited && time.Until(deadline) < busyTimeout {
		c.conn.SetBusyTimeout(max(time.Until(deadline), time.Millisecond))
		defer c.conn.SetBusyTimeout(busyTimeout)
	}
	_, err := c.exec(`BEGIN IMMEDIATE`, nil)
	return err
}

// sqliteTx is a transaction. It ends with its context, whatever the contexts of its
// statements.
type sqliteTx struct {
	pool *sqlitePool
	conn *sqliteConn // nil after the end
}

// QueryContext implements queryer.
func (t *sqliteTx) QueryContext(_ context.Context, text string, args ...any) (rows, error) {
	rows, err := t.conn.query(text, args)
	if err != nil {
		return nil, err
	}
	return rows, nil
}

// QueryRowContext implements queryer.
func (t *sqliteTx) QueryRowContext(ctx context.Context, text string, args ...any) scannable {
	rows, err := t.QueryContext(ctx, text, args...)
	return onlyRow{rows, err}
}

// ExecContext implements queryer.
func (t *sqliteTx) ExecContext(_ context.Context, text string, args ...any) (sql.Result, error) {
	return t.conn.exec(text, args)
}

// Commit implements transaction. After an error, the transaction is still open.
func (t *sqliteTx) Commit() error {
	if _, err := t.conn.exec(`COMMIT`, nil); err != nil {
		return err
	}
	t.pool.release(t.conn)
	t.conn = nil
	return nil
}

// Rollback implements transaction.
func (t *sqliteTx) Rollback() error {
	if t.conn == nil {
		return nil
	}
	conn := t.conn
	t.conn = nil
	conn.end() // or a context that has ended would keep the transaction open
	if conn.conn.AutocommitEnabled() {
		t.pool.release(conn)
		return nil // an error has rolled it back already
	}
	if _, err := conn.exec(`ROLLBACK`, nil); err != nil {
		return errors.Join(err, t.pool.replace(conn))
	}
	t.pool.release(conn)
	return nil
}

// sqliteError says what SQLite says, and no more.
func sqliteError(ctx context.Context, err error) error {
	if err == nil {
		return nil
	}
	if sqlite.ErrCode(err) == sqlite.ResultInterrupt && ctx.Err() != nil {
		return ctx.Err()
	}
	return fmt.Errorf("SQLite: %w", err)
}
