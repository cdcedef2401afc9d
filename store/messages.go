package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math"
	"slices"
	"time"

	"chatserver/chat"
)

// Append stores a batch in one transaction: it looks up the ids that are already stored,
// assigns the next revs of each room to the other drafts, inserts them and updates the
// rooms' revs. Each step is one statement for many rows.
func (db *DB) Append(ctx context.Context, drafts []chat.Draft) ([]chat.Outcome, error) {
	outcomes, err := db.append(ctx, drafts)
	var locked []string
	if errors.Is(err, errLocked) {
		if locked = db.lockedRooms(ctx, drafts); len(locked) == 0 { // released in the meantime
			outcomes, err = db.append(ctx, drafts)
		}
	}
	switch {
	case err == nil:
		return outcomes, nil
	case errors.Is(err, errLocked) && len(locked) == 0:
		locked = slugs(drafts)
	}
	err = fmt.Errorf("append %d messages: %w", len(drafts), err)
	if len(locked) > 0 {
		db.lockTimeouts.Add(1)
		err = &chat.Locked{Rooms: locked, Err: err}
	}
	return nil, err
}

// append is Append without the names of locked rooms in its errors.
func (db *DB) append(ctx context.Context, drafts []chat.Draft) ([]chat.Outcome, error) {
	outcomes, err := db.appendOnce(ctx, drafts, db.singleWriter())
	if errors.Is(err, errNewRoom) {
		outcomes, err = db.appendOnce(ctx, drafts, true)
	}
	return outcomes, db.classify(err)
}

// appendOnce is append, but returns errNewRoom if a room is missing and may not be
// created.
func (db *DB) appendOnce(ctx context.Context, drafts []chat.Draft, mayCreate bool) (outcomes []chat.Outcome, err error) {
	err = db.inTx(ctx, func(ctx context.Context, tx tx) error {
		rooms, refused, err := db.lockRooms(ctx, tx, drafts, mayCreate)
		if err != nil {
			return err
		}
		known, err := knownMessages(ctx, tx, rooms, drafts)
		if err != nil {
			return err
		}
		var rows []row
		outcomes, rows = numberDrafts(rooms, refused, known, drafts, db.isDiskLow())
		if err := insertMessages(ctx, tx, rows); err != nil {
			return err
		}
		return writeRevs(ctx, tx, rooms)
	})
	return outcomes, err
}

// isDiskLow reports whether Options.DiskLow says that the disk is almost full.
func (db *DB) isDiskLow() bool { return db.diskLow != nil && db.diskLow() }

// slugs returns the rooms of a batch, in the order of their first drafts.
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

// messageKey identifies a message: ids are unique within a room.
type messageKey struct{ room, id string }

// numberDrafts returns the outcome of each draft, in order, and the rows to insert. A
// message that is already stored is acknowledged, whatever its length.
func numberDrafts(rooms map[string]*storedRoom, refused map[string]error, known map[messageKey]chat.Message, drafts []chat.Draft, low bool) ([]chat.Outcome, []row) {
	outcomes, rows := make([]chat.Outcome, len(drafts)), make([]row, 0, len(drafts))
	for i, draft := range drafts {
		room := rooms[draft.Room]
		if room == nil {
			outcomes[i].Err = refused[draft.Room]
			continue
		}
		at := messageKey{draft.Room, draft.ID}
		message, isKnown := known[at]
		if !isKnown && low && len(draft.Text) > chat.ShortText {
			outcomes[i].Err = chat.ErrShortOnly
			continue
		}
		if !isKnown {
			room.rev++
			message = chat.Message{
				Room: draft.Room, Seq: room.rev, Rev: room.rev,
				ID: draft.ID, AuthorID: draft.AuthorID, From: draft.From, Text: draft.Text, At: draft.At,
				HTML: draft.HTML, HTMLVersion: draft.HTMLVersion,
			}
			known[at] = message
			rows = append(rows, row{message, room.id})
		}
		outcomes[i] = chat.Outcome{Message: message, Known: isKnown, Rev: room.rev}
	}
	return outcomes, rows
}

const messageColumns = `m.seq, m.rev, m.id, m.author_id, m.author_name, m.text, m.created_at, m.html, m.html_version`

var (
	selectKnown = forRows(`SELECT r.slug, `+messageColumns+` FROM (VALUES `, `(CAST(? AS BIGINT),?)`, `) AS given
		JOIN messages m ON m.room_id = given.column1 AND m.id = given.column2 JOIN rooms r ON r.id = m.room_id`)
	insertRows = forRows(`INSERT INTO messages (room_id, seq, rev, id, author_id, author_name, text, created_at, html, html_version) VALUES `,
		`(?,?,?,?,?,?,?,?,?,?)`, ``)
)

