package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

// Looked is what a look at a database found.
type Looked struct {
	Bytes         int64     // of the file
	Schema, Known int       // the number of the schema, and of the newest that this program knows
	Newest        time.Time // when the newest message was said; zero if there is none
}

// Look reads how the database of a data folder stands, beside a server that may run
// on it, and changes nothing. Thoroughly, it reads all of it for damage. The error is
// fs.ErrNotExist if there is no database.
func Look(ctx context.Context, folder string, thoroughly bool) (looked Looked, err error) {
	path := filepath.Join(folder, File)
	info, err := os.Stat(path)
	if err != nil {
		return looked, err
	}
	looked.Bytes = info.Size()
	known, err := fs.Glob(migrationFiles, "migrations/sqlite/*.sql") // numbered one by one from 1
	if err != nil {
		return looked, err
	}
	looked.Known = len(known)
	mode := "ro" // nothing is to be changed here, and no file to be left that is not its owner's
	if !exists(path + "-wal") {
		mode += "&immutable=1" // nobody has it open; otherwise a log would be begun
	}
	db, err := openPlain(path, mode)
	if err != nil {
		return looked, err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	if err := db.QueryRowContext(ctx, `SELECT MAX(version_id) FROM goose_db_version WHERE is_applied`).Scan(&looked.Schema); err != nil {
		return looked, fmt.Errorf("read the schema: %w", err)
	}
	if looked.Schema > looked.Known {
		return looked, nil // who knows what its tables are
	}
	var newest sql.NullInt64
	err = db.QueryRowContext(ctx, `SELECT MAX((SELECT created_at FROM messages WHERE room_id = rooms.id ORDER BY seq DESC LIMIT 1)) FROM rooms`).Scan(&newest)
	if err != nil {
		return looked, err
	}
	if newest.Valid {
		looked.Newest = time.UnixMilli(newest.Int64).UTC()
	}
	if thoroughly {
		return looked, integrity(ctx, db)
	}
	return looked, nil
}
