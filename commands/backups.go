package commands

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"syscall"
	"time"

	"github.com/gofrs/flock"

	"chatserver/config"
	"chatserver/store"
	"chatserver/task"
)

const (
	// retryDelay is the delay after a failed backup.
	retryDelay = 10 * time.Minute
	// backupLock is a file in the backup folder that a running server locks, because two
	// servers would delete each other's backups.
	backupLock = ".chatserver.lock"
)

// backupTimer takes automatic backups until it is stopped.
type backupTimer interface{ stop() }

// noBackups takes none.
type noBackups struct{}

func (noBackups) stop() {}

// backups takes automatic backups.
type backups struct {
	c          config.Config
	log        *slog.Logger
	now        func() time.Time // the wall clock, which may be wrong and may jump
	spaceCheck store.SpaceCheck // whether the disk keeps --min-free-disk
	lock       *flock.Flock
	task       *task.Task
}

// startBackups takes a backup every c.BackupEvery. The first one is due when the last one
// is that old. It creates a missing folder. It returns noBackups if automatic backups are off.
func startBackups(c config.Config, log *slog.Logger, options Options) (backupTimer, error) {
	if c.BackupEvery == 0 {
		return noBackups{}, nil
	}
	now := options.Now
	if now == nil {
		now = time.Now
	}
	if err := os.MkdirAll(c.Backups(), 0o700); err != nil {
		return noBackups{}, fmt.Errorf("cannot create --backup-folder: %w", err)
	}
	warnOpenFolder(log, "--backup-folder", c.Backups())
	b := &backups{c: c, log: log, now: now, spaceCheck: spaceCheck(c, options.Space, c.Backups())}
	if err := b.lockFolder(); err != nil {
		return noBackups{}, err
	}
	b.task = task.Start(b.run)
	return b, nil
}

// lockFolder keeps other servers out of the backup folder. On a file system without
// locks, such as some network shares, it only warns.
func (b *backups) lockFolder() error {
	path := filepath.Join(b.c.Backups(), backupLock)
	b.lock = flock.New(path, flock.SetPermissions(0o600))
	held, err := b.lock.TryLock()
	switch {
	case errors.Is(err, errors.ErrUnsupported), errors.Is(err, syscall.ENOLCK):
		b.log.Warn("cannot lock the backup directory: use it for one server only", "folder", b.c.Backups(), "error", err)
		return nil
	case err != nil:
		return fmt.Errorf("cannot write to --backup-folder: %w", err)
	case !held:
		return fmt.Errorf("another chatserver uses the backup directory %s, and each would delete the other's backups: choose another directory with --backup-folder", b.c.Backups())
	}
	return nil
}

func (b *backups) run(ctx context.Context) {
	for due := b.due(); ; {
		select {
		case <-ctx.Done():
			return
		case <-time.After(due):
		}
		due = b.c.BackupEvery
		if err := b.take(ctx); err != nil && ctx.Err() == nil {
			due = min(due, retryDelay)
			b.log.Error("backup failed", "error", err, "again", due)
		}
	}
}

// stop cancels a running backup and waits for it to end.
func (b *backups) stop() {
	_ = b.task.Stop(context.Background()) // a backup in progress ends soon after
	_ = b.lock.Unlock()                   // the lock ends with the process anyway
}

// due returns the time until the next backup. If the last one is dated in the future, its
// age is unknown because the clock is or was wrong, so the next one is due now.
func (b *backups) due() time.Duration {
	taken, err := ownBackups(b.c.Backups())
	if err != nil || len(taken) == 0 {
		return 0
	}
	age := b.now().Sub(taken[len(taken)-1].at)
	if age < 0 {
		return 0
	}
	return max(b.c.BackupEvery-age, 0)
}

// take takes a backup and then deletes the oldest ones above the limit. If the backup
// fails, no old one is deleted.
func (b *backups) take(ctx context.Context) error {
	began, at, folder := time.Now(), b.now(), b.c.Backups()
	if err := removeUnfinished(folder); err != nil {
		return err
	}
	before, err := ownBackups(folder)
	if err != nil {
		return err
	}
	b.warnFutureDates(before, at)
	number := int32(1)
	if len(before) > 0 {
		number = before[len(before)-1].number + 1
	}
	file := unusedName(folder, at)
	copied, err := store.Backup(ctx, b.c.Data, file, store.BackupOptions{Number: number, SpaceCheck: b.spaceCheck})
	if err != nil {
		return err
	}
	removed := b.prune(before)
	b.log.Info("backup taken", "file", file, "number", number, "removed", removed,
		"rooms", copied.Rooms, "messages", copied.Messages, "bytes", copied.Bytes, "dur", time.Since(began))
	return nil
}

// warnFutureDates logs that a backup is dated in the future. The order of backups is
// known from their numbers, but the dates mislead people.
func (b *backups) warnFutureDates(taken []ownBackup, now time.Time) {
	for _, backup := range taken {
		if backup.at.After(now) {
			b.log.Warn("a backup is dated in the future: check the clock; backups are ordered by their numbers, not by their dates",
				"file", backup.path, "now", now.UTC().Format(time.RFC3339))
			return
		}
	}
}

// prune deletes the oldest of the earlier backups and returns the names of the deleted
// files. A file that cannot be deleted does not make the backup fail.
func (b *backups) prune(before []ownBackup) (removed []string) {
	for _, old := range before[:max(len(before)+1-b.c.BackupKeep, 0)] {
		if err := os.Remove(old.path); err != nil {
			b.log.Warn("cannot delete an old backup: delete it manually, or the disk will fill up", "file", old.path, "error", err)
			continue
		}
		removed = append(removed, filepath.Base(old.path))
	}
	return removed
}
