package store_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"chatserver/chat"
	"chatserver/store"
)

// The conformance suite's tests of changes. Ann writes the messages, and Bob, who did not,
// changes them, too.

var (
	ann = chat.Author{ID: "ann", Name: "Ann"}
	bob = chat.Author{ID: "bob", Name: "Bob"}
)

var changeTests = map[string]func(*testing.T, opener){
	"an edit replaces the text and keeps the earlier one":                      testEdit,
	"an edit of what was edited in the meantime is a conflict":                 testConflict,
	"only its author edits, deletes and purges a message; a moderator deletes": testAuthorship,
	"a deleted message leaves a tombstone":                                     testDelete,
	"a version is purged":                                                      testPurge,
	"however many versions there are, they are read in pages":                  testVersionPages,
	"reactions are listed in the order of their first use":                     testReact,
	"a message has at most fifty emoji and a thousand reactions":               testTooManyReactions,
	"a message is pinned and unpinned":                                         testPin,
	"a thread sums up its replies":                                             testThread,
	"a quote lasts as long as its original":                                    testQuote,
	"what does not exist is not changed":                                       testNoMessage,
	"a disk that fills up takes short edits and every deletion":                testLowDiskChanges,
	"changes of one batch build on each other":                                 testOneBatch,
	"a change that was made is not made again":                                 testMadeTwice,
	"a message moves with all that it has, and leaves a stub":                  testMove,
	"a thread moves with its root":                                             testMoveThread,
	"a reply that was moved alone follows its thread":                          testMoveReplyTwice,
	"a message that comes back is in its place":                                testMoveBack,
	"a move is made completely or not at all":                                  testMoveRefused,
	"a message does not take the place of another with its id":                 testMoveToAStubOfAnother,
	"whoever applies the changes has what a fresh read has":                    testChangesApplied,
}

// in returns the target of a change in the lobby.
func in(seq int64, by chat.Author) chat.Target {
	return chat.Target{Room: "lobby", Seq: seq, By: by, At: time.UnixMilli(1700000001000 + seq).UTC()}
}

// change commits one change and returns its outcome.
func change(t *testing.T, db *store.DB, c chat.Change) chat.Outcome {
	t.Helper()
	outcomes, err := db.Commit(context.Background(), []chat.Change{c})
	if err != nil {
		t.Fatal(err)
	}
	return outcomes[0]
}

// changed commits a change that must be made, and checks that the outcome is what readers
// get.
func changed(t *testing.T, db *store.DB, c chat.Change) chat.Message {
	t.Helper()
	before := newest(t, db, "lobby", 1).Rev
	outcome := change(t, db, c)
	if outcome.Err != nil || outcome.Known || outcome.Message.Rev != before+1 {
		t.Fatalf("after rev %d, %+v becomes %+v", before, c, outcome)
	}
	want := []chat.Message{outcome.Message}
	if outcome.Root != nil {
		want = append(want, *outcome.Root)
	}
	page := changes(t, db, "lobby", before, chat.PageLimit)
	if !reflect.DeepEqual(page.Messages, want) || page.Rev != outcome.Rev || want[len(want)-1].Rev != outcome.Rev {
		t.Fatalf("after %+v readers get %+v up to %d, but its outcome is %+v", c, page.Messages, page.Rev, outcome)
	}
	return outcome.Message
}

// refuses commits a change that must be refused with an error, or be Known if that is nil,
// and checks that it changed nothing.
func refuses(t *testing.T, db *store.DB, c chat.Change, want error) chat.Outcome {
	t.Helper()
	before := newest(t, db, "lobby", 1000)
	outcome := change(t, db, c)
	if !errors.Is(outcome.Err, want) || outcome.Known != (want == nil) || outcome.Root != nil {
		t.Errorf("%T %+v becomes %+v, not %v", c, c, outcome, want)
	}
	if after := newest(t, db, "lobby", 1000); !reflect.DeepEqual(before, after) {
		t.Errorf("%T %+v is refused and changes\n%+v to\n%+v", c, c, before, after)
	}
	return outcome
}

