package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"chatserver/chat"
)

// Append stores a batch in one transaction: it numbers the drafts of each room
// with the room's next revs, inserts all by one statement, and writes the revs.
func (db *DB) Append(ctx context.Context, drafts []chat.Draft) ([]chat.Outcome, error) {
	var outcomes []chat.Outcome
	err := db.inTx(ctx, func(tx *sql.Tx) (err error) {
		rooms := map[string]*storedRoom{}
		insert := newInsert(len(drafts))
		outcomes = make([]chat.Outcome, len(drafts))
		for i, draft := range drafts {
			room := rooms[draft.Room]
			if room == nil {
				room, err = db.lockRoom(ctx, tx, draft.Room)
				if errors.Is(err, chat.ErrTooManyRooms) {
					outcomes[i].Err = err
					continue
				}
				if err != nil {
					return err
				}
				rooms[draft.Room] = room
			}
			room.rev++
			outcomes[i].Message = chat.Message{
				Room: draft.Room, Seq: room.rev, Rev: room.rev,
				ID: draft.ID, From: draft.From, Text: draft.Text, At: draft.At,
			}
			insert.add(room.id, outcomes[i].Message)
		}
		if err := insert.run(ctx, tx); err != nil {
			return err
		}
		for slug, room := range rooms {
			if _, err := tx.ExecContext(ctx, `UPDATE rooms SET rev = $1 WHERE id = $2`, room.rev, room.id); err != nil {
				return fmt.Errorf("write the rev of %s: %w", slug, err)
			}
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("append %d messages: %w", len(drafts), err)
	}
	return outcomes, nil
}

// insert is one statement for many rows: a statement a row would cost more than
// the commit that they share.
type insert struct {
	sql  strings.Builder
	args []any
}

const insertMessages = `INSERT INTO messages (room_id, seq, rev, id, author_name, text, created_at) VALUES `

func newInsert(rows int) *insert {
	in := &insert{args: make([]any, 0, rows*7)}
	in.sql.WriteString(insertMessages)
	return in
}

func (in *insert) add(roomID int64, m chat.Message) {
	n := len(in.args)
	if n > 0 {
		in.sql.WriteByte(',')
	}
	fmt.Fprintf(&in.sql, "($%d,$%d,$%d,$%d,$%d,$%d,$%d)", n+1, n+2, n+3, n+4, n+5, n+6, n+7)
	in.args = append(in.args, roomID, m.Seq, m.Rev, m.ID, m.From, m.Text, m.At.UnixMilli())
}

func (in *insert) run(ctx context.Context, tx *sql.Tx) error {
	if len(in.args) == 0 {
		return nil
	}
	if _, err := tx.ExecContext(ctx, in.sql.String(), in.args...); err != nil {
		return fmt.Errorf("insert: %w", err)
	}
	return nil
}

// The room's rev comes with every row, so that a page and its rev are of one
// moment; an empty page still has the one row of the room.
const selectMessages = `
	SELECT r.rev, m.seq, m.rev, m.id, m.author_name, m.text, m.created_at
	FROM rooms r LEFT JOIN messages m ON m.room_id = r.id `

// Newest implements chat.Store.
func (db *DB) Newest(ctx context.Context, room string, limit int) (chat.Page, error) {
	page, err := db.page(ctx, room, selectMessages+`WHERE r.slug = $1 ORDER BY m.seq DESC LIMIT $2`, room, limit)
	slices.Reverse(page.Messages)
	return page, err
}

// Changes implements chat.Store.
func (db *DB) Changes(ctx context.Context, room string, since int64, limit int) (chat.Page, error) {
	page, err := db.page(ctx, room, selectMessages+`AND m.rev > $2 WHERE r.slug = $1 ORDER BY m.rev LIMIT $3`, room, since, limit+1)
	page.Since = since
	if len(page.Messages) > limit {
		page.Messages, page.More = page.Messages[:limit], true
		page.Rev = page.Messages[limit-1].Rev
	}
	return page, err
}

func (db *DB) page(ctx context.Context, room, query string, args ...any) (page chat.Page, err error) {
	rows, err := db.reader.QueryContext(ctx, query, args...)
	if err != nil {
		return page, fmt.Errorf("read messages of %s: %w", room, err)
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var (
			seq, rev, at   sql.NullInt64
			id, from, text sql.NullString
		)
		if err := rows.Scan(&page.Rev, &seq, &rev, &id, &from, &text, &at); err != nil {
			return page, fmt.Errorf("read a message of %s: %w", room, err)
		}
		if seq.Valid {
			page.Messages = append(page.Messages, chat.Message{
				Room: room, Seq: seq.Int64, Rev: rev.Int64, ID: id.String,
				From: from.String, Text: text.String, At: time.UnixMilli(at.Int64).UTC(),
			})
		}
	}
	return page, rows.Err()
}
