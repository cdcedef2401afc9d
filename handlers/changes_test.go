package handlers_test

import (
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"chatserver/chattest"
)

// changing is a room with messages to change, and a bystander in it.
type changing struct {
	t             *testing.T
	w             *chattest.World
	ann, bob, cid *chattest.Member // Cid is the bystander
	anns, bobs    int64            // a message of each
	gone          int64            // a deleted message of Ann
	reply         int64            // Bob's reply in the thread of Ann's message
	elsewhere     int64            // the seq of a message in another room that this room does not have
}

func newChanging(t *testing.T) *changing {
	t.Helper()
	w := chattest.NewWorld(t)
	c := &changing{t: t, w: w, ann: w.Join("Ann", "lobby"), bob: w.Join("Bob", "lobby"), cid: w.Join("Cid", "lobby")}
	c.anns, c.bobs = c.says(c.ann, "lobby", "Tea at fuor?"), c.says(c.bob, "lobby", "Yes")
	c.gone = c.says(c.ann, "lobby", "Oops")
	c.makes(c.ann, "delete", "seq", c.gone)
	c.bob.Asks("send", "room", "lobby", "id", uuid.NewString(), "text", "With milk", "thread", c.anns)
	c.reply = c.bob.HearsEventThat("is the reply", func(e chattest.Event) bool { return e.Text == "With milk" }).Seq
	c.bob.JoinsAlso("den")
	for c.elsewhere <= c.reply+5 {
		c.elsewhere = c.says(c.bob, "den", "elsewhere")
	}
	return c
}

func (c *changing) says(who *chattest.Member, room, text string) int64 {
	c.t.Helper()
	seq, code := who.SaysUntilAcknowledged(room, uuid.NewString(), text)
	if code != "" {
		c.t.Fatalf("%s is refused: %s", text, code)
	}
	return seq
}

// makes makes a change of a message in the lobby and waits for its acknowledgement.
func (c *changing) makes(who *chattest.Member, cmd string, fields ...any) chattest.Event {
	c.t.Helper()
	who.Asks(cmd, append([]any{"room", "lobby"}, fields...)...)
	answer := who.HearsEventThat("answers "+cmd, func(e chattest.Event) bool {
		return (e.Event == "ack" || e.Event == "error") && e.Cmd == cmd
	})
	if answer.Event != "ack" {
		c.t.Fatalf("%s %v is refused: %s", cmd, fields, answer.Sentence)
	}
	return answer
}

// isTold returns what the bystander was told of messages since the last call.
func (c *changing) isTold() (told []chattest.Event) {
	c.cid.Pings()
	for _, e := range c.cid.HeardSince() {
		if e.Event == "message" || e.Event == "changes" || e.Event == "ack" {
			told = append(told, e)
		}
	}
	return told
}

