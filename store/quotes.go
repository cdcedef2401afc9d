package store

import (
	"context"
	"fmt"
	"slices"

	"chatserver/chat"
)

var selectQuoted = forRows(`SELECT `+messageColumns+` FROM (VALUES `, `(?,CAST(? AS BIGINT))`, `) AS given
	JOIN rooms r ON r.slug = given.column1 JOIN messages m ON m.room_id = r.id AND m.seq = given.column2`)

// addQuotes adds to messages what they quote. It reads the originals after the page, so a
// quote may be newer than its page, but never outlives its original.
func (db *DB) addQuotes(ctx context.Context, room string, messages []chat.Message) error {
	var places []int64
	for i := range messages {
		if seq := messages[i].ReplyTo; seq != 0 && !slices.Contains(places, seq) {
			places = append(places, seq)
		}
	}
	if len(places) == 0 {
		return nil
	}
	quotes := make(map[int64]*chat.Quote, len(places))
	for run := range runs(places, db.rows) {
		if err := db.readQuotes(ctx, room, run, quotes); err != nil {
			return fmt.Errorf("read the quotes: %w", err)
		}
	}
	for i := range messages {
		messages[i].Quote = quotes[messages[i].ReplyTo]
	}
	return nil
}

func (db *DB) readQuotes(ctx context.Context, room string, places []int64, quotes map[int64]*chat.Quote) error {
	args := make([]any, 0, 2*len(places))
	for _, seq := range places {
		args = append(args, room, seq)
	}
	var m scannedMessage
	into := m.into()
	return each(ctx, db.reader, selectQuoted.of(len(places)), args, func(scan scanner) error {
		if err := scan(into...); err != nil {
			return err
		}
		message, err := m.message(room)
		quotes[message.Seq] = message.Quoted()
		return err
	})
}
