package commands

import (
	"context"
	"fmt"
	"time"

	"chatserver/store"
)

// progressEvery is how often a copy reports its progress.
const progressEvery = time.Second

// migrateStore copies everything to another database.
type migrateStore struct {
	From string `arg:"" help:"Source database: sqlite://DIRECTORY or postgres://…"`
	To   string `arg:"" help:"Target database. It must be empty or hold an unfinished copy of the same source."`
}

// Run fails while a server runs on either database.
func (m migrateStore) Run(std streams) error {
	began, reported := time.Now(), time.Time{}
	copied, err := store.Transfer(context.Background(), m.From, m.To, func(done store.CopyStats) {
		if time.Since(reported) > progressEvery {
			reported = time.Now()
			fmt.Fprintf(std.err, "copied %d messages in %d rooms so far\n", done.Messages, done.Rooms)
		}
	})
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(std.out, "copied %d messages in %d rooms in %v: counts and checksums of all rooms match\n",
		copied.Messages, copied.Rooms, time.Since(began).Round(time.Millisecond))
	return err
}
