//go:build unix

package commands_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"chatserver/chattest"
)

// Other users of the machine may enter a folder if its mode allows it. The log has the
// command that closes it; for a private folder it has no warning.
func TestAFolderThatOthersMayEnterIsAWarning(t *testing.T) {
	data, backups := t.TempDir(), t.TempDir()
	args := []string{"--data", data, "--backup-every", "24h", "--backup-keep", "1", "--backup-folder", backups}
	for _, folder := range []string{data, backups} {
		if err := os.Chmod(folder, 0o750); err != nil { //nolint:gosec // that is the mistake
			t.Fatal(err)
		}
	}
	program := chattest.StartProgram(t, args...)
	program.Logs("run chmod 700 " + data)
	program.Logs("run chmod 700 " + backups)
	program.Kill()
	for _, folder := range []string{data, backups} {
		if err := os.Chmod(folder, 0o700); err != nil { //nolint:gosec // of a folder
			t.Fatal(err)
		}
	}
	file := filepath.Join(data, "chat.db")
	if err := os.Chmod(file, 0o640); err != nil { //nolint:gosec // as an older version left it
		t.Fatal(err)
	}
	program = chattest.StartProgram(t, args...)
	program.Logs("changed its mode to owner-only")
	if strings.Contains(program.Log(), "chmod 700") {
		t.Error(program.Log())
	}
}
