package store

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"chatserver/chat"
)

// Export calls f for every message of a room, in order, as of one moment. It reads the
// database of a URL or of a data directory, even while servers run on it, and changes
// nothing.
func Export(ctx context.Context, database, folder, room string, f func(chat.Message) error) (err error) {
	db, name, err := openToRead(ctx, database, folder)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	found, room := false, room
	if known, err := findRoom(ctx, db, room); err != nil {
		return oneLine{fmt.Errorf("export from %s: %w", name, err)}
	} else if known != nil {
		room = known.ID
	}
	err = each(ctx, db, `SELECT `+messageColumns+` FROM rooms r LEFT JOIN messages m ON m.room_id = r.id WHERE r.slug = $1 ORDER BY m.seq`, []any{room}, func(scan scanner) error {
		found = true
		var m scannedMessage
		if err := scan(m.into()...); err != nil || !m.seq.Valid {
			return err
		}
		message, err := m.message(room)
		if err != nil {
			return err
		}
		return f(message)
	})
	if err != nil {
		return oneLine{fmt.Errorf("export %s from %s: %w", room, name, err)}
	}
	if !found {
		return fmt.Errorf("room %q does not exist or is empty", room)
	}
	return nil
}

// openToRead opens a database read-only, without a time limit, and returns its name for
// messages.
func openToRead(ctx context.Context, url, folder string) (database, string, error) {
	if url != "" {
		if !isPostgres(url) {
			return nil, "", unknownDatabase(url)
		}
		db, err := connect(url, noTimeout, 1, nil)
		return postgresPool{db}, withoutSecrets(url), err
	}
	path := filepath.Join(folder, File)
	if _, err := os.Stat(path); err != nil {
		return nil, "", fmt.Errorf("no database found: %w", err)
	}
	db := openAsIs(path, "rw") // readers of a WAL database write to its shared-memory index
	if _, err := db.ExecContext(ctx, `PRAGMA query_only = 1`); err != nil {
		return nil, "", errors.Join(fmt.Errorf("read %s: %w", path, err), db.Close())
	}
	return db, path, nil
}
