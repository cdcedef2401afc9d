package store

import (
	"context"
	"path/filepath"

	"github.com/pressly/goose/v3"
)

// Pragma reads a setting of the writer's connection.
func (db *DB) Pragma(name string) (value string) {
	if err := db.writer.QueryRowContext(context.Background(), `PRAGMA `+name).Scan(&value); err != nil {
		return err.Error()
	}
	return value
}

// MakeOld creates the database of a folder as an earlier version with that schema did.
func MakeOld(folder string, schema int64) error {
	db, err := openToMigrate(filepath.Join(folder, File))
	if err != nil {
		return err
	}
	defer db.Close()
	provider, err := migrations(goose.DialectSQLite3, db)
	if err != nil {
		return err
	}
	if _, err := provider.UpTo(context.Background(), schema); err != nil {
		return err
	}
	_, err = db.Exec(`INSERT INTO rooms (id, slug, title, rev, created_at) VALUES (1, 'lobby', 'Lobby', 1, 0);
		INSERT INTO messages (room_id, seq, rev, id, author_name, text, created_at) VALUES (1, 1, 1, 'old', 'Ann', 'from before', 0)`)
	return err
}

// MakeOldPostgres migrates an empty database to an earlier schema.
func MakeOldPostgres(database string, schema int64) error {
	db, err := connect(database, noTimeout, 2, nil)
	if err != nil {
		return err
	}
	defer db.Close()
	provider, err := migrations(goose.DialectPostgres, db)
	if err != nil {
		return err
	}
	_, err = provider.UpTo(context.Background(), schema)
	return err
}

// BreakSeq resets a room's rev, so that its next message gets a seq that is already in
// use.
func (db *DB) BreakSeq(room string) {
	if _, err := db.writer.ExecContext(context.Background(), `UPDATE rooms SET rev = rev - 1 WHERE slug = $1`, room); err != nil {
		panic(err)
	}
}

// Setting reads a setting of a connection of the writers or the readers.
func (db *DB) Setting(name string, writing bool) (value string) {
	pool := db.reader
	if writing {
		pool = db.writer
	}
	if err := pool.QueryRowContext(context.Background(), `SHOW `+name).Scan(&value); err != nil {
		return err.Error()
	}
	return value
}

// Execute executes a statement of the test's own.
func (db *DB) Execute(ctx context.Context, statement string) error {
	_, err := db.writer.ExecContext(ctx, statement)
	return err
}
