package store_test

import (
	"context"
	"os"
	"path/filepath"
	"testing"
	"time"

	"chatserver/chat"
	"chatserver/store"
)

// A database of an older version, including a copy from before a migration, is restored
// and then migrated.
func TestAnOldDatabaseIsRestored(t *testing.T) {
	ctx, old, folder := context.Background(), t.TempDir(), t.TempDir()
	if err := store.MakeOld(old, 1); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "backup")
	if copied, err := store.Backup(ctx, old, file, store.BackupOptions{}); err != nil || copied.Messages != 1 || copied.Rooms != 1 {
		t.Fatalf("the backup has %+v, %v", copied, err)
	}
	done, err := store.Restore(ctx, folder, file, time.Now())
	if err != nil || done.Aside != "" || done.Messages != 1 {
		t.Fatalf("restored is %+v, %v", done, err)
	}
	db, err := store.OpenSQLite(ctx, folder, store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	page, err := db.Changes(ctx, "lobby", 0, chat.Limit{Messages: 10})
	if err != nil || len(page.Messages) != 1 || page.Messages[0].Text != "from before" || db.Epoch() == "" {
		t.Errorf("it has %+v, %v", page, err)
	}
}

// The WAL of a server that was killed stays with its database.
func TestALogIsKeptWithItsDatabase(t *testing.T) {
	ctx, folder, other := context.Background(), t.TempDir(), t.TempDir()
	file := filepath.Join(other, "backup")
	db, err := store.OpenSQLite(ctx, folder, store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := store.Backup(ctx, folder, file, store.BackupOptions{}); err != nil {
		t.Fatal(err)
	}
	if _, err := db.Commit(ctx, []chat.Change{chat.Post{Room: "lobby", ID: "1", From: "Ann", Text: "in the log", At: time.Now()}}); err != nil {
		t.Fatal(err)
	}
	killed := t.TempDir() // as it is on the disk while the server has it open
	for _, name := range []string{store.File, store.File + "-wal"} {
		content, err := os.ReadFile(filepath.Join(folder, name))
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(killed, name), content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	done, err := store.Restore(ctx, killed, file, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	count := func(what string, messages int) {
		t.Helper()
		heard := 0
		err := store.Export(ctx, "", killed, "lobby", func(chat.Message) error { heard++; return nil })
		if heard != messages || (err == nil) != (messages > 0) {
			t.Errorf("%s has %d messages, %v", what, heard, err)
		}
	}
	count("the restored database", 0)
	if _, err := store.Restore(ctx, killed, done.Aside, time.Now()); err != nil {
		t.Fatal(err)
	}
	count("what was kept", 1)
}
