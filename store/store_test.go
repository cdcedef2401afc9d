package store_test

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"chatserver/chat"
	"chatserver/chattest"
	"chatserver/store"
)

// The conformance suite: what every store promises, whatever its database.
func TestSQLite(t *testing.T) {
	conformance(t, func(t *testing.T, options store.Options) *store.DB {
		return openFolder(t, t.TempDir(), options)
	})
}

func TestPostgres(t *testing.T) {
	conformance(t, func(t *testing.T, options store.Options) *store.DB {
		return openURL(t, chattest.Database(t), options)
	})
}

type opener func(*testing.T, store.Options) *store.DB

func conformance(t *testing.T, open opener) {
	for name, test := range map[string]func(*testing.T, opener){
		"messages are read as they were stored":                    testReadAsSaid,
		"every room has its own revs":                              testRoomsCount,
		"a room without messages is empty":                         testEmptyRoom,
		"the newest page ends with the newest":                     testNewest,
		"pages of changes join without gaps":                       testChanges,
		"many writers leave no gap":                                testNoGap,
		"a batch is stored completely or not at all":               testWhole,
		"a room above the limit is refused, the others are stored": testTooManyRooms,
		"a network creates a limited number of rooms":              testNewRooms,
		"a disk that fills up takes short messages":                testDiskLow,
		"a page and its rev are from one moment":                   testOneMoment,
		"a batch of the largest size is one transaction":           testLargest,
		"a message that is sent twice is stored once":              testSaidTwice,
		"an id belongs to its room":                                testIDOfARoom,
		"pages are bounded in bytes":                               testPageBytes,
		"history goes back page by page":                           testBefore,
		"a page has the id of the message before it":               testSinceID,
		"rooms are listed by slug":                                 testRooms,
	} {
		t.Run(name, func(t *testing.T) { test(t, open) })
	}
	for _, tests := range []map[string]func(*testing.T, opener){changeTests, accountTests, signInTests} {
		for name, test := range tests {
			t.Run(name, func(t *testing.T) { test(t, open) })
		}
	}
}

func openFolder(t *testing.T, folder string, options store.Options) *store.DB {
	t.Helper()
	db, err := store.Open(context.Background(), "", folder, options)
	return opened(t, db, err)
}

func openURL(t *testing.T, database string, options store.Options) *store.DB {
	t.Helper()
	db, err := store.Open(context.Background(), database, "", options)
	return opened(t, db, err)
}

// opened returns a store that is closed with the test.
func opened(t *testing.T, db *store.DB, err error) *store.DB {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return db
}

func draft(room, text string) chat.Post {
	return chat.Post{
		Room: room, ID: uuid.NewString(), AuthorID: "ann", From: "Ann", Text: text, At: time.UnixMilli(1700000000123).UTC(),
		HTML: "<p>" + text + "</p>", HTMLVersion: 7,
	}
}

func say(t *testing.T, db *store.DB, posts ...chat.Post) []chat.Message {
	t.Helper()
	outcomes, err := db.Commit(context.Background(), changesOf(posts...))
	if err != nil {
		t.Fatal(err)
	}
	var messages []chat.Message
	for _, outcome := range outcomes {
		if outcome.Err != nil {
			t.Fatal(outcome.Err)
		}
		messages = append(messages, outcome.Message)
	}
	return messages
}

func changesOf(posts ...chat.Post) (changes []chat.Change) {
	for _, post := range posts {
		changes = append(changes, post)
	}
	return changes
}

func newest(t *testing.T, db *store.DB, room string, limit int) chat.Page {
	t.Helper()
	page, err := db.Before(context.Background(), room, chat.Newest, chat.Limit{Messages: limit})
	if err != nil {
		t.Fatal(err)
	}
	return page
}

func changes(t *testing.T, db *store.DB, room string, since int64, limit chat.Limit) chat.Page {
	t.Helper()
	page, err := db.Changes(context.Background(), room, since, limit)
	if err != nil {
		t.Fatal(err)
	}
	return page
}

func texts(messages []chat.Message) string {
	var all []string
	for _, m := range messages {
		all = append(all, m.Text)
	}
	return strings.Join(all, " ")
}

