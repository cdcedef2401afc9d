package commands_test

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"io"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"chatserver/chattest"
	"chatserver/config"
)

// Automatic backups are taken when they are due, the oldest are deleted, and other files
// in the folder stay. The old backups are from a version without numbers.
func TestBackupsTakeTurns(t *testing.T) {
	t.Parallel()
	folder, data := t.TempDir(), t.TempDir()
	old := []string{"chat-20200101T000000Z.db", "chat-20200102T000000Z.db", "chat-20200103T000000Z.db"}
	writeBackups(t, folder, old...)
	notOurs := []string{"chat-20200104T000000Z.db.old", "chat-20201332T000000Z.db", "chat-of-ann.db", "letter"}
	for _, name := range append(slices.Clone(notOurs), "chat-20200104T000000Z.db.123.new") {
		writeFile(t, filepath.Join(folder, name), nil)
	}
	args := []string{"--data", data, "--backup-every", "24h", "--backup-keep", "2", "--backup-folder", folder}
	program := chattest.StartProgram(t, args...)
	program.Logs("backup taken")
	program.Kill()
	names := backupsIn(t, folder)
	if len(names) != 2 || names[0] != old[2] {
		t.Fatalf("there are %v", names)
	}
	if all := namesIn(t, folder); len(all) != len(names)+len(notOurs) {
		t.Errorf("besides %v and %v there is more in %v", names, notOurs, all)
	}
	succeeds(t, "restore", filepath.Join(folder, names[1]), "--data", t.TempDir())
	// A backup was just taken, so the next one is due tomorrow.
	program.Restart()
	program.World().Connect("Ann", "").Hears("Ann connected to chat")
	program.Signal(syscall.SIGTERM)
	if code := program.Ended(); code != 0 {
		t.Errorf("it ends with %d", code)
	}
	if again := backupsIn(t, folder); !slices.Equal(again, names) {
		t.Errorf("there are %v, and there were %v", again, names)
	}
}

// Files dated in the future, because of a wrong clock or touch, never displace the backup
// that was just taken, however few are kept.
func TestABackupDatedInTheFutureDoesNotReplaceTheNewOne(t *testing.T) {
	folder := t.TempDir()
	future := []string{"chat-20990101T000000Z.db", "chat-20990102T000000Z.db"}
	writeBackups(t, folder, future...)
	for _, name := range future {
		if err := os.Chtimes(filepath.Join(folder, name), time.Time{}, time.Date(2099, 1, 1, 0, 0, 0, 0, time.UTC)); err != nil {
			t.Fatal(err)
		}
	}
	program := chattest.StartProgram(t, "--data", t.TempDir(), "--backup-every", "24h", "--backup-keep", "1", "--backup-folder", folder)
	program.Logs("backup taken")
	names := backupsIn(t, folder)
	if len(names) != 1 || slices.Contains(future, names[0]) {
		t.Fatalf("there are %v:\n%s", names, program.Log())
	}
	for _, says := range []string{"a backup is dated in the future", `removed="[chat-20990101T000000Z.db chat-20990102T000000Z.db]"`} {
		if !strings.Contains(program.Log(), says) {
			t.Errorf("the log lacks %s:\n%s", says, program.Log())
		}
	}
}

// The clock is set back and forth between starts. A backup is due when the age of the
// last one is unknown, and the one taken first is deleted first.
func TestBackupsAreOrderedByWhenTheyWereTakenWhateverTheClockSays(t *testing.T) {
	folder, data := t.TempDir(), t.TempDir()
	for _, start := range []struct {
		clock, named string // the time of the start, and the backup taken then, if any
		kept         []string
	}{
		{"2030-01-01T00:00:00Z", "chat-20300101T000000Z.db", nil},
		{"2026-01-01T00:00:00Z", "chat-20260101T000000Z.db", nil},
		{"2026-01-01T23:59:59Z", "", nil}, // the last one is less than a day old
		{"2026-01-02T00:00:00Z", "chat-20260102T000000Z.db", []string{"chat-20260101T000000Z.db", "chat-20300101T000000Z.db"}},
		{"2026-01-01T00:00:00Z", "chat-20260101T000001Z.db", []string{"chat-20260101T000000Z.db", "chat-20260102T000000Z.db"}}, // there is already one for that second
		{"1970-01-01T00:00:00Z", "chat-19700101T000000Z.db", []string{"chat-20260102T000000Z.db", "chat-20260101T000001Z.db"}},
		{"2026-01-02T00:00:00Z", "chat-20260102T000001Z.db", []string{"chat-19700101T000000Z.db", "chat-20260101T000001Z.db"}},
	} {
		taken := startsWithBackups(t, data, folder, start.clock, start.named != "")
		names := backupsIn(t, folder)
		want := append(slices.Clone(start.kept), start.named)
		slices.Sort(want)
		switch {
		case start.named != "" && !strings.Contains(taken, start.named):
			t.Errorf("at %s the log has: %s", start.clock, taken)
		case start.kept != nil && !slices.Equal(names, want):
			t.Errorf("at %s there are %v instead of %v", start.clock, names, want)
		}
	}
	if names := backupsIn(t, folder); len(names) != 3 {
		t.Errorf("there are %v", names)
	}
}

