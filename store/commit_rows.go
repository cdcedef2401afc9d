package store

import (
	"context"
	"fmt"

	"chatserver/chat"
)

// What a batch reads before it is applied, and writes after it.

// row is a message and what the store needs to write it.
type row struct {
	chat.Message
	roomID  int64
	changed bool // the stored row is not up to date
	pinned  bool // as stored
	// reaction is the outcome of the reaction that gave the message its rev in this batch; nil
	// without. Further ones share the rev.
	reaction *chat.Outcome
}

func (r *row) place() place { return place{r.Room, r.Seq} }

// messageOrNil returns the message of a row that may be missing.
func (r *row) messageOrNil() *chat.Message {
	if r == nil {
		return nil
	}
	return &r.Message
}

var (
	selectKnown = forRows(`SELECT r.slug, `+messageColumns+` FROM (VALUES `, `(CAST(? AS BIGINT),?)`, `) AS given
		JOIN messages m ON m.room_id = given.column1 AND m.id = given.column2 JOIN rooms r ON r.id = m.room_id`).
		orAlone(`SELECT r.slug, ` + messageColumns + ` FROM messages m JOIN rooms r ON r.id = m.room_id WHERE m.room_id = $1 AND m.id = $2`)
	selectPlaces = forRows(`SELECT r.slug, `+messageColumns+` FROM (VALUES `, `(CAST(? AS BIGINT),CAST(? AS BIGINT))`, `) AS given
		JOIN messages m ON m.room_id = given.column1 AND m.seq = given.column2 JOIN rooms r ON r.id = m.room_id`).
		orAlone(`SELECT r.slug, ` + messageColumns + ` FROM messages m JOIN rooms r ON r.id = m.room_id WHERE m.room_id = $1 AND m.seq = $2`)
	insertRows = forRows(`INSERT INTO messages (room_id, seq, rev, id, author_id, author_name, text, created_at, html, html_version, thread, reply_to) VALUES `,
		`(?,?,?,?,?,?,?,?,?,?,?,?)`, ``)
	updateRows = forRows(`UPDATE messages SET rev = new.column3, text = new.column4, html = new.column5, html_version = new.column6,
		reply_to = new.column7, deleted = new.column8, state = new.column9 FROM (VALUES `,
		`(CAST(? AS BIGINT),CAST(? AS BIGINT),CAST(? AS BIGINT),?,?,CAST(? AS INTEGER),CAST(? AS BIGINT),CAST(? AS BOOLEAN),?)`,
		`) AS new WHERE messages.room_id = new.column1 AND messages.seq = new.column2`).
		orAlone(`UPDATE messages SET rev = $3, text = $4, html = $5, html_version = $6, reply_to = $7, deleted = $8, state = $9 WHERE room_id = $1 AND seq = $2`)
)

// read reads the messages that the changes concern: those with the ids of posts, the targets
// of the other changes, the roots of their threads, and what all of these quote.
func (b *batch) read(ctx context.Context, tx tx, changes []chat.Change) error {
	if err := b.readKnown(ctx, tx, changes); err != nil {
		return fmt.Errorf("look up the ids: %w", err)
	}
	err := b.readPlaces(ctx, tx, b.targets(changes))
	if err == nil {
		err = b.readPlaces(ctx, tx, b.roots(changes))
	}
	if err == nil {
		err = b.readPlaces(ctx, tx, b.quoted(changes))
	}
	if err != nil {
		return fmt.Errorf("read the messages: %w", err)
	}
	if err := b.readThreads(ctx, tx, changes); err != nil {
		return fmt.Errorf("read the threads: %w", err)
	}
	if err := b.readVersions(ctx, tx, changes); err != nil {
		return fmt.Errorf("read the versions: %w", err)
	}
	return nil
}

// readKnown reads the stored messages that have the ID of one of the changes.
func (b *batch) readKnown(ctx context.Context, tx tx, changes []chat.Change) error {
	given := b.given[:0]
	for _, change := range changes {
		if header := change.Header(); header.ID != "" && b.rooms[header.Room] != nil {
			given = append(given, messageKey{header.Room, header.ID})
		}
	}
	b.given = given
	return b.readIDs(ctx, tx, given)
}

// readIDs reads the stored messages with ids.
func (b *batch) readIDs(ctx context.Context, tx tx, given []messageKey) error {
	for run := range runs(given, tx.rows) {
		args := tx.args(2 * len(run))
		for i := range run {
			args = append(args, &b.rooms[run[i].room].id, &run[i].id)
		}
		if err := b.readRows(ctx, tx, selectKnown.of(len(run)), args); err != nil {
			return err
		}
	}
	return nil
}

// targets returns the places of the targets of changes, and of the roots of threads that
// posts reply in.
func (b *batch) targets(changes []chat.Change) (places []place) {
	for _, change := range changes {
		at := place{change.Header().Room, change.Header().Seq}
		if post, isPost := change.(chat.Post); isPost {
			at.seq = post.Thread
		}
		places = b.want(places, at)
	}
	return places
}

