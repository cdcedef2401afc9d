package store

import (
	"context"
	"database/sql"

	"chatserver/chat"
)

// postgresPool is a database of database/sql, whose driver keeps statements prepared.
type postgresPool struct{ *sql.DB }

// QueryContext implements queryer.
func (p postgresPool) QueryContext(ctx context.Context, text string, args ...any) (rows, error) {
	return p.DB.QueryContext(ctx, text, args...)
}

// QueryRowContext implements queryer.
func (p postgresPool) QueryRowContext(ctx context.Context, text string, args ...any) scannable {
	return p.DB.QueryRowContext(ctx, text, args...)
}

func (p postgresPool) begin(ctx context.Context) (transaction, error) {
	begun, err := p.BeginTx(ctx, nil)
	return postgresTx{begun}, err
}

func (p postgresPool) poolStats() chat.PoolStats {
	stats := p.Stats()
	return chat.PoolStats{Open: stats.OpenConnections, InUse: stats.InUse, Waits: stats.WaitCount, Waited: stats.WaitDuration}
}

// postgresTx is a transaction of database/sql.
type postgresTx struct{ *sql.Tx }

// QueryContext implements queryer.
func (t postgresTx) QueryContext(ctx context.Context, text string, args ...any) (rows, error) {
	return t.Tx.QueryContext(ctx, text, args...)
}

// QueryRowContext implements queryer.
func (t postgresTx) QueryRowContext(ctx context.Context, text string, args ...any) scannable {
	return t.Tx.QueryRowContext(ctx, text, args...)
}

// Rollback implements transaction.
func (t postgresTx) Rollback() error {
	if err := t.Tx.Rollback(); err != sql.ErrTxDone { //nolint:errorlint // never wrapped
		return err
	}
	return nil
}
