package commands_test

import (
	"context"
	"database/sql"
	"net/url"
	"strings"
	"testing"

	"chatserver/chattest"
)

// A connection pooler in front of Postgres is reported at startup and by doctor, whether
// it refuses our settings or drops them.
func TestAPoolerIsReported(t *testing.T) {
	for name, settings := range map[string]string{
		"as it comes": "",
		"that ignores our settings": "ignore_startup_parameters=idle_in_transaction_session_timeout,lock_timeout,statement_timeout,synchronous_commit,default_transaction_isolation," +
			"tcp_keepalives_idle,tcp_keepalives_interval,tcp_keepalives_count,tcp_user_timeout",
	} {
		t.Run(name, func(t *testing.T) {
			saysOfDatabase(t, chattest.PgBouncer(t, chattest.Database(t), settings), "a connection pooler such as PgBouncer drops session settings: connect to Postgres directly")
		})
	}
}

// A role that may not create tables is reported at startup and by doctor, with the
// statement that grants the privilege; then the server starts.
func TestARoleWithoutRightsIsReported(t *testing.T) {
	t.Parallel()
	database := chattest.Database(t)
	admin, err := sql.Open("pgx", database)
	if err != nil {
		t.Fatal(err)
	}
	defer admin.Close()
	does := func(statement string) {
		t.Helper()
		if _, err := admin.ExecContext(context.Background(), statement); err != nil {
			t.Fatalf("%s: %v", statement, err)
		}
	}
	does(`CREATE ROLE "the chat" LOGIN`)
	defer does(`DROP ROLE "the chat"`)
	defer does(`DROP OWNED BY "the chat" CASCADE`)
	does(`REVOKE CREATE ON SCHEMA public FROM PUBLIC`)
	u, err := url.Parse(database)
	if err != nil {
		t.Fatal(err)
	}
	u.User = url.User("the chat")
	const cure = `GRANT USAGE, CREATE ON SCHEMA "public" TO "the chat"`
	saysOfDatabase(t, u.String(), `the role "the chat" may not create tables in the schema "public" of the database "`+strings.TrimPrefix(u.Path, "/")+`": as an administrator of that database, run `+cure)
	does(cure)
	program := chattest.StartProgram(t, "--database", u.String(), "--data", t.TempDir())
	program.World().Connect("Ann", "").Hears("Ann connected to chat")
	program.Kill()
}

// saysOfDatabase starts a server on a database and runs doctor on it: both fail, each
// with a reason in one line.
func saysOfDatabase(t *testing.T, database, why string) {
	t.Helper()
	settings := []string{"--database", database, "--listen", "127.0.0.1:0", "--ops", "off", "--data", t.TempDir()}
	if said, code := run(t, settings...); code == 0 || strings.Count(said, "\n") != 1 || !strings.Contains(said, why) {
		t.Errorf("the server ends with %d: %s", code, said)
	}
	if said, code := run(t, append([]string{"doctor"}, settings...)...); code == 0 || !strings.Contains(said, why) {
		t.Errorf("doctor ends with %d: %s", code, said)
	}
}
