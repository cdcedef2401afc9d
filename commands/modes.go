package commands

import (
	"log/slog"
	"os"
	"path/filepath"

	"chatserver/config"
	"chatserver/store"
)

// warnOpenFiles logs which files had, or still have, modes that let other users of this
// machine read messages. The mode of a folder is not changed, because it may be intended.
func warnOpenFiles(log *slog.Logger, c config.Config, folder *store.Folder) {
	for _, path := range folder.Restricted {
		log.Warn("other users had access to this file: changed its mode to owner-only", "file", path)
	}
	for _, path := range folder.StillOpen {
		log.Warn("other users have access to this file: run chmod 600 as its owner", "file", path)
	}
	warnOpenFolder(log, "--data", c.Data)
}

// warnOpenFolder logs that users other than its owner may enter a folder.
func warnOpenFolder(log *slog.Logger, setting, path string) {
	if info, err := os.Stat(path); err == nil && store.OpenToOthers(info) {
		if full, err := filepath.Abs(path); err == nil {
			path = full
		}
		log.Warn("other users may enter the directory of "+setting+": run chmod 700 "+path, "folder", path, "mode", info.Mode().Perm().String())
	}
}
