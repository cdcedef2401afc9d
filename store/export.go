package store

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"chatserver/chat"
)

// Export calls f for every message of a room, in their order, as they are at one
// moment. It reads the database of a data folder beside a server that may run on
// it, and changes nothing.
func Export(ctx context.Context, folder, room string, f func(chat.Message) error) (err error) {
	path := filepath.Join(folder, File)
	if _, err := os.Stat(path); err != nil {
		return fmt.Errorf("there is no database to export from: %w", err)
	}
	db, err := openPlain(path, "rw") // a reader of the log takes part in its bookkeeping
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	if _, err := db.ExecContext(ctx, `PRAGMA query_only = 1`); err != nil {
		return fmt.Errorf("read %s: %w", path, err)
	}
	found := false
	err = each(ctx, db, `SELECT `+messageColumns+` FROM rooms r LEFT JOIN messages m ON m.room_id = r.id WHERE r.slug = $1 ORDER BY m.seq`, []any{room}, func(scan scanner) error {
		found = true
		var m scannedMessage
		if err := scan(m.into()...); err != nil || !m.seq.Valid {
			return err
		}
		return f(m.message(room))
	})
	if err != nil {
		return fmt.Errorf("export %s from %s: %w", room, path, err)
	}
	if !found {
		return fmt.Errorf("nothing was ever said in a room %q", room)
	}
	return nil
}
