package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
)

// transfer is a copy in progress.
type transfer struct {
	source, target *DB
	progress       func(CopyStats)
	done           CopyStats
}

// roomRow has all columns of a room.
type roomRow struct {
	id           int64
	slug, title  string
	rev, created int64
	purged       int64
	maker        string
	settings     roomSettings
}

// roomSettings are the columns of a room that changes of the room itself write.
type roomSettings struct {
	Address, Kind, People             string
	Archived, Guests                  bool
	Posts, Replies, Reacts, Versioned string
	KeepDays                          int64
}

const roomColumns = `slug, title, rev, created_at, purged_rev, maker, address, kind, people, archived, guests, posts, replies, reactions, versions, keep_days`

func (r *roomRow) into() []any {
	s := &r.settings
	return []any{&r.slug, &r.title, &r.rev, &r.created, &r.purged, &r.maker, &s.Address, &s.Kind, &s.People, &s.Archived, &s.Guests, &s.Posts, &s.Replies, &s.Reacts, &s.Versioned, &s.KeepDays}
}

// begin marks the target as a partial copy of the source, or checks that it is one
// already.
func (t *transfer) begin(ctx context.Context) error {
	var source, target string
	if err := t.source.writer.QueryRowContext(ctx, `SELECT epoch FROM meta`).Scan(&source); err != nil {
		return fmt.Errorf("read the source's epoch: %w", err)
	}
	if strings.HasPrefix(source, partialCopy) {
		return fmt.Errorf("the source cannot be copied: %w", errPartialCopy)
	}
	return t.target.inTx(ctx, func(ctx context.Context, tx tx) error {
		if err := tx.QueryRowContext(ctx, `SELECT epoch, (SELECT COUNT(*) FROM rooms), (SELECT COUNT(*) FROM messages) FROM meta`).
			Scan(&target, &t.done.Rooms, &t.done.Messages); err != nil {
			return fmt.Errorf("read its contents: %w", err)
		}
		switch {
		case target == partialCopy+source:
			return nil
		case strings.HasPrefix(target, partialCopy):
			return errors.New("the target holds an unfinished copy of another database: start with an empty one")
		case t.done.Rooms > 0:
			return fmt.Errorf("the target is not empty (%d rooms): start with an empty one", t.done.Rooms)
		}
		_, err := tx.ExecContext(ctx, `UPDATE meta SET epoch = $1`, partialCopy+source)
		return err
	})
}

// copy copies what the target lacks, room by room.
func (t *transfer) copy(ctx context.Context) error {
	return t.source.eachRoom(ctx, func(room roomRow) error {
		id, last, err := t.createRoom(ctx, room)
		if err == nil {
			err = t.copyFormerAuthors(ctx, room.id, id)
		}
		for more := err == nil; more; {
			var rows []*row
			if rows, err = t.source.messagesAfter(ctx, room, last); err != nil || len(rows) == 0 {
				break
			}
			var versions []keptVersion
			if versions, err = t.source.versionsBetween(ctx, room, last, rows[len(rows)-1].Seq); err != nil {
				break
			}
			last = rows[len(rows)-1].Seq
			err = t.target.inTx(ctx, func(ctx context.Context, tx tx) error { return insertCopies(ctx, tx, id, rows, versions) })
			if more = err == nil; more {
				t.done.Messages += int64(len(rows))
				t.progress(t.done)
			}
		}
		if err != nil {
			return fmt.Errorf("room %s: %w", room.slug, err)
		}
		return nil
	})
}

// createRoom creates a room in the target if it is missing, and returns its id there and
// the seq of its last message.
func (t *transfer) createRoom(ctx context.Context, room roomRow) (id, last int64, err error) {
	err = t.target.inTx(ctx, func(ctx context.Context, tx tx) error {
		err := tx.QueryRowContext(ctx, `SELECT id FROM rooms WHERE slug = $1`, room.slug).Scan(&id)
		if errors.Is(err, sql.ErrNoRows) {
			t.done.Rooms++
			if err := tx.QueryRowContext(ctx, `INSERT INTO rooms (`+roomColumns+`) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16) RETURNING id`,
				room.into()...).Scan(&id); err != nil {
				return err
			}
			return t.source.eachRowOfRoom(ctx, room.id, func(table roomTable, values []any) error {
				_, err := tx.ExecContext(ctx, table.insert, append([]any{id}, values...)...)
				return err
			})
		}
		if err != nil {
			return err
		}
		return tx.QueryRowContext(ctx, `SELECT COALESCE(MAX(seq), 0) FROM messages WHERE room_id = $1`, id).Scan(&last)
	})
	return id, last, err
}

// roomTable is a table with rows about rooms that are copied with them.
type roomTable struct{ query, insert string }

