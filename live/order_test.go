package live

import (
	"log/slog"
	"runtime"
	"testing"

	"chatserver/chat"
)

// TestAFalseMessageLeavesTheReorderBuffer holds a message for a rev that the store, asked
// later, does not have: it is dropped, so that the stored one can take its place. A message
// that arrived after the store was asked stays.
func TestAFalseMessageLeavesTheReorderBuffer(t *testing.T) {
	h := testHub(t, [chat.Kinds]chat.Frames{}, true, chat.Options{})
	r, err := h.openRoom(chat.NewRoomInfo("lobby"))
	if err != nil {
		t.Fatal(err)
	}
	r.live, r.rev, r.checking = 1, 1, true
	r.Apply(chat.Message{Room: "lobby", Rev: 3, ID: "false"})
	held := r.heldRevs()
	r.Apply(chat.Message{Room: "lobby", Rev: 4, ID: "after"})
	r.dropFalse(held, 2)
	if _, waits := r.held[3]; waits || len(r.held) != 1 {
		t.Errorf("%v are held", r.held)
	}
	r.Apply(chat.Message{Room: "lobby", Rev: 4, ID: "another"})
	if len(r.held) != 0 || !r.disputed {
		t.Errorf("two messages for one rev: %v are held, and the store is not asked", r.held)
	}
}

// TestARoomRemembersTheIDsOfItsLatestRevs compares ids with those of the latest revs. Of
// older and newer revs the room knows nothing, so any id matches.
func TestARoomRemembersTheIDsOfItsLatestRevs(t *testing.T) {
	var c recent
	for rev := int64(1); rev <= 100; rev++ {
		c.note(rev, string(rune('a'+rev%26)))
	}
	for rev := int64(101 - recentRevs); rev <= 100; rev++ {
		if !c.matches(rev, string(rune('a'+rev%26))) || c.matches(rev, "another") {
			t.Errorf("rev %d", rev)
		}
	}
	if !c.matches(3, "another") || !c.matches(101, "another") {
		t.Error("an unknown rev does not match every id")
	}
}

// TestARoomRestartsAfterAFalseMessage receives a second message for a delivered rev. If it
// is the same message again, the room goes on; if it is another one, the room restarts.
func TestARoomRestartsAfterAFalseMessage(t *testing.T) {
	h := testHub(t, [chat.Kinds]chat.Frames{emptyFrames{}, emptyFrames{}}, true, chat.Options{Log: slog.New(slog.DiscardHandler)})
	r, err := h.openRoom(chat.NewRoomInfo("lobby"))
	if err != nil {
		t.Fatal(err)
	}
	r.live = 1
	for _, id := range []string{"1", "2", "3"} {
		r.Apply(chat.Message{Room: "lobby", Rev: r.rev + 1, ID: id})
	}
	r.Apply(chat.Message{Room: "lobby", Rev: 2, ID: "2"})
	if r.backfill(chat.Page{Since: 3, SinceID: "3", Rev: 4, Messages: []chat.Message{{Rev: 4, ID: "4"}}}); h.stats.restarted.Load() > 0 || h.Find("lobby") != r {
		t.Error("a repeated message restarted the room")
	}
	if r.backfill(chat.Page{Since: 4, SinceID: "another", Rev: 5}) {
		t.Error("a page that continues from another message was delivered")
	}
	for h.Find("lobby") != nil { // restart runs in a goroutine
		runtime.Gosched()
	}
	h.rooms["lobby"] = r
	r.Apply(chat.Message{Room: "lobby", Rev: 2, ID: "another"})
	for h.Find("lobby") != nil {
		runtime.Gosched()
	}
}

// emptyFrames encode every event as nothing.
type emptyFrames struct{}

func (emptyFrames) Append(dst []byte, _ chat.Event) []byte { return dst }
