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

// The names of automatic backups contain the UTC time at which they began.
const (
	backupPrefix, backupSuffix = "chat-", ".db"
	backupTime                 = "20060102T150405Z"
)

// unfinishedName matches the files of a backup that a killed server did not finish.
var unfinishedName = regexp.MustCompile(`^chat-\d{8}T\d{6}Z\.db\.\d+\.new(-journal)?$`)

// ownBackup is an automatic backup.
type ownBackup struct {
	path   string
	number int32     // see store.BackupOptions; 0 if taken by a version without numbers
	at     time.Time // from its name
}

// ownBackups returns the automatic backups in a folder in the order in which they were
// taken; those without a number come first, ordered by name. The number is in the file
// itself, because clocks may be wrong and copying a file changes its times. All other
// entries are ignored: other names, folders, links, and files that are not complete
// databases.
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

// unusedName returns the path for a backup at this time. If it exists, for example
// because the clock was set back, it takes the next free second.
func unusedName(folder string, at time.Time) string {
	for ; ; at = at.Add(time.Second) {
		path := filepath.Join(folder, at.UTC().Format(backupPrefix+backupTime+backupSuffix))
		if _, err := os.Lstat(path); err != nil {
			return path
		}
	}
}

// removeUnfinished deletes the unfinished files of a killed server. No other server is
// writing them, because the folder is locked.
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