// said stores messages of Ann in the lobby.
func said(t *testing.T, open opener, texts ...string) *store.DB {
	t.Helper()
	db := open(t, store.Options{})
	for _, text := range texts {
		say(t, db, draft("lobby", text))
	}
	return db
}

func versions(t *testing.T, db *store.DB, seq int64) string {
	t.Helper()
	var texts []string
	since := int64(0)
	for more := true; more; {
		var page []chat.Version
		var err error
		page, more, err = db.Versions(context.Background(), "lobby", seq, since, chat.Limit{Messages: 2})
		if err != nil || len(page) > 2 || more && len(page) == 0 {
			t.Fatalf("%d versions after %d: %v", len(page), since, err)
		}
		for _, v := range page {
			texts = append(texts, fmt.Sprint(v.Number, v.Text, v.At.UnixMilli()-1700000000000))
			since = int64(v.Number)
		}
	}
	return strings.Join(texts, " ")
}

func testEdit(t *testing.T, open opener) {
	db := said(t, open, "one", "two")
	m := changed(t, db, chat.Edit{Target: in(1, ann), Rev: 1, Text: "uno", HTML: "<p>uno</p>", HTMLVersion: 8})
	if m.Text != "uno" || m.HTML != "<p>uno</p>" || m.HTMLVersion != 8 || m.Seq != 1 || m.Rev != 3 || m.From != "Ann" || m.EditedAt != in(1, ann).At || m.At == m.EditedAt || m.Edits != 1 || m.Versions != 1 {
		t.Errorf("the message is %+v", m)
	}
	later := in(1, ann)
	later.At = later.At.Add(time.Second)
	m = changed(t, db, chat.Edit{Target: later, Rev: 3, Text: "eins"})
	if m.Text != "eins" || m.HTML != "" || m.HTMLVersion != 0 || m.Versions != 2 {
		t.Errorf("the message is %+v", m)
	}
	if got := versions(t, db, 1); got != "1one123 2uno1001" {
		t.Errorf("its versions are %q", got)
	}
	if page := newest(t, db, "lobby", 9); texts(page.Messages) != "eins two" {
		t.Errorf("the room has %+v", page.Messages)
	}
}

func testConflict(t *testing.T, open opener) {
	db := said(t, open, "one")
	changed(t, db, chat.React{Target: in(1, bob), Emoji: "👍", On: true})
	changed(t, db, chat.Edit{Target: in(1, ann), Rev: 1, Text: "uno"}) // a reaction is no conflict
	for _, stale := range []int64{0, 1, 2, 4} {
		outcome := refuses(t, db, chat.Edit{Target: in(1, ann), Rev: stale, Text: "eins"}, chat.ErrConflict)
		if outcome.Message.Text != "uno" || outcome.Message.Rev != 3 || len(outcome.Message.Reactions) != 1 {
			t.Errorf("the conflict is with %+v", outcome.Message)
		}
	}
	refuses(t, db, chat.Edit{Target: in(1, ann), Rev: 1, Text: "uno"}, nil)
}

func testAuthorship(t *testing.T, open opener) {
	db := said(t, open, "one", "two")
	nameless := draft("lobby", "three")
	nameless.AuthorID = "" // of a version without author ids
	say(t, db, nameless)
	changed(t, db, chat.Edit{Target: in(1, ann), Rev: 1, Text: "uno"})
	nobody := chat.Author{Name: "Ann"}
	for _, c := range []chat.Change{
		chat.Edit{Target: in(1, bob), Rev: 4, Text: "mine"},
		chat.Delete{Target: in(1, bob)},
		chat.Purge{Target: in(1, bob), Version: 1},
		chat.Edit{Target: in(3, nobody), Rev: 3, Text: "mine"},
		chat.Delete{Target: in(3, nobody)},
	} {
		refuses(t, db, c, chat.ErrNotAuthor)
	}
	changed(t, db, chat.Purge{Target: in(1, bob), Version: 1, Moderator: true})
	changed(t, db, chat.Delete{Target: in(1, bob), Moderator: true})
	changed(t, db, chat.Delete{Target: in(2, ann)})
	changed(t, db, chat.Delete{Target: in(3, bob), Moderator: true})
	refuses(t, db, chat.Delete{Target: in(2, bob)}, chat.ErrNotAuthor)
}

