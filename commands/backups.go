package commands

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"time"

	"chatserver/config"
	"chatserver/store"
)

// The server's own backups are named by the moment in which they were begun, so
// that their names are in the order of time.
const (
	backupPrefix, backupSuffix = "chat-", ".db"
	backupTime                 = "20060102T150405Z"
)

// afterFailure is how long it is until a backup that failed is tried again.
const afterFailure = 10 * time.Minute

// backups are those that the server takes by itself.
type backups struct {
	cancel context.CancelFunc
	done   chan struct{}
}

// startBackups takes a backup every so often, the first one when the newest there
// is is that old; nil when there are to be none. The folder is made if there is
// none.
func startBackups(c config.Config, log *slog.Logger) (*backups, error) {
	if c.BackupEvery == 0 {
		return nil, nil //nolint:nilnil // no backups are a choice
	}
	if err := os.MkdirAll(c.Backups(), 0o700); err != nil {
		return nil, fmt.Errorf("cannot make the folder of --backup-folder: %w", err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	b := &backups{cancel: cancel, done: make(chan struct{})}
	go func() {
		defer close(b.done)
		for due := nextBackup(c, time.Now()); ; {
			select {
			case <-ctx.Done():
				return
			case <-time.After(due):
			}
			due = c.BackupEvery
			if err := takeBackup(ctx, c, log); err != nil && ctx.Err() == nil {
				due = min(due, afterFailure)
				log.Error("backup failed", "error", err, "again", due)
			}
		}
	}()
	return b, nil
}

// stop ends a backup that is under way, and waits for that.
func (b *backups) stop() {
	if b != nil {
		b.cancel()
		<-b.done
	}
}

// nextBackup is how long it is until one is due.
func nextBackup(c config.Config, now time.Time) time.Duration {
	taken, err := ownBackups(c.Backups(), backupSuffix)
	if err != nil || len(taken) == 0 {
		return 0
	}
	name := filepath.Base(taken[len(taken)-1])
	last, err := time.Parse(backupPrefix+backupTime+backupSuffix, name)
	if err != nil {
		return 0
	}
	return min(max(last.Add(c.BackupEvery).Sub(now), 0), c.BackupEvery)
}

// takeBackup takes one and removes those that are too many. The old ones stay when
// the new one fails.
func takeBackup(ctx context.Context, c config.Config, log *slog.Logger) error {
	began, folder := time.Now(), c.Backups()
	leftovers, err := ownBackups(folder, backupSuffix+".*.new") // of a server that was killed: this one has the lock
	if err != nil {
		return err
	}
	for _, leftover := range leftovers {
		if err := os.Remove(leftover); err != nil {
			return err
		}
	}
	file := filepath.Join(folder, began.UTC().Format(backupPrefix+backupTime+backupSuffix))
	copied, err := store.Backup(ctx, c.Data, file, false)
	if err != nil {
		return err
	}
	taken, err := ownBackups(folder, backupSuffix)
	var errs []error
	for i := range max(len(taken)-c.BackupKeep, 0) {
		errs = append(errs, os.Remove(taken[i]))
	}
	log.Info("backup taken", "file", file, "rooms", copied.Rooms, "messages", copied.Messages, "bytes", copied.Bytes, "dur", time.Since(began))
	return errors.Join(err, errors.Join(errs...))
}

// ownBackups are the server's own files of a folder, oldest first. Others that lie
// there are nobody's business here.
func ownBackups(folder, suffix string) ([]string, error) {
	const digits = "[0-9][0-9]"
	pattern := backupPrefix + digits + digits + digits + digits + "T" + digits + digits + digits + "Z" + suffix
	entries, err := os.ReadDir(folder)
	if err != nil {
		return nil, err
	}
	var found []string
	for _, entry := range entries {
		if is, err := filepath.Match(pattern, entry.Name()); err != nil {
			return nil, err
		} else if is {
			found = append(found, filepath.Join(folder, entry.Name()))
		}
	}
	slices.Sort(found)
	return found, nil
}