// Each bad change has one code and one sentence, changes nothing, and is told to nobody else.
func TestABadChangeIsRefusedAndNobodyElseHears(t *testing.T) {
	t.Parallel()
	c := newChanging(t)
	c.makes(c.ann, "edit", "seq", c.anns, "rev", c.anns, "text", "Tea at four?")
	for i := range 50 {
		c.bob.Asks("react", "room", "lobby", "seq", c.bobs, "emoji", string(rune(0x1F600+i)), "on", true)
	}
	for range 50 {
		c.bob.HearsEventThat("acknowledges a reaction", func(e chattest.Event) bool { return e.Event == "ack" && e.Cmd == "react" })
	}
	c.isTold()
	before := c.w.Stored("lobby")
	const latest = 1 << 40
	for _, test := range []struct {
		what   string
		who    *chattest.Member
		cmd    string
		fields []any
		code   string
	}{
		{"an edit of another's message", c.bob, "edit", []any{"seq", c.anns, "rev", latest, "text", "Coffee"}, "forbidden"},
		{"an edit of a deleted message", c.ann, "edit", []any{"seq", c.gone, "rev", latest, "text", "Back"}, "gone"},
		{"an edit with a stale rev", c.ann, "edit", []any{"seq", c.anns, "rev", c.anns, "text", "Tea at five?"}, "conflict"},
		{"an edit with a rev of the future", c.ann, "edit", []any{"seq", c.anns, "rev", latest, "text", "Tea at five?"}, "conflict"},
		{"an edit without a rev", c.ann, "edit", []any{"seq", c.anns, "text", "Tea at five?"}, "invalid"},
		{"an edit to nothing", c.ann, "edit", []any{"seq", c.anns, "rev", latest, "text", " \n"}, "empty"},
		{"an edit to too much", c.ann, "edit", []any{"seq", c.anns, "rev", latest, "text", strings.Repeat("x", 8193)}, "too_long"},
		{"an edit to a terminal's command", c.ann, "edit", []any{"seq", c.anns, "rev", latest, "text", "\x1b[2J"}, "invalid"},
		{"an edit of nothing", c.ann, "edit", []any{"rev", latest, "text", "Hello"}, "invalid"},
		{"an edit of another room's message", c.bob, "edit", []any{"seq", c.elsewhere, "rev", latest, "text", "Hello"}, "not_found"},
		{"an edit with a rev that is no whole number", c.ann, "edit", []any{"seq", c.anns, "rev", json.RawMessage("1.0"), "text", "Hello"}, "bad_command"},
		{"a deletion of a place that no number holds", c.ann, "delete", []any{"seq", json.RawMessage("1e30")}, "bad_command"},
		{"a deletion of nothing", c.ann, "delete", nil, "invalid"},
		{"a deletion with a reason for the terminal", c.ann, "delete", []any{"seq", c.anns, "reason", "\x1b[2J"}, "invalid"},
		{"a deletion of another's message", c.bob, "delete", []any{"seq", c.anns}, "forbidden"},
		{"a deletion with too long a reason", c.ann, "delete", []any{"seq", c.anns, "reason", strings.Repeat("x", 501)}, "invalid"},
		{"a deletion of another room's message", c.bob, "delete", []any{"seq", c.elsewhere}, "not_found"},
		{"the 51st emoji", c.ann, "react", []any{"seq", c.bobs, "emoji", "🎉", "on", true}, "invalid"},
		{"a letter as an emoji", c.ann, "react", []any{"seq", c.anns, "emoji", "a", "on", true}, "invalid"},
		{"two emoji", c.ann, "react", []any{"seq", c.anns, "emoji", "👍👍", "on", true}, "invalid"},
		{"no emoji", c.ann, "react", []any{"seq", c.anns, "on", true}, "invalid"},
		{"a reaction neither on nor off", c.ann, "react", []any{"seq", c.anns, "emoji", "👍"}, "invalid"},
		{"a reaction to a deleted message", c.ann, "react", []any{"seq", c.gone, "emoji", "👍", "on", true}, "gone"},
		{"a reaction to another room's message", c.ann, "react", []any{"seq", c.elsewhere, "emoji", "👍", "on", true}, "not_found"},
		{"a reaction to a negative place", c.ann, "react", []any{"seq", -1, "emoji", "👍", "on", true}, "invalid"},
		{"a pin of a deleted message", c.bob, "pin", []any{"seq", c.gone, "on", true}, "gone"},
		{"a pin of another room's message", c.bob, "pin", []any{"seq", c.elsewhere, "on", true}, "not_found"},
		{"a pin neither on nor off", c.bob, "pin", []any{"seq", c.anns}, "invalid"},
		{"a purge of another's version", c.bob, "purge", []any{"seq", c.anns, "version", 1}, "forbidden"},
		{"a purge of no version", c.ann, "purge", []any{"seq", c.anns, "version", 7}, "not_found"},
		{"a purge of version 0", c.ann, "purge", []any{"seq", c.anns}, "invalid"},
		{"a purge of a deleted message's version", c.ann, "purge", []any{"seq", c.gone, "version", 1}, "gone"},
		{"a purge of another room's version", c.bob, "purge", []any{"seq", c.elsewhere, "version", 1}, "not_found"},
		{"an end of a reaction to a deleted message", c.ann, "react", []any{"seq", c.gone, "emoji", "👍", "on", false}, "gone"},
		{"an end of the pin of a deleted message", c.ann, "pin", []any{"seq", c.gone, "on", false}, "gone"},
		{"the versions of a deleted message", c.bob, "versions", []any{"seq", c.gone}, "gone"},
		{"the versions of another room's message", c.bob, "versions", []any{"seq", c.elsewhere}, "not_found"},
		{"a thread of a thread", c.ann, "send", []any{"id", uuid.NewString(), "text", "And sugar", "thread", c.reply}, "invalid"},
		{"a reply in a thread of a deleted message", c.ann, "send", []any{"id", uuid.NewString(), "text", "Why?", "thread", c.gone}, "gone"},
		{"a reply in a thread of another room", c.ann, "send", []any{"id", uuid.NewString(), "text", "Why?", "thread", c.elsewhere}, "not_found"},
		{"a quote of another room's message", c.ann, "send", []any{"id", uuid.NewString(), "text", "Why?", "reply_to", c.elsewhere}, "not_found"},
		{"a quote of a deleted message", c.ann, "send", []any{"id", uuid.NewString(), "text", "Why?", "reply_to", c.gone}, "gone"},
		{"a quote of a negative place", c.ann, "send", []any{"id", uuid.NewString(), "text", "Why?", "reply_to", -1}, "invalid"},
		{"the thread of a reply", c.ann, "thread", []any{"seq", c.reply}, "invalid"},
		{"the thread of nothing", c.ann, "thread", []any{"seq", c.elsewhere}, "not_found"},
		{"the thread of a negative place", c.ann, "thread", []any{"seq", -1}, "invalid"},
		{"a thread since a negative rev", c.ann, "thread", []any{"seq", c.anns, "since", -1}, "invalid"},
		{"a thread before a negative place", c.ann, "thread", []any{"seq", c.anns, "before", -1}, "invalid"},
		{"a change in a room that was not joined", c.ann, "delete", []any{"room", "den", "seq", c.elsewhere}, "not_joined"},
	} {
		test.who.HeardSince()
		test.who.Asks(test.cmd, append([]any{"room", "lobby"}, test.fields...)...)
		refusal := test.who.HearsEvent("error")
		if refusal.Code != test.code || refusal.Cmd != test.cmd {
			t.Errorf("%s is answered with %s of %s: %s", test.what, refusal.Code, refusal.Cmd, refusal.Sentence)
		}
		if s := refusal.Sentence; !strings.HasSuffix(s, ".") || strings.Contains(s, ". ") {
			t.Errorf("%s is answered with %q, which is not one sentence", test.what, s)
		}
		if (refusal.Current.Text == "Tea at four?") != (test.code == "conflict") {
			t.Errorf("%s is answered with the current message %+v", test.what, refusal.Current)
		}
		if told := c.isTold(); len(told) > 0 {
			t.Errorf("%s is told to a bystander: %+v", test.what, told)
		}
	}
	if after := c.w.Stored("lobby"); !reflect.DeepEqual(after, before) {
		t.Errorf("stored is\n%+v\nand was\n%+v", after, before)
	}
}