func testReadAsSaid(t *testing.T, open opener) {
	db := open(t, store.Options{})
	for _, text := range []string{"hi", "  two  blanks  ", "line\nbreak\r\n", "<b>'quotes' \"and\" \\", "日本語 👩‍👩‍👧 é e\u0301", strings.Repeat("x", 1<<20)} {
		said := say(t, db, draft("lobby", text))
		got := newest(t, db, "lobby", 1).Messages
		if !reflect.DeepEqual(said, got) {
			t.Errorf("stored %.80v, read %.80v", said, got)
		}
		if got[0].HTML != "<p>"+text+"</p>" || got[0].HTMLVersion != 7 {
			t.Errorf("its HTML is %.80q of version %d", got[0].HTML, got[0].HTMLVersion)
		}
		if page := changes(t, db, "lobby", got[0].Rev-1, chat.PageLimit); !reflect.DeepEqual(page.Messages, got) {
			t.Errorf("as a change it is %.80v", page.Messages)
		}
	}
}

func testRoomsCount(t *testing.T, open opener) {
	db := open(t, store.Options{})
	said := say(t, db, draft("a", "1"), draft("b", "1"), draft("a", "2"))
	said = append(said, say(t, db, draft("b", "2"), draft("a", "3"))...)
	for i, want := range []int64{1, 1, 2, 2, 3} {
		if said[i].Seq != want || said[i].Rev != want {
			t.Errorf("message %d of %s has seq %d and rev %d, not %d", i, said[i].Room, said[i].Seq, said[i].Rev, want)
		}
	}
	if a, b := newest(t, db, "a", 9), newest(t, db, "b", 9); a.Rev != 3 || b.Rev != 2 || texts(a.Messages) != "1 2 3" {
		t.Errorf("rooms are %+v and %+v", a, b)
	}
}

func testEmptyRoom(t *testing.T, open opener) {
	db := open(t, store.Options{})
	if page := newest(t, db, "nowhere", 10); page.Rev != 0 || len(page.Messages) != 0 || page.More {
		t.Errorf("got %+v", page)
	}
}

func testNewest(t *testing.T, open opener) {
	db := open(t, store.Options{})
	for i := range 7 {
		say(t, db, draft("lobby", fmt.Sprint(i)))
	}
	if page := newest(t, db, "lobby", 3); texts(page.Messages) != "4 5 6" || page.Rev != 7 {
		t.Errorf("got %+v", page)
	}
}

func testChanges(t *testing.T, open opener) {
	db := open(t, store.Options{})
	for i := range 7 {
		say(t, db, draft("lobby", fmt.Sprint(i+1)))
	}
	var heard []string
	since := int64(2)
	for more := true; more; {
		page := changes(t, db, "lobby", since, chat.Limit{Messages: 2})
		if page.Since != since {
			t.Errorf("the page begins at %d, asked for %d", page.Since, since)
		}
		heard = append(heard, texts(page.Messages))
		since, more = page.Rev, page.More
	}
	if got := strings.Join(heard, "|"); got != "3 4|5 6|7" || since != 7 {
		t.Errorf("read %q up to %d", got, since)
	}
	if page := changes(t, db, "lobby", 7, chat.Limit{Messages: 2}); len(page.Messages) != 0 || page.Rev != 7 || page.More {
		t.Errorf("after the last: %+v", page)
	}
	if page := changes(t, db, "lobby", 99, chat.Limit{Messages: 2}); len(page.Messages) != 0 || page.Rev != 7 || page.More {
		t.Errorf("beyond the last: %+v", page)
	}
}

