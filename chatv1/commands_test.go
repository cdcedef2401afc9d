package chatv1

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"chatserver/chat"
)

// session is a session that records what it was asked for.
type session struct {
	admitted []Rate
	posted   []string
	over     bool // whether it is over budget
}

func (*session) Conn() *chat.Connection { return &chat.Connection{} }

func (s *session) Admit(rate Rate) bool {
	s.admitted = append(s.admitted, rate)
	return !s.over
}

func (s *session) SendMessage(_, room string, out chat.Outgoing) error {
	s.posted = append(s.posted, room+" "+out.ID+" "+out.Text)
	return nil
}

func (s *session) Submit(func() (chat.Request, error)) error {
	s.posted = append(s.posted, "change")
	return nil
}

// Every command has an example in the protocol, and every example's command exists or is the
// one that shows the refusal.
func TestEveryCommandIsDocumented(t *testing.T) {
	examples := documented(t, `→ \{"cmd":"([a-z]+)"`)
	for i := range commands {
		if !slices.Contains(examples, commands[i].name) {
			t.Errorf("docs/protocol.md has no example of the command %s", commands[i].name)
		}
	}
	for _, name := range examples {
		if _, err := rowOf(name); err != nil && name != "dance" { // dance is refused in its example
			t.Errorf("docs/protocol.md has an example of %s, which is no command", name)
		}
	}
}

// What a command needs is checked before it counts towards a rate.
func TestACommandThatLacksAFieldIsRefused(t *testing.T) {
	for i := range commands {
		row := &commands[i]
		for _, test := range []struct {
			lacks bool
			field string
			given Command
		}{
			{row.room, "room", Command{Cmd: row.name, ID: "1"}},
			{row.room, "room", Command{Cmd: row.name, ID: "1", Room: "no room!"}},
			{row.id, "id", Command{Cmd: row.name, Room: "lobby"}},
		} {
			if !test.lacks {
				continue
			}
			s, invalid := &session{}, (*chat.Invalid)(nil)
			if err := (Frames{}).Execute(nil, s, test.given); !errors.As(err, &invalid) || invalid.Field != test.field || len(s.admitted) > 0 {
				t.Errorf("%+v: %v, admitted %v", test.given, err, s.admitted)
			}
		}
	}
	var unknown *commandError
	if err := (Frames{}).Execute(nil, &session{}, Command{Cmd: "dance", Room: "lobby"}); !errors.As(err, &unknown) || unknown.code != codeUnknownCommand {
		t.Errorf("an unknown command: %v", err)
	}
}

// A command is executed with the slug of its room, and only if the session admits it.
func TestACommandIsExecutedIfItIsAdmitted(t *testing.T) {
	command := Command{Cmd: "send", Room: "Night-Watch", ID: "1", Text: "hello"}
	for _, over := range []bool{false, true} {
		s := &session{over: over}
		if err := (Frames{}).Execute(nil, s, command); err != nil || !slices.Equal(s.admitted, []Rate{RateMessage}) {
			t.Errorf("%v, admitted %v", err, s.admitted)
		}
		if want := map[bool][]string{false: {"night-watch 1 hello"}}[over]; !slices.Equal(s.posted, want) {
			t.Errorf("over budget %t: posted %v", over, s.posted)
		}
	}
}

// Whatever the limit of texts, the longest reason of a deletion is read, however it is escaped.
func TestTheLongestReasonFitsACommand(t *testing.T) {
	command := `{"cmd":"delete","room":"` + strings.Repeat("r", 64) + `","seq":9223372036854775807,"reason":"` + strings.Repeat(`\u0078`, chat.MaxReason) + `"}`
	for _, text := range []int{1, 100, 8192} {
		if limit := MaxCommand(text); len(command) > limit {
			t.Errorf("with texts of %d bytes, a command has at most %d bytes; this one has %d", text, limit, len(command))
		}
	}
	if c, err := Parse([]byte(command)); err != nil || len(c.Reason) != chat.MaxReason {
		t.Errorf("the reason has %d bytes: %v", len(c.Reason), err)
	}
}
