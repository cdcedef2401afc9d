package commands_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"

	"chatserver/chat"
	"chatserver/chattest"
	"chatserver/store"
)

// run runs the program to its end and returns its output.
func run(t *testing.T, args ...string) (said string, code int) {
	t.Helper()
	command := chattest.Command(args...)
	out, _ := command.CombinedOutput() // the exit code says whether it failed
	return string(out), command.ProcessState.ExitCode()
}

func succeeds(t *testing.T, args ...string) string {
	t.Helper()
	said, code := run(t, args...)
	if code != 0 {
		t.Fatalf("%v ends with %d: %s", args, code, said)
	}
	return said
}

// A backup taken under load contains all messages acknowledged up to some moment, and
// none after it. A client that had more notices the restore, and then has exactly what
// the server has.
func TestABackupUnderLoadIsAPrefix(t *testing.T) {
	const senders = 5
	folder, file := t.TempDir(), filepath.Join(t.TempDir(), "chat.backup")
	program := chattest.StartProgram(t, "--data", folder, "--rate", "0", "--byte-rate", "0")
	w := program.World()
	reader := w.Join("reader", "lobby", chattest.ReadsEverything(), chattest.ComesBack())
	var saying sync.WaitGroup
	var enough atomic.Bool
	var said atomic.Int64
	acknowledged := make(chan struct{}, 1)
	reaches := func(n int64) {
		for said.Load() < n {
			<-acknowledged
		}
	}
	for i := range senders {
		m := w.Join(fmt.Sprint("sender", i), "lobby")
		saying.Go(func() {
			for n := 0; !enough.Load(); n++ {
				if seq, code := m.SaysUntilAcknowledged("lobby", uuid.NewString(), fmt.Sprint(n)); seq == 0 {
					t.Errorf("%s is refused: %s", m.Name, code)
					return
				}
				said.Add(1)
				select {
				case acknowledged <- struct{}{}:
				default:
				}
			}
		})
	}
	reaches(200)
	before := said.Load()
	succeeds(t, "backup", file, "--data", folder)
	reaches(said.Load() + 100)
	enough.Store(true)
	saying.Wait()
	all := w.Stored("lobby")
	if !reader.Reaches("lobby", int64(len(all))) {
		t.Fatal("the reader does not get everything")
	}
	program.Kill()
	succeeds(t, "restore", file, "--data", folder)
	kept := w.Stored("lobby")
	if len(kept) < int(before) || len(kept) >= len(all) || !reflect.DeepEqual(kept, all[:len(kept)]) {
		t.Fatalf("of %d messages, %d acknowledged before the backup, %d are restored, but they are not a prefix", len(all), before, len(kept))
	}
	program.Restart()
	last, _ := reader.SaysUntilAcknowledged("lobby", uuid.NewString(), "after")
	if last != int64(len(kept))+1 || reader.Resets() == 0 || !reader.Reaches("lobby", last) {
		t.Errorf("after %d restored ones a message has seq %d; the reader started afresh %d times", len(kept), last, reader.Resets())
	}
}

// Each copy has its own epoch, and the previous database is kept.
func TestARestoreKeepsWhatWasThere(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	file := filepath.Join(t.TempDir(), "chat.backup")
	first := storeOne(t, folder, "one")
	succeeds(t, "backup", file, "--data", folder)
	storeOne(t, folder, "two")
	succeeds(t, "restore", file, "--data", folder)
	kept, err := filepath.Glob(filepath.Join(folder, "chat.db.before-restore-*"))
	if err != nil || len(kept) != 1 {
		t.Fatalf("the previous databases are %v, %v", kept, err)
	}
	if again := storeOne(t, folder, ""); again == first {
		t.Error("the restored database has the same epoch")
	}
	if lines := storedLines(t, folder); !slices.Equal(lines, []string{"Ann: one"}) {
		t.Errorf("restored are %q", lines)
	}
	succeeds(t, "restore", kept[0], "--data", folder) // and back
	if lines := storedLines(t, folder); !slices.Equal(lines, []string{"Ann: one", "Ann: two"}) {
		t.Errorf("back are %q", lines)
	}
	info, err := os.Stat(file)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the backup may be read by others: %v, %v", info, err)
	}
}

