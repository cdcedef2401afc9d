package store

import (
	"context"

	"chatserver/chat"
)

const selectPins = selectMessages + `AND m.pinned WHERE r.slug = $1 ORDER BY m.seq DESC LIMIT $2`

// Pins implements chat.Details.
func (db *DB) Pins(ctx context.Context, room string, limit chat.Limit) (chat.Page, error) {
	return db.backward(ctx, room, limit, selectPins, room, upTo(limit))
}
