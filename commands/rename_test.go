package commands_test

import (
	"context"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/google/uuid"

	"chatserver/chattest"
)

// A room that the operator renames keeps its people and its messages. Those who are in it
// learn the new address, clients that know only the old one go on as if nothing had happened,
// and links to the old one lead to the new one.
func TestARenamedRoomKeepsItsPeopleAndItsLinks(t *testing.T) {
	t.Parallel()
	onEveryDatabase(t, func(t *testing.T, args ...string) {
		args = append(args, "--data", t.TempDir())
		program := chattest.StartProgram(t, append(args, "--rate", "0")...)
		w := program.World()
		ann, tom := w.Join("Ann", "cave", chattest.ComesBack()), w.Connect("Tom", "room=cave")
		tom.Hears("Tom connected to chat")
		ann.SaysUntilAcknowledged("cave", uuid.NewString(), "before")
		tom.Hears("Ann: before")
		renames := func(from, to string) (said string, code int) {
			return run(t, append([]string{"rooms", "rename", from, to}, args...)...)
		}

		if said, code := renames("Cave", "grotto"); code != 0 || said != "renamed cave to grotto\n" {
			t.Fatalf("it ends with %d: %s", code, said)
		}
		if e := ann.HearsEvent("renamed"); e.Room != "cave" || e.Address != "grotto" || e.Title != "Grotto" {
			t.Errorf("Ann hears %+v", e)
		}
		leads(t, w, "/rooms/cave", "/rooms/grotto")
		leads(t, w, "/rooms/cave/1", "/rooms/grotto/1")
		leads(t, w, "/rooms/cave?name=Ann", "/rooms/grotto?name=Ann")
		if status, page := gets(t, w, "/rooms/grotto"); status != http.StatusOK || !strings.Contains(page, "before") || !strings.Contains(page, `data-room="cave" data-address="grotto"`) {
			t.Errorf("the page of the new address has status %d and is\n%s", status, page)
		}

		// Bob knows only the new address, and Cid has only the old one. Both use a client from
		// before rooms had ids.
		bob, cid := w.Join("Bob", "grotto", chattest.ComesBack()), w.Join("Cid", "cave")
		for _, m := range []*chattest.Member{ann, bob, cid} {
			room := map[*chattest.Member]string{ann: "cave", bob: "grotto", cid: "cave"}[m]
			m.SaysUntilAcknowledged(room, uuid.NewString(), "from "+m.Name)
			m.Asks("typing", "room", room)
		}
		seq, _ := bob.SaysUntilAcknowledged("grotto", uuid.NewString(), "mine")
		bob.Asks("react", "room", "grotto", "seq", seq, "emoji", "👍", "on", true)
		if e := bob.HearsEventThat("acknowledges it", func(e chattest.Event) bool { return e.Event == "ack" && e.Cmd == "react" }); e.Room != "grotto" {
			t.Errorf("Bob's reaction is acknowledged in %q", e.Room)
		}
		bob.Asks("edit", "room", "grotto", "seq", 1, "rev", 1, "text", "another's")
		if e := bob.HearsEvent("error"); e.Room != "grotto" {
			t.Errorf("Bob's edit is refused in %q", e.Room)
		}
		bob.Pings()
		tom.Says("from Tom")
		for m, room := range map[*chattest.Member]string{ann: "cave", bob: "grotto", cid: "cave"} {
			m.Reaches(room, 7)
			if has := m.Has(room); len(has) != 6 || has[0].Text != "before" || has[5].Text != "from Tom" || len(m.Wrongs()) > 0 {
				t.Errorf("%s has %+v, and noticed %v", m.Name, has, m.Wrongs())
			}
			m.SeesJust(room, "Ann", "Bob", "Cid", "Tom")
		}
		bob.StaysAway()
		ann.SaysUntilAcknowledged("cave", uuid.NewString(), "while Bob is away")
		bob.Returns()
		bob.Reaches("grotto", 8)

		// It is listed by its new address, and answers to both.
		ann.Asks("rooms", "prefix", "gro")
		if e := ann.HearsEvent("rooms"); len(e.Rooms) != 1 || e.Rooms[0].Room != "cave" || e.Rooms[0].Address != "grotto" || e.Rooms[0].Title != "Grotto" || e.Rooms[0].Online != 4 {
			t.Errorf("listed are %+v", e.Rooms)
		}
		for _, address := range []string{"cave", "grotto"} {
			if lines := succeeds(t, append([]string{"export", address}, args...)...); strings.Count(lines, "\n") != 7 {
				t.Errorf("%s is exported as\n%s", address, lines)
			}
		}
		if listed := succeeds(t, append([]string{"rooms", "list"}, args...)...); !strings.Contains(listed, "grotto") || strings.Contains(listed, "cave") {
			t.Errorf("the command lists\n%s", listed)
		}

		// An address is that of one room, for as long as the room exists.
		ann.JoinsAlso("hall")
		ann.SaysUntilAcknowledged("hall", uuid.NewString(), "another room")
		for _, refused := range []struct{ from, to, why string }{
			{"hall", "grotto", "there is a room grotto already"},
			{"hall", "cave", "cave is a former address of the room grotto"},
			{"nowhere", "den", "there is no room nowhere"},
			{"hall", "no spaces", "is not a room name: nothing was renamed"},
		} {
			if said, code := renames(refused.from, refused.to); code == 0 || !strings.Contains(said, refused.why) {
				t.Errorf("to rename %s to %q ends with %d: %s", refused.from, refused.to, code, said)
			}
		}

		// Back to the old one. Nobody is cut off by any of it.
		if said, code := renames("grotto", "cave"); code != 0 {
			t.Fatalf("it ends with %d: %s", code, said)
		}
		ann.HearsEventThat("is the old address", func(e chattest.Event) bool { return e.Event == "renamed" && e.Address == "cave" })
		leads(t, w, "/rooms/grotto", "/rooms/cave")
		if opened := ann.Opened(); opened != 1 {
			t.Errorf("Ann connected %d times", opened)
		}
		tom.Says("still here")
		ann.HearsEventThat("is from Tom", func(e chattest.Event) bool { return e.Text == "still here" })
	})
}

