package store

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
)

// roomSum is what must be equal for a room and its copy.
type roomSum struct {
	Slug, Title  string
	Rev, Created int64
	Purged       int64
	Maker        string
	Settings     roomSettings
	Messages     int64
	Checksum     [sha256.Size]byte // of addresses and members, and of all messages with their versions, by seq
}

// compare reads both databases completely, and returns an error for the first room that
// differs.
func (t *transfer) compare(ctx context.Context) (copied CopyStats, err error) {
	sums := map[string]roomSum{}
	err = t.source.eachRoom(ctx, func(room roomRow) error {
		sum, err := t.source.sum(ctx, room)
		sums[room.slug] = sum
		copied.Rooms++
		copied.Messages += sum.Messages
		return err
	})
	if err != nil {
		return copied, err
	}
	err = t.target.eachRoom(ctx, func(room roomRow) error {
		sum, err := t.target.sum(ctx, room)
		if err == nil && sum != sums[room.slug] {
			err = fmt.Errorf("room %s has %d messages where the source has %d, or their contents differ: the source changed during the copy; start again with an empty target", room.slug, sum.Messages, sums[room.slug].Messages)
		}
		delete(sums, room.slug)
		return err
	})
	if err == nil && len(sums) > 0 {
		err = fmt.Errorf("%d rooms are missing: start again with an empty target", len(sums))
	}
	return copied, err
}

// sum reads a whole room.
func (db *DB) sum(ctx context.Context, room roomRow) (roomSum, error) {
	sum := roomSum{Slug: room.slug, Title: room.title, Rev: room.rev, Created: room.created, Purged: room.purged, Maker: room.maker, Settings: room.settings}
	hash := sha256.New()
	encoder := json.NewEncoder(hash)
	if err := db.eachRowOfRoom(ctx, room.id, func(_ roomTable, values []any) error { return encoder.Encode(values) }); err != nil {
		return sum, err
	}
	for last := int64(0); ; {
		rows, err := db.messagesAfter(ctx, room, last)
		if err != nil || len(rows) == 0 {
			hash.Sum(sum.Checksum[:0])
			return sum, err
		}
		versions, err := db.versionsBetween(ctx, room, last, rows[len(rows)-1].Seq)
		if err != nil {
			return sum, err
		}
		for _, row := range rows {
			if err := encoder.Encode(row.Message); err != nil {
				return sum, err
			}
		}
		for _, v := range versions {
			if err := encoder.Encode([]any{v.seq, v.Number, v.Text, v.At}); err != nil {
				return sum, err
			}
		}
		sum.Messages += int64(len(rows))
		last = rows[len(rows)-1].Seq
	}
}
