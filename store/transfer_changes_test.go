package store_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"chatserver/chat"
	"chatserver/chattest"
	"chatserver/store"
)

// everything returns all that a store has of the lobby, beside its pages.
func everything(t *testing.T, db *store.DB) string {
	t.Helper()
	ctx := context.Background()
	f, rev := fresh(t, db, "lobby")
	all := fmt.Sprintln(rev, f.hash(t))
	pins, err := db.Pins(ctx, "lobby", chat.Limit{Messages: 1000})
	if err != nil {
		t.Fatal(err)
	}
	all += fmt.Sprintln("pinned", texts(pins.Messages))
	for seq := int64(1); seq <= rev; seq++ {
		replies, err := db.Replies(ctx, "lobby", seq, chat.Newest, chat.Limit{Messages: 1000})
		if err != nil {
			t.Fatal(err)
		}
		all += fmt.Sprintln(seq, versions(t, db, seq), "|", texts(replies.Messages))
	}
	return all
}

// Messages to which everything has happened are copied from SQLite to Postgres and back with
// all of it, and with the list of what was deleted.
func TestChangedMessagesAreCopiedWhole(t *testing.T) {
	ctx, folder, database, back := context.Background(), t.TempDir(), chattest.Database(t), t.TempDir()
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	db, random := openFolder(t, folder, store.Options{}), newChanger(seed)
	for random.revs["lobby"] < 300 {
		if _, err := db.Commit(ctx, random.batch()); err != nil {
			t.Fatal(err)
		}
		for room := range random.revs {
			random.revs[room] = newest(t, db, room, 1).Rev + 1
		}
	}
	want := everything(t, db)
	closes(t, db)
	ignore := func(store.CopyStats) {}
	if _, err := store.Transfer(ctx, "sqlite://"+folder, database, ignore); err != nil {
		t.Fatal(err)
	}
	moved := openURL(t, database, store.Options{})
	if has := everything(t, moved); has != want {
		t.Errorf("Postgres has\n%s\ninstead of\n%s", has, want)
	}
	closes(t, moved)
	if _, err := store.Transfer(ctx, database, "sqlite://"+back, ignore); err != nil {
		t.Fatal(err)
	}
	if has := everything(t, openFolder(t, back, store.Options{})); has != want {
		t.Errorf("back are\n%s\ninstead of\n%s", has, want)
	}
	before, err := os.ReadFile(filepath.Join(folder, "erased.jsonl"))
	if err != nil || len(before) == 0 {
		t.Fatalf("nothing was deleted: %v", err)
	}
	if after, err := os.ReadFile(filepath.Join(back, "erased.jsonl")); err != nil || string(after) != string(before) {
		t.Errorf("the erasure list was\n%s\nand is\n%s, %v", before, after, err)
	}
}
