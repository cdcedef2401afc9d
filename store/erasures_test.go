package store_test

import (
	"bytes"
	"context"
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"chatserver/chat"
	"chatserver/chattest"
	"chatserver/store"
)

// secret is in every text, HTML and version that is deleted, and nowhere else.
const secret = "xyzzy"

// holding returns the files below a folder that hold the secret.
func holding(t *testing.T, folder string) (files []string) {
	t.Helper()
	err := filepath.WalkDir(folder, func(path string, entry os.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		content, err := os.ReadFile(path)
		if bytes.Contains(content, []byte(secret)) {
			files = append(files, filepath.Base(path))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// holdsNothing waits until no file of a folder holds the secret.
func holdsNothing(t *testing.T, folder string) {
	t.Helper()
	for began := time.Now(); ; {
		files := holding(t, folder)
		if len(files) == 0 {
			return
		}
		if time.Since(began) > chattest.Patience {
			t.Fatalf("the secret is still in %v", files)
		}
	}
}

// talks fills rooms in turn, so that the pages of the database are split often. Every third
// message has the secret; it returns those of the lobby.
func talks(t *testing.T, db *store.DB) (secrets []chat.Message) {
	t.Helper()
	for i := range 600 {
		text := fmt.Sprint("message ", i, strings.Repeat(" and", i%90))
		if i%3 == 0 {
			text += " " + secret + strings.Repeat(" ", i%50)
		}
		for _, m := range say(t, db, draft([]string{"a", "lobby", "z"}[i%7%3], text)) {
			if i%3 == 0 && m.Room == "lobby" {
				secrets = append(secrets, m)
			} else if i%3 == 0 {
				elsewhere := in(m.Seq, ann)
				elsewhere.Room = m.Room
				change(t, db, chat.Delete{Target: elsewhere})
			}
		}
	}
	return secrets
}

// A deleted message, an edited and then deleted one, and a purged version are in no file of
// the data directory soon after, while the server runs, and in no backup taken later.
func TestADeletedTextIsNowhere(t *testing.T) {
	ctx, folder := context.Background(), t.TempDir()
	db := openFolder(t, folder, store.Options{})
	secrets := talks(t, db)
	if len(holding(t, folder)) == 0 {
		t.Fatal("the secret was never there")
	}
	for i, m := range secrets {
		switch i % 3 {
		case 0:
			changed(t, db, chat.Delete{Target: in(m.Seq, ann), Reason: "a slip"})
		case 1:
			changed(t, db, chat.Edit{Target: in(m.Seq, ann), Rev: m.Rev, Text: "harmless"})
			changed(t, db, chat.Purge{Target: in(m.Seq, ann), Version: 1})
		case 2:
			changed(t, db, chat.Edit{Target: in(m.Seq, ann), Rev: m.Rev, Text: "harmless"})
			changed(t, db, chat.Delete{Target: in(m.Seq, bob), Moderator: true})
		}
	}
	holdsNothing(t, folder)
	backups := t.TempDir()
	if _, err := store.Backup(ctx, folder, filepath.Join(backups, "later"), store.BackupOptions{}); err != nil {
		t.Fatal(err)
	}
	holdsNothing(t, backups)
}

// A version without secure_delete left texts in unused parts of the file. Scrubbing removes
// them beside a running server, and keeps every message.
func TestScrubbingRemovesWhatAnOlderVersionLeft(t *testing.T) {
	ctx, folder := context.Background(), t.TempDir()
	db := openFolder(t, folder, store.Options{})
	talks(t, db)
	older, err := sql.Open("sqlite", filepath.Join(folder, store.File))
	if err != nil {
		t.Fatal(err)
	}
	older.SetMaxOpenConns(1)
	for _, statement := range []string{`PRAGMA secure_delete = OFF`, `DELETE FROM messages WHERE text LIKE '%` + secret + `%'`, `DELETE FROM versions`, `PRAGMA wal_checkpoint(TRUNCATE)`} {
		if _, err := older.Exec(statement); err != nil {
			t.Fatal(err)
		}
	}
	if err := older.Close(); err != nil {
		t.Fatal(err)
	}
	before := newest(t, db, "lobby", 1000)
	if len(holding(t, folder)) == 0 {
		t.Fatal("nothing is left to remove")
	}
	if err := store.Scrub(ctx, "", folder, nil); err != nil {
		t.Fatal(err)
	}
	holdsNothing(t, folder)
	if after := newest(t, db, "lobby", 1000); len(before.Messages) == 0 || !reflect.DeepEqual(after, before) {
		t.Errorf("of %d messages are left %d", len(before.Messages), len(after.Messages))
	}
	if err := store.Scrub(ctx, "postgres://localhost/chat", folder, nil); err == nil || !strings.Contains(err.Error(), "VACUUM FULL") {
		t.Errorf("Postgres is scrubbed: %v", err)
	}
}

// A backup from before the deletions is restored without what was deleted since, and says how
// many messages that were. What was not deleted is restored.
func TestARestoredBackupObeysTheErasureList(t *testing.T) {
	for _, test := range []struct {
		name string
		harm func(t *testing.T, folder string) // what happens between the deletions and the restore
	}{
		{"as it is", func(*testing.T, string) {}},
		{"without its list, which a power failure took", func(t *testing.T, folder string) { removes(t, folder, "erased.jsonl") }},
		{"without its database", func(t *testing.T, folder string) { removes(t, folder, store.File) }},
	} {
		t.Run(test.name, func(t *testing.T) {
			ctx, folder, file := context.Background(), t.TempDir(), filepath.Join(t.TempDir(), "before")
			db, err := store.OpenSQLite(ctx, folder, store.Options{})
			if err != nil {
				t.Fatal(err)
			}
			texts := []string{"one " + secret, "two " + secret, "three", "four", "five"}
			for _, text := range texts {
				say(t, db, draft("lobby", text))
			}
			change(t, db, chat.Edit{Target: in(4, ann), Rev: 4, Text: "vier " + secret})
			if _, err := store.Backup(ctx, folder, file, store.BackupOptions{}); err != nil {
				t.Fatal(err)
			}
			changed(t, db, chat.Delete{Target: in(1, bob), Moderator: true, Reason: "spam"})
			changed(t, db, chat.Edit{Target: in(2, ann), Rev: 2, Text: "harmless"})
			changed(t, db, chat.Purge{Target: in(2, ann), Version: 1}) // the backup's present text
			changed(t, db, chat.Edit{Target: in(4, ann), Rev: 6, Text: "fourth"})
			changed(t, db, chat.Purge{Target: in(4, ann), Version: 2})
			changed(t, db, chat.Purge{Target: in(4, ann), Version: 1})
			say(t, db, draft("lobby", "after the backup"))
			if err := db.Close(); err != nil {
				t.Fatal(err)
			}
			test.harm(t, folder)
			done, err := store.Restore(ctx, folder, file, time.Now())
			if err != nil || done.Erased != 3 || done.Messages != 5 {
				t.Fatalf("restored is %+v, %v", done, err)
			}
			if done.Aside != "" {
				removes(t, folder, filepath.Base(done.Aside))
			}
			db = openFolder(t, folder, store.Options{})
			holdsNothing(t, folder)
			page := newest(t, db, "lobby", 9)
			var left []string
			for _, m := range page.Messages {
				left = append(left, m.Text)
				if (m.Deleted != nil) != (m.Text == "") {
					t.Errorf("message %d is %+v", m.Seq, m)
				}
			}
			if strings.Join(left, "|") != "||three||five" {
				t.Errorf("left are %q", left)
			}
			if d := page.Messages[0].Deleted; d == nil || d.Reason != "spam" || d.By.Name != "Bob" {
				t.Errorf("the tombstone says %+v", d)
			}
		})
	}
}

// A room that was removed after the backup stays removed. A room of its name that was created
// after that is in later backups, and stays.
func TestARestoredBackupHasNoRemovedRoom(t *testing.T) {
	ctx, folder, backups := context.Background(), t.TempDir(), t.TempDir()
	backup := func(name string) string {
		file := filepath.Join(backups, name)
		if _, err := store.Backup(ctx, folder, file, store.BackupOptions{}); err != nil {
			t.Fatal(err)
		}
		return file
	}
	posts := func(room string, texts ...string) {
		var all []chat.Post
		for _, text := range texts {
			all = append(all, draft(room, text))
		}
		db, err := store.OpenSQLite(ctx, folder, store.Options{})
		if err != nil {
			t.Fatal(err)
		}
		closes(t, db, all...)
	}
	posts("cave", secret, secret)
	posts("lobby", "stays")
	before := backup("before")
	if n, err := store.RemoveRooms(ctx, "", folder, []string{"cave"}, nil); err != nil || n != 2 {
		t.Fatalf("%d, %v", n, err)
	}
	posts("cave", "new")
	after := backup("after")
	for _, test := range []struct {
		file, cave string
		erased     int64
	}{{before, "", 2}, {after, "new", 0}} {
		done, err := store.Restore(ctx, folder, test.file, time.Now())
		if err != nil || done.Erased != test.erased {
			t.Errorf("restored is %+v, %v", done, err)
		}
		removes(t, folder, filepath.Base(done.Aside))
		holdsNothing(t, folder)
		db, err := store.OpenSQLite(ctx, folder, store.Options{})
		if err != nil {
			t.Fatal(err)
		}
		if cave, lobby := newest(t, db, "cave", 9), newest(t, db, "lobby", 9); texts(cave.Messages) != test.cave || texts(lobby.Messages) != "stays" {
			t.Errorf("the rooms have %+v and %+v", cave, lobby)
		}
		closes(t, db)
	}
}

func removes(t *testing.T, folder, name string) {
	t.Helper()
	if err := os.Remove(filepath.Join(folder, name)); err != nil {
		t.Fatal(err)
	}
}

// A database that was replaced by hand with an older copy obeys the list when it is opened,
// on SQLite and on Postgres.
func TestAnOlderDatabaseObeysTheListWhenItIsOpened(t *testing.T) {
	kept, deleted := draft("lobby", "kept"), draft("lobby", "deleted "+secret)
	t.Run("SQLite", func(t *testing.T) {
		folder := t.TempDir()
		file := filepath.Join(folder, store.File)
		closes(t, openFolder(t, folder, store.Options{}), kept, deleted)
		older, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		db := openFolder(t, folder, store.Options{})
		changed(t, db, chat.Delete{Target: in(2, ann)})
		closes(t, db)
		if err := os.WriteFile(file, older, 0o600); err != nil {
			t.Fatal(err)
		}
		obeys(t, openFolder(t, folder, store.Options{}))
	})
	t.Run("Postgres", func(t *testing.T) {
		folder := t.TempDir()
		open := func(database, folder string) *store.DB {
			db, err := store.Open(context.Background(), database, folder, store.Options{})
			return opened(t, db, err)
		}
		db := open(chattest.Database(t), folder)
		say(t, db, kept, deleted)
		changed(t, db, chat.Delete{Target: in(2, ann)})
		older := chattest.Database(t)
		closes(t, open(older, ""), kept, deleted)
		obeys(t, open(older, folder))
	})
}

// Each node's list gets the lines of the others while it runs, each once: also a line whose
// transaction committed after one with a higher number.
func TestTheListOfANodeHasWhatOtherNodesDelete(t *testing.T) {
	ctx, database, here, there := context.Background(), chattest.Database(t), t.TempDir(), t.TempDir()
	open := func(folder string) *store.DB {
		db, err := store.Open(ctx, database, folder, store.Options{})
		return opened(t, db, err)
	}
	say(t, open(""), draft("lobby", "one"), draft("lobby", "two"), draft("lobby", "three"))
	one, other := open(here), open(there)
	late := execute(t, database, `INSERT INTO erasures (n, line) VALUES (nextval(pg_get_serial_sequence('erasures', 'n')), '{"room":"late","id":"1","version":1}')`)
	changed(t, one, chat.Delete{Target: in(1, ann)})
	changed(t, other, chat.Delete{Target: in(2, ann)})
	catchUp := func() (lists []string) {
		for i, db := range []*store.DB{one, other, one} {
			if err := db.CatchUpErasures(ctx); err != nil {
				t.Fatal(err)
			}
			list, err := os.ReadFile(filepath.Join([]string{here, there, here}[i], "erased.jsonl"))
			if err != nil {
				t.Fatal(err)
			}
			lines := strings.Split(strings.TrimSpace(string(list)), "\n")
			slices.Sort(lines)
			lists = append(lists, strings.Join(lines, "\n"))
		}
		return lists
	}
	if lists := catchUp(); strings.Count(lists[0], "\n") != 1 || lists[0] != lists[1] || lists[2] != lists[0] {
		t.Errorf("the lists are\n%s", strings.Join(lists, "\n\n"))
	}
	late()
	if lists := catchUp(); strings.Count(lists[0], "\n") != 2 || !strings.Contains(lists[0], "late") || lists[0] != lists[1] || lists[2] != lists[0] {
		t.Errorf("with a late line, the lists are\n%s", strings.Join(lists, "\n\n"))
	}
}

// execute executes a statement in a transaction that the returned function commits.
func execute(t *testing.T, database, statement string) (commit func()) {
	t.Helper()
	db, err := sql.Open("pgx", database)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	tx, err := db.Begin()
	if err == nil {
		_, err = tx.Exec(statement)
	}
	if err != nil {
		t.Fatal(err)
	}
	return func() {
		if err := tx.Commit(); err != nil {
			t.Fatal(err)
		}
	}
}

// closes stores messages and closes the store.
func closes(t *testing.T, db *store.DB, posts ...chat.Post) {
	t.Helper()
	say(t, db, posts...)
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
}

// obeys checks that the second message is deleted.
func obeys(t *testing.T, db *store.DB) {
	t.Helper()
	if page := newest(t, db, "lobby", 9); texts(page.Messages) != "kept " || page.Messages[1].Deleted == nil {
		t.Errorf("it has %+v", page.Messages)
	}
}

// A list that cannot be written is not ignored: the store is not ready, until it can.
func TestAnErasureListThatCannotBeWrittenIsReported(t *testing.T) {
	ctx, folder := context.Background(), t.TempDir()
	db := openFolder(t, folder, store.Options{})
	say(t, db, draft("lobby", "one"), draft("lobby", "two"))
	list := filepath.Join(folder, "erased.jsonl")
	if err := os.Mkdir(list, 0o700); err != nil {
		t.Fatal(err)
	}
	changed(t, db, chat.Delete{Target: in(1, ann)})
	if err := db.Check(ctx); err == nil || !strings.Contains(err.Error(), list) {
		t.Errorf("the store is ready: %v", err)
	}
	removes(t, folder, "erased.jsonl")
	if err := db.Check(ctx); err != nil {
		t.Errorf("the store is not ready: %v", err)
	}
	changed(t, db, chat.Delete{Target: in(2, ann)})
	if content, err := os.ReadFile(list); err != nil || bytes.Count(content, []byte("\n")) != 2 {
		t.Errorf("the list is %s, %v", content, err)
	}
}
