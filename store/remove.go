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

// StoredRoom is a room as an operator sees it.
type StoredRoom struct {
	Address  string
	Messages int64
	Bytes    int64 // of the messages' text and HTML
	Created  time.Time
	Creator  string // the network that created it; empty if that was not counted
}

// ListRooms calls f for every room, by address. It reads the database of a URL or of a data
// folder, even while servers run on it, and changes nothing.
func ListRooms(ctx context.Context, database, folder string, f func(StoredRoom) error) (err error) {
	db, name, err := openToRead(ctx, database, folder)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	err = each(ctx, db, `SELECT `+shownAddress+`, r.created_at, r.maker, COUNT(m.id), COALESCE(SUM(OCTET_LENGTH(m.text) + OCTET_LENGTH(m.html)), 0)
		FROM rooms r LEFT JOIN messages m ON m.room_id = r.id GROUP BY r.id, r.slug, r.address, r.created_at, r.maker ORDER BY 1`, nil,
		func(scan scanner) error {
			var room StoredRoom
			var made int64
			if err := scan(&room.Address, &made, &room.Creator, &room.Messages, &room.Bytes); err != nil {
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

// RemoveRooms removes rooms with all their messages, even while servers run on the
// database, and returns the number of removed messages. It removes all of the rooms or
// none; a missing room is an error. From an SQLite file it then erases all traces of the
// messages, if check allows rewriting the rest of the file. What Postgres leaves of them
// is up to its VACUUM.
func RemoveRooms(ctx context.Context, database, folder string, slugs []string, fits SpaceCheck) (messages int64, err error) {
	db, err := openToChange(ctx, database, folder)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	var erased []erasure
	err = db.inTx(ctx, func(ctx context.Context, tx tx) error {
		erased = nil
		if err := db.lockRoomCreation(ctx, tx); err != nil {
			return err
		}
		for _, slug := range slugs {
			if room, err := findRoom(ctx, tx, slug); err != nil {
				return err
			} else if room != nil {
				slug = room.ID
			}
			cameFrom, err := movedInto(ctx, tx, slug)
			if err != nil {
				return fmt.Errorf("read what was moved to the room %s: %w", slug, err)
			}
			erased = append(erased, cameFrom...)
			removed, rev, err := removeRoom(ctx, tx, slug, db.forUpdate)
			if err != nil {
				return fmt.Errorf("remove the room %s: %w", slug, err)
			}
			messages += removed
			if rev > 0 {
				erased = append(erased, erasure{Removed: slugHash(slug), Rev: rev})
			}
		}
		if err := writeErasures(ctx, tx, erased); err != nil {
			return fmt.Errorf("write the erasure list: %w", err)
		}
		_, err := tx.ExecContext(ctx, `UPDATE meta SET removals = removals + $1`, len(slugs))
		return err
	})
	if err != nil {
		return 0, oneLine{err}
	}
	if info, none := os.Stat(folder); none == nil && info.IsDir() {
		list := &erasures{path: filepath.Join(folder, erasureList)}
		list.add(erased)
		if err := list.check(); err != nil {
			return messages, err
		}
	}
	if err := db.eraseTraces(ctx, fits); err != nil {
		return messages, fmt.Errorf("the messages are removed, but their text is still in the file: run the command again (%w)", err)
	}
	return messages, nil
}

// openToChange opens a database for writing, even while servers run on it. Its schema
// must be this program's.
func openToChange(ctx context.Context, database, folder string) (*DB, error) {
	result, err := Probe(ctx, database, folder, false)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, errors.New("there is no database yet: start the server first, or choose another directory with --data")
	case err != nil:
		return nil, err
	case result.Schema != result.Known:
		return nil, fmt.Errorf("the database has schema %d, but this version needs %d: start the server of this version first", result.Schema, result.Known)
	}
	if database == "" {
		pool := newSQLitePool(filepath.Join(folder, File), writing, 1)
		return &DB{dialect: onSQLite, writer: pool, reader: pool}, nil
	}
	pool, err := connect(database, noTimeout, 1, nil)
	if err != nil {
		return nil, err
	}
	db := &DB{dialect: onPostgres, writer: postgresPool{pool}, reader: postgresPool{pool}}
	db.timeout = 0 // no time limit
	return db, nil
}

// OpenAccounts opens the accounts of a database, even while servers run on it.
func OpenAccounts(ctx context.Context, database, folder string) (*DB, error) {
	return openToChange(ctx, database, folder)
}

// checkpointTries is how often to try to truncate the WAL while others read it.
const checkpointTries = 20

// Scrub removes all traces of deleted texts from the unused parts of an SQLite file, even while
// a server runs on it, if fits allows rewriting the file. Until it has finished, which takes
// about as long as a backup, nothing can be stored. What Postgres leaves of deleted rows is up
// to its VACUUM.
func Scrub(ctx context.Context, database, folder string, fits SpaceCheck) (err error) {
	if database != "" {
		return errors.New("only an SQLite file can be scrubbed: on Postgres run VACUUM FULL messages, versions")
	}
	db, err := openToChange(ctx, database, folder)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	if err := db.eraseTraces(ctx, fits); err != nil {
		return fmt.Errorf("traces of deleted messages may still be in the file: run the command again (%w)", err)
	}
	return nil
}

// eraseTraces rewrites an SQLite file and truncates its WAL. Without that, text of
// removed messages stays in pages of other rooms: when a full page is split, the half
// that moves also stays where it was, although secure_delete zeroes what is deleted
// later.
func (db *DB) eraseTraces(ctx context.Context, fits SpaceCheck) error {
	if !db.singleWriter() {
		return nil
	}
	if err := checkVacuumSpace(ctx, db.writer, fits); err != nil {
		return err
	}
	if _, err := db.writer.ExecContext(ctx, `VACUUM`); err != nil {
		return explainFullDisk(err)
	}
	for range checkpointTries {
		var busy, pages, moved int
		if err := db.writer.QueryRowContext(ctx, `PRAGMA wal_checkpoint(TRUNCATE)`).Scan(&busy, &pages, &moved); err != nil {
			return err
		}
		if busy == 0 {
			return nil
		}
	}
	return errors.New("another program keeps reading the database")
}

// removeRoom removes one room, records its last rev, and returns that. The rev is 0 if the
// room was removed before.
func removeRoom(ctx context.Context, tx tx, slug, forUpdate string) (messages, rev int64, err error) {
	var id int64
	err = tx.QueryRowContext(ctx, `SELECT id, rev FROM rooms WHERE slug = $1`+forUpdate, slug).Scan(&id, &rev)
	if errors.Is(err, sql.ErrNoRows) {
		var removed int
		if err := tx.QueryRowContext(ctx, `SELECT COUNT(*) FROM removed_rooms WHERE slug_hash = $1`, slugHash(slug)).Scan(&removed); err != nil || removed > 0 {
			return 0, 0, err // the caller repeats the command to erase what is left of it
		}
		return 0, 0, errors.New("no such room; nothing was removed")
	}
	if err != nil {
		return 0, 0, err
	}
	if err := recordRemoval(ctx, tx, id, slug, rev+1); err != nil { // no client has this rev: those of the removed room are lower
		return 0, 0, err
	}
	for _, statement := range []string{`DELETE FROM versions WHERE room_id = $1`, `DELETE FROM pins WHERE room_id = $1`, `DELETE FROM replies WHERE room_id = $1`, `DELETE FROM former_authors WHERE room_id = $1`} {
		if _, err := tx.ExecContext(ctx, statement, id); err != nil {
			return 0, 0, err
		}
	}
	result, err := tx.ExecContext(ctx, `DELETE FROM messages WHERE room_id = $1`, id)
	if err != nil {
		return 0, 0, err
	}
	if _, err := tx.ExecContext(ctx, `DELETE FROM rooms WHERE id = $1`, id); err != nil {
		return 0, 0, err
	}
	messages, err = result.RowsAffected()
	return messages, rev, err
}

// recordRemoval records where the revs of a removed room end, for its slug and its other
// addresses: clients may know the room by any of them.
func recordRemoval(ctx context.Context, tx tx, id int64, slug string, rev int64) error {
	names := []string{slug}
	err := each(ctx, tx, `SELECT address FROM addresses WHERE room_id = $1`, []any{id}, func(scan scanner) error {
		var address string
		err := scan(&address)
		names = append(names, address)
		return err
	})
	for _, name := range names {
		if err == nil {
			_, err = tx.ExecContext(ctx, `INSERT INTO removed_rooms (slug_hash, rev) VALUES ($1, $2)`, slugHash(name), rev)
		}
	}
	return err
}

// Removals implements chat.RoomChanges.
func (db *DB) Removals(ctx context.Context) (count int64, err error) {
	err = db.reader.QueryRowContext(ctx, `SELECT removals FROM meta`).Scan(&count)
	return count, err
}

// Purged implements chat.RoomChanges.
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
		return nil, fmt.Errorf("check for removed rooms: %w", err)
	}
	return purged, nil
}

var selectPurged = forRows(`SELECT slug, purged_rev FROM rooms WHERE slug IN (`, `?`, `)`)

// Copies returns the files in a data directory and in a backup folder that hold older copies
// of the database.
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