// knownMessages returns the messages of a batch that are already stored.
func knownMessages(ctx context.Context, tx tx, rooms map[string]*storedRoom, drafts []chat.Draft) (map[messageKey]chat.Message, error) {
	known := make(map[messageKey]chat.Message, len(drafts))
	var given []messageKey
	for _, draft := range drafts {
		if rooms[draft.Room] != nil {
			given = append(given, messageKey{draft.Room, draft.ID})
		}
	}
	for run := range runs(given, tx.rows) {
		args := make([]any, 0, 2*len(run))
		for _, at := range run {
			args = append(args, rooms[at.room].id, at.id)
		}
		err := each(ctx, tx, selectKnown.of(len(run)), args, func(scan scanner) error {
			var m scannedMessage
			var slug string
			err := scan(append([]any{&slug}, m.into()...)...)
			known[messageKey{slug, m.id.String}] = m.message(slug)
			return err
		})
		if err != nil {
			return nil, fmt.Errorf("look up the ids: %w", err)
		}
	}
	return known, nil
}

// insertMessages inserts rows, many per statement.
func insertMessages(ctx context.Context, tx tx, rows []row) error {
	for run := range runs(rows, tx.rows) {
		args := make([]any, 0, 10*len(run))
		for _, row := range run {
			args = append(args, row.roomID, row.Seq, row.Rev, row.ID, row.AuthorID, row.From, row.Text, row.At.UnixMilli(), row.HTML, row.HTMLVersion)
		}
		if _, err := tx.ExecContext(ctx, insertRows.of(len(run)), args...); err != nil {
			return fmt.Errorf("insert: %w", err)
		}
	}
	return nil
}

// row is a message and the id of its room.
type row struct {
	chat.Message
	roomID int64
}

// scannedMessage receives the messageColumns, which are NULL if there is no message.
type scannedMessage struct {
	seq, rev, at, htmlVersion      sql.NullInt64
	id, authorID, from, text, html sql.NullString
}

func (m *scannedMessage) into() []any {
	return []any{&m.seq, &m.rev, &m.id, &m.authorID, &m.from, &m.text, &m.at, &m.html, &m.htmlVersion}
}

func (m *scannedMessage) message(room string) chat.Message {
	return chat.Message{
		Room: room, Seq: m.seq.Int64, Rev: m.rev.Int64, ID: m.id.String, AuthorID: m.authorID.String,
		From: m.from.String, Text: m.text.String, At: time.UnixMilli(m.at.Int64).UTC(),
		HTML: m.html.String, HTMLVersion: int(m.htmlVersion.Int64),
	}
}

// The room's rev is part of every row, so that a page and its rev are from the same
// moment. An empty page still has the room's own row.
const (
	selectMessages = `SELECT r.rev, r.purged_rev, ` + messageColumns + ` FROM rooms r LEFT JOIN messages m ON m.room_id = r.id `
	selectBefore   = selectMessages + `AND m.seq < $2 WHERE r.slug = $1 ORDER BY m.seq DESC LIMIT $3`
	selectChanges  = selectMessages + `AND m.rev >= $2 WHERE r.slug = $1 ORDER BY m.rev LIMIT $3`
)

// Before implements chat.Store.
func (db *DB) Before(ctx context.Context, room string, seq int64, limit chat.Limit) (chat.Page, error) {
	page, err := db.page(ctx, room, 0, limit, selectBefore, room, seq, limit.Messages+1)
	slices.Reverse(page.Messages)
	return page, err
}

// Changes implements chat.Store. The statement also returns the message whose rev is
// since, if it exists: its id shows whether since belongs to this history.
func (db *DB) Changes(ctx context.Context, room string, since int64, limit chat.Limit) (chat.Page, error) {
	page, err := db.page(ctx, room, since, limit, selectChanges, room, since, min(int64(limit.Messages), math.MaxInt32)+2)
	if page.More {
		page.Rev = page.Messages[len(page.Messages)-1].Rev
	}
	return page, err
}

// page reads messages up to the limit. The message whose rev is since is not part of the
// page.
func (db *DB) page(ctx context.Context, room string, since int64, limit chat.Limit, query string, args ...any) (chat.Page, error) {
	ctx, cancel := db.withTimeout(ctx)
	defer cancel()
	page := chat.Page{Since: since}
	bytes := 0
	err := each(ctx, db.reader, query, args, func(scan scanner) error {
		var m scannedMessage
		if err := scan(append([]any{&page.Rev, &page.Purged}, m.into()...)...); err != nil || !m.seq.Valid {
			return err
		}
		if m.rev.Int64 == since {
			page.SinceID = m.id.String
			return nil
		}
		message := m.message(room)
		bytes += message.Size()
		full := len(page.Messages) >= limit.Messages || limit.Bytes > 0 && bytes > limit.Bytes
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
