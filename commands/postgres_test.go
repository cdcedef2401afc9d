package commands_test

import (
	"context"
	"database/sql"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/uuid"

	"chatserver/chattest"
)

// holds locks a room's row, as a node frozen in the middle of a transaction does, until
// release is called.
func holds(t *testing.T, database, room string) (release func()) {
	t.Helper()
	db, err := sql.Open("pgx", database)
	if err != nil {
		t.Fatal(err)
	}
	tx, err := db.BeginTx(context.Background(), nil)
	if err == nil {
		_, err = tx.ExecContext(context.Background(), `SELECT * FROM rooms WHERE slug = $1 FOR UPDATE`, room)
	}
	if err != nil {
		t.Fatal(err)
	}
	return func() {
		_ = tx.Rollback()
		_ = db.Close()
	}
}

// While a room stays locked, messages to it are refused in time, including those that
// arrive meanwhile. Other rooms are not affected.
func TestALockedRoomDoesNotAffectOthers(t *testing.T) {
	t.Parallel()
	database := chattest.Database(t)
	w := chattest.NewWorld(t, chattest.OnPostgres(database))
	ann, bob := w.Join("Ann", "held"), w.Join("Bob", "lobby")
	ann.SaysUntilAcknowledged("held", uuid.NewString(), "before")
	release := holds(t, database, "held")
	defer release()
	first, second := uuid.NewString(), uuid.NewString()
	ann.Sends("held", first, "in vain")
	ann.Asks("history", "room", "held", "before", 2) // answered once the earlier message is in progress
	ann.HearsEvent("history")
	ann.Sends("held", second, "in vain as well")
	bob.Sends("lobby", uuid.NewString(), "hello")
	if e := bob.HearsEventThat("is an answer", func(e chattest.Event) bool { return e.Event == "message" || e.Event == "error" }); e.Event != "message" {
		t.Errorf("Bob gets %+v", e)
	}
	for range 2 {
		if e := ann.HearsEvent("error"); e.Code != "not_stored" || e.ID != first && e.ID != second {
			t.Errorf("Ann gets %+v", e)
		}
	}
	release()
	if seq, code := ann.SaysUntilAcknowledged("held", first, "again"); seq != 2 {
		t.Errorf("after the room is unlocked, Ann gets %d %s", seq, code)
	}
}

func TestARoomIsExportedFromPostgres(t *testing.T) {
	database := chattest.Database(t)
	w := chattest.NewWorld(t, chattest.OnPostgres(database))
	ann := w.Join("Ann", "lobby")
	for _, text := range []string{"**hello**", "sesame", "typo"} {
		ann.SaysUntilAcknowledged("lobby", uuid.NewString(), text)
	}
	ann.RepliesUntilAcknowledged("lobby", uuid.NewString(), "a reply", 1)
	for _, code := range []string{
		ann.ChangesUntilAnswered("react", "lobby", 1, "emoji", "👍", "on", true),
		ann.ChangesUntilAnswered("pin", "lobby", 1, "on", true),
		ann.ChangesUntilAnswered("delete", "lobby", 2, "reason", "a secret"),
		ann.ChangesUntilAnswered("edit", "lobby", 3, "rev", 3, "text", "corrected"),
	} {
		if code != "" {
			t.Fatal(code)
		}
	}
	said := succeeds(t, "export", "lobby", "--database", database)
	for _, want := range []string{
		`"text":"**hello**"`, "<strong>", `"reactions":[{"emoji":"👍","users":["Ann"]}]`, `"pinned":{"by":"Ann","at":"`,
		`"text":"","html":"","deleted":{"by":"Ann","at":"`, `"reason":"a secret"}`, `"text":"corrected"`, `"edited_at":"`, `"thread":1`,
	} {
		if !strings.Contains(said, want) {
			t.Errorf("exported is no %s, but\n%s", want, said)
		}
	}
	page := succeeds(t, "export", "lobby", "--format", "html", "--database", database)
	if both := said + page; strings.Contains(both, "sesame") || strings.Contains(both, "typo") || strings.Count(said, "\n") != 4 || !strings.Contains(page, "corrected") {
		t.Errorf("exported is\n%s", both)
	}
	if said, code := run(t, "export", "nowhere", "--database", database); code == 0 || !strings.Contains(said, "does not exist or is empty") {
		t.Errorf("%d %q", code, said)
	}
}

// An invalid --database is refused with a sentence that says what to use, and that never
// contains the password.
func TestAnInvalidDatabaseIsRefusedInASentence(t *testing.T) {
	const secret = "hunter2"
	database, nowhere := chattest.Database(t), "postgres://ann:"+secret+"@127.0.0.1:1/chat"
	backup := filepath.Join(t.TempDir(), "x")
	for _, test := range []struct {
		args []string
		says string
		code int
	}{
		{[]string{"--database", "mysql://ann:" + secret + "@db/chat"}, "postgres://user:password@host", 2},
		{[]string{"--database", "data/" + secret}, "postgres://user:password@host", 2},
		{[]string{"--database", database, "--backup-every", "24h"}, "--backup-every", 2},
		{[]string{"--database", nowhere}, "connect", 1},
		{[]string{"--database", nowhere + "?sslmode=maybe"}, "is not a valid Postgres URL", 1},
		{[]string{"--database", database + "x"}, "does not exist", 1},
		{[]string{"backup", backup, "--database", database}, "pg_dump", 1},
		{[]string{"restore", backup, "--database", database}, "pg_restore", 1},
	} {
		said, code := run(t, append(test.args, "--listen", "127.0.0.1:0", "--ops", "off", "--data", t.TempDir())...)
		if code != test.code || !strings.Contains(said, test.says) || strings.Contains(said, secret) || strings.Count(said, "\n") != 1 {
			t.Errorf("%q: %d %q", test.args, code, said)
		}
	}
}

func TestTheDatabaseMayBeASecretInAFile(t *testing.T) {
	file := filepath.Join(t.TempDir(), "database")
	if err := os.WriteFile(file, []byte("postgres://ann:hunter2@db/chat\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	command := chattest.Command("config")
	command.Env = append(command.Env, "CHAT_DATABASE_FILE="+file)
	out, err := command.CombinedOutput()
	if said := string(out); err != nil || strings.Contains(said, "hunter2") || !regexp.MustCompile(`postgres://ann:xxxxx@db/chat +environment CHAT_DATABASE_FILE`).MatchString(said) {
		t.Errorf("%v: %s", err, said)
	}
}