func testDelete(t *testing.T, open opener) {
	db := said(t, open, "one", "two")
	changed(t, db, chat.Edit{Target: in(2, ann), Rev: 2, Text: "dos"})
	changed(t, db, chat.React{Target: in(2, bob), Emoji: "👍", On: true})
	changed(t, db, chat.Pin{Target: in(2, bob), On: true})
	before := newest(t, db, "lobby", 1).Messages[0]
	m := changed(t, db, chat.Delete{Target: in(2, bob), Moderator: true, Reason: "spam"})
	want := chat.Message{
		Room: "lobby", Seq: 2, Rev: 6, ID: before.ID, AuthorID: "ann", From: "Ann", At: before.At,
		State: chat.State{TextRev: 6, Deleted: &chat.Deletion{By: chat.UserRef{ID: "bob", Name: "Bob"}, At: in(2, bob).At, Reason: "spam"}},
	}
	if !reflect.DeepEqual(m, want) {
		t.Errorf("left is %+v, not %+v", m, want)
	}
	if got := versions(t, db, 2); got != "" {
		t.Errorf("its versions are %q", got)
	}
	pins, err := db.Pins(context.Background(), "lobby", chat.PageLimit)
	if err != nil || len(pins.Messages) != 0 {
		t.Errorf("the pins are %+v, %v", pins.Messages, err)
	}
	again := refuses(t, db, chat.Delete{Target: in(2, ann), Reason: "another"}, nil)
	if !reflect.DeepEqual(again.Message, want) {
		t.Errorf("a repeated deletion is answered with %+v", again.Message)
	}
	for _, c := range []chat.Change{
		chat.Edit{Target: in(2, ann), Rev: 6, Text: "back"},
		chat.Purge{Target: in(2, ann), Version: 1},
		chat.React{Target: in(2, bob), Emoji: "👍", On: true},
		chat.React{Target: in(2, bob), Emoji: "👍"},
		chat.Pin{Target: in(2, bob), On: true},
		chat.Pin{Target: in(2, bob)},
	} {
		if outcome := refuses(t, db, c, chat.ErrGone); outcome.Message.Deleted == nil {
			t.Errorf("%+v is answered with %+v", c, outcome)
		}
	}
	post := draft("lobby", "sent again")
	post.ID = want.ID
	if outcome := refuses(t, db, post, nil); outcome.Message.Deleted == nil {
		t.Errorf("sending it again is answered with %+v", outcome)
	}
}

func testPurge(t *testing.T, open opener) {
	db := said(t, open, "one")
	for i, text := range []string{"two", "three", "four"} {
		changed(t, db, chat.Edit{Target: in(1, ann), Rev: int64(i + 1), Text: text})
	}
	m := changed(t, db, chat.Purge{Target: in(1, ann), Version: 2})
	if m.Text != "four" || m.Versions != 2 || m.Edits != 3 {
		t.Errorf("the message is %+v", m)
	}
	if got := versions(t, db, 1); got != "1one123 3three1001" {
		t.Errorf("its versions are %q", got)
	}
	refuses(t, db, chat.Purge{Target: in(1, ann), Version: 2}, nil)
	for _, none := range []int{-1, 0, 4, 5, 1 << 40} {
		refuses(t, db, chat.Purge{Target: in(1, ann), Version: none}, chat.ErrNoMessage)
	}
	changed(t, db, chat.Edit{Target: in(1, ann), Rev: 5, Text: "five"})
	if got := versions(t, db, 1); got != "1one123 3three1001 4four1001" {
		t.Errorf("its versions are %q", got)
	}
}

