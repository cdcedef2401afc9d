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

// A log that was cut, wherever, opens with a beginning of what was said, and
// never with a hole; the longer it is, the more of it.
func TestACutLogOpensWithABeginning(t *testing.T) {
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
		kept := opensWithABeginning(t, file, log[:size])
		if kept < last {
			t.Errorf("with %d bytes of the log there are %d messages, with less of it %d", size, kept, last)
		}
		cuts, least, last = cuts+1, min(least, kept), kept
	}
	if kept := opensWithABeginning(t, file, log); kept != said || least == said {
		t.Errorf("of the whole log %d messages are left of %d, of the shortest %d", kept, said, least)
	}
	chattest.Figure(t, "P24", "a log cut at %d places opens each time with a beginning of the %d messages in it", cuts, said)
}

// So does one of which a piece was overwritten: what comes after it does not count.
func TestADamagedLogOpensWithABeginning(t *testing.T) {
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
		least = min(least, opensWithABeginning(t, file, damaged))
	}
	if least == said {
		t.Error("no damage was noticed")
	}
}

// opensWithABeginning opens a file with a log, and returns how many messages
// there are: the first of those that are their numbers.
func opensWithABeginning(t *testing.T, file, log []byte) int {
	t.Helper()
	folder := t.TempDir()
	path := filepath.Join(folder, store.File)
	if err := errors.Join(os.WriteFile(path, file, 0o600), os.WriteFile(path+"-wal", log, 0o600)); err != nil {
		t.Fatal(err)
	}
	db, err := store.OpenSQLite(context.Background(), folder, store.Options{})
	if err != nil {
		t.Fatalf("with %d bytes of the log: %v", len(log), err)
	}
	defer db.Close()
	page := changes(t, db, "lobby", 0, chat.Limit{Messages: 1000})
	for i, m := range page.Messages {
		if m.Text != fmt.Sprint(i) || m.Seq != int64(i+1) {
			t.Fatalf("with %d bytes of the log, in place %d is %q", len(log), i+1, m.Text)
		}
	}
	if page.Rev != int64(len(page.Messages)) {
		t.Errorf("with %d bytes of the log there are %d messages and rev %d", len(log), len(page.Messages), page.Rev)
	}
	return len(page.Messages)
}