// storeOne stores one message, if text is not empty, and returns the epoch.
func storeOne(t *testing.T, folder, text string) string {
	t.Helper()
	db, err := store.OpenSQLite(context.Background(), folder, store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if text != "" {
		if _, err := db.Commit(context.Background(), []chat.Change{chat.Post{Room: chat.Lobby, ID: uuid.NewString(), From: "Ann", Text: text, At: time.Now()}}); err != nil {
			t.Fatal(err)
		}
	}
	return db.Epoch()
}

func TestABackupIsRefusedWithAReason(t *testing.T) {
	t.Parallel()
	folder, other := t.TempDir(), t.TempDir()
	file, damaged, foreign := filepath.Join(other, "good"), filepath.Join(other, "damaged"), filepath.Join(other, "foreign")
	storeOne(t, folder, strings.Repeat("much ", 5000))
	succeeds(t, "backup", file, "--data", folder)
	good, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	clear(good[len(good)/2 : len(good)/2+8192])
	for name, content := range map[string][]byte{damaged: good, foreign: []byte("a letter")} {
		if err := os.WriteFile(name, content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	newer, letters := filepath.Join(other, "newer"), filepath.Join(other, "letters")
	succeeds(t, "backup", newer, "--data", folder)
	change(t, newer, `INSERT INTO goose_db_version (version_id, is_applied) VALUES (1000, 1)`)
	change(t, letters, `CREATE TABLE letters (text TEXT)`)
	ruins := t.TempDir()
	if err := os.WriteFile(filepath.Join(ruins, store.File), good, 0o600); err != nil {
		t.Fatal(err)
	}
	running := t.TempDir()
	chattest.StartProgram(t, "--data", running)
	for _, test := range []struct {
		what string
		args []string
		says string
	}{
		{"a backup over a file", []string{"backup", file, "--data", folder}, "--force"},
		{"a backup of nothing", []string{"backup", filepath.Join(other, "x"), "--data", t.TempDir()}, "no database"},
		{"a backup into no folder", []string{"backup", filepath.Join(other, "no", "x"), "--data", folder}, "no such file"},
		{"a backup of damage", []string{"backup", filepath.Join(other, "x"), "--data", ruins}, "malformed"},
		{"a restore beside a server", []string{"restore", file, "--data", running}, "another chatserver is running"},
		{"a restore of damage", []string{"restore", damaged, "--data", folder}, "is damaged"},
		{"a restore of a letter", []string{"restore", foreign, "--data", folder}, "is not a backup"},
		{"a restore of what is newer", []string{"restore", newer, "--data", folder}, "newer chatserver"},
		{"a restore of another program's", []string{"restore", letters, "--data", folder}, "is not a database of chatserver"},
		{"a restore of nothing", []string{"restore", filepath.Join(other, "x"), "--data", folder}, "cannot read the backup"},
	} {
		if said, code := run(t, test.args...); code == 0 || strings.Count(said, "\n") != 1 || !strings.Contains(said, test.says) {
			t.Errorf("%s: code %d, %q", test.what, code, said)
		}
	}
	succeeds(t, "backup", file, "--force", "--data", folder)
	entries, err := os.ReadDir(other)
	if err != nil || len(entries) != 5 {
		t.Errorf("left over are %v, %v", entries, err)
	}
}

// change executes a statement on a database, which it creates if it is missing.
func change(t *testing.T, path, statement string) {
	t.Helper()
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	_, err = db.Exec(statement)
	if err := errors.Join(err, db.Close()); err != nil {
		t.Fatal(err)
	}
}

// A backup that is killed at any moment leaves no file that looks complete.
func TestAKilledBackupLeavesNoHalfFile(t *testing.T) {
	t.Parallel()
	folder, other := t.TempDir(), t.TempDir()
	for range 20 {
		storeOne(t, folder, strings.Repeat("much ", 200000))
	}
	killed := 0
	for i := range 12 {
		file := filepath.Join(other, fmt.Sprint(i))
		command := chattest.Command("backup", file, "--data", folder)
		if err := command.Start(); err != nil {
			t.Fatal(err)
		}
		for { // until shortly after the copy has begun
			if begun, _ := filepath.Glob(file + "*"); len(begun) > 0 {
				break
			}
		}
		time.Sleep(time.Duration(i) * 10 * time.Millisecond) // a different moment each time
		_ = command.Process.Kill()                           // it may have exited already
		if command.Wait() != nil {
			killed++
		}
		if _, err := os.Stat(file); err == nil {
			succeeds(t, "restore", file, "--data", t.TempDir())
		}
	}
	if killed == 0 {
		t.Error("none was killed")
	}
}
