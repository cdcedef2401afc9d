package store

import (
	"context"
	"fmt"

	"chatserver/chat"
	"chatserver/jsonstring"
)

type versionKey struct {
	place
	number int
}

// keptVersion is an earlier text to store.
type keptVersion struct {
	place
	chat.Version
}

const selectVersions = `SELECT v.number, v.text, v.created_at FROM versions v JOIN rooms r ON r.id = v.room_id
	WHERE r.slug = $1 AND v.seq = $2 AND v.number > CAST($3 AS BIGINT) ORDER BY v.number LIMIT $4`

var insertVersions = forRows(`INSERT INTO versions (room_id, seq, number, text, created_at) VALUES `, `(?,?,?,?,?)`, ``)

// Versions implements chat.Details.
func (db *DB) Versions(ctx context.Context, room string, seq, since int64, limit chat.Limit) (page []chat.Version, more bool, err error) {
	ctx, cancel := db.withTimeout(ctx)
	defer cancel()
	bytes := 0
	err = each(ctx, db.reader, selectVersions, []any{room, seq, since, upTo(limit)}, func(scan scanner) error {
		var v chat.Version
		var at int64
		if err := scan(&v.Number, &v.Text, &at); err != nil {
			return err
		}
		bytes += jsonstring.Size(v.Text)
		if more = len(page) > 0 && (len(page) >= limit.Messages || limit.Bytes > 0 && bytes > limit.Bytes); more {
			return errStop
		}
		v.At = milliseconds(at)
		page = append(page, v)
		return nil
	})
	if err != nil {
		return nil, false, fmt.Errorf("read the versions of message %d of %s: %w", seq, room, err)
	}
	return page, more, nil
}

// readVersions finds out which of the versions to purge exist. It asks only for numbers that
// versions can have: Postgres fails the whole batch for one that its column cannot hold.
func (b *batch) readVersions(ctx context.Context, tx tx, changes []chat.Change) error {
	for _, change := range changes {
		c, isPurge := change.(chat.Purge)
		target := b.bySeq[place{c.Room, c.Seq}]
		if !isPurge || target == nil || c.Version > target.Edits {
			continue
		}
		err := each(ctx, tx, `SELECT number FROM versions WHERE room_id = $1 AND seq = $2 AND number = $3`,
			[]any{target.roomID, target.Seq, c.Version}, func(scanner) error {
				if b.versions == nil {
					b.versions = map[versionKey]bool{}
				}
				b.versions[versionKey{target.place(), c.Version}] = true
				return nil
			})
		if err != nil {
			return err
		}
	}
	return nil
}

// writeVersions inserts versions, many per statement; roomID returns the id of a room.
func writeVersions(ctx context.Context, tx tx, versions []keptVersion, roomID func(slug string) int64) error {
	for run := range runs(versions, tx.rows) {
		args := tx.args(5 * len(run))
		for _, v := range run {
			args = append(args, roomID(v.room), v.seq, v.Number, v.Text, v.At.UnixMilli())
		}
		if _, err := tx.ExecContext(ctx, insertVersions.of(len(run)), args...); err != nil {
			return fmt.Errorf("insert versions: %w", err)
		}
	}
	return nil
}

// removeVersions removes purged versions, and all versions of deleted messages.
func (b *batch) removeVersions(ctx context.Context, tx tx) error {
	for _, v := range b.purged {
		if _, err := tx.ExecContext(ctx, `DELETE FROM versions WHERE room_id = $1 AND seq = $2 AND number = $3`, b.rooms[v.room].id, v.seq, v.number); err != nil {
			return err
		}
	}
	for _, at := range b.stripped {
		if _, err := tx.ExecContext(ctx, `DELETE FROM versions WHERE room_id = $1 AND seq = $2`, b.rooms[at.room].id, at.seq); err != nil {
			return err
		}
	}
	return nil
}
