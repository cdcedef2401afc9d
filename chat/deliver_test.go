package chat

import (
	"log/slog"
	"runtime"
	"testing"
)

// A message that waits for a place which the store does not have, when it is asked after
// that message came, is dropped: the place is free for the one that is stored there. One
// that came after the store was asked goes on waiting.
func TestAFalseMessageLeavesTheReorderBuffer(t *testing.T) {
	h := newHub([kinds]Frames{}, Options{Fleet: &Fleet{}})
	defer h.keepalive.stop()
	defer h.fairness.stop()
	r, err := h.openRoom("lobby")
	if err != nil {
		t.Fatal(err)
	}
	h.suspect = func(string, BackfillReason) {}
	r.live, r.rev, r.gapTimer = 1, 1, true
	r.apply(Message{Room: "lobby", Rev: 3, ID: "false"})
	claimed := h.heldRevs("lobby")
	r.apply(Message{Room: "lobby", Rev: 4, ID: "after"})
	h.dropHeld("lobby", claimed, 2)
	if _, waits := r.held[3]; waits || len(r.held) != 1 {
		t.Errorf("%v wait", r.held)
	}
	r.apply(Message{Room: "lobby", Rev: 4, ID: "another"})
	if len(r.held) != 0 || !r.disputed {
		t.Errorf("of two for one place %v wait, without the store being asked", r.held)
	}
}

// A room knows which message had one of its last revs, and does not take another for it.
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
		t.Error("of revs that it does not know it knows whose they are")
	}
}

// A room begins afresh when another message comes for a rev that its members have, and not
// when the same one comes again.
func TestARoomRestartsAfterAFalseMessage(t *testing.T) {
	h := newHub([kinds]Frames{emptyFrames{}, emptyFrames{}}, Options{Fleet: &Fleet{}, Log: slog.New(slog.DiscardHandler), Metrics: noMetrics{}})
	defer h.keepalive.stop()
	defer h.fairness.stop()
	r, err := h.openRoom("lobby")
	if err != nil {
		t.Fatal(err)
	}
	h.suspect = func(string, BackfillReason) {}
	r.live = 1
	for _, id := range []string{"1", "2", "3"} {
		r.apply(Message{Room: "lobby", Rev: r.rev + 1, ID: id})
	}
	r.apply(Message{Room: "lobby", Rev: 2, ID: "2"})
	if h.backfill("lobby", Page{Since: 3, SinceID: "3", Rev: 4, Messages: []Message{{Rev: 4, ID: "4"}}}); h.stats.restarted.Load() > 0 || h.find("lobby") != r {
		t.Error("it began afresh for what it had already")
	}
	if h.backfill("lobby", Page{Since: 4, SinceID: "another", Rev: 5}) {
		t.Error("it was filled by what goes on from another message")
	}
	for h.find("lobby") != nil { // it does so in its own time
		runtime.Gosched()
	}
	h.rooms["lobby"] = r
	r.apply(Message{Room: "lobby", Rev: 2, ID: "another"})
	for h.find("lobby") != nil {
		runtime.Gosched()
	}
}

// emptyFrames frames say nothing.
type emptyFrames struct{}

func (emptyFrames) Append(dst []byte, _ Event) []byte { return dst }
