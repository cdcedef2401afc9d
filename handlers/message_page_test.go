package handlers_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"chatserver/chat"
)

// remark returns the text of the nth message: no other one contains it.
func remark(n int) string { return fmt.Sprintf("remark <%d>", n) }

// A permalink opens the room around its message, which is lit, also without scripts.
func TestAPermalinkOpensTheRoomAroundItsMessage(t *testing.T) {
	d := newSite(t, nil)
	for n := 1; n <= 90; n++ {
		d.stores("lobby", "Ann", remark(n))
	}
	d.stores("den", "Bob", "somewhere else")
	response, body := d.get("/rooms/lobby/50", "Accept", "text/html")
	if response.StatusCode != 200 {
		t.Fatalf("it is answered with %s", response.Status)
	}
	for n := 1; n <= 90; n++ {
		shown := strings.Contains(body, fmt.Sprintf("remark &lt;%d&gt;", n))
		if want := n >= 25 && n <= 75; shown != want {
			t.Errorf("message %d is shown: %t", n, shown)
		}
	}
	for _, row := range strings.Split(body, `<div class="message"`)[1:] {
		head, _, _ := strings.Cut(row, ">")
		if lit, its := strings.Contains(head, "data-lit"), strings.Contains(head, `data-seq="50"`); lit != its {
			t.Errorf("a row is lit: %t: %s", lit, head)
		}
	}
	if strings.Contains(body, "data-epoch") {
		t.Error("modules would take the page for the newest messages")
	}
	if _, body := d.get("/", "Accept", "text/html"); strings.Contains(body, "data-lit") || !strings.Contains(body, "data-epoch") {
		t.Error("the room's own page has a lit message, or no epoch")
	}
}

// Whoever opens the permalink of a deleted message reads that it was deleted, and nothing of
// what it said.
func TestThePermalinkOfADeletedMessageSaysSo(t *testing.T) {
	d := newSite(t, nil)
	d.stores("lobby", "Ann", "before")
	d.stores("lobby", "Ann", "a secret word")
	d.stores("lobby", "Bob", "after")
	change := chat.Delete{Target: chat.Target{Room: "lobby", Seq: 2, By: chat.Author{ID: "Ann", Name: "Ann"}, At: time.Now().UTC()}, Reason: "wrong <room>"}
	if outcomes, err := d.db.Commit(context.Background(), []chat.Change{change}); err != nil || outcomes[0].Err != nil {
		t.Fatal(err, outcomes)
	}
	for _, path := range []string{"/rooms/lobby/2", "/rooms/lobby/1", "/"} {
		response, body := d.get(path, "Accept", "text/html")
		if response.StatusCode != 200 || !strings.Contains(body, ", deleted at ") || !strings.Contains(body, `wrong &lt;room&gt;`) {
			t.Errorf("%s is answered with %s and does not say that a message was deleted", path, response.Status)
		}
		if strings.Contains(body, "secret") {
			t.Errorf("%s has the deleted text", path)
		}
		if lit := strings.Contains(body, `data-testid="gone" data-lit`); lit != (path == "/rooms/lobby/2") {
			t.Errorf("%s has a lit tombstone: %t", path, lit)
		}
	}
}

// The permalink of a message that was moved leads to where it is now, however often it was
// moved, and also if it was deleted there.
func TestThePermalinkOfAMovedMessageLeadsToIt(t *testing.T) {
	d := newSite(t, nil)
	d.stores("lobby", "Ann", "before")
	d.stores("lobby", "Ann", "a wandering word")
	d.stores("den", "Bob", "first")
	d.stores("attic", "Bob", "first")
	moves := func(from, to string, seq int64) int64 {
		move := chat.Move{Target: chat.Target{Room: from, Seq: seq, By: chat.Author{ID: "Bob", Name: "Bob"}, At: time.Now().UTC()}, To: to, Seqs: []int64{seq}}
		outcomes, err := d.db.Commit(context.Background(), []chat.Change{move})
		if err != nil || outcomes[0].Err != nil {
			t.Fatal(err, outcomes)
		}
		return outcomes[0].Places[0]
	}
	there := moves("lobby", "den", 2)
	for range 2 {
		response, _ := d.get("/rooms/lobby/2?from=feed", "Accept", "text/html")
		if to := response.Header.Get("Location"); response.StatusCode != 307 || to != fmt.Sprintf("/rooms/den/%d?from=feed", there) {
			t.Errorf("it is answered with %s to %s", response.Status, to)
		}
		moves("attic", "den", moves("den", "attic", there)) // and back
	}
	attic := moves("den", "attic", there)
	if response, _ := d.get("/rooms/lobby/2", "Accept", "text/html"); response.Header.Get("Location") != fmt.Sprintf("/rooms/attic/%d", attic) {
		t.Errorf("it leads to %s", response.Header.Get("Location"))
	}
	if response, body := d.get(fmt.Sprintf("/rooms/attic/%d", attic), "Accept", "text/html"); response.StatusCode != 200 || !strings.Contains(body, "a wandering word") {
		t.Errorf("there it is answered with %s", response.Status)
	}
	if _, err := d.db.Commit(context.Background(), []chat.Change{chat.Delete{Target: chat.Target{Room: "attic", Seq: attic, At: time.Now().UTC()}, Moderator: true}}); err != nil {
		t.Fatal(err)
	}
	if response, _ := d.get("/rooms/lobby/2", "Accept", "text/html"); response.Header.Get("Location") != fmt.Sprintf("/rooms/attic/%d", attic) {
		t.Errorf("deleted, it leads to %s", response.Header.Get("Location"))
	}
}

func TestAPermalinkOfNothingIsAPageThatIsNotThere(t *testing.T) {
	d := newSite(t, nil)
	d.stores("lobby", "Ann", "one")
	d.stores("den", "Bob", "one")
	d.stores("den", "Bob", "two")
	for path, want := range map[string]int{
		"/rooms/lobby/2": 404, "/rooms/nowhere/1": 404, "/rooms/lobby/0": 404, "/rooms/lobby/-1": 404, "/rooms/lobby/abc": 404,
		"/rooms/lobby/99999999999999999999": 404, "/rooms/lobby/9223372036854775807": 404, "/rooms/no%20room/1": 400, "/rooms/lobby/1/2": 404,
		"/rooms/lobby/1": 200, "/rooms/den/2": 200,
	} {
		response, body := d.get(path, "Accept", "text/html")
		if response.StatusCode != want || want != 200 && !strings.Contains(body, `data-testid="refused"`) {
			t.Errorf("%s is answered with %s", path, response.Status)
		}
	}
	for path, want := range map[string]string{"/rooms/Lobby/1": "/rooms/lobby/1", "/rooms/lobby/001": "/rooms/lobby/1", "/rooms/%6Cobby/1?name=Ann": "/rooms/lobby/1?name=Ann"} {
		if response, _ := d.get(path, "Accept", "text/html"); response.StatusCode != 308 || response.Header.Get("Location") != want {
			t.Errorf("%s leads to %q with %s", path, response.Header.Get("Location"), response.Status)
		}
	}
}
