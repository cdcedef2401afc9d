package store_test

import (
	"context"
	"fmt"
	"path/filepath"
	"reflect"
	"testing"
	"time"

	"chatserver/chat"
	"chatserver/store"
)

// shift returns a Move by Bob, from the lobby to the den or back.
func shift(from, to string, seqs ...int64) chat.Move {
	target := in(seqs[0], bob)
	target.Room = from
	return chat.Move{Target: target, To: to, Seqs: seqs}
}

// moves commits a Move that must be made, and checks that readers of both rooms get its outcome.
func moves(t *testing.T, db *store.DB, move chat.Move) chat.Outcome {
	t.Helper()
	before := map[string]int64{move.Room: newest(t, db, move.Room, 1).Rev, move.To: newest(t, db, move.To, 1).Rev}
	outcome := change(t, db, move)
	if outcome.Err != nil || outcome.Known || len(outcome.Places) != len(move.Seqs) {
		t.Fatalf("%+v becomes %+v", move, outcome)
	}
	for room, rev := range before {
		latest := map[int64]chat.Message{}
		for _, m := range outcome.Moved {
			if m.Room != room {
				continue
			}
			if rev++; m.Rev != rev {
				t.Fatalf("%s is told of rev %d after %d", room, m.Rev, rev-1)
			}
			latest[m.Seq] = m
		}
		page := changes(t, db, room, before[room], chat.PageLimit)
		if page.Rev != rev || len(page.Messages) != len(latest) {
			t.Fatalf("readers of %s get %d messages up to %d, and members %d up to %d", room, len(page.Messages), page.Rev, len(latest), rev)
		}
		for _, m := range page.Messages {
			if !reflect.DeepEqual(m, latest[m.Seq]) {
				t.Errorf("readers of %s get\n%+v\nand members\n%+v", room, m, latest[m.Seq])
			}
		}
	}
	for i, seq := range move.Seqs {
		stub := at(t, db, move.Room, seq)
		if stub.Deleted == nil || *stub.Deleted.To != (chat.Ref{Room: move.To, Seq: outcome.Places[i]}) || stub.Text+stub.HTML != "" || stub.Versions > 0 || stub.Pinned != nil || stub.Reactions != nil {
			t.Errorf("message %d leaves %+v", seq, stub)
		}
	}
	return outcome
}

func at(t *testing.T, db *store.DB, room string, seq int64) chat.Message {
	t.Helper()
	page, err := db.Before(context.Background(), room, seq+1, chat.Limit{Messages: 1})
	if err != nil || len(page.Messages) != 1 || page.Messages[0].Seq != seq {
		t.Fatalf("message %d of %s is %+v, %v", seq, room, page.Messages, err)
	}
	return page.Messages[0]
}

// movable returns a store with the room den, and messages of Ann in the lobby: one, two, three.
func movable(t *testing.T, open opener) *store.DB {
	t.Helper()
	db := said(t, open, "one", "two", "three")
	say(t, db, draft("den", "first"))
	return db
}

func testMove(t *testing.T, open opener) {
	db := movable(t, open)
	changed(t, db, chat.Edit{Target: in(2, ann), Rev: 2, Text: "Two", HTML: "<b>Two</b>", HTMLVersion: 7})
	changed(t, db, chat.React{Target: in(2, bob), Emoji: "👍", On: true})
	before := changed(t, db, chat.Pin{Target: in(2, bob), On: true})
	quote := draft("lobby", "quoting")
	quote.ReplyTo = 2
	quoting := change(t, db, quote).Message.Seq
	outcome := moves(t, db, shift("lobby", "den", 2))
	after := at(t, db, "den", outcome.Places[0])
	if after.Moved == nil || after.Moved.By.Name != "Bob" || fmt.Sprint(after.Moved.From) != "[lobby]" {
		t.Errorf("the message says that it was moved by %+v", after.Moved)
	}
	want := before
	want.Room, want.Seq, want.Rev, want.TextRev, want.Moved = "den", after.Seq, after.Rev, after.Rev, after.Moved
	if !reflect.DeepEqual(after, want) {
		t.Errorf("what was\n%+v\nis now\n%+v", before, after)
	}
	if kept, _, err := db.Versions(context.Background(), "den", after.Seq, 0, chat.PageLimit); err != nil || len(kept) != 1 || kept[0].Text != "two" {
		t.Errorf("its versions are %+v, %v", kept, err)
	}
	if left := versions(t, db, 2); left != "" {
		t.Errorf("the stub has the versions %s", left)
	}
	for room, pins := range map[string]int{"lobby": 0, "den": 1} {
		if page, err := db.Pins(context.Background(), room, chat.PageLimit); err != nil || len(page.Messages) != pins {
			t.Errorf("%s has the pins %+v, %v", room, page.Messages, err)
		}
	}
	if m := at(t, db, "lobby", quoting); m.Quote != nil || m.ReplyTo != 2 {
		t.Errorf("what quoted it still quotes %+v", m.Quote)
	}
	for _, c := range []chat.Change{
		chat.Edit{Target: in(2, ann), Rev: 100, Text: "Again"},
		chat.Delete{Target: in(2, ann)},
		chat.React{Target: in(2, ann), Emoji: "🎉", On: true},
		chat.Pin{Target: in(2, ann), On: true},
		chat.Purge{Target: in(2, ann), Version: 1},
	} {
		refuses(t, db, c, chat.ErrMoved)
	}
	again := draft("lobby", "two")
	again.ID = before.ID
	if outcome := change(t, db, again); !outcome.Known || outcome.Message.Seq != 2 {
		t.Errorf("what was sent again becomes %+v", outcome)
	}
	if repeated := refuses(t, db, shift("lobby", "den", 2), nil); fmt.Sprint(repeated.Places) != fmt.Sprint(outcome.Places) {
		t.Errorf("moved again, the places are %v", repeated.Places)
	}
	target := in(after.Seq, ann)
	target.Room = "den"
	if edited := change(t, db, chat.Edit{Target: target, Rev: after.Rev, Text: "2"}); edited.Err != nil || edited.Message.Versions != 2 {
		t.Errorf("its author edits it, and it becomes %+v", edited)
	}
}

