package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"chatserver/chat"
)

// storedRoom is a room's row within a transaction that writes messages.
type storedRoom struct {
	id  int64
	rev int64
}

// lockRoom returns the row of a room, which the first message makes, at most
// maxRooms of them.
func (db *DB) lockRoom(ctx context.Context, tx *sql.Tx, slug string) (*storedRoom, error) {
	var room storedRoom
	err := tx.QueryRowContext(ctx, `SELECT id, rev FROM rooms WHERE slug = $1`, slug).Scan(&room.id, &room.rev)
	if err == nil {
		return &room, nil
	}
	if !errors.Is(err, sql.ErrNoRows) {
		return nil, fmt.Errorf("find room %s: %w", slug, err)
	}
	if db.maxRooms > 0 {
		var rooms int
		if err := tx.QueryRowContext(ctx, `SELECT COUNT(*) FROM rooms`).Scan(&rooms); err != nil {
			return nil, fmt.Errorf("count the rooms: %w", err)
		}
		if rooms >= db.maxRooms {
			return nil, chat.ErrTooManyRooms
		}
	}
	err = tx.QueryRowContext(ctx,
		`INSERT INTO rooms (slug, title, rev, created_at) VALUES ($1, $2, 0, $3) RETURNING id`,
		slug, chat.RoomTitle(slug), time.Now().UnixMilli()).Scan(&room.id)
	if err != nil {
		return nil, fmt.Errorf("make room %s: %w", slug, err)
	}
	return &room, nil
}
