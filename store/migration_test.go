package store_test

import (
	"context"
	"database/sql"
	"fmt"
	"path/filepath"
	"testing"

	"chatserver/chat"
	"chatserver/chattest"
	"chatserver/store"
)

// A database of the schema before changes keeps its epoch, and every message its place, rev,
// id, author, text and HTML. Its messages can then change.
func TestMessagesStayWhatTheyWereWhenTheyBecomeChangeable(t *testing.T) {
	t.Run("SQLite", func(t *testing.T) {
		folder := t.TempDir()
		if err := store.MakeOld(folder, 7); err != nil {
			t.Fatal(err)
		}
		testMigration(t, "sqlite", filepath.Join(folder, store.File), func() *store.DB { return openFolder(t, folder, store.Options{}) })
	})
	t.Run("Postgres", func(t *testing.T) {
		database := chattest.Database(t)
		if err := store.MakeOldPostgres(database, 7); err != nil {
			t.Fatal(err)
		}
		testMigration(t, "pgx", database, func() *store.DB { return openURL(t, database, store.Options{}) })
	})
}

func testMigration(t *testing.T, driver, database string, open func() *store.DB) {
	t.Helper()
	old, err := sql.Open(driver, database)
	if err != nil {
		t.Fatal(err)
	}
	defer old.Close()
	statements := []string{
		`INSERT INTO meta (epoch) VALUES ('the same')`,
		`INSERT INTO rooms (id, slug, title, rev, created_at, purged_rev) VALUES (7, 'tea', 'Tea', 103, 1, 3), (9, 'den', 'Den', 50, 2, 0)`,
	}
	for seq := int64(1); seq <= 100; seq++ {
		statements = append(statements, fmt.Sprintf(
			`INSERT INTO messages (room_id, seq, rev, id, author_id, author_name, text, created_at, html, html_version)
			VALUES (%d, %d, %d, 'id-%d', 'author', 'Ann', 'text %d', %d, '<p>%d</p>', 1)`, 7+2*(seq%2), 3+seq, 3+seq, seq, seq, 1000*seq, seq))
	}
	for _, statement := range statements {
		if _, err := old.Exec(statement); err != nil {
			t.Fatalf("%s: %v", statement, err)
		}
	}
	const all = `SELECT CAST(r.slug || r.rev || '/' || r.purged_rev || '/' || m.seq || '/' || m.rev || m.id || m.author_id || m.author_name || m.text || m.created_at || m.html || m.html_version AS TEXT)
		FROM rooms r JOIN messages m ON m.room_id = r.id ORDER BY r.id, m.seq`
	before := ask(t, driver, database, all, `SELECT epoch FROM meta`)
	db := open()
	if after := ask(t, driver, database, all, `SELECT epoch FROM meta`); after != before {
		t.Errorf("it had\n%s\nand has\n%s", before, after)
	}
	page := newest(t, db, "tea", 100)
	if len(page.Messages) != 50 || page.Rev != 103 || page.Purged != 3 || page.Messages[49].Seq != 103 || page.Messages[49].Text != "text 100" {
		t.Errorf("the page is %+v", page)
	}
	target := chat.Target{Room: "tea", Seq: 103, By: chat.Author{ID: "author", Name: "Ann"}, At: in(1, ann).At}
	for _, c := range []chat.Change{
		chat.Edit{Target: target, Rev: 103, Text: "edited"},
		chat.React{Target: target, Emoji: "👍", On: true},
		chat.Delete{Target: target},
	} {
		if outcome := change(t, db, c); outcome.Err != nil || outcome.Known {
			t.Errorf("%+v becomes %+v", c, outcome)
		}
	}
	if page := changes(t, db, "tea", 103, chat.PageLimit); len(page.Messages) != 1 || page.Rev != 106 || page.Messages[0].Deleted == nil {
		t.Errorf("the changes are %+v", page)
	}
	if page, err := db.Before(context.Background(), "den", 53, chat.Limit{Messages: 1}); err != nil || page.Messages[0].Text != "text 49" {
		t.Errorf("the message at a permalink is %+v, %v", page, err)
	}
}
