package commands

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"time"

	"chatserver/config"
	"chatserver/store"
)

// errNotSQLite is of what only a file can have done to it.
var errNotSQLite = errors.New("backup and restore are for SQLite, and --database is Postgres: use pg_dump and pg_restore, as docs/postgres.md says")

// backup copies the database into a file.
type backup struct {
	File  string `arg:"" help:"The file to write."`
	Force bool   `env:"-" help:"Replace the file if it is there."`
}

// Run works beside a running server.
func (b backup) Run(c config.Config, std streams) error {
	if c.Database != "" {
		return errNotSQLite
	}
	began := time.Now()
	copied, err := store.Backup(context.Background(), c.Data, b.File, store.BackupOptions{Force: b.Force, SpaceCheck: spaceCheck(c, nil, filepath.Dir(b.File))})
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(std.out, "%s has %s, in %v\n", b.File, describe(copied), time.Since(began).Round(time.Millisecond))
	return err
}

// restore puts a backup in the place of the database.
type restore struct {
	File string `arg:"" help:"A file that backup has written."`
}

// Run refuses while a server runs on the data folder.
func (r restore) Run(c config.Config, std streams) (err error) {
	if c.Database != "" {
		return errNotSQLite
	}
	folder, err := store.LockFolder(c.Data)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, folder.Unlock()) }()
	began := time.Now()
	done, err := store.Restore(context.Background(), c.Data, r.File, began)
	if err != nil {
		return err
	}
	fmt.Fprintf(std.out, "restored %s, in %v\n", describe(done.CopyStats), time.Since(began).Round(time.Millisecond))
	if done.Aside != "" {
		fmt.Fprintf(std.out, "what was there before is in %s: remove it when you are content\n", done.Aside)
	}
	return nil
}

func describe(c store.CopyStats) string {
	return fmt.Sprintf("%d messages of %d rooms, %.1f MB", c.Messages, c.Rooms, float64(c.Bytes)/1e6)
}
