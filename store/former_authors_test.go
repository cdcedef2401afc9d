package store_test

import (
	"context"
	"database/sql"
	"fmt"
	"path/filepath"
	"reflect"
	"testing"

	"chatserver/chat"
	"chatserver/chattest"
	"chatserver/store"
)

// Messages of a database from before a name was compared differently get their author's
// present id when the author returns: each once, with the next rev of its room, and nobody
// else's. A client that had them all then has what a fresh page has.
func TestMessagesOfAReturningAuthorGetThePresentID(t *testing.T) {
	t.Run("SQLite", func(t *testing.T) {
		folder := t.TempDir()
		if err := store.MakeOld(folder, 8); err != nil {
			t.Fatal(err)
		}
		testReturn(t, "sqlite", filepath.Join(folder, store.File), func() *store.DB { return openFolder(t, folder, store.Options{}) })
	})
	t.Run("Postgres", func(t *testing.T) {
		database := chattest.Database(t)
		if err := store.MakeOldPostgres(database, 8); err != nil {
			t.Fatal(err)
		}
		testReturn(t, "pgx", database, func() *store.DB { return openURL(t, database, store.Options{}) })
	})
}

// ofStrauss is the number of messages that Strauß wrote: more than change in one transaction.
const ofStrauss = 450

func testReturn(t *testing.T, driver, database string, open func() *store.DB) {
	t.Helper()
	old, err := sql.Open(driver, database)
	if err != nil {
		t.Fatal(err)
	}
	defer old.Close()
	execute := func(statement string) {
		t.Helper()
		if _, err := old.Exec(statement); err != nil {
			t.Fatalf("%s: %v", statement, err)
		}
	}
	execute(`INSERT INTO meta (epoch) VALUES ('the same')`)
	execute(fmt.Sprintf(`INSERT INTO rooms (id, slug, title, rev, created_at) VALUES (7, 'tea', 'Tea', %d, 1), (9, 'den', 'Den', 1, 2), (11, 'bar', 'Bar', 1, 2)`, 2*ofStrauss))
	insert := func(room, seq int, author, name string) {
		execute(fmt.Sprintf(`INSERT INTO messages (room_id, seq, rev, id, author_id, author_name, text, created_at) VALUES (%d, %d, %d, 'id-%d', '%s', '%s', 'text', 1)`, room, seq, seq, seq, author, name))
	}
	for seq := 1; seq <= 2*ofStrauss; seq += 2 {
		insert(7, seq, "former", "Strauß")
		insert(7, seq+1, "zoe", "Zoë")
	}
	insert(9, 1, "former", "STRAUß")
	insert(11, 1, "ann", "Ann")
	db := open()
	before := changes(t, db, "tea", 0, chat.Limit{Messages: 2000})

	if rooms, err := db.ReplaceAuthor(context.Background(), "former", "present"); err != nil || fmt.Sprint(rooms) != "[tea den]" {
		t.Fatalf("in %v, %v", rooms, err)
	}
	after := changes(t, db, "tea", before.Rev, chat.Limit{Messages: 2000})
	if len(after.Messages) != ofStrauss || after.Rev != before.Rev+ofStrauss {
		t.Fatalf("%d messages changed, and the rev went from %d to %d", len(after.Messages), before.Rev, after.Rev)
	}
	had := map[int64]chat.Message{}
	for _, m := range append(before.Messages, after.Messages...) {
		had[m.Seq] = m
	}
	for _, m := range newest(t, db, "tea", 2000).Messages {
		want := map[bool]string{true: "present", false: "zoe"}[m.From == "Strauß"]
		if !reflect.DeepEqual(had[m.Seq], m) || m.AuthorID != want {
			t.Fatalf("a client has %+v and a fresh page %+v", had[m.Seq], m)
		}
	}
	for _, id := range []string{"former", "ann", "nobody", ""} {
		if rooms, err := db.ReplaceAuthor(context.Background(), id, "eve"); err != nil || len(rooms) > 0 {
			t.Errorf("%q: in %v, %v", id, rooms, err)
		}
	}
	if page := newest(t, db, "bar", 1); page.Messages[0].AuthorID != "ann" || page.Rev != 1 {
		t.Errorf("Ann's message is %+v", page.Messages[0])
	}
}

// A copy to another database, and a removed room, keep or lose the former ids with the
// messages.
func TestFormerAuthorsGoWithTheirRooms(t *testing.T) {
	folder, target := t.TempDir(), chattest.Database(t)
	db := openFolder(t, folder, store.Options{})
	for _, room := range []string{"tea", "den"} {
		if outcome := change(t, db, chat.Post{Room: room, ID: "id-" + room, AuthorID: "former", From: "Strauß", Text: "hello"}); outcome.Err != nil {
			t.Fatal(outcome.Err)
		}
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(folder, store.File)
	ask(t, "sqlite", path, `INSERT INTO former_authors (author_id, room_id) SELECT author_id, room_id FROM messages RETURNING author_id`)
	if _, err := store.RemoveRooms(context.Background(), "", folder, []string{"den"}, nil); err != nil {
		t.Fatal(err)
	}
	if left := ask(t, "sqlite", path, `SELECT author_id FROM former_authors`); left != "former\n" {
		t.Errorf("after a removal there are %q", left)
	}
	if _, err := store.Transfer(context.Background(), "sqlite://"+folder, target, func(store.CopyStats) {}); err != nil {
		t.Fatal(err)
	}
	moved := openURL(t, target, store.Options{})
	if rooms, err := moved.ReplaceAuthor(context.Background(), "former", "present"); err != nil || fmt.Sprint(rooms) != "[tea]" {
		t.Errorf("in the copy: in %v, %v", rooms, err)
	}
}

// What an author wrote under a former id becomes the author's in the room that it was moved to, too.
func TestAMovedMessageBecomesItsReturningAuthors(t *testing.T) {
	folder := t.TempDir()
	db := openFolder(t, folder, store.Options{})
	if outcome := change(t, db, chat.Post{Room: "lobby", ID: "id", AuthorID: "former", From: "Strauß", Text: "hello"}); outcome.Err != nil {
		t.Fatal(outcome.Err)
	}
	say(t, db, draft("den", "first"))
	ask(t, "sqlite", filepath.Join(folder, store.File), `INSERT INTO former_authors (author_id, room_id) SELECT author_id, room_id FROM messages WHERE author_id = 'former' RETURNING author_id`)
	moves(t, db, shift("lobby", "den", 1))
	if _, err := db.ReplaceAuthor(context.Background(), "former", "present"); err != nil {
		t.Fatal(err)
	}
	if m := at(t, db, "den", 2); m.AuthorID != "present" {
		t.Errorf("the moved message is %+v", m)
	}
}
