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

// errNotSQLite is returned by the commands that work only with an SQLite file.
var errNotSQLite = errors.New("backup and restore work only with SQLite: use pg_dump and pg_restore for Postgres (docs/postgres.md)")

// backup copies the database to a file.
type backup struct {
	File  string `arg:"" help:"File to write."`
	Force bool   `env:"-" help:"Replace an existing file."`
}

// Run may be used while a server is running.
func (b backup) Run(c config.Config, std streams) error {
	if c.Database != "" {
		return errNotSQLite
	}
	began := time.Now()
	copied, err := store.Backup(context.Background(), c.Data, b.File, store.BackupOptions{Force: b.Force, SpaceCheck: spaceCheck(c, nil, filepath.Dir(b.File))})
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(std.out, "wrote %s: %s, in %v\n", b.File, describe(copied), time.Since(began).Round(time.Millisecond))
	return err
}

// restore replaces the database with a backup.
type restore struct {
	File string `arg:"" help:"Backup file."`
}

// Run fails while a server runs on the data directory.
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
	if done.Erased > 0 {
		fmt.Fprintf(std.out, "erased %d messages that were deleted after the backup\n", done.Erased)
	}
	if done.Aside != "" {
		fmt.Fprintf(std.out, "the previous database is in %s: delete it once you have verified the result\n", done.Aside)
	}
	return nil
}

func describe(c store.CopyStats) string {
	return fmt.Sprintf("%d messages in %d rooms, %.1f MB", c.Messages, c.Rooms, float64(c.Bytes)/1e6)
}