func testMoveThread(t *testing.T, open opener) {
	db := movable(t, open)
	first, second := replies(t, db, 1, ann, "a"), replies(t, db, 1, bob, "b")
	third := draft("lobby", "c")
	third.Thread, third.ReplyTo = 1, first.Seq
	quoting := change(t, db, third).Message
	changed(t, db, chat.Delete{Target: in(second.Seq, bob)})
	outcome := moves(t, db, shift("lobby", "den", 1))
	root := at(t, db, "den", outcome.Places[0])
	if root.Replies == nil || root.Replies.Count != 2 {
		t.Errorf("the root sums up %+v", root.Replies)
	}
	page, err := db.Replies(context.Background(), "den", root.Seq, chat.Newest, chat.PageLimit)
	if err != nil || len(page.Messages) != 2 || page.Messages[0].ID != first.ID || page.Messages[1].ID != quoting.ID {
		t.Fatalf("the thread has %+v, %v", page.Messages, err)
	}
	if q := page.Messages[1]; q.ReplyTo != page.Messages[0].Seq || q.Quote == nil || q.Quote.Text != "a" {
		t.Errorf("the reply quotes %d: %+v", q.ReplyTo, q.Quote)
	}
	if stub := at(t, db, "lobby", 1); stub.Replies != nil {
		t.Errorf("the stub sums up %+v", stub.Replies)
	}
	// A reply that moves alone leaves its thread, and comes back into it.
	back := moves(t, db, shift("den", "lobby", page.Messages[0].Seq))
	if alone := at(t, db, "lobby", back.Places[0]); alone.Seq != first.Seq || alone.Thread != 1 {
		t.Errorf("the reply came back as %+v", alone)
	}
	if root := at(t, db, "den", root.Seq); root.Replies.Count != 1 {
		t.Errorf("the root sums up %+v", root.Replies)
	}
	if stub := at(t, db, "lobby", 1); stub.Replies == nil || stub.Replies.Count != 1 {
		t.Errorf("the stub of the root sums up %+v", stub.Replies)
	}
}

// A reply was in the other room without its thread, and follows it there.
func testMoveReplyTwice(t *testing.T, open opener) {
	db := movable(t, open)
	reply := replies(t, db, 1, bob, "reply")
	there := moves(t, db, shift("lobby", "den", reply.Seq)).Places[0]
	if m := at(t, db, "den", there); m.Thread != 0 {
		t.Errorf("alone, the reply is in thread %d", m.Thread)
	}
	moves(t, db, shift("den", "lobby", there))
	root := moves(t, db, shift("lobby", "den", 1)).Places[0]
	page, err := db.Replies(context.Background(), "den", root, chat.Newest, chat.PageLimit)
	if err != nil || len(page.Messages) != 1 || page.Messages[0].Seq != there || page.Messages[0].Thread != root {
		t.Errorf("the thread has %+v, %v", page.Messages, err)
	}
	if m := at(t, db, "den", root); m.Replies == nil || m.Replies.Count != 1 {
		t.Errorf("its root sums up %+v", m.Replies)
	}
}

func testMoveBack(t *testing.T, open opener) {
	db := movable(t, open)
	there := moves(t, db, shift("lobby", "den", 1, 3))
	back := moves(t, db, shift("den", "lobby", there.Places[1], there.Places[0]))
	if fmt.Sprint(back.Places) != "[3 1]" {
		t.Errorf("they came back to %v", back.Places)
	}
	if m := at(t, db, "lobby", 1); m.Text != "one" || fmt.Sprint(m.Moved.From) != "[den lobby]" {
		t.Errorf("the first is %+v, from %+v", m, m.Moved)
	}
	if m := at(t, db, "den", there.Places[0]); m.Deleted == nil || *m.Deleted.To != (chat.Ref{Room: "lobby", Seq: 1}) {
		t.Errorf("in the den it is %+v", m)
	}
	if again := moves(t, db, shift("lobby", "den", 1)); again.Places[0] != there.Places[0] {
		t.Errorf("the second time it is %d, and was %d", again.Places[0], there.Places[0])
	}
}