// People who are in a room that nobody wrote in yet come into the room that gets its name, and
// into no other.
func TestARoomCanGetTheNameOfOneThatNobodyWroteIn(t *testing.T) {
	t.Parallel()
	data := t.TempDir()
	program := chattest.StartProgram(t, "--data", data, "--rate", "0")
	w := program.World()
	ann, bob := w.Join("Ann", "cave"), w.Join("Bob", "grotto", chattest.ComesBack())
	ann.SaysUntilAcknowledged("cave", uuid.NewString(), "in the cave")
	succeeds(t, "rooms", "rename", "cave", "grotto", "--data", data)
	bob.Reaches("grotto", 1)
	bob.SaysUntilAcknowledged("grotto", uuid.NewString(), "in the grotto")
	ann.Reaches("cave", 2)
	ann.SeesJust("cave", "Ann", "Bob")
	bob.SeesJust("grotto", "Ann", "Bob")
}

// A room that gets the name of a removed one is not taken for it, also by a client that was
// away all the time.
func TestARoomWithTheNameOfARemovedOneIsNotTakenForIt(t *testing.T) {
	t.Parallel()
	onEveryDatabase(t, func(t *testing.T, args ...string) {
		args = append(args, "--data", t.TempDir())
		program := chattest.StartProgram(t, append(args, "--rate", "0")...)
		w := program.World()
		ann, bob := w.Join("Ann", "cave", chattest.ComesBack()), w.Join("Bob", "grotto", chattest.ComesBack())
		for range 3 {
			ann.SaysUntilAcknowledged("cave", uuid.NewString(), "in the cave")
			bob.SaysUntilAcknowledged("grotto", uuid.NewString(), "in the first grotto")
		}
		ann.SaysUntilAcknowledged("cave", uuid.NewString(), "more in the cave")
		bob.StaysAway()
		succeeds(t, append([]string{"rooms", "remove", "grotto", "--yes"}, args...)...)
		succeeds(t, append([]string{"rooms", "rename", "cave", "grotto"}, args...)...)
		bob.Returns()
		bob.Reaches("grotto", 4)      // the server may not know yet that grotto is another room now
		dan := w.Join("Dan", "lobby") // a client that does not send the id of its latest message
		dan.Asks("join", "room", "grotto", "since", 2)
		if e := dan.HearsEventThat("is the grotto", func(e chattest.Event) bool { return e.Event == "room" && e.Room == "grotto" }); !e.Reset {
			t.Error("Dan takes it for the first grotto")
		}
		bob.SaysUntilAcknowledged("grotto", uuid.NewString(), "hello")
		if has := bob.Has("grotto"); len(has) != 5 || has[0].Text != "in the cave" {
			t.Errorf("Bob has %+v", has)
		}
		ann.Reaches("cave", bob.Has("grotto")[4].Rev)

		// A removed room takes all its names with it.
		succeeds(t, append([]string{"rooms", "remove", "grotto", "--yes"}, args...)...)
		ann.HearsEventThat("starts afresh", func(e chattest.Event) bool { return e.Event == "room" && e.Reset && len(e.Messages) == 0 })
		cid := w.Join("Cid", "cave")
		if seq, _ := cid.SaysUntilAcknowledged("cave", uuid.NewString(), "afresh"); seq <= 5 {
			t.Errorf("the revs of the new cave begin again, at %d", seq)
		}
		if has := cid.Has("cave"); len(has) != 1 {
			t.Errorf("Cid has %+v", has)
		}
		cid.JoinsAlso("grotto")
		if seq, _ := cid.SaysUntilAcknowledged("grotto", uuid.NewString(), "afresh"); seq <= 6 {
			t.Errorf("the revs of the new grotto begin again, at %d", seq)
		}
	})
}