func testVersionPages(t *testing.T, open opener) {
	db := said(t, open, strings.Repeat("1", 100))
	for edit := range 5 {
		changed(t, db, chat.Edit{Target: in(1, ann), Rev: int64(edit + 1), Text: strings.Repeat("x", 101+edit)})
	}
	for _, test := range []struct {
		since int64
		limit chat.Limit
		want  []int
		more  bool
	}{
		{0, chat.Limit{Messages: 10}, []int{1, 2, 3, 4, 5}, false},
		{0, chat.Limit{Messages: 5}, []int{1, 2, 3, 4, 5}, false},
		{0, chat.Limit{Messages: 4}, []int{1, 2, 3, 4}, true},
		{0, chat.Limit{Messages: 10, Bytes: 250}, []int{1, 2}, true},
		{1, chat.Limit{Messages: 10, Bytes: 1}, []int{2}, true},
		{4, chat.Limit{Messages: 1}, []int{5}, false},
		{5, chat.Limit{Messages: 1}, nil, false},
		{math.MaxInt64, chat.Limit{Messages: 1}, nil, false},
	} {
		page, more, err := db.Versions(context.Background(), "lobby", 1, test.since, test.limit)
		var got []int
		for _, v := range page {
			got = append(got, v.Number)
		}
		if err != nil || !slices.Equal(got, test.want) || more != test.more {
			t.Errorf("after %d, limit %+v: %v, more %v, %v", test.since, test.limit, got, more, err)
		}
	}
}

func reactions(m chat.Message) string {
	var all []string
	for _, r := range m.Reactions {
		all = append(all, r.Emoji)
		for _, user := range r.Users {
			all = append(all, user.Name)
		}
	}
	return strings.Join(all, " ")
}

func testReact(t *testing.T, open opener) {
	db := said(t, open, "one")
	for _, c := range []struct {
		by    chat.Author
		emoji string
		on    bool
		want  string
	}{
		{bob, "👍", true, "👍 Bob"},
		{ann, "🎉", true, "👍 Bob 🎉 Ann"},
		{ann, "👍", true, "👍 Bob Ann 🎉 Ann"},
		{bob, "👍", false, "👍 Ann 🎉 Ann"},
		{ann, "👍", false, "🎉 Ann"},
		{bob, "👍", true, "🎉 Ann 👍 Bob"},
		{ann, "🎉", false, "👍 Bob"},
		{bob, "👍", false, ""},
	} {
		if m := changed(t, db, chat.React{Target: in(1, c.by), Emoji: c.emoji, On: c.on}); reactions(m) != c.want {
			t.Errorf("after %+v there are %q", c, reactions(m))
		}
		refuses(t, db, chat.React{Target: in(1, c.by), Emoji: c.emoji, On: c.on}, nil)
	}
}

func testTooManyReactions(t *testing.T, open opener) {
	db := said(t, open, "one", "two")
	react := func(seq int64, emoji string, user int) chat.Change {
		return chat.React{Target: in(seq, chat.Author{ID: fmt.Sprint("user", user), Name: "U"}), Emoji: emoji, On: true}
	}
	var batch []chat.Change
	for i := range chat.MaxEmoji {
		batch = append(batch, react(1, fmt.Sprint("emoji", i), 0))
	}
	for i := range chat.MaxReactions {
		batch = append(batch, react(2, "👍", i))
	}
	for part := range slices.Chunk(batch, 256) {
		outcomes, err := db.Commit(context.Background(), part)
		if err != nil {
			t.Fatal(err)
		}
		for i, outcome := range outcomes {
			if outcome.Err != nil {
				t.Fatalf("reaction %d: %v", i, outcome.Err)
			}
		}
	}
	refuses(t, db, react(1, "emoji50", 1), chat.ErrTooManyEmoji)
	changed(t, db, react(1, "emoji49", 1))
	refuses(t, db, react(2, "👍", chat.MaxReactions), chat.ErrTooManyReactions)
	refuses(t, db, react(2, "🎉", 0), chat.ErrTooManyReactions)
	refuses(t, db, react(2, "👍", 0), nil)
}

