package store

import (
	"context"
	"database/sql"
	"fmt"
	"math"
	"slices"

	"chatserver/chat"
)

const messageColumns = `m.seq, m.rev, m.id, m.author_id, m.author_name, m.text, m.created_at, m.html, m.html_version,
	m.thread, m.reply_to, m.state`

// scannedMessage receives the messageColumns, which are NULL if there is no message.
type scannedMessage struct {
	seq, rev, at, htmlVersion, thread, replyTo sql.NullInt64
	id, authorID, from, text, html, state      sql.NullString
}

// into returns where to scan a row of other columns and the messageColumns. It can be used for
// all rows of a query.
func (m *scannedMessage) into(others ...any) []any {
	return append(slices.Grow(others, 12), &m.seq, &m.rev, &m.id, &m.authorID, &m.from, &m.text, &m.at, &m.html, &m.htmlVersion, &m.thread, &m.replyTo, &m.state)
}

func (m *scannedMessage) message(room string) (chat.Message, error) {
	message := chat.Message{
		Room: room, Seq: m.seq.Int64, Rev: m.rev.Int64, ID: m.id.String, AuthorID: m.authorID.String,
		From: m.from.String, Text: m.text.String, At: milliseconds(m.at.Int64),
		HTML: m.html.String, HTMLVersion: int(m.htmlVersion.Int64),
		Thread: m.thread.Int64, ReplyTo: m.replyTo.Int64,
	}
	return message, decodeState(&message, m.state.String)
}

// The room's rev is part of every row, so that a page and its rev are from the same
// moment. An empty page still has the room's own row.
const (
	selectMessages = `SELECT r.rev, r.purged_rev, ` + messageColumns + ` FROM rooms r LEFT JOIN messages m ON m.room_id = r.id `
	selectBefore   = selectMessages + `AND m.seq < $2 WHERE r.slug = $1 ORDER BY m.seq DESC LIMIT $3`
	selectAfter    = selectMessages + `AND m.seq > $2 WHERE r.slug = $1 ORDER BY m.seq LIMIT $3`
	selectChanges  = selectMessages + `AND m.rev >= $2 WHERE r.slug = $1 ORDER BY m.rev LIMIT $3`
)

// Before implements chat.Store.
func (db *DB) Before(ctx context.Context, room string, seq int64, limit chat.Limit) (chat.Page, error) {
	return db.backward(ctx, room, limit, selectBefore, room, seq, upTo(limit))
}

// After implements chat.Details.
func (db *DB) After(ctx context.Context, room string, seq int64, limit chat.Limit) (chat.Page, error) {
	return db.page(ctx, room, 0, limit, selectAfter, room, seq, upTo(limit))
}

// Changes implements chat.Store. The statement also returns the message whose rev is
// since, if it exists: its id shows whether since belongs to this history.
func (db *DB) Changes(ctx context.Context, room string, since int64, limit chat.Limit) (chat.Page, error) {
	return db.forward(ctx, room, since, limit, selectChanges, room, since, upTo(limit)+1)
}

// upTo returns how many rows to select for a page: one more than it may have shows that
// there are more.
func upTo(limit chat.Limit) int64 { return min(int64(limit.Messages), math.MaxInt32) + 1 }

// backward reads a page that goes back.
func (db *DB) backward(ctx context.Context, room string, limit chat.Limit, query string, args ...any) (chat.Page, error) {
	page, err := db.page(ctx, room, 0, limit, query, args...)
	slices.Reverse(page.Messages)
	return page, err
}

// forward reads a page of changes after a rev.
func (db *DB) forward(ctx context.Context, room string, since int64, limit chat.Limit, query string, args ...any) (chat.Page, error) {
	page, err := db.page(ctx, room, since, limit, query, args...)
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
	var m scannedMessage
	into := m.into(&page.Rev, &page.Purged)
	err := each(ctx, db.reader, query, args, func(scan scanner) error {
		if err := scan(into...); err != nil || !m.seq.Valid {
			return err
		}
		if m.rev.Int64 == since {
			page.SinceID = m.id.String
			return nil
		}
		message, err := m.message(room)
		if err != nil {
			return err
		}
		bytes += message.Size()
		full := len(page.Messages) >= limit.Messages || limit.Bytes > 0 && bytes > limit.Bytes
		if full && len(page.Messages) > 0 {
			page.More = true
			return errStop
		}
		page.Messages = append(page.Messages, message)
		return nil
	})
	if err == nil {
		err = db.addQuotes(ctx, room, page.Messages)
	}
	if err != nil {
		return page, fmt.Errorf("read messages of %s: %w", room, err)
	}
	return page, nil
}
