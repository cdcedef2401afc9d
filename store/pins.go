package store

import (
	"context"

	"chatserver/chat"
)

const selectPins = `SELECT r.rev, r.purged_rev, ` + messageColumns + ` FROM rooms r LEFT JOIN pins p ON p.room_id = r.id
	LEFT JOIN messages m ON m.room_id = p.room_id AND m.seq = p.seq WHERE r.slug = $1 ORDER BY p.seq DESC LIMIT $2`

// Pins implements chat.Details.
func (db *DB) Pins(ctx context.Context, room string, limit chat.Limit) (chat.Page, error) {
	return db.backward(ctx, room, limit, selectPins, room, upTo(limit))
}

// writePins writes which of the rows are pinned now.
func writePins(ctx context.Context, tx tx, rows []*row) error {
	for _, r := range rows {
		pinned, statement := r.Pinned != nil, `DELETE FROM pins WHERE room_id = $1 AND seq = $2`
		if pinned == r.pinned {
			continue
		}
		if pinned {
			statement = `INSERT INTO pins (room_id, seq) VALUES ($1, $2)`
		}
		if _, err := tx.ExecContext(ctx, statement, r.roomID, r.Seq); err != nil {
			return err
		}
	}
	return nil
}
