package commands

import (
	"cmp"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"time"

	"chatserver/store"
)

// The server's own backups are named by the time in UTC at which they were begun.
const (
	backupPrefix, backupSuffix = "chat-", ".db"
	backupTime                 = "20060102T150405Z"
)

// unfinishedName is the name of a backup that a killed server did not finish.
var unfinishedName = regexp.MustCompile(`^chat-\d{8}T\d{6}Z\.db\.\d+\.new(-journal)?$`)

// ownBackup is a backup that the server took.
type ownBackup struct {
	path   string
	number int32     // see store.BackupOptions; 0 if a version took it that did not number them
	at     time.Time // by its name
}

// ownBackups returns the server's own backups of a folder in the order in which they
// were taken: those without a number first, by their names. The order comes from within
// the files, because clocks may be wrong and copying a file changes its times. Everything
// else in the folder is somebody else's: other names, folders, links, and files that are
// no database, as one that is half copied.
func ownBackups(folder string) (found []ownBackup, err error) {
	entries, err := os.ReadDir(folder)
	if err != nil {
		return nil, err
	}
	for _, entry := range entries {
		at, err := time.Parse(backupPrefix+backupTime+backupSuffix, entry.Name())
		if err != nil || !entry.Type().IsRegular() {
			continue
		}
		path := filepath.Join(folder, entry.Name())
		number, err := store.BackupNumber(path)
		if err == nil {
			found = append(found, ownBackup{path, number, at})
		}
	}
	slices.SortFunc(found, func(a, b ownBackup) int {
		return cmp.Or(cmp.Compare(a.number, b.number), a.at.Compare(b.at))
	})
	return found, nil
}

// unusedName is the path for a backup of a moment: by its second, or the next one that is
// not taken, as after the clock was set back.
func unusedName(folder string, at time.Time) string {
	for ; ; at = at.Add(time.Second) {
		path := filepath.Join(folder, at.UTC().Format(backupPrefix+backupTime+backupSuffix))
		if _, err := os.Lstat(path); err != nil {
			return path
		}
	}
}

// removeUnfinished removes what a killed server did not finish: no other one is at it,
// because the folder is locked.
func removeUnfinished(folder string) error {
	entries, err := os.ReadDir(folder)
	if err != nil {
		return err
	}
	for _, entry := range entries {
		if unfinishedName.MatchString(entry.Name()) {
			if err := os.Remove(filepath.Join(folder, entry.Name())); err != nil {
				return err
			}
		}
	}
	return nil
}
