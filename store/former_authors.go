package store

import (
	"context"
	"fmt"

	"chatserver/chat"
)

// renamedAtOnce is the number of messages that get another author id in one transaction, for
// which others wait.
const renamedAtOnce = 200

// ReplaceAuthor implements chat.Authors.
func (db *DB) ReplaceAuthor(ctx context.Context, former, id string) (rooms []string, err error) {
	found, err := db.roomsOfFormer(ctx, former)
	for _, room := range found {
		if err != nil {
			break
		}
		rooms = append(rooms, room.slug)
		err = db.replaceAuthorIn(ctx, room.id, former, id)
	}
	if err != nil {
		return rooms, fmt.Errorf("give messages their author's present id: %w", err)
	}
	return rooms, nil
}

// roomsOfFormer returns the rooms that may have messages of a former author id.
func (db *DB) roomsOfFormer(ctx context.Context, former string) (rooms []roomRow, err error) {
	ctx, cancel := db.withTimeout(ctx)
	defer cancel()
	err = each(ctx, db.reader, `SELECT r.id, r.slug FROM former_authors f JOIN rooms r ON r.id = f.room_id WHERE f.author_id = $1 ORDER BY r.id`, []any{former}, func(scan scanner) error {
		var room roomRow
		err := scan(&room.id, &room.slug)
		rooms = append(rooms, room)
		return err
	})
	return rooms, err
}

// replaceAuthorIn replaces a former author id in one room. The messages are found outside of
// the transactions: nothing is posted under a former id any more.
func (db *DB) replaceAuthorIn(ctx context.Context, room int64, former, id string) error {
	var seqs []int64
	err := each(ctx, db.reader, `SELECT seq FROM messages WHERE room_id = $1 AND author_id = $2 ORDER BY seq`, []any{room, former}, func(scan scanner) error {
		var seq int64
		err := scan(&seq)
		seqs = append(seqs, seq)
		return err
	})
	for err == nil && len(seqs) > 0 {
		some := seqs[:min(renamedAtOnce, len(seqs))]
		seqs = seqs[len(some):]
		err = db.inTx(ctx, func(ctx context.Context, tx tx) error { return db.replaceAuthorOf(ctx, tx, room, some, former, id) })
	}
	if err != nil {
		return err
	}
	return db.inTx(ctx, func(ctx context.Context, tx tx) error {
		_, err := tx.ExecContext(ctx, `DELETE FROM former_authors WHERE author_id = $1 AND room_id = $2`, former, room)
		return err
	})
}

// replaceAuthorOf gives messages another author id, and with it each a rev: a client that has
// them must get them again.
func (db *DB) replaceAuthorOf(ctx context.Context, tx tx, room int64, seqs []int64, former, id string) error {
	var rev int64
	if err := tx.QueryRowContext(ctx, `SELECT rev FROM rooms WHERE id = $1`+db.forUpdate, room).Scan(&rev); err != nil {
		return err
	}
	for _, seq := range seqs {
		result, err := tx.ExecContext(ctx, `UPDATE messages SET author_id = $1, rev = $2 WHERE room_id = $3 AND seq = $4 AND author_id = $5`, id, rev+1, room, seq, former)
		if err != nil {
			return err
		}
		changed, err := result.RowsAffected() // 0 if another connection of the author came first
		if err != nil {
			return err
		}
		rev += changed
	}
	_, err := tx.ExecContext(ctx, `UPDATE rooms SET rev = $1 WHERE id = $2`, rev, room)
	return err
}

// copyFormerAuthors copies the former author ids of a room that is copied to another database.
func (t *transfer) copyFormerAuthors(ctx context.Context, from, to int64) error {
	var ids []string
	err := each(ctx, t.source.reader, `SELECT author_id FROM former_authors WHERE room_id = $1`, []any{from}, func(scan scanner) error {
		var id string
		err := scan(&id)
		ids = append(ids, id)
		return err
	})
	if err != nil {
		return fmt.Errorf("read the former author ids: %w", err)
	}
	return t.target.inTx(ctx, func(ctx context.Context, tx tx) error {
		for _, id := range ids {
			if _, err := tx.ExecContext(ctx, `INSERT INTO former_authors (author_id, room_id) VALUES ($1, $2) ON CONFLICT DO NOTHING`, id, to); err != nil {
				return fmt.Errorf("copy the former author ids: %w", err)
			}
		}
		return nil
	})
}

var _ chat.Authors = (*DB)(nil)

// copyFormerAuthors notes that messages of one room, which may have former author ids, are in
// another as well.
func copyFormerAuthors(ctx context.Context, tx tx, from, to int64) error {
	_, err := tx.ExecContext(ctx, `INSERT INTO former_authors (author_id, room_id)
		SELECT author_id, CAST($1 AS BIGINT) FROM former_authors WHERE room_id = $2 ON CONFLICT DO NOTHING`, to, from)
	return err
}
