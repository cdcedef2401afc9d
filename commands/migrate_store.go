package commands

import (
	"context"
	"fmt"
	"time"

	"chatserver/store"
)

// progressEvery is how often a copy says how far it is.
const progressEvery = time.Second

// migrateStore copies everything into another database.
type migrateStore struct {
	From string `arg:"" help:"The database to copy from: sqlite://FOLDER or postgres://…"`
	To   string `arg:"" help:"The database to copy to, which is empty, or was begun to be filled."`
}

// Run refuses while a server runs on either.
func (m migrateStore) Run(std streams) error {
	began, said := time.Now(), time.Time{}
	copied, err := store.Transfer(context.Background(), m.From, m.To, func(done store.CopyStats) {
		if time.Since(said) > progressEvery {
			said = time.Now()
			fmt.Fprintf(std.err, "%d messages of %d rooms are there\n", done.Messages, done.Rooms)
		}
	})
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(std.out, "copied %d messages of %d rooms: their counts and checksums are the same in both, room by room, after %v\n",
		copied.Messages, copied.Rooms, time.Since(began).Round(time.Millisecond))
	return err
}