func testPin(t *testing.T, open opener) {
	db := said(t, open, "one", "two", "three")
	m := changed(t, db, chat.Pin{Target: in(3, bob), On: true})
	if want := (&chat.PinMark{By: chat.UserRef{ID: "bob", Name: "Bob"}, At: in(3, bob).At}); !reflect.DeepEqual(m.Pinned, want) {
		t.Errorf("it is %+v", m)
	}
	refuses(t, db, chat.Pin{Target: in(3, ann), On: true}, nil)
	changed(t, db, chat.Pin{Target: in(1, ann), On: true})
	pinned := func(want string, limit int) {
		t.Helper()
		page, err := db.Pins(context.Background(), "lobby", chat.Limit{Messages: limit})
		if err != nil || texts(page.Messages) != want || page.Rev != newest(t, db, "lobby", 1).Rev {
			t.Errorf("the pins are %+v, %v", page, err)
		}
	}
	pinned("one three", 9)
	pinned("three", 1)
	if m := changed(t, db, chat.Pin{Target: in(3, ann)}); m.Pinned != nil {
		t.Errorf("it is %+v", m)
	}
	refuses(t, db, chat.Pin{Target: in(3, ann)}, nil)
	pinned("one", 9)
}

// replies posts a reply of an author in the thread of a message.
func replies(t *testing.T, db *store.DB, root int64, by chat.Author, text string) chat.Message {
	t.Helper()
	post := draft("lobby", text)
	post.AuthorID, post.From, post.Thread = by.ID, by.Name, root
	return changed(t, db, post)
}

func testThread(t *testing.T, open opener) {
	db := said(t, open, "root", "other")
	summary := func(want string) {
		t.Helper()
		page := newest(t, db, "lobby", 100)
		root, got := page.Messages[0], ""
		if r := root.Replies; r != nil {
			got = fmt.Sprint(r.Count, r.Last.UnixMilli(), " ")
			for _, user := range r.Users {
				got += user.Name
			}
		}
		if got != want {
			t.Errorf("the summary is %q, not %q", got, want)
		}
	}
	summary("")
	first := replies(t, db, 1, bob, "first")
	if first.Seq != 3 || first.Thread != 1 {
		t.Errorf("the reply is %+v", first)
	}
	summary("1 1700000000123 Bob")
	replies(t, db, 1, ann, "second")
	replies(t, db, 1, bob, "third")
	replies(t, db, 2, bob, "elsewhere")
	summary("3 1700000000123 BobAnn")
	nested := draft("lobby", "nested")
	nested.Thread = first.Seq
	refuses(t, db, nested, chat.ErrNestedThread)
	nested.Thread = 99
	refuses(t, db, nested, chat.ErrNoMessage)
	page, err := db.Replies(context.Background(), "lobby", 1, chat.Newest, chat.Limit{Messages: 2})
	if err != nil || texts(page.Messages) != "second third" || !page.More || page.Rev != 10 {
		t.Errorf("the newest replies are %+v, %v", page, err)
	}
	page, err = db.Replies(context.Background(), "lobby", 1, page.Messages[0].Seq, chat.Limit{Messages: 2})
	if err != nil || texts(page.Messages) != "first" || page.More {
		t.Errorf("the replies before are %+v, %v", page, err)
	}
	page, err = db.ThreadChanges(context.Background(), "lobby", 1, 4, chat.Limit{Messages: 2})
	if err != nil || texts(page.Messages) != "second third" || page.Rev != 7 || !page.More {
		t.Errorf("the first changes are %+v, %v", page, err)
	}
	page, err = db.ThreadChanges(context.Background(), "lobby", 1, page.Rev, chat.Limit{Messages: 2})
	if err != nil || texts(page.Messages) != "root" || page.Rev != 10 || page.More {
		t.Errorf("the last changes are %+v, %v", page, err)
	}
	changed(t, db, chat.Delete{Target: in(first.Seq, bob)})
	summary("2 1700000000123 AnnBob")
	changed(t, db, chat.Delete{Target: in(1, ann)})
	summary("2 1700000000123 AnnBob") // replies keep their place
	late := draft("lobby", "late")
	late.Thread = 1
	refuses(t, db, late, chat.ErrGone)
	changed(t, db, chat.Delete{Target: in(7, bob)})
	changed(t, db, chat.Delete{Target: in(5, ann)})
	summary("")
}