// To look at a room makes none.
func TestReadingMakesNoRoom(t *testing.T) {
	t.Parallel()
	data := t.TempDir()
	w := chattest.StartProgram(t, "--data", data, "--rate", "0").World()
	gets(t, w, "/rooms/looked-at")
	gets(t, w, "/rooms/looked-at/1")
	gets(t, w, "/rooms/looked-at/qr.svg")
	ann := w.Join("Ann", "looked-at")
	ann.Asks("typing", "room", "looked-at")
	for _, cmd := range []string{"pins", "history"} {
		ann.Asks(cmd, "room", "looked-at", "before", 1)
	}
	ann.Pings()
	tom := w.Connect("Tom", "room=looked-at")
	tom.Hears("Tom connected to chat")
	ann.Asks("rooms", "prefix", "looked")
	if e := ann.HearsEvent("rooms"); len(e.Rooms) != 0 {
		t.Errorf("listed are %+v", e.Rooms)
	}
	if listed := succeeds(t, "rooms", "list", "--data", data); strings.Contains(listed, "looked-at") {
		t.Errorf("the command lists\n%s", listed)
	}
	ann.SaysUntilAcknowledged("looked-at", uuid.NewString(), "a message makes it")
	if listed := succeeds(t, "rooms", "list", "--data", data); !strings.Contains(listed, "looked-at") {
		t.Errorf("the command lists\n%s", listed)
	}
}

// asks requests a page and follows no redirect.
func asks(t *testing.T, w *chattest.World, path string) *http.Response {
	t.Helper()
	request, err := http.NewRequestWithContext(context.Background(), http.MethodGet, w.URL(path), nil)
	if err != nil {
		t.Fatal(err)
	}
	response, err := http.DefaultTransport.RoundTrip(request)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = response.Body.Close() })
	return response
}

// gets returns a page.
func gets(t *testing.T, w *chattest.World, path string) (status int, page string) {
	t.Helper()
	response := asks(t, w, path)
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, string(body)
}

// leads fails unless a path redirects to another one for good.
func leads(t *testing.T, w *chattest.World, from, to string) {
	t.Helper()
	if response := asks(t, w, from); response.StatusCode != http.StatusMovedPermanently || response.Header.Get("Location") != to {
		t.Errorf("%s is answered with %d and leads to %q", from, response.StatusCode, response.Header.Get("Location"))
	}
}
