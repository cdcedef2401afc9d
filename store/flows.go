package store

import (
	"context"
	"fmt"
	"time"

	"chatserver/accounts"
)

// PutFlow implements accounts.FlowStore.
func (db *DB) PutFlow(ctx context.Context, hash string, sealed []byte, now, expires time.Time) error {
	err := db.inTx(ctx, func(ctx context.Context, tx tx) error {
		if _, err := tx.ExecContext(ctx, `DELETE FROM flows WHERE expires_at <= $1`, now.UnixMilli()); err != nil {
			return err
		}
		_, err := tx.ExecContext(ctx, `INSERT INTO flows (hash, sealed, expires_at) VALUES ($1, $2, $3)`, hash, sealed, expires.UnixMilli())
		return err
	})
	if err != nil {
		return fmt.Errorf("store a flow: %w", err)
	}
	return nil
}

// TakeFlow implements accounts.FlowStore. Of two that take a flow at once, one gets it.
func (db *DB) TakeFlow(ctx context.Context, hash string, now time.Time) (sealed []byte, err error) {
	err = db.inTx(ctx, func(ctx context.Context, tx tx) error {
		var expires int64
		found := false
		err := each(ctx, tx, `DELETE FROM flows WHERE hash = $1 RETURNING sealed, expires_at`, []any{hash}, func(scan scanner) error {
			found = true
			return scan(&sealed, &expires)
		})
		if err == nil && (!found || expires <= now.UnixMilli()) {
			return accounts.ErrFlow
		}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("take a flow: %w", err)
	}
	return sealed, nil
}
