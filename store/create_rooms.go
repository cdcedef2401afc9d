package store

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/netip"
	"time"

	"chatserver/chat"
)

// roomLimits limit the creation of rooms; 0 = no limit.
type roomLimits struct {
	all      int // existing rooms
	newInDay int // rooms that one network creates per newRoomsPeriod
}

const (
	// newRoomsPeriod is the period over which the new rooms of a network are counted.
	newRoomsPeriod = 24 * time.Hour
	// creatorShare limits one network to this fraction of all rooms. It cannot fill the
	// rest, however slowly it creates rooms.
	creatorShare = 4
)

// roomCounts caches how many rooms exist, and how many of them each network of a batch
// created.
type roomCounts struct {
	limits    roomLimits
	exist     int
	byCreator map[string]*createdRooms
}

// createdRooms counts the existing rooms that a network created.
type createdRooms struct{ all, inDay int }

// createRooms creates the missing rooms of a batch, as far as the limits allow. A room is
// created by its first message and counted for the sender's network. refused has the
// reason for each room that was not created, by slug.
func (db *DB) createRooms(ctx context.Context, tx tx, rooms map[string]*storedRoom, changes []chat.Change) (refused map[string]error, err error) {
	low := db.isDiskLow()
	counts, refused := roomCounts{limits: db.limits, byCreator: map[string]*createdRooms{}}, map[string]error{}
	if db.limits.all > 0 {
		if err := tx.QueryRowContext(ctx, `SELECT COUNT(*) FROM rooms`).Scan(&counts.exist); err != nil {
			return nil, fmt.Errorf("count the rooms: %w", err)
		}
	}
	for _, change := range changes {
		post, begins := beginsRoom(change)
		if !begins || rooms[post.Room] != nil {
			continue
		}
		if low {
			refused[post.Room] = chat.ErrNoNewRooms
			continue
		}
		taken, err := isAddress(ctx, tx, post.Room)
		if err != nil {
			return nil, fmt.Errorf("look up the address %s: %w", post.Room, err)
		}
		if taken { // a room was renamed to it while the post was under way
			refused[post.Room] = chat.ErrNotJoined
			continue
		}
		created, err := counts.of(ctx, tx, post.Network)
		if err != nil {
			return nil, fmt.Errorf("count the rooms of a network: %w", err)
		}
		if refused[post.Room] = counts.refusal(created); refused[post.Room] != nil {
			continue
		}
		if rooms[post.Room], err = createRoom(ctx, tx, post); err != nil {
			return nil, fmt.Errorf("create room %s: %w", post.Room, err)
		}
		counts.exist++
		if created != nil {
			created.all++
			created.inDay++
		}
	}
	return refused, nil
}

// beginsRoom returns the post of a change that creates its room if it is missing: one that
// refers to no message of the room.
func beginsRoom(change chat.Change) (post chat.Post, begins bool) {
	post, isPost := change.(chat.Post)
	return post, isPost && post.Thread == 0 && post.ReplyTo == 0
}

// of returns the counts of a network; nil if it has no limit.
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

// refusal returns why no further room may be created; nil if one may.
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

// createRoom inserts the row of a post's room. If a room with this name was removed, the
// revs continue above those of the removed room, so that clients that have some of them
// notice.
func createRoom(ctx context.Context, tx tx, post chat.Post) (*storedRoom, error) {
	room, maker := &storedRoom{}, ""
	if post.Network.IsValid() {
		maker = post.Network.String()
	}
	var err error
	if room.rev, err = takeRemoved(ctx, tx, post.Room); err != nil {
		return nil, err
	}
	room.storedRev = room.rev
	err = tx.QueryRowContext(ctx,
		`INSERT INTO rooms (slug, title, rev, purged_rev, created_at, maker) VALUES ($1, $2, $3, $3, $4, $5) RETURNING id`,
		post.Room, chat.RoomTitle(post.Room), room.rev, time.Now().UnixMilli(), maker).Scan(&room.id)
	return room, err
}

// slugHash is all that is kept of the name of a removed room.
func slugHash(slug string) string {
	hash := sha256.Sum256([]byte(slug))
	return hex.EncodeToString(hash[:])
}
