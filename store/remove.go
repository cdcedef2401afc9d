package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"time"
)

// StoredRoom is a room as an operator sees it.
type StoredRoom struct {
	Slug     string
	Messages int64
	Bytes    int64 // of the text and HTML of the messages
	Created  time.Time
	Creator  string // the network whose message made it; empty if that was not counted
}

// ListRooms calls f for every room, by slug. It reads the database of a URL, or of a data
// folder, beside servers that may run on it, and changes nothing.
func ListRooms(ctx context.Context, database, folder string, f func(StoredRoom) error) (err error) {
	db, name, err := openToRead(ctx, database, folder)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	err = each(ctx, db, `SELECT r.slug, r.created_at, r.maker, COUNT(m.id), COALESCE(SUM(OCTET_LENGTH(m.text) + OCTET_LENGTH(m.html)), 0)
		FROM rooms r LEFT JOIN messages m ON m.room_id = r.id GROUP BY r.id, r.slug, r.created_at, r.maker ORDER BY r.slug`, nil,
		func(scan scanner) error {
			var room StoredRoom
			var made int64
			if err := scan(&room.Slug, &made, &room.Creator, &room.Messages, &room.Bytes); err != nil {
				return err
			}
			room.Created = time.UnixMilli(made).UTC()
			return f(room)
		})
	if err != nil {
		return oneLine{fmt.Errorf("list the rooms of %s: %w", name, err)}
	}
	return nil
}

// RemoveRooms removes rooms with all their messages, beside servers that may run on the
// database, and returns how many messages that were. It removes all of them or none; a
// room that is not there is an error. In a file nothing of their messages is left
// afterwards, if fits allows to write the rest of it anew; what Postgres leaves of them is
// up to its VACUUM.
func RemoveRooms(ctx context.Context, database, folder string, slugs []string, fits SpaceCheck) (messages int64, err error) {
	db, err := openToChange(ctx, database, folder)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	err = db.inTx(ctx, func(ctx context.Context, tx tx) error {
		if err := db.lockRoomCreation(ctx, tx); err != nil {
			return err
		}
		for _, slug := range slugs {
			removed, err := removeRoom(ctx, tx, slug, db.forUpdate)
			if err != nil {
				return fmt.Errorf("remove the room %s: %w", slug, err)
			}
			messages += removed
		}
		_, err := tx.ExecContext(ctx, `UPDATE meta SET removals = removals + $1`, len(slugs))
		return err
	})
	if err != nil {
		return 0, oneLine{err}
	}
	return messages, db.eraseRemoved(ctx, fits)
}

// openToChange opens a database beside servers that may run on it. Its schema must be
// the one that this program knows.
func openToChange(ctx context.Context, database, folder string) (*DB, error) {
	result, err := Probe(ctx, database, folder, false)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, errors.New("there is no database yet: start the server first, or name another folder with --data")
	case err != nil:
		return nil, err
	case result.Schema != result.Known:
		return nil, fmt.Errorf("the database has the schema %d, and this version needs %d: start the server of this version first", result.Schema, result.Known)
	}
	if database == "" {
		db := &DB{dialect: onSQLite}
		db.writer, err = open(filepath.Join(folder, File), writePragmas+"&_pragma=secure_delete(1)", 1)
		return db, err
	}
	db := &DB{dialect: onPostgres}
	db.timeout = 0 // it takes as long as it takes
	db.writer, err = connect(database, noTimeout, 1, nil)
	return db, err
}

// checkpointTries is how often the log is tried to be emptied, while others read it.
const checkpointTries = 20

// eraseRemoved writes an SQLite file anew, and empties its log. Without that words of
// removed messages stay in pages of other rooms: a page that was full is split, and the
// half that moves stays where it was, though secure_delete zeroes what is deleted later.
func (db *DB) eraseRemoved(ctx context.Context, fits SpaceCheck) error {
	if !db.singleWriter() {
		return nil
	}
	const left = "the messages are removed, but their words are still in the file: run the command again (%w)"
	if err := checkVacuumSpace(ctx, db.writer, fits); err != nil {
		return fmt.Errorf(left, err)
	}
	if _, err := db.writer.ExecContext(ctx, `VACUUM`); err != nil {
		return fmt.Errorf(left, explainFullDisk(err))
	}
	for range checkpointTries {
		var busy, pages, moved int
		if err := db.writer.QueryRowContext(ctx, `PRAGMA wal_checkpoint(TRUNCATE)`).Scan(&busy, &pages, &moved); err != nil {
			return fmt.Errorf(left, err)
		}
		if busy == 0 {
			return nil
		}
	}
	return fmt.Errorf(left, errors.New("another program reads the database all the time"))
}

// removeRoom removes one room, and keeps where its revs ended.
func removeRoom(ctx context.Context, tx tx, slug, forUpdate string) (messages int64, err error) {
	var id, rev int64
	err = tx.QueryRowContext(ctx, `SELECT id, rev FROM rooms WHERE slug = $1`+forUpdate, slug).Scan(&id, &rev)
	if errors.Is(err, sql.ErrNoRows) {
		var removed int
		if err := tx.QueryRowContext(ctx, `SELECT COUNT(*) FROM removed_rooms WHERE slug_hash = $1`, slugHash(slug)).Scan(&removed); err != nil || removed > 0 {
			return 0, err // whoever asks again wants what is left of it erased
		}
		return 0, errors.New("there is no such room; nothing was removed")
	}
	if err != nil {
		return 0, err
	}
	result, err := tx.ExecContext(ctx, `DELETE FROM messages WHERE room_id = $1`, id)
	if err != nil {
		return 0, err
	}
	if _, err := tx.ExecContext(ctx, `DELETE FROM rooms WHERE id = $1`, id); err != nil {
		return 0, err
	}
	// Nobody has this rev: whoever has one of the removed room has a lower one.
	if _, err := tx.ExecContext(ctx, `INSERT INTO removed_rooms (slug_hash, rev) VALUES ($1, $2)`, slugHash(slug), rev+1); err != nil {
		return 0, err
	}
	return result.RowsAffected()
}

// Removals implements chat.Removals.
func (db *DB) Removals(ctx context.Context) (count int64, err error) {
	err = db.reader.QueryRowContext(ctx, `SELECT removals FROM meta`).Scan(&count)
	return count, err
}

// Purged implements chat.Removals.
func (db *DB) Purged(ctx context.Context, slugs []string) (map[string]int64, error) {
	purged := make(map[string]int64, len(slugs))
	err := eachSlug(ctx, db.reader, db.rows, selectPurged.of, slugs, func(scan scanner) error {
		var slug string
		var rev int64
		err := scan(&slug, &rev)
		purged[slug] = rev
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("look for removed rooms: %w", err)
	}
	return purged, nil
}

var selectPurged = forRows(`SELECT slug, purged_rev FROM rooms WHERE slug IN (`, `?`, `)`)

// Copies returns the files of a data folder and of a folder of backups that hold copies
// of the database of some earlier time.
func Copies(folder, backups string) (paths []string, err error) {
	for _, pattern := range []string{
		filepath.Join(folder, File+".schema-*"), filepath.Join(folder, File+".before-restore-*"), filepath.Join(backups, "chat-*.db"),
	} {
		found, err := filepath.Glob(pattern)
		if err != nil {
			return nil, err
		}
		paths = append(paths, found...)
	}
	return paths, nil
}
