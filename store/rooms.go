package store

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"chatserver/chat"
)

// storedRoom is a room's row in a write transaction.
type storedRoom struct {
	id        int64
	slug      string
	rev       int64
	storedRev int64 // the rev in the database
}

var (
	selectRooms = forRows(`SELECT id, slug, rev FROM rooms WHERE slug IN (`, `?`, `) ORDER BY slug`)
	selectHeads = forRows(`SELECT r.slug, r.rev, COALESCE(m.id, '') FROM rooms r LEFT JOIN messages m ON m.room_id = r.id AND m.rev = r.rev WHERE r.slug IN (`, `?`, `)`)
	updateRevs  = forRows(`UPDATE rooms SET rev = new.column2 FROM (VALUES `, `(CAST(? AS BIGINT),CAST(? AS BIGINT))`,
		`) AS new WHERE rooms.id = new.column1`).orAlone(`UPDATE rooms SET rev = $2 WHERE id = $1`)
)

// errNewRoom means that a room of the batch does not exist and the transaction may not
// create it.
var errNewRoom = errors.New("a room does not exist")

// lockRooms adds the rows of a batch's rooms, by slug, and creates missing rooms if it may.
// Rooms that the limits forbid to create are in refused, with the reason.
//
// Locks are always taken in the same order, first the creation lock and then the rooms by
// slug, so that batches for the same rooms wait for each other without deadlocks.
func (db *DB) lockRooms(ctx context.Context, tx tx, rooms map[string]*storedRoom, changes []chat.Change, mayCreate bool) (refused map[string]error, err error) {
	if mayCreate {
		if err := db.lockRoomCreation(ctx, tx); err != nil {
			return nil, err
		}
	}
	slugs := slugs(changes)
	err = findRooms(ctx, tx, rooms, slugs, db.forUpdate)
	switch {
	case err != nil || len(rooms) == len(slugs):
		return nil, err
	case !slices.ContainsFunc(changes, func(c chat.Change) bool { post, begins := beginsRoom(c); return begins && rooms[post.Room] == nil }):
		return nil, nil // changes of rooms that do not exist
	case !mayCreate:
		return nil, errNewRoom
	}
	return db.createRooms(ctx, tx, rooms, changes)
}

// findRooms adds the rows of those of the rooms that exist. locking is appended to the
// statement. It sorts the slugs.
func findRooms(ctx context.Context, tx tx, rooms map[string]*storedRoom, slugs []string, locking string) error {
	slices.Sort(slugs)
	err := eachSlug(ctx, tx, tx.rows, func(n int) string { return selectRooms.of(n) + locking }, slugs, func(scan scanner) error {
		room := &storedRoom{}
		if err := scan(&room.id, &room.slug, &room.rev); err != nil {
			return err
		}
		room.storedRev = room.rev
		rooms[room.slug] = room
		return nil
	})
	if err != nil {
		return fmt.Errorf("find the rooms: %w", err)
	}
	return nil
}

// eachSlug calls each for the rooms of these slugs, with up to most slugs per statement;
// query returns the statement for a number of slugs.
func eachSlug(ctx context.Context, db queryer, most int, query func(n int) string, slugs []string, f func(scanner) error) error {
	for run := range runs(slugs, most) {
		args := make([]any, len(run))
		for i := range run {
			args[i] = &run[i]
		}
		if err := each(ctx, db, query(len(run)), args, f); err != nil {
			return err
		}
	}
	return nil
}

// lockedRooms returns the rooms of a batch that another transaction holds: those that
// cannot be locked now, and those that cannot be created because another transaction is
// creating rooms.
func (db *DB) lockedRooms(ctx context.Context, changes []chat.Change) []string {
	free := map[string]*storedRoom{}
	err := db.inTx(ctx, func(ctx context.Context, tx tx) error {
		return findRooms(ctx, tx, free, slugs(changes), db.forUpdate+` SKIP LOCKED`)
	})
	if err != nil {
		return slugs(changes)
	}
	return slices.DeleteFunc(slugs(changes), func(slug string) bool { return free[slug] != nil })
}

// lockRoomCreation serializes the creation of rooms on all nodes: so rooms are counted
// exactly, and no two nodes create the same one. It locks the only row of meta.
func (db *DB) lockRoomCreation(ctx context.Context, tx tx) error {
	if db.singleWriter() {
		return nil
	}
	var epoch string
	if err := tx.QueryRowContext(ctx, `SELECT epoch FROM meta`+db.forUpdate).Scan(&epoch); err != nil {
		return fmt.Errorf("lock the creation of rooms: %w", err)
	}
	return nil
}

// writeRevs writes the revs that have grown, many per statement.
func writeRevs(ctx context.Context, tx tx, rooms map[string]*storedRoom) error {
	grown := make([]*storedRoom, 0, min(len(rooms), 4)) // most batches concern few rooms
	for _, room := range rooms {
		if room.rev != room.storedRev {
			grown = append(grown, room)
		}
	}
	for run := range runs(grown, tx.rows) {
		args := tx.args(2 * len(run))
		for _, room := range run {
			args = append(args, &room.id, &room.rev)
		}
		if _, err := tx.ExecContext(ctx, updateRevs.of(len(run)), args...); err != nil {
			return fmt.Errorf("write the revs: %w", err)
		}
	}
	return nil
}

var _ chat.SharedStore = (*DB)(nil)

// Heads implements chat.SharedStore.
func (db *DB) Heads(ctx context.Context, slugs []string) (map[string]chat.Head, error) {
	heads := make(map[string]chat.Head, len(slugs))
	err := eachSlug(ctx, db.reader, db.rows, selectHeads.of, slugs, func(scan scanner) error {
		var slug string
		var head chat.Head
		err := scan(&slug, &head.Rev, &head.ID)
		heads[slug] = head
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("compare %d rooms: %w", len(slugs), err)
	}
	return heads, nil
}

// Rooms implements chat.Store.
func (db *DB) Rooms(ctx context.Context, after, prefix string, limit int) (rooms []chat.Room, err error) {
	ctx, cancel := db.withTimeout(ctx)
	defer cancel()
	// "\x7f" is above every character of an address.
	err = each(ctx, db.reader,
		`SELECT r.slug, `+shownAddress+`, r.title, r.rev FROM rooms r
		WHERE `+shownAddress+` > $1 AND `+shownAddress+` >= $2 AND `+shownAddress+` < $3 ORDER BY `+shownAddress+` LIMIT $4`,
		[]any{after, prefix, prefix + "\x7f", limit},
		func(scan scanner) error {
			var room chat.Room
			err := scan(&room.ID, &room.Address, &room.Title, &room.Rev)
			rooms = append(rooms, room)
			return err
		})
	if err != nil {
		return nil, fmt.Errorf("read the rooms: %w", err)
	}
	return rooms, nil
}