// A change that is made already is acknowledged again, and told to nobody.
func TestAChangeMadeTwiceIsToldOnce(t *testing.T) {
	t.Parallel()
	c := newChanging(t)
	for _, test := range []struct {
		who    *chattest.Member
		cmd    string
		fields []any
	}{
		{c.ann, "react", []any{"seq", c.bobs, "emoji", "👍🏽", "on", true}},
		{c.ann, "react", []any{"seq", c.bobs, "emoji", "👍🏽", "on", false}},
		{c.bob, "pin", []any{"seq", c.anns, "on", true}},
		{c.ann, "edit", []any{"seq", c.anns, "rev", 1 << 40, "text", "Tea at fuor?"}}, // as it is
		{c.ann, "purge", []any{"seq", c.anns, "version", 1}},
		{c.bob, "delete", []any{"seq", c.bobs}},
	} {
		if test.cmd == "purge" {
			c.makes(c.ann, "edit", "seq", c.anns, "rev", c.latest(c.anns), "text", "Tea at four?")
		}
		c.isTold()
		first := c.makes(test.who, test.cmd, test.fields...)
		told := c.isTold()
		if wanted := map[bool]int{true: 0, false: 1}[test.cmd == "edit"]; len(told) != wanted {
			t.Errorf("%s %v is told as %+v", test.cmd, test.fields, told)
		}
		if again := c.makes(test.who, test.cmd, test.fields...); again.Seq != first.Seq || again.Rev != first.Rev {
			t.Errorf("%s %v is acknowledged as %+v, then as %+v", test.cmd, test.fields, first, again)
		}
		if told := c.isTold(); len(told) > 0 {
			t.Errorf("%s %v, made again, is told as %+v", test.cmd, test.fields, told)
		}
	}
}

// latest returns the rev of a message in the lobby.
func (c *changing) latest(seq int64) int64 {
	c.t.Helper()
	for _, m := range c.w.Stored("lobby") {
		if m.Seq == seq {
			return m.Rev
		}
	}
	c.t.Fatalf("there is no message %d", seq)
	return 0
}

// Two hundred people who react to one message within a moment do not send everybody two
// hundred changes: what they did arrives in at most ten, and all of it.
func TestACrowdThatReactsIsToldInFewChanges(t *testing.T) {
	t.Parallel()
	const people, emoji = 200, "👍"
	w := chattest.NewWorld(t)
	ann := w.Join("Ann", "lobby")
	seq, code := ann.SaysUntilAcknowledged("lobby", uuid.NewString(), "Who comes to tea?")
	if code != "" {
		t.Fatal(code)
	}
	var crowd []*chattest.Member
	for i := range people {
		crowd = append(crowd, w.Join(fmt.Sprint("guest ", i), "lobby"))
	}
	ann.HeardSince()
	began := time.Now()
	for _, m := range crowd {
		m.Asks("react", "room", "lobby", "seq", seq, "emoji", emoji, "on", true)
	}
	for _, m := range crowd {
		if answer := m.HearsEventThat("answers", func(e chattest.Event) bool { return e.Cmd == "react" }); answer.Event != "ack" {
			t.Fatalf("%s is refused: %s", m.Name, answer.Sentence)
		}
	}
	took := time.Since(began)
	ann.Pings()
	told, count := 0, 0.
	for _, e := range ann.HeardSince() {
		if e.Event == "message" || e.Event == "changes" {
			told++
			count = e.Reactions.([]any)[0].(map[string]any)["count"].(float64)
		}
	}
	// On a busy machine the server takes longer to read them all: the limit is per second.
	if limit := 10 * int(1+took/time.Second); told > limit || count != people {
		t.Errorf("%d changes tell of %v reactions, which were made within %v", told, count, took)
	}
	t.Logf("%d reactions within %v were told in %d changes", people, took.Round(time.Millisecond), told)
}