// A backup with a number that no server gave, such as the largest one, must not make the
// next number overflow: the new backups would count as the oldest, and be deleted.
func TestABackupWithAForeignNumberIsTheOldest(t *testing.T) {
	folder, data := t.TempDir(), t.TempDir()
	const userVersion = 60 // its offset in an SQLite file
	for name, number := range map[string]uint32{"chat-20250101T000000Z.db": math.MaxInt32, "chat-20250102T000000Z.db": 1 << 31} {
		writeBackups(t, folder, name)
		path := filepath.Join(folder, name)
		content, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		binary.BigEndian.PutUint32(content[userVersion:], number)
		writeFile(t, path, content)
	}
	want := []string{"chat-20260101T000000Z.db", "chat-20260102T000000Z.db", "chat-20260103T000000Z.db"}
	for _, day := range []string{"2026-01-01T00:00:00Z", "2026-01-02T00:00:00Z", "2026-01-03T00:00:00Z"} {
		startsWithBackups(t, data, folder, day, true)
	}
	if names := backupsIn(t, folder); !slices.Equal(names, want) {
		t.Errorf("there are %v instead of %v", names, want)
	}
}

// startsWithBackups starts a server at a time, waits for a backup if one is due, stops
// the server, and returns the log lines about the backup.
func startsWithBackups(t *testing.T, data, folder, clock string, isDue bool) (taken string) {
	t.Helper()
	now, err := time.Parse(time.RFC3339, clock)
	if err != nil {
		t.Fatal(err)
	}
	read, write := io.Pipe()
	lines := make(chan string, 100) // more than it logs
	go func() {
		defer close(lines)
		for log := bufio.NewScanner(read); log.Scan(); {
			lines <- log.Text()
		}
	}()
	w := chattest.NewWorld(t, chattest.Log(write), chattest.Clock(func() time.Time { return now }), chattest.With(func(c *config.Config) {
		c.Data, c.BackupEvery, c.BackupKeep, c.BackupFolder = data, 24*time.Hour, 3, folder
	}))
	for late := time.After(chattest.Patience); isDue && !strings.Contains(taken, "backup taken"); {
		select {
		case taken = <-lines:
		case <-late:
			t.Fatalf("at %s no backup is taken", clock)
		}
	}
	w.Stop()
	_ = write.Close()
	for rest := range lines {
		if strings.Contains(rest, "backup taken") {
			t.Errorf("at %s one more is taken: %s", clock, rest)
		}
	}
	return taken
}

// Two servers with one backup folder would delete each other's backups. The second server
// refuses to start until the first has stopped.
func TestTwoServersDoNotShareABackupFolder(t *testing.T) {
	folder := t.TempDir()
	args := []string{"--backup-every", "24h", "--backup-keep", "1", "--backup-folder", folder}
	first := chattest.StartProgram(t, append(args, "--data", t.TempDir())...)
	first.Logs("backup taken")
	names, data := backupsIn(t, folder), t.TempDir()
	second := append(args, "--data", data, "--listen", "127.0.0.1:0", "--ops", "off")
	var out bytes.Buffer
	command := chattest.Command(second...)
	command.Stdout, command.Stderr = &out, &out
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	patience := time.AfterFunc(chattest.Patience, func() { _ = command.Process.Kill() }) // if it serves
	_ = command.Wait()                                                                   // the code says whether it failed
	patience.Stop()
	said, code := out.String(), command.ProcessState.ExitCode()
	if code == 0 || !strings.Contains(said, "another chatserver uses the backup directory "+folder) || !strings.Contains(said, "--backup-folder") {
		t.Errorf("the second ends with %d: %s", code, said)
	}
	if now := backupsIn(t, folder); !slices.Equal(now, names) {
		t.Errorf("there are %v, and there were %v", now, names)
	}
	first.Kill()
	chattest.StartProgram(t, append(args, "--data", data)...)
}

// Other files with names like those of backups are neither counted nor deleted: a folder,
// a link, a partial copy.
func TestFilesLikeBackupsAreLeftAlone(t *testing.T) {
	folder := t.TempDir()
	writeBackups(t, folder, "chat-20200101T000000Z.db")
	whole, err := os.ReadFile(filepath.Join(folder, "chat-20200101T000000Z.db"))
	if err != nil {
		t.Fatal(err)
	}
	writeFile(t, filepath.Join(folder, "chat-20210101T000000Z.db"), whole[:99])
	if err := os.Mkdir(filepath.Join(folder, "chat-20220101T000000Z.db"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("chat-20200101T000000Z.db", filepath.Join(folder, "chat-20230101T000000Z.db")); err != nil {
		t.Fatal(err)
	}
	program := chattest.StartProgram(t, "--data", t.TempDir(), "--backup-every", "24h", "--backup-keep", "2", "--backup-folder", folder)
	program.Logs("backup taken")
	if names := backupsIn(t, folder); len(names) != 5 {
		t.Errorf("there are %v", names)
	}
}

// writeBackups writes backups without numbers under these names.
func writeBackups(t *testing.T, folder string, names ...string) {
	t.Helper()
	data, file := t.TempDir(), filepath.Join(t.TempDir(), "chat.backup")
	chattest.StartProgram(t, "--data", data).Kill()
	succeeds(t, "backup", file, "--data", data)
	content, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		writeFile(t, filepath.Join(folder, name), content)
	}
}

func writeFile(t *testing.T, path string, content []byte) {
	t.Helper()
	if err := os.WriteFile(path, bytes.Clone(content), 0o600); err != nil {
		t.Fatal(err)
	}
}

// backupsIn returns the names in a folder that look like automatic backups.
func backupsIn(t *testing.T, folder string) []string {
	t.Helper()
	return slices.DeleteFunc(namesIn(t, folder), func(name string) bool {
		_, err := time.Parse("chat-20060102T150405Z.db", name)
		return err != nil
	})
}

// namesIn returns the names in a folder, without a server's lock file.
func namesIn(t *testing.T, folder string) (names []string) {
	t.Helper()
	entries, err := os.ReadDir(folder)
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range entries {
		if entry.Name() != ".chatserver.lock" {
			names = append(names, entry.Name())
		}
	}
	return names
}
