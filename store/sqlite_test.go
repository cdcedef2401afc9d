package store_test

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"chatserver/chat"
	"chatserver/store"
)

func TestMessagesAreThereAfterARestart(t *testing.T) {
	folder := t.TempDir()
	db, err := store.OpenSQLite(context.Background(), folder, store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	said := say(t, db, draft("lobby", "hello"))
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	page := newest(t, openFolder(t, folder, store.Options{}), "lobby", 10)
	if !reflect.DeepEqual(page.Messages, said) {
		t.Errorf("read %+v, said %+v", page.Messages, said)
	}
}

func TestEveryCommitIsSynced(t *testing.T) {
	db := openFolder(t, t.TempDir(), store.Options{})
	if mode, synchronous := db.Pragma("journal_mode"), db.Pragma("synchronous"); mode != "wal" || synchronous != "2" {
		t.Errorf("journal_mode is %s and synchronous %s: an acknowledged message would not survive a power cut", mode, synchronous)
	}
}

// The epoch stays the same for the life of a database, and another database has another
// one.
func TestAnEpochIsOfOneDatabase(t *testing.T) {
	folder := t.TempDir()
	db, err := store.OpenSQLite(context.Background(), folder, store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	epoch := db.Epoch()
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	if again := openFolder(t, folder, store.Options{}).Epoch(); again != epoch || epoch == "" {
		t.Errorf("the epoch was %q and is %q after a restart", epoch, again)
	}
	if other := openFolder(t, t.TempDir(), store.Options{}).Epoch(); other == epoch {
		t.Errorf("two databases have the epoch %q", other)
	}
}

// An error in the data, which will never succeed, is distinguished from a full disk.
func TestAnErrorInTheDataIsNotAFullDisk(t *testing.T) {
	db := openFolder(t, t.TempDir(), store.Options{})
	say(t, db, draft("lobby", "before"))
	if err := db.LimitPages(context.Background(), 1); err != nil {
		t.Fatal(err)
	}
	large := draft("lobby", strings.Repeat("x", 100_000))
	if _, err := db.Commit(context.Background(), []chat.Change{large}); err == nil || errors.Is(err, chat.ErrData) {
		t.Errorf("for a full disk, the error is %v", err)
	}
	if page := newest(t, db, "lobby", 9); texts(page.Messages) != "before" {
		t.Errorf("from a full disk, it reads %+v", page)
	}
	if err := db.LimitPages(context.Background(), 0); err != nil {
		t.Fatal(err)
	}
	if said := say(t, db, large); said[0].Seq != 2 {
		t.Errorf("with free space again, it stores %+v", said)
	}
	db.BreakSeq("lobby")
	if _, err := db.Commit(context.Background(), []chat.Change{draft("lobby", "x")}); !errors.Is(err, chat.ErrData) {
		t.Errorf("for a seq that is in use, the error is %v", err)
	}
}

// After a migration, everything that the previous version wrote is there, and a copy of
// its database is kept unchanged.
func TestADatabaseIsCopiedBeforeItIsMigrated(t *testing.T) {
	folder := t.TempDir()
	if err := store.MakeOld(folder, 1); err != nil {
		t.Fatal(err)
	}
	kept := filepath.Join(folder, store.File+".schema-1")
	if err := os.WriteFile(kept+".new", []byte("half a copy"), 0o600); err != nil { // of an interrupted start
		t.Fatal(err)
	}
	db := openFolder(t, folder, store.Options{})
	if page := newest(t, db, "lobby", 9); texts(page.Messages) != "from before" || page.Messages[0].AuthorID != "" || page.Messages[0].HTML != "" || page.Messages[0].HTMLVersion != 0 {
		t.Errorf("after the migration there is %+v", page)
	}
	old, err := sql.Open("sqlite", kept)
	if err != nil {
		t.Fatal(err)
	}
	defer old.Close()
	var text string
	var schema int
	if err := old.QueryRowContext(context.Background(), `SELECT text, (SELECT MAX(version_id) FROM goose_db_version) FROM messages`).Scan(&text, &schema); err != nil || text != "from before" || schema != 1 {
		t.Errorf("the copy holds %q with schema %d, %v", text, schema, err)
	}
	fresh := t.TempDir()
	openFolder(t, fresh, store.Options{})
	if copies, _ := filepath.Glob(filepath.Join(fresh, "*.schema-*")); len(copies) != 0 {
		t.Errorf("a new database has copies: %v", copies)
	}
}

// Messages stored after a migration have HTML; older ones do not.
func TestADatabaseWithoutHTMLGetsIt(t *testing.T) {
	folder := t.TempDir()
	if err := store.MakeOld(folder, 2); err != nil {
		t.Fatal(err)
	}
	db := openFolder(t, folder, store.Options{})
	said := say(t, db, draft("lobby", "now"))
	page := newest(t, db, "lobby", 9)
	if len(page.Messages) != 2 || page.Messages[0].HTMLVersion != 0 || !reflect.DeepEqual(page.Messages[1], said[0]) || said[0].HTML != "<p>now</p>" {
		t.Errorf("there is %+v", page.Messages)
	}
	if _, err := os.Stat(filepath.Join(folder, store.File+".schema-2")); err != nil {
		t.Errorf("it was not copied before: %v", err)
	}
}

// An invalid file is refused with an error that names it, and stays unchanged.
func TestAnInvalidDatabaseIsRefused(t *testing.T) {
	for name, test := range map[string]struct {
		harm func(t *testing.T, path string)
		says string
	}{
		"its header is damaged": {func(t *testing.T, path string) { overwrite(t, path, 0, []byte("garbage garbage ")) }, "is damaged"},
		"its pages are damaged": {func(t *testing.T, path string) {
			for page := int64(1); page < 8; page++ {
				overwrite(t, path, page*4096, bytes.Repeat([]byte{0xA5}, 4096))
			}
		}, "is damaged"},
		"it is empty": {func(t *testing.T, path string) {
			if err := os.Truncate(path, 0); err != nil {
				t.Fatal(err)
			}
		}, "is empty"},
		"it was cut": {func(t *testing.T, path string) {
			if err := os.Truncate(path, 4096*3); err != nil {
				t.Fatal(err)
			}
		}, "is damaged"},
		"it is of a newer chatserver": {func(t *testing.T, path string) {
			db, err := sql.Open("sqlite", path)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := db.ExecContext(context.Background(), `INSERT INTO goose_db_version (version_id, is_applied) VALUES (99999, 1)`); err != nil {
				t.Fatal(err)
			}
			if err := db.Close(); err != nil {
				t.Fatal(err)
			}
		}, "newer chatserver"},
	} {
		t.Run(name, func(t *testing.T) {
			folder := t.TempDir()
			db, err := store.OpenSQLite(context.Background(), folder, store.Options{})
			if err != nil {
				t.Fatal(err)
			}
			for range 20 {
				say(t, db, draft("lobby", strings.Repeat("x", 2000)))
			}
			if err := db.Close(); err != nil {
				t.Fatal(err)
			}
			path := filepath.Join(folder, store.File)
			test.harm(t, path)
			before := read(t, path)
			refused(t, folder, path, test.says)
			if !bytes.Equal(before, read(t, path)) {
				t.Error("the file was changed")
			}
		})
	}
}

func TestALogWithoutItsDatabaseIsRefused(t *testing.T) {
	folder := t.TempDir()
	path := filepath.Join(folder, store.File)
	if err := os.WriteFile(path+"-wal", []byte("a log"), 0o600); err != nil {
		t.Fatal(err)
	}
	refused(t, folder, path, "is missing")
}

func TestAnInterruptedFirstStartIsRepeated(t *testing.T) {
	folder := t.TempDir()
	if err := os.WriteFile(filepath.Join(folder, store.File+".new"), []byte("half a file"), 0o600); err != nil {
		t.Fatal(err)
	}
	say(t, openFolder(t, folder, store.Options{}), draft("lobby", "hello"))
}

func TestOneFolderHasOneServer(t *testing.T) {
	path := filepath.Join(t.TempDir(), "made", "on", "start")
	folder, err := store.LockFolder(path)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := store.LockFolder(path); err == nil || !strings.Contains(err.Error(), "another chatserver is running") {
		t.Errorf("for a second server, the error is %v", err)
	}
	if err := folder.Unlock(); err != nil {
		t.Fatal(err)
	}
	again, err := store.LockFolder(path)
	if err != nil {
		t.Fatalf("after the first has stopped: %v", err)
	}
	if err := again.Unlock(); err != nil {
		t.Fatal(err)
	}
}

func TestAFolderThatCannotBeCreatedIsRefused(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := store.LockFolder(filepath.Join(file, "data")); err == nil || !strings.Contains(err.Error(), "data directory") {
		t.Errorf("got %v", err)
	}
}

// refused checks that the database is refused, with an error that names its path and a
// remedy.
func refused(t *testing.T, folder, path, says string) {
	t.Helper()
	db, err := store.OpenSQLite(context.Background(), folder, store.Options{})
	if err == nil {
		_ = db.Close()
		t.Fatal("it was opened")
	}
	if !strings.Contains(err.Error(), says) || !strings.Contains(err.Error(), path) || strings.Contains(err.Error(), "\n") {
		t.Errorf("the error is %q", err)
	}
}

func overwrite(t *testing.T, path string, at int64, with []byte) {
	t.Helper()
	file, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	if _, err := file.WriteAt(with, at); err != nil {
		t.Fatal(err)
	}
}

func read(t *testing.T, path string) []byte {
	t.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return content
}