func testQuote(t *testing.T, open opener) {
	db := said(t, open, strings.Repeat("日", 100), "two")
	post := draft("lobby", "reply")
	post.ReplyTo = 1
	m := changed(t, db, post)
	if want := (&chat.Quote{AuthorID: "ann", From: "Ann", Text: strings.Repeat("日", chat.MaxQuote/3)}); m.ReplyTo != 1 || !reflect.DeepEqual(m.Quote, want) {
		t.Errorf("the reply is %+v", m)
	}
	changed(t, db, chat.Edit{Target: in(1, ann), Rev: 1, Text: "short"})
	if m := changed(t, db, chat.Pin{Target: in(3, ann), On: true}); m.Quote.Text != "short" {
		t.Errorf("the quote is %+v", m.Quote)
	}
	if again := refuses(t, db, post, nil).Message; again.Quote == nil || again.Quote.Text != "short" {
		t.Errorf("sent again, it is %+v", again)
	}
	changed(t, db, chat.Delete{Target: in(1, ann)})
	if m := newest(t, db, "lobby", 1).Messages[0]; m.Quote != nil || m.ReplyTo != 1 {
		t.Errorf("after the deletion of its original, it is %+v", m)
	}
	post = draft("lobby", "late")
	post.ReplyTo = 1
	refuses(t, db, post, chat.ErrGone)
	post.ReplyTo = 50
	refuses(t, db, post, chat.ErrNoMessage)
}

func testNoMessage(t *testing.T, open opener) {
	db := said(t, open, "one")
	say(t, db, draft("other", "1"), draft("other", "2"))
	for _, c := range []chat.Change{
		chat.Edit{Target: in(2, ann), Rev: 2, Text: "x"}, // in another room there is one
		chat.Delete{Target: in(-1, ann)},
		chat.Purge{Target: in(99, ann), Version: 1},
		chat.React{Target: in(0, ann), Emoji: "👍", On: true},
		chat.Pin{Target: in(1<<60, ann), On: true},
	} {
		refuses(t, db, c, chat.ErrNoMessage)
	}
	elsewhere := in(1, ann)
	elsewhere.Room = "nowhere"
	refuses(t, db, chat.Delete{Target: elsewhere}, chat.ErrNoMessage)
	post := draft("nowhere", "a reply creates no room")
	post.Thread = 1
	refuses(t, db, post, chat.ErrNoMessage)
	if rooms, err := db.Rooms(context.Background(), "", "", 9); err != nil || len(rooms) != 2 {
		t.Errorf("the rooms are %+v, %v", rooms, err)
	}
}

func testLowDiskChanges(t *testing.T, open opener) {
	low := false
	db := open(t, store.Options{DiskLow: func() bool { return low }})
	say(t, db, draft("lobby", "one"))
	low = true
	refuses(t, db, chat.Edit{Target: in(1, ann), Rev: 1, Text: strings.Repeat("x", chat.ShortText+1)}, chat.ErrShortOnly)
	changed(t, db, chat.Edit{Target: in(1, ann), Rev: 1, Text: strings.Repeat("x", chat.ShortText)})
	changed(t, db, chat.Delete{Target: in(1, ann)})
}