func testMoveRefused(t *testing.T, open opener) {
	db := movable(t, open)
	say(t, db, draft("attic", "first"))
	changed(t, db, chat.Delete{Target: in(3, ann)})
	same := draft("lobby", "the same id")
	say(t, db, same)
	elsewhere := draft("den", "the same id")
	elsewhere.ID = same.ID
	say(t, db, elsewhere)
	long := draft("lobby", "long")
	root := say(t, db, long)[0]
	var many []chat.Change
	for i := range chat.MaxMoved {
		reply := draft("lobby", fmt.Sprint(i))
		reply.Thread = root.Seq
		many = append(many, reply)
	}
	if _, err := db.Commit(context.Background(), many); err != nil {
		t.Fatal(err)
	}
	den := newest(t, db, "den", 10)
	for _, test := range []struct {
		move chat.Move
		want error
	}{
		{shift("lobby", "den", 1, 1<<40), chat.ErrNoMessage},
		{shift("lobby", "den", 1, 3), chat.ErrGone},
		{shift("lobby", "den", 1, 5), chat.ErrMoveConflict},
		{shift("lobby", "nowhere", 1), chat.ErrNoRoom},
		{shift("lobby", "den", root.Seq), chat.ErrTooManyMoved},
	} {
		refuses(t, db, test.move, test.want)
		if after := newest(t, db, "den", 10); !reflect.DeepEqual(den, after) {
			t.Errorf("%+v is refused and changes the den to %+v", test.move, after)
		}
	}
	moves(t, db, shift("lobby", "attic", 1))
	refuses(t, db, shift("lobby", "den", 1, 2), chat.ErrMoved)
	if _, err := db.Commit(context.Background(), []chat.Change{draft("lobby", "x"), shift("lobby", "den", 2)}); err == nil {
		t.Error("a move is one of several changes of a batch")
	}
}

// A message that was moved and then deleted does not come back where it was before, nor with
// the room that it was moved to.
func TestAMovedMessageThatIsDeletedComesBackNowhere(t *testing.T) {
	for _, how := range []string{"the message is deleted", "the room is removed"} {
		t.Run(how, func(t *testing.T) {
			ctx, folder := context.Background(), t.TempDir()
			db := movable(t, func(t *testing.T, o store.Options) *store.DB { return openFolder(t, folder, o) })
			older := filepath.Join(t.TempDir(), "older.db")
			if _, err := store.Backup(ctx, folder, older, store.BackupOptions{}); err != nil {
				t.Fatal(err)
			}
			outcome := moves(t, db, shift("lobby", "den", 1))
			target := in(outcome.Places[0], ann)
			if target.Room = "den"; how == "the message is deleted" {
				if deleted := change(t, db, chat.Delete{Target: target}); deleted.Err != nil {
					t.Fatal(deleted.Err)
				}
			}
			closes(t, db)
			if how != "the message is deleted" {
				if _, err := store.RemoveRooms(ctx, "", folder, []string{"den"}, nil); err != nil {
					t.Fatal(err)
				}
			}
			if restored, err := store.Restore(ctx, folder, older, time.Now()); err != nil || restored.Erased != 1 && how == "the message is deleted" {
				t.Fatalf("restored is %+v, %v", restored, err)
			}
			after := at(t, openFolder(t, folder, store.Options{}), "lobby", 1)
			if after.Deleted == nil || after.Text != "" {
				t.Errorf("the restored backup has %+v", after)
			}
		})
	}
}

// Two authors may use one id in two rooms. The message of one never gets the place that the other's
// has left.
func testMoveToAStubOfAnother(t *testing.T, open opener) {
	db := movable(t, open)
	moves(t, db, shift("lobby", "den", 2))
	forged := draft("cellar", "forged")
	forged.ID, forged.AuthorID, forged.From = at(t, db, "lobby", 2).ID, bob.ID, bob.Name
	say(t, db, forged)
	outcome := change(t, db, shift("cellar", "lobby", 1))
	if outcome.Err != chat.ErrMoveConflict { //nolint:errorlint // an outcome's error is the value
		t.Errorf("a message with the id of a stub of another moves: %+v", outcome)
	}
	if stub := at(t, db, "lobby", 2); stub.From != ann.Name || stub.Deleted == nil {
		t.Errorf("the stub is %+v", stub)
	}
	moves(t, db, shift("den", "lobby", 2)) // it has come home
}
