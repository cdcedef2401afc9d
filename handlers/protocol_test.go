package handlers_test

import (
	"context"
	"encoding/json"
	"os"
	"reflect"
	"strings"
	"testing"

	"github.com/coder/websocket"

	"chatserver/chattest"
	"chatserver/config"
)

// Every example of docs/protocol.md is true: they are one story, played from the
// first line to the last.
func TestTheExamplesOfTheProtocolAreTrue(t *testing.T) {
	text, err := os.ReadFile("../docs/protocol.md")
	if err != nil {
		t.Fatal(err)
	}
	story := newStory(t, chattest.With(func(c *config.Config) { c.Rate = 10 }))
	lines := 0
	for i, block := range strings.Split(string(text), "```chat.v1\n")[1:] {
		example, _, ended := strings.Cut(block, "```")
		if !ended {
			t.Fatalf("example %d has no end", i)
		}
		for line := range strings.Lines(example) {
			story.play(strings.TrimSpace(line))
			lines++
		}
	}
	if lines < 40 {
		t.Errorf("only %d lines were played", lines)
	}
	for name := range story.people {
		story.play(name + ` → {"cmd":"ping"}`) // whatever was not in the document would come first
		story.play(name + ` ← {"event":"pong","revs":{"lobby":1}}`)
	}
}

// story plays examples: "Ann opens PATH", "Ann → TEXT", "Ann ← JSON".
type story struct {
	t      *testing.T
	world  *chattest.World
	people map[string]*websocket.Conn
}

func (s *story) play(line string) {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), chattest.Patience)
	defer cancel()
	name, rest, _ := strings.Cut(line, " ")
	what, text, _ := strings.Cut(rest, " ")
	switch what {
	case "opens":
		conn, _, err := websocket.Dial(ctx, "ws://"+s.world.Address()+text, &websocket.DialOptions{Subprotocols: []string{"chat.v1"}})
		if err != nil {
			s.t.Fatalf("%s: %v", line, err)
		}
		s.t.Cleanup(func() { _ = conn.CloseNow() })
		conn.SetReadLimit(1 << 20)
		s.people[name] = conn
	case "→":
		if err := s.people[name].Write(ctx, websocket.MessageText, []byte(text)); err != nil {
			s.t.Fatalf("%s: %v", line, err)
		}
	case "←":
		_, got, err := s.people[name].Read(ctx)
		if err != nil {
			s.t.Fatalf("%s: %v", line, err)
		}
		if !like(s.t, text, string(got)) {
			s.t.Fatalf("the example says\n%s\nand it is\n%s ← %s", line, name, got)
		}
	default:
		s.t.Fatalf("no line of a story: %q", line)
	}
}

// like compares JSON; a text "…" is like every text.
func like(t *testing.T, want, got string) bool {
	t.Helper()
	var a, b any
	if err := json.Unmarshal([]byte(want), &a); err != nil {
		t.Fatalf("the example %s is no JSON: %v", want, err)
	}
	if err := json.Unmarshal([]byte(got), &b); err != nil {
		t.Fatalf("the event %s is no JSON: %v", got, err)
	}
	return reflect.DeepEqual(a, blank(a, b))
}

// blank puts a "…" into b wherever a has one and b has a text.
func blank(a, b any) any {
	switch b := b.(type) {
	case string:
		if a == "…" && b != "" {
			return a
		}
	case map[string]any:
		with, _ := a.(map[string]any)
		for key := range b {
			b[key] = blank(with[key], b[key])
		}
	case []any:
		if with, _ := a.([]any); len(with) == len(b) {
			for i := range b {
				b[i] = blank(with[i], b[i])
			}
		}
	}
	return b
}
