package pages

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"chatserver/chat"
)

// The server renders the same days and groups as the timeline makes of the same messages.
func TestTheServerRendersDaysAndGroups(t *testing.T) {
	paris, err := time.LoadLocation("Europe/Paris")
	if err != nil {
		t.Fatal(err)
	}
	now := time.Date(2026, 6, 10, 12, 0, 0, 0, time.UTC)
	ago := func(from, author string, minutes int) chat.Message {
		return chat.Message{ID: "id", From: from, AuthorID: author, Text: "t", At: now.Add(-time.Duration(minutes) * time.Minute)}
	}
	messages := []chat.Message{
		ago("Ann", "a", 2*24*60+60), ago("Ann", "a", 14*60+1), // 23:59 in Paris
		ago("Ann", "a", 14*60-1), // 00:01: another day
		ago("Ann", "a", 20), ago("Ann", "a", 16), ago("Bob", "b", 15), ago("Ann", "a", 14), ago("Ann", "c", 13), ago("Ann", "c", 8),
	}
	for _, test := range []struct {
		zone *time.Location
		want string
	}{
		{paris, "2026-06-08 / Ann 13:00 / Yesterday / Ann 23:59 / Today / Ann 00:01 / Ann 13:40 / +Ann 13:44 / Bob 13:45 / Ann 13:46 / Ann 13:47 / Ann 13:52"},
		{time.UTC, "2026-06-08 / Ann 11:00 UTC / Yesterday / Ann 21:59 UTC / +Ann 22:01 / Today / Ann 11:40 UTC / +Ann 11:44 / Bob 11:45 UTC / Ann 11:46 UTC / Ann 11:47 UTC / Ann 11:52 UTC"},
	} {
		if got := shown(transcriptRows(nil, messages, test.zone, now)); got != test.want {
			t.Errorf("in %s\n%s\ninstead of\n%s", test.zone, got, test.want)
		}
	}
}

// A reply in a thread is marked, so that the modules can show it there alone, and stands in no
// group: for them it is not between its neighbours, and for readers without scripts it is.
func TestAReplyInAThreadStandsInNoGroup(t *testing.T) {
	now := time.Date(2026, 6, 10, 12, 0, 0, 0, time.UTC)
	at := func(from string, minutes int, thread int64) chat.Message {
		return chat.Message{ID: "id", From: from, Text: "t", At: now.Add(time.Duration(minutes) * time.Minute), Thread: thread}
	}
	root := at("Ann", 0, 0)
	root.Replies = &chat.ThreadSummary{Count: 2, Last: now, Users: []chat.UserRef{{Name: "Bob"}, {Name: "Cid"}, {Name: "Dan"}, {Name: "Eve"}}}
	rows := transcriptRows(nil, []chat.Message{root, at("Ann", 1, 1), at("Ann", 2, 0), at("Ann", 3, 0)}, time.UTC, now)
	if got, want := shown(rows), "Today / Ann 12:00 UTC / Ann 12:01 UTC / Ann 12:02 UTC / +Ann 12:03"; got != want {
		t.Errorf("%s instead of %s", got, want)
	}
	if rows[1].Message.InThread || !rows[2].Message.InThread || rows[3].Message.InThread {
		t.Error("not the reply alone is in a thread")
	}
	if thread := rows[1].Message.Thread; thread == nil || thread.Count != 2 || len(thread.Faces) != maxFaces {
		t.Errorf("the root has the thread %+v", thread)
	}
}

func shown(rows []transcriptRow) string {
	var parts []string
	for _, row := range rows {
		switch {
		case row.Day != nil && row.Day.Today:
			parts = append(parts, "Today")
		case row.Day != nil && row.Day.Yesterday:
			parts = append(parts, "Yesterday")
		case row.Day != nil:
			parts = append(parts, row.Day.Date)
		case row.Message.Continued:
			parts = append(parts, "+"+row.Message.From+" "+row.Message.Clock)
		default:
			parts = append(parts, row.Message.From+" "+row.Message.Clock)
		}
	}
	return strings.Join(parts, " / ")
}

// A day has the key that JavaScript's toDateString returns.
func TestADayHasTheKeyOfTheTimeline(t *testing.T) {
	at := time.Date(2026, 6, 3, 23, 30, 0, 0, time.UTC)
	if key := newDayRow(at, time.UTC, at).Key; key != "day Wed Jun 03 2026" {
		t.Errorf("the key is %q", key)
	}
}

func TestInitialsAreTheLettersOfPeople(t *testing.T) {
	for name, want := range map[string]string{
		"": "", "ann": "AN", "Maud Lind": "ML", "Ana Maria de Souza": "AS", "x": "X", "straße": "ST", "ß": "SS",
		"سامي حداد": "سح", "👩‍👩‍👧 Family": "👩‍👩‍👧F", "e\u0301mile zola": "E\u0301Z",
	} {
		if got := initials(name); got != want {
			t.Errorf("%q: %q instead of %q", name, got, want)
		}
	}
	tonesSeen := map[string]bool{}
	for i := range 64 {
		tonesSeen[tone(fmt.Sprint("user", i))] = true
	}
	if len(tonesSeen) != len(tones) {
		t.Errorf("64 names have %d of %d tones", len(tonesSeen), len(tones))
	}
}
