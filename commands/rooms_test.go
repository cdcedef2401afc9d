package commands_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/uuid"

	"chatserver/chattest"
)

// A removed room is gone: for its members, in the list, and from every byte of the data
// directory. A new room of the same name starts empty, even for a client that was offline
// and reconnects when the new room has grown beyond the old one.
func TestARemovedRoomIsGoneForEverybody(t *testing.T) {
	t.Parallel()
	onEveryDatabase(t, func(t *testing.T, args ...string) {
		const word = "sesame"
		data := t.TempDir()
		args = append(args, "--data", data)
		program := chattest.StartProgram(t, append(args, "--rate", "0")...)
		w := program.World()
		ann, bob, cid := w.Join("Ann", "cave", chattest.ComesBack()), w.Join("Bob", "cave", chattest.ComesBack()), w.Join("Cid", "lobby")
		for i := range 90 { // alternating with another room, so that its pages are split
			ann.SaysUntilAcknowledged("cave", uuid.NewString(), strings.Repeat(word+" ", 20+i))
			cid.SaysUntilAcknowledged("lobby", uuid.NewString(), strings.Repeat("stays ", 20+i))
		}
		bob.Reaches("cave", 90)
		bob.StaysAway()
		if said, code := run(t, append([]string{"rooms", "remove", "cave"}, args...)...); code == 0 || !strings.Contains(said, "--yes") {
			t.Errorf("without --yes it ends with %d: %s", code, said)
		}
		if said, code := run(t, append([]string{"rooms", "remove", "cave", "nowhere", "--yes"}, args...)...); code == 0 || !strings.Contains(said, "nowhere: no such room; nothing was removed") {
			t.Errorf("for a missing room, it ends with %d: %s", code, said)
		}
		if stored := w.Stored("cave"); len(stored) != 90 {
			t.Fatalf("although it was refused, %d are left", len(stored))
		}
		if listed := succeeds(t, append([]string{"rooms", "list"}, args...)...); !strings.Contains(listed, "cave") || !strings.Contains(listed, "lobby") {
			t.Errorf("listed are\n%s", listed)
		}
		if said := succeeds(t, append([]string{"rooms", "remove", "Cave", "--yes"}, args...)...); !strings.Contains(said, "removed cave, with 90 messages") {
			t.Errorf("it says %s", said)
		}
		ann.HearsEventThat("starts afresh", func(e chattest.Event) bool { return e.Event == "room" && e.Reset && len(e.Messages) == 0 })
		if len(args) == 2 { // Postgres' own files are not checked
			nowhereIn(t, data, word)
		}
		if listed := succeeds(t, append([]string{"rooms", "list"}, args...)...); strings.Contains(listed, "cave") || !strings.Contains(listed, "lobby") {
			t.Errorf("listed are\n%s", listed)
		}
		for range 100 {
			ann.SaysUntilAcknowledged("cave", uuid.NewString(), "new")
		}
		if stored := w.Stored("lobby"); len(stored) != 90 {
			t.Errorf("the lobby has %d messages", len(stored))
		}
		bob.Returns()
		rev := w.Stored("cave")[99].Rev
		bob.Reaches("cave", rev)
		if has := bob.Has("cave"); len(has) != 100 || has[0].Text != "new" || bob.Resets() != 1 {
			t.Errorf("Bob has %d messages, was reset %d times", len(has), bob.Resets())
		}
		if rev <= 190 {
			t.Errorf("the new room is at %d: its revs began again", rev)
		}
	})
}

// onEveryDatabase runs a test with the settings of each database.
func onEveryDatabase(t *testing.T, test func(t *testing.T, args ...string)) {
	t.Run("SQLite", func(t *testing.T) { test(t) })
	t.Run("Postgres", func(t *testing.T) { test(t, "--database", chattest.Database(t)) })
}

// nowhereIn fails if a file in a folder contains a word.
func nowhereIn(t *testing.T, folder, word string) {
	t.Helper()
	for _, name := range namesIn(t, folder) {
		content, err := os.ReadFile(filepath.Join(folder, name))
		if err == nil && bytes.Contains(content, []byte(word)) {
			t.Errorf("%q is %d times in %s", word, bytes.Count(content, []byte(word)), name)
		}
	}
}
