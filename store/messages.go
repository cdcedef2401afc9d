package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"chatserver/chat"
)

// Append stores a batch in one transaction: it looks up the ids that are known,
// numbers the other drafts of each room with the room's next revs, inserts them
// and writes the revs, each by one statement for many rows.
func (db *DB) Append(ctx context.Context, drafts []chat.Draft) ([]chat.Outcome, error) {
	var outcomes []chat.Outcome
	err := db.inTx(ctx, func(tx *sql.Tx) (err error) {
		rooms, err := db.lockRooms(ctx, tx, slugs(drafts))
		if err != nil {
			return err
		}
		known, err := knownMessages(ctx, tx, rooms, drafts)
		if err != nil {
			return err
		}
		var rows []row
		if outcomes, rows, err = db.number(ctx, tx, rooms, known, drafts); err != nil {
			return err
		}
		if err := insertMessages(ctx, tx, rows); err != nil {
			return err
		}
		return writeRevs(ctx, tx, rooms)
	})
	if err != nil {
		return nil, fmt.Errorf("append %d messages: %w", len(drafts), dataError(err))
	}
	return outcomes, nil
}

func slugs(drafts []chat.Draft) []string {
	var slugs []string
	seen := map[string]bool{}
	for _, draft := range drafts {
		if !seen[draft.Room] {
			seen[draft.Room] = true
			slugs = append(slugs, draft.Room)
		}
	}
	return slugs
}

// place is what an id is unique in.
type place struct{ room, id string }

// number answers each draft, in order, and returns the rows to be inserted.
func (db *DB) number(ctx context.Context, tx *sql.Tx, rooms map[string]*storedRoom, known map[place]chat.Message, drafts []chat.Draft) ([]chat.Outcome, []row, error) {
	outcomes, rows := make([]chat.Outcome, len(drafts)), make([]row, 0, len(drafts))
	full := false
	for i, draft := range drafts {
		room := rooms[draft.Room]
		if room == nil && !full {
			var err error
			if room, err = db.makeRoom(ctx, tx, draft.Room); err == nil {
				rooms[draft.Room] = room
			} else if full = errors.Is(err, chat.ErrTooManyRooms); !full {
				return nil, nil, err
			}
		}
		if room == nil {
			outcomes[i].Err = chat.ErrTooManyRooms
			continue
		}
		at := place{draft.Room, draft.ID}
		message, isKnown := known[at]
		if !isKnown {
			room.rev++
			message = chat.Message{
				Room: draft.Room, Seq: room.rev, Rev: room.rev,
				ID: draft.ID, AuthorID: draft.AuthorID, From: draft.From, Text: draft.Text, At: draft.At,
			}
			known[at] = message
			rows = append(rows, row{message, room.id})
		}
		outcomes[i] = chat.Outcome{Message: message, Known: isKnown, Rev: room.rev}
	}
	return outcomes, rows, nil
}

// rowsPerStatement is how many rows one statement takes. A statement a row would
// cost more than the commit that they share; with many more, SQLite would spend
// its time in finding the names of the parameters, which it does one by one.
const rowsPerStatement = 64

// knownMessages returns the messages of a batch that are stored already.
func knownMessages(ctx context.Context, tx *sql.Tx, rooms map[string]*storedRoom, drafts []chat.Draft) (map[place]chat.Message, error) {
	known := make(map[place]chat.Message, len(drafts))
	for chunk := range slices.Chunk(drafts, rowsPerStatement) {
		var ids []string
		var args []any
		for _, draft := range chunk {
			if room := rooms[draft.Room]; room != nil {
				args = append(args, draft.ID)
				ids = append(ids, fmt.Sprintf("(%d,$%d)", room.id, len(args)))
			}
		}
		if len(ids) == 0 {
			continue
		}
		query := `SELECT r.slug, ` + messageColumns + ` FROM (VALUES ` + strings.Join(ids, ",") + `) AS given
			JOIN messages m ON m.room_id = given.column1 AND m.id = given.column2 JOIN rooms r ON r.id = m.room_id`
		err := each(ctx, tx, query, args, func(scan scanner) error {
			var m scannedMessage
			var slug string
			err := scan(append([]any{&slug}, m.into()...)...)
			known[place{slug, m.id.String}] = m.message(slug)
			return err
		})
		if err != nil {
			return nil, fmt.Errorf("look up the ids: %w", err)
		}
	}
	return known, nil
}

