package commands_test

import (
	"bufio"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/uuid"

	"chatserver/chat"
	"chatserver/chattest"
	"chatserver/store"
)

// A chat moves to Postgres and back. All numbers stay the same, and clients reload and
// continue.
func TestAChatMovesToPostgresAndBack(t *testing.T) {
	t.Parallel()
	folder, database, back := t.TempDir(), chattest.Database(t), filepath.Join(t.TempDir(), "back")
	program := chattest.StartProgram(t, "--data", folder)
	w := program.World()
	ann := w.Join("Ann", "lobby")
	for _, text := range []string{"one", "**two** 日本語 👩‍👩‍👧", "three\n\tlines"} {
		ann.SaysUntilAcknowledged("lobby", uuid.NewString(), text)
	}
	w.Join("Bob", "night-watch").SaysUntilAcknowledged("night-watch", uuid.NewString(), "all is well")
	w.ChangesBehindTheBack("lobby", 2, "changed")
	stop(t, program)
	before := map[string][]chat.Message{"lobby": w.Stored("lobby"), "night-watch": w.Stored("night-watch")}
	first := storeOne(t, folder, "")

	said := succeeds(t, "migrate-store", "sqlite://"+folder, database)
	if !strings.Contains(said, "counts and checksums of all rooms match") {
		t.Errorf("it says %q", said)
	}
	moved := chattest.StartProgram(t, "--database", database)
	for room, messages := range before {
		if has := moved.World().Stored(room); !reflect.DeepEqual(has, messages) {
			t.Errorf("%s has %+v instead of %+v", room, has, messages)
		}
	}
	cid := moved.World().Join("Cid", "lobby", chattest.ReadsEverything())
	if seq, _ := cid.SaysUntilAcknowledged("lobby", uuid.NewString(), "four"); seq != 5 {
		t.Errorf("the next message has seq %d", seq)
	}
	stop(t, moved)

	succeeds(t, "migrate-store", database, "sqlite://"+back)
	if again := storeOne(t, back, ""); again == first {
		t.Error("two databases that may diverge have the same epoch")
	}
	here := chattest.StartProgram(t, "--data", back).World().Stored("lobby")
	if len(here) != 4 || !reflect.DeepEqual(here[:3], before["lobby"]) || here[3].Text != "four" {
		t.Errorf("back are %+v", here)
	}
}

func stop(t *testing.T, program *chattest.Program) {
	t.Helper()
	program.Signal(syscall.SIGTERM)
	if code := program.Ended(); code != 0 {
		t.Fatalf("it ends with %d: %s", code, program.Log())
	}
}

