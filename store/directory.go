package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"

	"chatserver/chat"
)

var (
	_ chat.RoomFinder  = (*DB)(nil)
	_ chat.RoomChanges = (*DB)(nil)
)

// shownAddress is the address of the room r in a query. It is the expression of an index.
const shownAddress = `CASE WHEN r.address = '' THEN r.slug ELSE r.address END`

// selectRoomAt finds a room by its id first: no other room can have that as its address.
const selectRoomAt = `SELECT r.id, r.slug, ` + shownAddress + `, r.title FROM rooms r
	WHERE r.id = COALESCE((SELECT id FROM rooms WHERE slug = $1), (SELECT room_id FROM addresses WHERE address = $1))`

// FindRoom implements chat.RoomFinder.
func (db *DB) FindRoom(ctx context.Context, address string) (*chat.RoomInfo, error) {
	ctx, cancel := db.withTimeout(ctx)
	defer cancel()
	found, err := findRoom(ctx, db.reader, address)
	if err != nil || found == nil {
		return nil, err
	}
	return &found.RoomInfo, nil
}

// foundRoom is a room with the key of its row.
type foundRoom struct {
	chat.RoomInfo
	row int64
}

// findRoom returns the room with an address; nil if there is none.
func findRoom(ctx context.Context, db queryer, address string) (found *foundRoom, err error) {
	err = each(ctx, db, selectRoomAt, []any{address}, func(scan scanner) error {
		found = &foundRoom{}
		return scan(&found.row, &found.ID, &found.Address, &found.Title)
	})
	if err != nil {
		return nil, fmt.Errorf("find a room: %w", err)
	}
	return found, nil
}

// RoomChanges implements chat.RoomChanges.
func (db *DB) RoomChanges(ctx context.Context, since int64) (now int64, addresses []string, err error) {
	ctx, cancel := db.withTimeout(ctx)
	defer cancel()
	err = db.reader.QueryRowContext(ctx, `SELECT room_changes FROM meta`).Scan(&now)
	if err != nil || now == since {
		return now, nil, err
	}
	err = each(ctx, db.reader, `SELECT slug FROM rooms WHERE changed > $1
		UNION SELECT a.address FROM addresses a JOIN rooms r ON r.id = a.room_id WHERE r.changed > $1`, []any{since}, func(scan scanner) error {
		var address string
		err := scan(&address)
		addresses = append(addresses, address)
		return err
	})
	return now, addresses, err
}

// changeRoom makes a change of a room's own row in a transaction, and counts it so that
// servers notice it. update is a statement whose first parameter is the room's row.
func changeRoom(ctx context.Context, tx tx, row int64, update string, args ...any) error {
	if _, err := tx.ExecContext(ctx, update, append([]any{row}, args...)...); err != nil {
		return err
	}
	var count int64
	if err := tx.QueryRowContext(ctx, `UPDATE meta SET room_changes = room_changes + 1 RETURNING room_changes`).Scan(&count); err != nil {
		return err
	}
	_, err := tx.ExecContext(ctx, `UPDATE rooms SET changed = $2 WHERE id = $1`, row, count)
	return err
}

// changeDirectory runs a change of rooms, one at a time on all nodes, beside running servers.
func changeDirectory(ctx context.Context, database, folder string, change func(context.Context, tx) error) (err error) {
	db, err := openToChange(ctx, database, folder)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	err = db.inTx(ctx, func(ctx context.Context, tx tx) error {
		if err := db.lockRoomCreation(ctx, tx); err != nil {
			return err
		}
		return change(ctx, tx)
	})
	if err != nil {
		return oneLine{err}
	}
	return nil
}

// RenameRoom gives a public room another slug as its address, even while servers run on the
// database. The room keeps its id, and its former addresses. A title that was made of the
// former address becomes that of the new one.
func RenameRoom(ctx context.Context, database, folder, from, to string) error {
	return changeDirectory(ctx, database, folder, func(ctx context.Context, tx tx) error {
		room, err := findRoom(ctx, tx, from)
		switch {
		case err != nil:
			return err
		case room == nil:
			return fmt.Errorf("there is no room %s", from)
		}
		taken, err := findRoom(ctx, tx, to)
		switch {
		case err != nil:
			return err
		case taken == nil:
			err = takeAddress(ctx, tx, to, room)
		case taken.row != room.row && taken.Address == to:
			err = fmt.Errorf("there is a room %s already", to)
		case taken.row != room.row:
			err = fmt.Errorf("%s is a former address of the room %s, to which its links lead: choose another one", to, taken.Address)
		}
		if err != nil {
			return err
		}
		address, title := to, room.Title
		if to == room.ID {
			address = ""
		}
		if title == chat.RoomTitle(room.Address) {
			title = chat.RoomTitle(to)
		}
		return changeRoom(ctx, tx, room.row, `UPDATE rooms SET address = $2, title = $3 WHERE id = $1`, address, title)
	})
}

// isAddress reports whether a slug is, or was, the address of a room with another id.
func isAddress(ctx context.Context, tx tx, slug string) (taken bool, err error) {
	err = tx.QueryRowContext(ctx, `SELECT TRUE FROM addresses WHERE address = $1`, slug).Scan(&taken)
	if errors.Is(err, sql.ErrNoRows) {
		err = nil
	}
	return taken, err
}

// takeAddress gives an address that no room has or had to a room. If there was a room of that
// name that was removed, there are clients that have some of its revs: those of this room then
// continue above them, so that the clients notice.
func takeAddress(ctx context.Context, tx tx, address string, room *foundRoom) error {
	if _, err := tx.ExecContext(ctx, `INSERT INTO addresses (address, room_id) VALUES ($1, $2)`, address, room.row); err != nil {
		return err
	}
	rev, err := takeRemoved(ctx, tx, address)
	if err != nil || rev == 0 {
		return err
	}
	_, err = tx.ExecContext(ctx, `UPDATE rooms SET rev = CASE WHEN rev < $2 THEN $2 ELSE rev + 1 END, purged_rev = CASE WHEN rev < $2 THEN $2 ELSE rev + 1 END WHERE id = $1`, room.row, rev)
	return err
}

// takeRemoved returns the rev at which the revs of a removed room ended; 0 if no room of that
// name was removed. It is not known afterwards.
func takeRemoved(ctx context.Context, tx tx, slug string) (rev int64, err error) {
	err = tx.QueryRowContext(ctx, `DELETE FROM removed_rooms WHERE slug_hash = $1 RETURNING rev`, slugHash(slug)).Scan(&rev)
	if errors.Is(err, sql.ErrNoRows) {
		err = nil
	}
	return rev, err
}

// RoomReader finds the rooms of a database that it opens for each question, also while servers
// run on it: that of a URL, or of a data directory.
type RoomReader struct{ Database, Folder string }

var _ chat.RoomFinder = RoomReader{}

// FindRoom implements chat.RoomFinder. A database that does not exist has no rooms.
func (r RoomReader) FindRoom(ctx context.Context, address string) (room *chat.RoomInfo, err error) {
	db, name, err := openToRead(ctx, r.Database, r.Folder)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil //nolint:nilnil // no room is not an error
	}
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	found, err := findRoom(ctx, db, address)
	if err != nil {
		return nil, oneLine{fmt.Errorf("read %s: %w", name, err)}
	}
	if found == nil {
		return nil, nil //nolint:nilnil // as above
	}
	return &found.RoomInfo, nil
}