// insertMessages inserts rows, many by one statement. The numbers, which are our
// own, stand in the text: that leaves four parameters a row to be found.
func insertMessages(ctx context.Context, tx *sql.Tx, rows []row) error {
	for chunk := range slices.Chunk(rows, rowsPerStatement) {
		var text strings.Builder
		text.WriteString(`INSERT INTO messages (room_id, seq, rev, id, author_id, author_name, text, created_at) VALUES `)
		args := make([]any, 0, 4*len(chunk))
		for i, row := range chunk {
			if i > 0 {
				text.WriteByte(',')
			}
			fmt.Fprintf(&text, `(%d,%d,%d,%s,%d)`, row.roomID, row.Seq, row.Rev, parameters(len(args)+1, 4), row.At.UnixMilli())
			args = append(args, row.ID, row.AuthorID, row.From, row.Text)
		}
		if _, err := tx.ExecContext(ctx, text.String(), args...); err != nil {
			return fmt.Errorf("insert: %w", err)
		}
	}
	return nil
}

// parameters are n of them, from $first on.
func parameters(first, n int) string {
	var text strings.Builder
	for i := range n {
		if i > 0 {
			text.WriteByte(',')
		}
		fmt.Fprintf(&text, "$%d", first+i)
	}
	return text.String()
}

// row is a message and the room that it belongs to.
type row struct {
	chat.Message
	roomID int64
}

const messageColumns = `m.seq, m.rev, m.id, m.author_id, m.author_name, m.text, m.created_at`

// scannedMessage takes the messageColumns; there may be none.
type scannedMessage struct {
	seq, rev, at             sql.NullInt64
	id, authorID, from, text sql.NullString
}

func (m *scannedMessage) into() []any {
	return []any{&m.seq, &m.rev, &m.id, &m.authorID, &m.from, &m.text, &m.at}
}

func (m *scannedMessage) message(room string) chat.Message {
	return chat.Message{
		Room: room, Seq: m.seq.Int64, Rev: m.rev.Int64, ID: m.id.String, AuthorID: m.authorID.String,
		From: m.from.String, Text: m.text.String, At: time.UnixMilli(m.at.Int64).UTC(),
	}
}

// The room's rev comes with every row, so that a page and its rev are of one
// moment; an empty page still has the one row of the room.
const selectMessages = `SELECT r.rev, ` + messageColumns + ` FROM rooms r LEFT JOIN messages m ON m.room_id = r.id `

// Before implements chat.Store.
func (db *DB) Before(ctx context.Context, room string, seq int64, limit chat.Limit) (chat.Page, error) {
	page, err := db.page(ctx, room, 0, limit, selectMessages+`AND m.seq < $2 WHERE r.slug = $1 ORDER BY m.seq DESC LIMIT $3`,
		room, seq, limit.Messages+1)
	slices.Reverse(page.Messages)
	return page, err
}

// Changes implements chat.Store. The message that has the rev since, if there is
// one, comes with the same statement: it tells whether since is of the same past.
func (db *DB) Changes(ctx context.Context, room string, since int64, limit chat.Limit) (chat.Page, error) {
	page, err := db.page(ctx, room, since, limit, selectMessages+`AND m.rev >= $2 WHERE r.slug = $1 ORDER BY m.rev LIMIT $3`,
		room, since, min(int64(limit.Messages), math.MaxInt32)+2)
	if page.More {
		page.Rev = page.Messages[len(page.Messages)-1].Rev
	}
	return page, err
}

// page reads messages until the limit. One whose rev is since is not a part.
func (db *DB) page(ctx context.Context, room string, since int64, limit chat.Limit, query string, args ...any) (chat.Page, error) {
	page := chat.Page{Since: since}
	bytes := 0
	err := each(ctx, db.reader, query, args, func(scan scanner) error {
		var m scannedMessage
		if err := scan(append([]any{&page.Rev}, m.into()...)...); err != nil || !m.seq.Valid {
			return err
		}
		if m.rev.Int64 == since {
			page.SinceID = m.id.String
			return nil
		}
		message := m.message(room)
		bytes += message.Size()
		full := len(page.Messages) == limit.Messages || limit.Bytes > 0 && bytes > limit.Bytes
		if full && len(page.Messages) > 0 {
			page.More = true
			return errStop
		}
		page.Messages = append(page.Messages, message)
		return nil
	})
	if err != nil {
		return page, fmt.Errorf("read messages of %s: %w", room, err)
	}
	return page, nil
}