// roots returns the places of the roots of threads from which a reply may be deleted.
func (b *batch) roots(changes []chat.Change) (places []place) {
	for _, change := range changes {
		if c, isDelete := change.(chat.Delete); isDelete {
			if target := b.bySeq[place{c.Room, c.Seq}]; target != nil {
				places = b.want(places, place{c.Room, target.Thread})
			}
		}
	}
	return places
}

// quoted returns the places of what posts and all messages that were read quote.
func (b *batch) quoted(changes []chat.Change) (places []place) {
	for _, change := range changes {
		if post, isPost := change.(chat.Post); isPost {
			places = b.want(places, place{post.Room, post.ReplyTo})
		}
	}
	for _, r := range b.byID {
		places = b.want(places, place{r.Room, r.ReplyTo})
	}
	return places
}

// wantAll returns the places of a room that were not asked for yet.
func (b *batch) wantAll(room string, seqs []int64) (places []place) {
	for _, seq := range seqs {
		places = b.want(places, place{room, seq})
	}
	return places
}

// want appends a place in one of the batch's rooms that was not asked for yet.
func (b *batch) want(places []place, at place) []place {
	if _, asked := b.bySeq[at]; asked || at.seq == 0 || b.rooms[at.room] == nil {
		return places
	}
	b.bySeq[at] = nil
	return append(places, at)
}

func (b *batch) readPlaces(ctx context.Context, tx tx, places []place) error {
	for run := range runs(places, tx.rows) {
		args := tx.args(2 * len(run))
		for i := range run {
			args = append(args, &b.rooms[run[i].room].id, &run[i].seq)
		}
		if err := b.readRows(ctx, tx, selectPlaces.of(len(run)), args); err != nil {
			return err
		}
	}
	return nil
}

// readRows reads rows of a slug and a message. A message that was read before stays.
func (b *batch) readRows(ctx context.Context, tx tx, query string, args []any) error {
	return each(ctx, tx, query, args, func(scan scanner) error {
		var m scannedMessage
		var slug string
		if err := scan(m.into(&slug)...); err != nil {
			return err
		}
		message, err := m.message(slug)
		if err != nil {
			return err
		}
		found := b.bySeq[place{slug, message.Seq}]
		if found == nil {
			found = &row{Message: message, roomID: b.rooms[slug].id, pinned: message.Pinned != nil}
			b.bySeq[found.place()] = found
		}
		b.byID[messageKey{slug, message.ID}] = found
		return nil
	})
}

// write writes everything that the batch has changed.
func (b *batch) write(ctx context.Context, tx tx) error {
	if err := insertMessages(ctx, tx, b.fresh); err != nil {
		return err
	}
	if err := updateMessages(ctx, tx, b.changed); err != nil {
		return err
	}
	if err := writeVersions(ctx, tx, b.kept, func(room string) int64 { return b.rooms[room].id }); err != nil {
		return err
	}
	if err := b.removeVersions(ctx, tx); err != nil {
		return fmt.Errorf("remove versions: %w", err)
	}
	if err := writePins(ctx, tx, b.changed); err != nil {
		return fmt.Errorf("write the pins: %w", err)
	}
	if err := writeErasures(ctx, tx, b.erasures); err != nil {
		return fmt.Errorf("write the erasure list: %w", err)
	}
	return writeRevs(ctx, tx, b.rooms)
}

// insertMessages inserts rows, many per statement, without what happened to them since.
func insertMessages(ctx context.Context, tx tx, rows []*row) error {
	for run := range runs(rows, tx.rows) {
		args := tx.args(12 * len(run))
		for _, r := range run {
			args = append(args, &r.roomID, &r.Seq, &r.Rev, &r.ID, &r.AuthorID, &r.From, &r.Text, r.At.UnixMilli(), &r.HTML, &r.HTMLVersion, &r.Thread, &r.ReplyTo)
		}
		if _, err := tx.ExecContext(ctx, insertRows.of(len(run)), args...); err != nil {
			return fmt.Errorf("insert: %w", err)
		}
	}
	if err := writeReplies(ctx, tx, rows); err != nil {
		return fmt.Errorf("insert into threads: %w", err)
	}
	return nil
}

// updateMessages writes what can change of stored rows, many per statement.
func updateMessages(ctx context.Context, tx tx, rows []*row) error {
	for run := range runs(rows, tx.rows) {
		args := tx.args(9 * len(run))
		for _, r := range run {
			state, err := encodeState(&r.Message)
			if err != nil {
				return err
			}
			args = append(args, &r.roomID, &r.Seq, &r.Rev, &r.Text, &r.HTML, &r.HTMLVersion, &r.ReplyTo, r.Deleted != nil, state)
		}
		if _, err := tx.ExecContext(ctx, updateRows.of(len(run)), args...); err != nil {
			return fmt.Errorf("update: %w", err)
		}
	}
	return nil
}