var roomTables = []roomTable{
	{`SELECT address FROM addresses WHERE room_id = $1 ORDER BY address`, `INSERT INTO addresses (room_id, address) VALUES ($1, $2)`},
	{
		`SELECT user_id, name, role, notify, CAST(read_seq AS TEXT), CAST(joined_at AS TEXT) FROM members WHERE room_id = $1 ORDER BY user_id`,
		`INSERT INTO members (room_id, user_id, name, role, notify, read_seq, joined_at) VALUES ($1, $2, $3, $4, $5, CAST($6 AS BIGINT), CAST($7 AS BIGINT))`,
	},
}

// eachRowOfRoom calls f for every row of the roomTables of a room.
func (db *DB) eachRowOfRoom(ctx context.Context, id int64, f func(table roomTable, values []any) error) error {
	for _, table := range roomTables {
		values := make([]string, strings.Count(table.insert, "$")-1)
		into, given := make([]any, len(values)), make([]any, len(values))
		for i := range values {
			into[i] = &values[i]
		}
		err := each(ctx, db.reader, table.query, []any{id}, func(scan scanner) error {
			if err := scan(into...); err != nil {
				return err
			}
			for i, value := range values {
				given[i] = value
			}
			return f(table, given)
		})
		if err != nil {
			return fmt.Errorf("read what belongs to a room: %w", err)
		}
	}
	return nil
}

// eachRoom calls f for every room, by slug.
func (db *DB) eachRoom(ctx context.Context, f func(roomRow) error) error {
	const page = 100
	for after := ""; ; {
		var rooms []roomRow
		err := each(ctx, db.reader, `SELECT id, `+roomColumns+` FROM rooms WHERE slug > $1 ORDER BY slug LIMIT $2`, []any{after, page}, func(scan scanner) error {
			var room roomRow
			err := scan(append([]any{&room.id}, room.into()...)...)
			rooms = append(rooms, room)
			return err
		})
		if err != nil {
			return fmt.Errorf("read the rooms: %w", err)
		}
		for _, room := range rooms {
			if err := f(room); err != nil {
				return err
			}
			after = room.slug
		}
		if len(rooms) < page {
			return nil
		}
	}
}

// messagesAfter returns the next messages of a room, by seq.
func (db *DB) messagesAfter(ctx context.Context, room roomRow, seq int64) (rows []*row, err error) {
	err = each(ctx, db.reader, `SELECT `+messageColumns+` FROM messages m WHERE m.room_id = $1 AND m.seq > $2 ORDER BY m.seq LIMIT $3`,
		[]any{room.id, seq, transferBatch}, func(scan scanner) error {
			var m scannedMessage
			if err := scan(m.into()...); err != nil {
				return err
			}
			message, err := m.message(room.slug)
			rows = append(rows, &row{Message: message, roomID: room.id})
			return err
		})
	if err != nil {
		return nil, fmt.Errorf("read the messages after %d: %w", seq, err)
	}
	return rows, nil
}

// insertCopies inserts messages with all that happened to them, and their versions, into the
// room with that id.
func insertCopies(ctx context.Context, tx tx, id int64, rows []*row, versions []keptVersion) error {
	var changed []*row
	for _, r := range rows {
		r.roomID = id
		if r.Rev != r.Seq || r.Moved != nil { // something has happened to it
			changed = append(changed, r)
		}
	}
	if err := insertMessages(ctx, tx, rows); err != nil {
		return err
	}
	if err := updateMessages(ctx, tx, changed); err != nil {
		return err
	}
	if err := writePins(ctx, tx, changed); err != nil {
		return err
	}
	return writeVersions(ctx, tx, versions, func(string) int64 { return id })
}

// versionsBetween returns the versions of a room's messages with a seq above one and up to
// another.
func (db *DB) versionsBetween(ctx context.Context, room roomRow, after, last int64) (versions []keptVersion, err error) {
	err = each(ctx, db.reader, `SELECT seq, number, text, created_at FROM versions WHERE room_id = $1 AND seq > $2 AND seq <= $3 ORDER BY seq, number`,
		[]any{room.id, after, last}, func(scan scanner) error {
			v := keptVersion{place: place{room: room.slug}}
			var at int64
			err := scan(&v.seq, &v.Number, &v.Text, &at)
			v.At = milliseconds(at)
			versions = append(versions, v)
			return err
		})
	if err != nil {
		return nil, fmt.Errorf("read the versions after %d: %w", after, err)
	}
	return versions, nil
}

// copyErasures copies what was deleted, unless that was done before.
func (t *transfer) copyErasures(ctx context.Context) error {
	return t.target.inTx(ctx, func(ctx context.Context, tx tx) error {
		if _, err := tx.ExecContext(ctx, `DELETE FROM erasures`); err != nil {
			return fmt.Errorf("replace the erasure list: %w", err)
		}
		err := each(ctx, t.source.reader, `SELECT line FROM erasures ORDER BY n`, nil, func(scan scanner) error {
			var line string
			if err := scan(&line); err != nil {
				return err
			}
			_, err := tx.ExecContext(ctx, `INSERT INTO erasures (line) VALUES ($1)`, line)
			return err
		})
		if err != nil {
			return fmt.Errorf("copy the erasure list: %w", err)
		}
		return nil
	})
}