// fill stores this many messages in three rooms.
func fill(t *testing.T, folder string, messages int) {
	t.Helper()
	db, err := store.Open(context.Background(), "", folder, store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	for n := 0; n < messages; {
		var batch []chat.Change
		for ; n < messages && len(batch) < 500; n++ {
			batch = append(batch, chat.Post{Room: fmt.Sprint("room-", n%3), ID: uuid.NewString(), AuthorID: "a", From: "Ann", Text: fmt.Sprint(n), HTML: "x", HTMLVersion: 1, At: time.Now()})
		}
		if _, err := db.Commit(context.Background(), batch); err != nil {
			t.Fatal(err)
		}
	}
}

// A copy is killed halfway. No server runs on the partial copy, a second run continues
// it, and then every message is there once.
func TestAKilledCopyContinues(t *testing.T) {
	t.Parallel()
	const messages = 15000
	folder, database := t.TempDir(), chattest.Database(t)
	fill(t, folder, messages)
	command := chattest.Command("migrate-store", "sqlite://"+folder, database)
	progress, err := command.StderrPipe()
	if err == nil {
		err = command.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	line, err := bufio.NewReader(progress).ReadString('\n')
	if err != nil || !strings.Contains(line, "so far") {
		t.Fatalf("it says %q, %v", line, err)
	}
	if err := command.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = command.Wait() // it was killed
	if said, code := run(t, "--database", database, "--listen", "127.0.0.1:0", "--ops", "off"); code != 1 || !strings.Contains(said, "unfinished copy") {
		t.Errorf("a server on the partial copy ends with %d: %s", code, said)
	}
	if said, code := run(t, "migrate-store", database, "sqlite://"+filepath.Join(t.TempDir(), "x")); code != 1 || !strings.Contains(said, "unfinished copy") {
		t.Errorf("a copy of the partial copy ends with %d: %s", code, said)
	}
	other := t.TempDir()
	storeOne(t, other, "one")
	if said, code := run(t, "migrate-store", "sqlite://"+other, database); code != 1 || !strings.Contains(said, "an unfinished copy of another database") {
		t.Errorf("another copy into it ends with %d: %s", code, said)
	}
	half := stored(t, database)
	if half == 0 || half == messages {
		t.Fatalf("when it was killed, there were %d of %d messages: nothing was interrupted", half, messages)
	}
	tamper(t, database, `UPDATE messages SET html_version = 2 WHERE text = '0'`)
	if said, code := run(t, "migrate-store", "sqlite://"+folder, database); code != 1 || !strings.Contains(said, "room room-0 has 5000 messages where the source has 5000, or their contents differ") {
		t.Errorf("a tampered copy ends with %d: %s", code, said)
	}
	tamper(t, database, `UPDATE messages SET html_version = 1 WHERE text = '0'`)
	said := succeeds(t, "migrate-store", "sqlite://"+folder, database)
	if !strings.Contains(said, fmt.Sprintf("copied %d messages in 3 rooms", messages)) {
		t.Errorf("it says %s", said)
	}
	if whole := stored(t, database); whole != messages {
		t.Errorf("there are %d of %d", whole, messages)
	}
	chattest.StartProgram(t, "--database", database).World().Join("Ann", "room-0").SaysUntilAcknowledged("room-0", uuid.NewString(), "on")
}

// tamper changes the contents of a Postgres database directly.
func tamper(t *testing.T, database, statement string) {
	t.Helper()
	db, err := sql.Open("pgx", database)
	if err == nil {
		_, err = db.ExecContext(context.Background(), statement)
		err = errors.Join(err, db.Close())
	}
	if err != nil {
		t.Fatal(err)
	}
}

// stored counts the messages of a Postgres database.
func stored(t *testing.T, database string) (n int) {
	t.Helper()
	for _, room := range []string{"room-0", "room-1", "room-2"} {
		n += strings.Count(exportOf(t, database, room), "\n")
	}
	return n
}

func exportOf(t *testing.T, database, room string) string {
	t.Helper()
	said, code := run(t, "export", room, "--database", database)
	if code != 0 && !strings.Contains(said, "does not exist or is empty") {
		t.Fatalf("export of %s: %s", room, said)
	}
	if code != 0 {
		return ""
	}
	return said
}

func TestACopyIsRefusedWithAReason(t *testing.T) {
	t.Parallel()
	full, empty, running, database, served := t.TempDir(), t.TempDir(), t.TempDir(), chattest.Database(t), chattest.Database(t)
	storeOne(t, full, "one")
	backup := filepath.Join(t.TempDir(), "chat.backup")
	succeeds(t, "backup", backup, "--data", full)
	chattest.StartProgram(t, "--data", running)
	chattest.StartProgram(t, "--database", served)
	file := filepath.Join(full, store.File)
	before, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	other := t.TempDir()
	storeOne(t, other, "two")
	for _, test := range []struct{ from, to, says string }{
		{"sqlite://" + empty, database, "no chat.db"},
		{"sqlite://" + running, database, "another chatserver is running"},
		{"sqlite://" + full, "sqlite://" + running, "another chatserver is running"},
		{"sqlite://" + full, served, "stop every chatserver that uses it"},
		{served, "sqlite://" + empty, "stop every chatserver that uses it"},
		{"sqlite://" + other, "sqlite://" + full, "is not empty (1 rooms)"},
		{"sqlite://" + backup, database, "restore it into a directory first"},
		{"sqlite://" + full, "sqlite://" + full, "the same database"},
		{full, database, "use sqlite://DIRECTORY"},
		{"mysql://ann:hunter2@db/chat", database, "use sqlite://DIRECTORY"},
		{"sqlite://" + full, "postgres://ann:hunter2@127.0.0.1:1/chat", "connect"},
	} {
		said, code := run(t, "migrate-store", test.from, test.to)
		if code != 1 || !strings.Contains(said, test.says) || strings.Contains(said, "hunter2") || strings.Count(said, "\n") != 1 {
			t.Errorf("from %s to %s: %d %q", test.from, test.to, code, said)
		}
	}
	if after, err := os.ReadFile(file); err != nil || !slices.Equal(before, after) {
		t.Errorf("the source was changed, %v", err)
	}
	succeeds(t, "migrate-store", "sqlite://"+file, database)
	if said, code := run(t, "migrate-store", "sqlite://"+full, database); code != 1 || !strings.Contains(said, "is not empty (1 rooms)") {
		t.Errorf("a second time: %d %q", code, said)
	}
}