func testNoGap(t *testing.T, open opener) {
	db := open(t, store.Options{})
	const writers, each = 8, 25
	var wg sync.WaitGroup
	for range writers {
		wg.Go(func() {
			for range each {
				if _, err := db.Commit(context.Background(), []chat.Change{draft("lobby", "x"), draft("other", "x")}); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	for _, room := range []string{"lobby", "other"} {
		page := newest(t, db, room, 1000)
		if len(page.Messages) != writers*each || page.Rev != writers*each {
			t.Fatalf("%s has %d messages and rev %d", room, len(page.Messages), page.Rev)
		}
		for i, m := range page.Messages {
			if m.Seq != int64(i+1) || m.Rev != m.Seq {
				t.Fatalf("place %d holds seq %d, rev %d", i+1, m.Seq, m.Rev)
			}
		}
	}
}

func testWhole(t *testing.T, open opener) {
	db := open(t, store.Options{})
	say(t, db, draft("lobby", "1"), draft("broken", "1"))
	db.BreakSeq("broken")
	if _, err := db.Commit(context.Background(), []chat.Change{draft("new", "1"), draft("lobby", "half"), draft("broken", "2")}); err == nil {
		t.Fatal("a room got the same number twice")
	}
	if page := newest(t, db, "new", 9); page.Rev != 0 {
		t.Errorf("half a batch created a room: %+v", page)
	}
	stopped, stop := context.WithCancel(context.Background())
	stop()
	if _, err := db.Commit(stopped, []chat.Change{draft("lobby", "2"), draft("other", "2")}); err == nil {
		t.Fatal("it was stored after the caller had given up")
	}
	if page := newest(t, db, "lobby", 9); texts(page.Messages) != "1" || page.Rev != 1 {
		t.Errorf("half a batch was stored: %+v", page)
	}
	if next := say(t, db, draft("lobby", "3"))[0]; next.Seq != 2 {
		t.Errorf("the next message has seq %d", next.Seq)
	}
}

func testSaidTwice(t *testing.T, open opener) {
	db := open(t, store.Options{})
	first := draft("lobby", "first")
	say(t, db, first, draft("lobby", "second"))
	again := first
	again.Text, again.AuthorID = "again", "bob"
	third := draft("lobby", "third")
	outcomes, err := db.Commit(context.Background(), []chat.Change{third, again, third, draft("other", "x")})
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []struct {
		known    bool
		seq, rev int64
		text     string
	}{{false, 3, 3, "third"}, {true, 1, 3, "first"}, {true, 3, 3, "third"}, {false, 1, 1, "x"}} {
		got := outcomes[i]
		if got.Known != want.known || got.Message.Seq != want.seq || got.Rev != want.rev || got.Message.Text != want.text {
			t.Errorf("draft %d became %+v instead of %+v", i, got, want)
		}
	}
	if author := outcomes[1].Message.AuthorID; author != "ann" {
		t.Errorf("the first author was ann and is now %q", author)
	}
	if page := newest(t, db, "lobby", 9); texts(page.Messages) != "first second third" || page.Rev != 3 {
		t.Errorf("stored are %+v", page)
	}
}

func testIDOfARoom(t *testing.T, open opener) {
	db := open(t, store.Options{})
	here := draft("lobby", "here")
	there := here
	there.Room, there.Text = "other", "there"
	say(t, db, here)
	for i, outcome := range say(t, db, there) {
		if outcome.Text != "there" || outcome.Seq != 1 {
			t.Errorf("draft %d became %+v", i, outcome)
		}
	}
}

func testPageBytes(t *testing.T, open opener) {
	db := open(t, store.Options{})
	for i := range 9 {
		say(t, db, draft("lobby", fmt.Sprint(i+1)+strings.Repeat(" x", 1000)))
	}
	say(t, db, draft("lobby", strings.Repeat("\x01", 3000)), draft("lobby", "end")) // six bytes each in JSON
	limit := chat.Limit{Messages: 100, Bytes: 18000}                                // the text and its HTML
	var sizes []int
	for since, more := int64(0), true; more; {
		page := changes(t, db, "lobby", since, limit)
		sizes = append(sizes, len(page.Messages))
		if since++; page.Messages[0].Rev != since {
			t.Fatalf("a page after %d begins with %d", since-1, page.Messages[0].Rev)
		}
		since, more = page.Rev, page.More
	}
	if got := fmt.Sprint(sizes); got != "[4 4 1 1 1]" {
		t.Errorf("the pages have %s messages", got)
	}
	if page, err := db.Before(context.Background(), "lobby", 10, limit); err != nil || len(page.Messages) != 4 || page.Messages[3].Seq != 9 || !page.More {
		t.Errorf("before 10 there are %d messages, more %v, %v", len(page.Messages), page.More, err)
	}
}

func testBefore(t *testing.T, open opener) {
	db := open(t, store.Options{})
	for i := range 7 {
		say(t, db, draft("lobby", fmt.Sprint(i+1)))
	}
	var read []string
	for before, more := int64(chat.Newest), true; more; {
		page, err := db.Before(context.Background(), "lobby", before, chat.Limit{Messages: 3})
		if err != nil || page.Rev != 7 {
			t.Fatalf("%+v, %v", page, err)
		}
		read = append(read, texts(page.Messages))
		before, more = page.Messages[0].Seq, page.More
	}
	if got := strings.Join(read, "|"); got != "5 6 7|2 3 4|1" {
		t.Errorf("read %q", got)
	}
}

func testSinceID(t *testing.T, open opener) {
	db := open(t, store.Options{})
	said := say(t, db, draft("lobby", "1"), draft("lobby", "2"), draft("lobby", "3"))
	for since, want := range map[int64]string{0: "", 1: said[0].ID, 3: said[2].ID, 4: ""} {
		if page := changes(t, db, "lobby", since, chat.PageLimit); page.SinceID != want || int64(len(page.Messages)) != max(3-since, 0) {
			t.Errorf("after %d: %+v", since, page)
		}
	}
}

func testRooms(t *testing.T, open opener) {
	db := open(t, store.Options{})
	for _, slug := range []string{"b-one", "a", "b_two", "lobby", "b", "b-one"} {
		say(t, db, draft(slug, "x"))
	}
	for _, test := range []struct {
		after, prefix string
		limit         int
		want          string
	}{
		{"", "", 9, "a b b-one b_two lobby"},
		{"", "", 2, "a b"},
		{"b", "", 2, "b-one b_two"},
		{"", "b", 9, "b b-one b_two"},
		{"b-one", "b", 9, "b_two"},
		{"lobby", "", 9, ""},
		{"", "z", 9, ""},
	} {
		rooms, err := db.Rooms(context.Background(), test.after, test.prefix, test.limit)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, room := range rooms {
			got = append(got, room.ID)
		}
		if strings.Join(got, " ") != test.want {
			t.Errorf("after %q with %q: %q", test.after, test.prefix, got)
		}
	}
	if rooms, err := db.Rooms(context.Background(), "b", "b-", 9); err != nil || len(rooms) != 1 || rooms[0] != (chat.Room{ID: "b-one", Address: "b-one", Title: "B one", Rev: 2}) {
		t.Errorf("got %+v, %v", rooms, err)
	}
}

func testTooManyRooms(t *testing.T, open opener) {
	db := open(t, store.Options{MaxRooms: 2})
	outcomes, err := db.Commit(context.Background(), []chat.Change{draft("a", "1"), draft("b", "1"), draft("c", "1"), draft("a", "2")})
	if err != nil {
		t.Fatal(err)
	}
	for i, outcome := range outcomes {
		if refused := errors.Is(outcome.Err, chat.ErrTooManyRooms); refused != (i == 2) {
			t.Errorf("draft %d: %v", i, outcome.Err)
		}
	}
	if page := newest(t, db, "a", 9); texts(page.Messages) != "1 2" {
		t.Errorf("room a has %+v", page)
	}
	if page := newest(t, db, "c", 9); page.Rev != 0 {
		t.Errorf("room c has %+v", page)
	}
}

func testOneMoment(t *testing.T, open opener) {
	db := open(t, store.Options{})
	say(t, db, draft("lobby", "x"))
	writing := make(chan struct{})
	go func() {
		defer close(writing)
		for range 200 {
			if _, err := db.Commit(context.Background(), []chat.Change{draft("lobby", "x")}); err != nil {
				t.Error(err)
			}
		}
	}()
	for done := false; !done; {
		select {
		case <-writing:
			done = true
		default:
		}
		page := newest(t, db, "lobby", 5)
		if last := page.Messages[len(page.Messages)-1]; last.Rev != page.Rev {
			t.Fatalf("a page of rev %d ends with rev %d", page.Rev, last.Rev)
		}
		if page := changes(t, db, "lobby", 0, chat.Limit{Messages: 1000}); int64(len(page.Messages)) != page.Rev {
			t.Fatalf("%d changes up to rev %d", len(page.Messages), page.Rev)
		}
	}
}

func testLargest(t *testing.T, open opener) {
	db := open(t, store.Options{})
	var drafts []chat.Post
	for i := range 256 {
		drafts = append(drafts, draft(fmt.Sprint("room-", i%16), fmt.Sprint(i)))
	}
	said := say(t, db, drafts...)
	for i, m := range said {
		if m.Text != drafts[i].Text || m.Seq != int64(i/16+1) {
			t.Fatalf("draft %d became %+v", i, m)
		}
	}
}
