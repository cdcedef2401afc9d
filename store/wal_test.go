package store_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"chatserver/chat"
	"chatserver/chattest"
	"chatserver/store"
)

// A WAL that is cut at any point opens with a prefix of the messages, never with a gap;
// the longer it is, the more messages there are.
func TestACutLogOpensWithAPrefix(t *testing.T) {
	const said = 60
	folder := t.TempDir()
	db := openFolder(t, folder, store.Options{})
	for i := range said {
		say(t, db, draft("lobby", fmt.Sprint(i)))
	}
	path := filepath.Join(folder, store.File)
	file, log := read(t, path), read(t, path+"-wal")
	cuts, least, last := 0, said, 0
	for size := 0; size <= len(log); size += chattest.LongOr(2<<10, 30<<10) + 100 { // in the middle of pages and between them
		kept := opensWithAPrefix(t, file, log[:size])
		if kept < last {
			t.Errorf("with %d bytes of the WAL there are %d messages, with fewer bytes %d", size, kept, last)
		}
		cuts, least, last = cuts+1, min(least, kept), kept
	}
	if kept := opensWithAPrefix(t, file, log); kept != said || least == said {
		t.Errorf("with the whole WAL there are %d of %d messages, with the shortest one %d", kept, said, least)
	}
	chattest.Figure(t, "P24", "a log cut at %d places opens each time with a beginning of the %d messages in it", cuts, said)
}

// A WAL with an overwritten part also opens with a prefix: what follows the damage is
// ignored.
func TestADamagedLogOpensWithAPrefix(t *testing.T) {
	const said = 60
	folder := t.TempDir()
	db := openFolder(t, folder, store.Options{})
	for i := range said {
		say(t, db, draft("lobby", fmt.Sprint(i)))
	}
	path := filepath.Join(folder, store.File)
	file, log := read(t, path), read(t, path+"-wal")
	least := said
	for at := 40; at < len(log); at += chattest.LongOr(7<<10, 61<<10) {
		damaged := slices.Clone(log)
		damaged[at] ^= 0xFF
		least = min(least, opensWithAPrefix(t, file, damaged))
	}
	if least == said {
		t.Error("no damage was noticed")
	}
}

// opensWithAPrefix opens a file with a WAL, and returns the number of messages. Their
// texts are their numbers, and they must be the first ones.
func opensWithAPrefix(t *testing.T, file, log []byte) int {
	t.Helper()
	folder := t.TempDir()
	path := filepath.Join(folder, store.File)
	if err := errors.Join(os.WriteFile(path, file, 0o600), os.WriteFile(path+"-wal", log, 0o600)); err != nil {
		t.Fatal(err)
	}
	db, err := store.OpenSQLite(context.Background(), folder, store.Options{})
	if err != nil {
		t.Fatalf("with %d bytes of the WAL: %v", len(log), err)
	}
	defer db.Close()
	page := changes(t, db, "lobby", 0, chat.Limit{Messages: 1000})
	for i, m := range page.Messages {
		if m.Text != fmt.Sprint(i) || m.Seq != int64(i+1) {
			t.Fatalf("with %d bytes of the WAL, in place %d is %q", len(log), i+1, m.Text)
		}
	}
	if page.Rev != int64(len(page.Messages)) {
		t.Errorf("with %d bytes of the WAL there are %d messages and rev %d", len(log), len(page.Messages), page.Rev)
	}
	return len(page.Messages)
}
