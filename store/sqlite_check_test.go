package store_test

import (
	"context"
	"database/sql"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"chatserver/chat"
	"chatserver/chattest"
	"chatserver/store"
)

// largeFolder returns a folder with a database of 40 MB that was closed cleanly.
func largeFolder(t *testing.T) (folder string) {
	t.Helper()
	folder = t.TempDir()
	db := openFolder(t, folder, store.Options{})
	say(t, db, draft("lobby", "first"))
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	fills(t, folder)
	return folder
}

// fills adds 40 MB of messages, below those that people have written.
func fills(t *testing.T, folder string) {
	t.Helper()
	file, err := sql.Open("sqlite", filepath.Join(folder, store.File))
	if err != nil {
		t.Fatal(err)
	}
	_, err = file.ExecContext(context.Background(), `WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 400)
		INSERT INTO messages (room_id, seq, rev, id, author_name, text, created_at) SELECT 1, -i, -i, i, 'Ann', hex(zeroblob(50000)), 0 FROM n`)
	if err := errors.Join(err, file.Close()); err != nil {
		t.Fatal(err)
	}
}

// damages overwrites pages in the middle of the database, which no start reads.
func damages(t *testing.T, folder string) {
	t.Helper()
	path := filepath.Join(folder, store.File)
	for page := range int64(100) {
		overwrite(t, path, 20<<20+4096*page, []byte(strings.Repeat("\xA5", 4096)))
	}
}

// A large file that was closed cleanly opens at once. Its check goes on, finds the damage, and
// ends the service; the next start refuses the file, and one that is whole again is served.
func TestALargeDamagedFileIsFoundWhileItIsServed(t *testing.T) {
	folder := largeFolder(t)
	path := filepath.Join(folder, store.File)
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	damages(t, folder)
	found := make(chan error, 1)
	db := openFolder(t, folder, store.Options{Damaged: func(err error) { found <- err }})
	select {
	case err := <-found:
		if !strings.Contains(err.Error(), path) || !strings.Contains(err.Error(), "restore a backup") {
			t.Errorf("it reports %v", err)
		}
	case <-time.After(chattest.Patience):
		t.Fatal("the damage is not found")
	}
	_, committed := db.Commit(context.Background(), []chat.Change{draft("lobby", "late")})
	_, read := db.Before(context.Background(), "lobby", chat.Newest, chat.PageLimit)
	for what, err := range map[string]error{"a message": committed, "a page": read, "the readiness": db.Check(context.Background()), "the damage": db.Damage()} {
		if err == nil || !strings.Contains(err.Error(), "is damaged") {
			t.Errorf("%s: %v", what, err)
		}
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	if again, err := store.OpenSQLite(context.Background(), folder, store.Options{}); err == nil || !strings.Contains(err.Error(), "is damaged") {
		_ = again.Close()
		t.Errorf("the next start says %v", err)
	}
	if err := os.WriteFile(path, whole, 0o600); err != nil {
		t.Fatal(err)
	}
	db = openFolder(t, folder, store.Options{})
	if page := newest(t, db, "lobby", 1); texts(page.Messages) != "first" || db.Damage() != nil {
		t.Errorf("the whole file has %q, %v", texts(page.Messages), db.Damage())
	}
	if _, err := os.Stat(path + ".damaged"); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the note of the damage is still there: %v", err)
	}
}

// A log beside a large file means that its server did not end cleanly: the file is checked
// before it is served.
func TestALargeFileIsCheckedFirstAfterAnUncleanEnd(t *testing.T) {
	folder := largeFolder(t)
	path := filepath.Join(folder, store.File)
	db := openFolder(t, folder, store.Options{})
	say(t, db, draft("lobby", "second"))
	killed := t.TempDir() // what a server leaves that is killed now
	for _, name := range []string{store.File, store.File + "-wal"} {
		content, err := os.ReadFile(filepath.Join(folder, name))
		if err == nil {
			err = os.WriteFile(filepath.Join(killed, name), content, 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	damages(t, killed)
	if served, err := store.OpenSQLite(context.Background(), killed, store.Options{}); err == nil || !strings.Contains(err.Error(), "is damaged") {
		_ = served.Close()
		t.Errorf("after an unclean end, the start says %v", err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(path + "-wal"); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("after a clean end, the log is there: %v", err)
	}
}
