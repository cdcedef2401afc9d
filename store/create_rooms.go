package store

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"net/netip"
	"time"

	"chatserver/chat"
)

// roomLimits bound how many rooms are created; 0 is no limit.
type roomLimits struct {
	all      int // rooms that exist
	newInDay int // rooms that one network makes in newRoomsIn
}

const (
	// newRoomsPeriod is the time in which the new rooms of a network are counted.
	newRoomsPeriod = 24 * time.Hour
	// creatorShare is the part of all rooms that one network may have created, at most: the
	// rest is out of its reach, however long it takes its time.
	creatorShare = 4
)

// roomCounts are how many rooms exist, and how many of them each network of a batch created,
// as far as they were asked for.
type roomCounts struct {
	limits    roomLimits
	exist     int
	byCreator map[string]*createdRooms
}

// createdRooms are how many of the rooms that exist a network created.
type createdRooms struct{ all, inDay int }

// createRooms makes the rooms of a batch that are missing, as many as may exist. A room is
// created by its first message, and counted where that came from. Of the rooms that it did
// not make it returns why, by slug.
func (db *DB) createRooms(ctx context.Context, tx tx, rooms map[string]*storedRoom, drafts []chat.Draft) (refused map[string]error, err error) {
	low := db.isDiskLow()
	counts, refused := roomCounts{limits: db.limits, byCreator: map[string]*createdRooms{}}, map[string]error{}
	if db.limits.all > 0 {
		if err := tx.QueryRowContext(ctx, `SELECT COUNT(*) FROM rooms`).Scan(&counts.exist); err != nil {
			return nil, fmt.Errorf("count the rooms: %w", err)
		}
	}
	for _, draft := range drafts {
		if rooms[draft.Room] != nil {
			continue
		}
		if low {
			refused[draft.Room] = chat.ErrNoNewRooms
			continue
		}
		created, err := counts.of(ctx, tx, draft.Network)
		if err != nil {
			return nil, fmt.Errorf("count the rooms of a network: %w", err)
		}
		if refused[draft.Room] = counts.refusal(created); refused[draft.Room] != nil {
			continue
		}
		if rooms[draft.Room], err = createRoom(ctx, tx, draft); err != nil {
			return nil, fmt.Errorf("make room %s: %w", draft.Room, err)
		}
		counts.exist++
		if created != nil {
			created.all++
			created.inDay++
		}
	}
	return refused, nil
}

// of returns what a network has created; nil if it is not limited.
func (c *roomCounts) of(ctx context.Context, tx tx, network netip.Prefix) (*createdRooms, error) {
	if c.limits.newInDay == 0 || !network.IsValid() {
		return nil, nil //nolint:nilnil // no limit is not an error
	}
	maker := network.String()
	if created := c.byCreator[maker]; created != nil {
		return created, nil
	}
	created := &createdRooms{}
	err := tx.QueryRowContext(ctx, `SELECT COUNT(*), COUNT(*) FILTER (WHERE created_at > $2) FROM rooms WHERE maker = $1`,
		maker, time.Now().Add(-newRoomsPeriod).UnixMilli()).Scan(&created.all, &created.inDay)
	c.byCreator[maker] = created
	return created, err
}

// refusal returns why one more room may not be created; nil if it may.
func (c *roomCounts) refusal(created *createdRooms) error {
	switch {
	case c.limits.all > 0 && c.exist >= c.limits.all:
		return chat.ErrTooManyRooms
	case created == nil:
		return nil
	case created.inDay >= c.limits.newInDay, c.limits.all > 0 && created.all >= max(c.limits.all/creatorShare, 1):
		return chat.ErrTooManyNewRooms
	}
	return nil
}

// createRoom makes the row of the room of a draft. If a room of its name was removed, the
// revs go on above those of that one, so that whoever has some of them notices.
func createRoom(ctx context.Context, tx tx, draft chat.Draft) (*storedRoom, error) {
	room, maker := &storedRoom{}, ""
	if draft.Network.IsValid() {
		maker = draft.Network.String()
	}
	err := tx.QueryRowContext(ctx, `DELETE FROM removed_rooms WHERE slug_hash = $1 RETURNING rev`, slugHash(draft.Room)).Scan(&room.rev)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return nil, err
	}
	room.storedRev = room.rev
	err = tx.QueryRowContext(ctx,
		`INSERT INTO rooms (slug, title, rev, purged_rev, created_at, maker) VALUES ($1, $2, $3, $3, $4, $5) RETURNING id`,
		draft.Room, chat.RoomTitle(draft.Room), room.rev, time.Now().UnixMilli(), maker).Scan(&room.id)
	return room, err
}

// slugHash is what is kept of the name of a removed room.
func slugHash(slug string) string {
	hash := sha256.Sum256([]byte(slug))
	return hex.EncodeToString(hash[:])
}
