package store

import (
	"context"
	"slices"

	"chatserver/chat"
)

const (
	selectReplies = `SELECT r.rev, r.purged_rev, ` + messageColumns + ` FROM rooms r LEFT JOIN replies t ON t.room_id = r.id AND t.thread = $4 AND t.seq < $2
		LEFT JOIN messages m ON m.room_id = t.room_id AND m.seq = t.seq WHERE r.slug = $1 ORDER BY t.seq DESC LIMIT $3`
	selectThreadChanges = selectMessages + `AND m.rev > $2
		AND m.seq IN (SELECT CAST($4 AS BIGINT) UNION ALL SELECT t.seq FROM replies t WHERE t.room_id = r.id AND t.thread = $4)
		WHERE r.slug = $1 ORDER BY m.rev LIMIT $3`
)

var insertReplies = forRows(`INSERT INTO replies (room_id, thread, seq) VALUES `, `(?,?,?)`, ``)

// Replies implements chat.Details.
func (db *DB) Replies(ctx context.Context, room string, root, seq int64, limit chat.Limit) (chat.Page, error) {
	return db.backward(ctx, room, limit, selectReplies, room, seq, upTo(limit), root)
}

// ThreadChanges implements chat.Details.
func (db *DB) ThreadChanges(ctx context.Context, room string, root, since int64, limit chat.Limit) (chat.Page, error) {
	return db.forward(ctx, room, since, limit, selectThreadChanges, room, since, upTo(limit), root)
}

// readThreads reads the replies of threads from which a reply may be deleted.
func (b *batch) readThreads(ctx context.Context, tx tx, changes []chat.Change) error {
	for _, root := range b.threadsToRead(changes) {
		if b.threads == nil {
			b.threads = map[place][]chat.Message{}
		}
		if _, read := b.threads[root]; read {
			continue
		}
		replies, err := readReplies(ctx, tx, b.rooms[root.room].id, root.seq)
		if err != nil {
			return err
		}
		b.threads[root] = replies
	}
	return nil
}

// threadsToRead returns the threads of the replies to delete. A message to delete that is not
// stored may be a reply of the same batch.
func (b *batch) threadsToRead(changes []chat.Change) (roots []place) {
	var missing bool
	for _, change := range changes {
		if c, isDelete := change.(chat.Delete); isDelete {
			target := b.bySeq[place{c.Room, c.Seq}]
			missing = missing || target == nil
			if target != nil && target.Thread != 0 {
				roots = append(roots, place{c.Room, target.Thread})
			}
		}
	}
	for _, change := range changes {
		if post, isPost := change.(chat.Post); isPost && missing && b.bySeq[place{post.Room, post.Thread}] != nil {
			roots = append(roots, place{post.Room, post.Thread})
		}
	}
	return roots
}

// readReplies returns the places, authors and times of the replies of a thread that are not
// deleted.
func readReplies(ctx context.Context, tx tx, room, root int64) (replies []chat.Message, err error) {
	err = each(ctx, tx, `SELECT m.seq, m.author_id, m.author_name, m.created_at FROM replies t JOIN messages m ON m.room_id = t.room_id AND m.seq = t.seq
		WHERE t.room_id = $1 AND t.thread = $2 AND NOT m.deleted ORDER BY t.seq`,
		[]any{room, root}, func(scan scanner) error {
			var r chat.Message
			var at int64
			err := scan(&r.Seq, &r.AuthorID, &r.From, &at)
			r.At = milliseconds(at)
			replies = append(replies, r)
			return err
		})
	return replies, err
}

// removeReply takes a deleted reply out of the summary of its thread, if it is one.
func (b *batch) removeReply(room *storedRoom, deleted *row) *chat.Message {
	root := b.bySeq[place{deleted.Room, deleted.Thread}]
	if deleted.Thread == 0 || root == nil {
		return nil
	}
	replies := slices.DeleteFunc(b.threads[root.place()], func(r chat.Message) bool { return r.Seq == deleted.Seq })
	b.threads[root.place()] = replies
	return b.summarize(room, root, summaryOf(replies))
}

// summaryOf returns the summary of the replies of a thread; nil without any.
func summaryOf(replies []chat.Message) (summary *chat.ThreadSummary) {
	for i := range replies {
		summary = summary.With(&replies[i])
	}
	return summary
}

// summarize gives the root of a thread another summary, and the room's next rev.
func (b *batch) summarize(room *storedRoom, root *row, summary *chat.ThreadSummary) *chat.Message {
	room.rev++
	root.Replies, root.Rev = summary, room.rev
	b.note(root)
	message := b.shown(root)
	return &message
}

// writeReplies writes which threads the new rows are replies in.
func writeReplies(ctx context.Context, tx tx, rows []*row) error {
	var replies []*row
	for _, r := range rows {
		if r.Thread != 0 {
			replies = append(replies, r)
		}
	}
	for run := range runs(replies, tx.rows) {
		args := tx.args(3 * len(run))
		for _, r := range run {
			args = append(args, r.roomID, r.Thread, r.Seq)
		}
		if _, err := tx.ExecContext(ctx, insertReplies.of(len(run)), args...); err != nil {
			return err
		}
	}
	return nil
}
