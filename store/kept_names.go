package store

import (
	"context"
	"fmt"
	"time"

	"chatserver/chat"
)

var _ chat.KeptNames = (*DB)(nil)

// KeepNames implements chat.KeptNames. Only SQLite has the table; in Postgres, the names
// of all nodes are in the table names.
func (db *DB) KeepNames(ctx context.Context, names []chat.KeptName) error {
	err := db.inTx(ctx, func(ctx context.Context, tx tx) error {
		_, err := tx.ExecContext(ctx, `DELETE FROM kept_names`)
		for _, name := range names {
			if err != nil {
				break
			}
			_, err = tx.ExecContext(ctx, `INSERT INTO kept_names (look, holder, key, name, kept_until) VALUES ($1, $2, $3, $4, $5)`,
				name.Skeleton, name.Holder, name.Key, name.Name, name.Until.UnixMilli())
		}
		return err
	})
	if err != nil {
		return fmt.Errorf("store %d kept names: %w", len(names), err)
	}
	return nil
}

// KeptNames implements chat.KeptNames.
func (db *DB) KeptNames(ctx context.Context) (names []chat.KeptName, err error) {
	err = each(ctx, db.reader, `SELECT look, holder, key, name, kept_until FROM kept_names ORDER BY kept_until, look`, nil, func(scan scanner) error {
		var name chat.KeptName
		var until int64
		err := scan(&name.Skeleton, &name.Holder, &name.Key, &name.Name, &until)
		name.Until = time.UnixMilli(until)
		names = append(names, name)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read the kept names: %w", err)
	}
	return names, nil
}
