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
		rows := make([]row, 0, len(drafts))
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
			rows = append(rows, row{outcomes[i].Message, room.id})
		}
		if err := insertMessages(ctx, tx, rows); err != nil {
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

// rowsPerInsert is how many rows one statement takes. A statement a row would
// cost more than the commit that they share; with many more, SQLite would spend
// its time in finding the names of the parameters, which it does one by one.
const rowsPerInsert = 64

// insertMessages inserts rows, many by one statement. The numbers, which are our
// own, stand in the text: that leaves three parameters a row to be found.
func insertMessages(ctx context.Context, tx *sql.Tx, rows []row) error {
	for chunk := range slices.Chunk(rows, rowsPerInsert) {
		var text strings.Builder
		text.WriteString(`INSERT INTO messages (room_id, seq, rev, id, author_name, text, created_at) VALUES `)
		args := make([]any, 0, 3*len(chunk))
		for i, row := range chunk {
			if i > 0 {
				text.WriteByte(',')
			}
			n := len(args)
			fmt.Fprintf(&text, `(%d,%d,%d,$%d,$%d,$%d,%d)`, row.roomID, row.Seq, row.Rev, n+1, n+2, n+3, row.At.UnixMilli())
			args = append(args, row.ID, row.From, row.Text)
		}
		if _, err := tx.ExecContext(ctx, text.String(), args...); err != nil {
			return fmt.Errorf("insert: %w", err)
		}
	}
	return nil
}

// row is a message and the room that it belongs to.
type row struct {
	chat.Message
	roomID int64
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
