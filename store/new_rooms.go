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

// roomLimits bound how many rooms are made; 0 is no limit.
type roomLimits struct {
	all      int // rooms that exist
	newInDay int // rooms that one network makes in newRoomsIn
}

const (
	// newRoomsIn is the time in which the new rooms of a network are counted.
	newRoomsIn = 24 * time.Hour
	// makerShare is the part of all rooms that one network may have made, at most: the
	// rest is out of its reach, however long it takes its time.
	makerShare = 4
)

// roomCounts are how many rooms exist, and how many of them each network of a batch made,
// as far as they were asked for.
type roomCounts struct {
	limits  roomLimits
	exist   int
	byMaker map[string]*madeRooms
}

// madeRooms are how many of the rooms that exist a network made.
type madeRooms struct{ all, inDay int }

// makeRooms makes the rooms of a batch that are missing, as many as may exist. A room is
// made by its first message, and counted where that came from. Of the rooms that it did
// not make it returns why, by slug.
func (db *DB) makeRooms(ctx context.Context, tx tx, rooms map[string]*storedRoom, drafts []chat.Draft) (refused map[string]error, err error) {
	low := db.isDiskLow()
	counts, refused := roomCounts{limits: db.limits, byMaker: map[string]*madeRooms{}}, map[string]error{}
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
		made, err := counts.of(ctx, tx, draft.Network)
		if err != nil {
			return nil, fmt.Errorf("count the rooms of a network: %w", err)
		}
		if refused[draft.Room] = counts.refusal(made); refused[draft.Room] != nil {
			continue
		}
		if rooms[draft.Room], err = makeRoom(ctx, tx, draft); err != nil {
			return nil, fmt.Errorf("make room %s: %w", draft.Room, err)
		}
		counts.exist++
		if made != nil {
			made.all++
			made.inDay++
		}
	}
	return refused, nil
}

// of returns what a network has made; nil if it is not limited.
func (c *roomCounts) of(ctx context.Context, tx tx, network netip.Prefix) (*madeRooms, error) {
	if c.limits.newInDay == 0 || !network.IsValid() {
		return nil, nil //nolint:nilnil // no limit is not an error
	}
	maker := network.String()
	if made := c.byMaker[maker]; made != nil {
		return made, nil
	}
	made := &madeRooms{}
	err := tx.QueryRowContext(ctx, `SELECT COUNT(*), COUNT(*) FILTER (WHERE created_at > $2) FROM rooms WHERE maker = $1`,
		maker, time.Now().Add(-newRoomsIn).UnixMilli()).Scan(&made.all, &made.inDay)
	c.byMaker[maker] = made
	return made, err
}

// refusal returns why one more room may not be made; nil if it may.
func (c *roomCounts) refusal(made *madeRooms) error {
	switch {
	case c.limits.all > 0 && c.exist >= c.limits.all:
		return chat.ErrTooManyRooms
	case made == nil:
		return nil
	case made.inDay >= c.limits.newInDay, c.limits.all > 0 && made.all >= max(c.limits.all/makerShare, 1):
		return chat.ErrTooManyNewRooms
	}
	return nil
}

// makeRoom makes the row of the room of a draft. If a room of its name was removed, the
// revs go on above those of that one, so that whoever has some of them notices.
func makeRoom(ctx context.Context, tx tx, draft chat.Draft) (*storedRoom, error) {
	room, maker := &storedRoom{}, ""
	if draft.Network.IsValid() {
		maker = draft.Network.String()
	}
	err := tx.QueryRowContext(ctx, `DELETE FROM removed_rooms WHERE slug_hash = $1 RETURNING rev`, slugHash(draft.Room)).Scan(&room.rev)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return nil, err
	}
	room.was = room.rev
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
