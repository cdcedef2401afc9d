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
	w.Join("Ann", "lobby").SaysUntilAcknowledged("lobby", uuid.NewString(), "**hello**")
	said := succeeds(t, "export", "lobby", "--database", database)
	if !strings.Contains(said, `"text":"**hello**"`) || !strings.Contains(said, "<strong>") || strings.Count(said, "\n") != 1 {
		t.Errorf("exported is %q", said)
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