func testOneBatch(t *testing.T, open opener) {
	db := said(t, open, "one", "two")
	reply, other := draft("lobby", "reply"), draft("other", "x")
	reply.Thread, reply.ReplyTo = 1, 2
	outcomes, err := db.Commit(context.Background(), []chat.Change{
		reply, // 3, and the root 4
		chat.Edit{Target: in(3, ann), Rev: 3, Text: "edited"}, // not read before: posted in this batch
		other,
		chat.Edit{Target: in(1, ann), Rev: 1, Text: "uno"},                   // 6
		chat.Edit{Target: in(1, ann), Rev: 1, Text: "eins"},                  // a conflict
		chat.Purge{Target: in(1, ann), Version: 1},                           // 7
		chat.Delete{Target: in(2, ann)},                                      // 8
		chat.React{Target: in(2, bob), Emoji: "👍", On: true},                 // gone
		chat.Delete{Target: in(3, bob), Moderator: true},                     // 9, and the root 10
		chat.Pin{Target: in(1, bob), On: true},                               // 11
		chat.Edit{Target: in(1, ann), Rev: 11, Text: "ein"},                  // 12
		chat.Delete{Target: in(1, ann), Reason: "all of it is in one batch"}, // 13
	})
	if err != nil {
		t.Fatal(err)
	}
	want := []struct {
		rev, room int64
		err       error
	}{
		{3, 4, nil},
		{5, 5, nil},
		{1, 1, nil},
		{6, 6, nil},
		{6, 6, chat.ErrConflict},
		{7, 7, nil},
		{8, 8, nil},
		{8, 8, chat.ErrGone},
		{9, 10, nil},
		{11, 11, nil},
		{12, 12, nil},
		{13, 13, nil},
	}
	for i, outcome := range outcomes {
		if outcome.Message.Rev != want[i].rev || outcome.Rev != want[i].room || !errors.Is(outcome.Err, want[i].err) {
			t.Errorf("change %d has the outcome %+v", i, outcome)
		}
	}
	if quote := outcomes[0].Message.Quote; quote == nil || quote.Text != "two" {
		t.Errorf("the reply quotes %+v", quote)
	}
	page := changes(t, db, "lobby", 0, chat.PageLimit)
	if len(page.Messages) != 3 || page.Rev != 13 {
		t.Fatalf("stored are %+v", page)
	}
	for i, m := range page.Messages {
		if m.Text != "" || m.Deleted == nil || m.Rev != []int64{8, 9, 13}[i] || m.Replies != nil {
			t.Errorf("message %d is %+v", m.Seq, m)
		}
		if got := versions(t, db, m.Seq); got != "" {
			t.Errorf("message %d has the versions %q", m.Seq, got)
		}
	}
}

func testMadeTwice(t *testing.T, open opener) {
	db := said(t, open, "one", "two")
	reply := draft("lobby", "reply")
	reply.Thread = 1
	batch := []chat.Change{
		reply,
		chat.Edit{Target: in(1, ann), Rev: 1, Text: "uno"},
		chat.React{Target: in(1, bob), Emoji: "👍", On: true},
		chat.Pin{Target: in(1, bob), On: true},
		chat.Delete{Target: in(2, ann)},
	}
	for again := range 2 {
		outcomes, err := db.Commit(context.Background(), batch)
		if err != nil {
			t.Fatal(err)
		}
		for i, outcome := range outcomes {
			if outcome.Err != nil || outcome.Known != (again == 1) || again == 1 && outcome.Rev != 8 {
				t.Errorf("change %d, time %d: %+v", i, again, outcome)
			}
		}
	}
}
