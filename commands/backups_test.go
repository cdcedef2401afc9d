package commands_test

import (
	"os"
	"path/filepath"
	"slices"
	"syscall"
	"testing"

	"chatserver/chattest"
)

// The server's own backups are taken when they are due, the oldest go, and what
// else lies in the folder stays.
func TestBackupsTakeTurns(t *testing.T) {
	folder, data := t.TempDir(), t.TempDir()
	old := []string{"chat-20200101T000000Z.db", "chat-20200102T000000Z.db", "chat-20200103T000000Z.db"}
	for _, name := range append(slices.Clone(old), "chat-20200104T000000Z.db.123.new", "chat-of-ann.db", "letter") {
		if err := os.WriteFile(filepath.Join(folder, name), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	args := []string{"--data", data, "--backup-every", "24h", "--backup-keep", "2", "--backup-folder", folder}
	program := chattest.StartProgram(t, args...)
	program.Logs("backup taken")
	program.Kill()
	names := namesIn(t, folder)
	if len(names) != 4 || names[0] != old[2] || !slices.Contains(names, "letter") || !slices.Contains(names, "chat-of-ann.db") {
		t.Fatalf("there are %v", names)
	}
	succeeds(t, "restore", filepath.Join(folder, names[1]), "--data", t.TempDir())
	// One was just taken, so the next is due tomorrow.
	program.Restart()
	program.World().Connect("Ann", "").Hears("Ann connected to chat")
	program.Signal(syscall.SIGTERM)
	if code := program.Ended(); code != 0 {
		t.Errorf("it ends with %d", code)
	}
	if again := namesIn(t, folder); !slices.Equal(again, names) {
		t.Errorf("there are %v, and there were %v", again, names)
	}
}

func namesIn(t *testing.T, folder string) (names []string) {
	t.Helper()
	entries, err := os.ReadDir(folder)
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range entries {
		names = append(names, entry.Name())
	}
	return names
}
