package handlers_test

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"reflect"
	"strings"
	"testing"

	"github.com/coder/websocket"

	"chatserver/chattest"
	"chatserver/config"
)

// Every example in docs/protocol.md is correct. Together they are one story, played from the
// first line to the last.
func TestTheExamplesOfTheProtocolAreTrue(t *testing.T) {
	text := readPage(t, "../docs/protocol.md")
	story := newStory(t, chattest.With(func(c *config.Config) { c.Rate = 10 }))
	if lines := story.playAll(text); lines < 60 {
		t.Errorf("only %d lines were played", lines)
	}
	for _, name := range []string{"Ann", "Bob"} {
		story.play(name + ` → {"cmd":"ping"}`) // an event that is missing in the document would arrive first
		story.play(name + ` ← {"event":"pong","revs":{"lobby":3}}`)
	}
	for _, line := range strings.Split(text, "\n") {
		if strings.HasPrefix(line, "    {") {
			t.Errorf("an example that is not played: %s", line)
		}
	}
}

// The chat.v1 conversation in README.md happens as shown on a new server.
func TestTheConversationInTheReadmeIsTrue(t *testing.T) {
	story := newStory(t, chattest.With(func(c *config.Config) { c.Rate = 10 }))
	if lines := story.playAll(readPage(t, "../README.md")); lines < 7 {
		t.Errorf("only %d lines were played", lines)
	}
	story.play(`Bot → {"cmd":"ping"}`)
	if event := story.next("Bot")["event"]; event != "pong" {
		t.Errorf("README leaves out the event %v", event)
	}
}

func readPage(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// playAll plays every example of a page in order and returns the number of lines.
func (s *story) playAll(page string) (lines int) {
	s.t.Helper()
	for i, block := range strings.Split(page, "```chat.v1\n")[1:] {
		example, _, ended := strings.Cut(block, "```")
		if !ended {
			s.t.Fatalf("example %d has no end", i)
		}
		for line := range strings.Lines(example) {
			s.play(strings.TrimSpace(line))
			lines++
		}
	}
	return lines
}

// story plays examples: "Ann opens PATH", "Ann → TEXT", "Ann ← JSON", and what the document
// needs besides: a server with another setting, another process that writes to the store, and
// the operator's command line.
type story struct {
	t      *testing.T
	world  *chattest.World
	crowd  *chattest.World // with --announce-limit 2; nil until it is needed
	people map[string]*websocket.Conn
}

// at returns the world of a path, and the path itself.
func (s *story) at(place string) (*chattest.World, string) {
	path, elsewhere := strings.CutSuffix(place, " on a server with --announce-limit 2")
	if !elsewhere {
		return s.world, path
	}
	if s.crowd == nil {
		s.crowd = chattest.NewWorld(s.t, chattest.With(func(c *config.Config) { c.Rate, c.AnnounceLimit = 10, 2 }))
	}
	return s.crowd, path
}

func (s *story) play(line string) {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), chattest.Patience)
	defer cancel()
	name, rest, _ := strings.Cut(line, " ")
	what, text, _ := strings.Cut(rest, " ")
	switch what {
	case "message": // Elsewhere message SEQ of ROOM becomes TEXT
		var seq int64
		var room, becomes string
		if _, err := fmt.Sscanf(text, "%d of %s becomes %s", &seq, &room, &becomes); err != nil {
			s.t.Fatalf("%s: %v", line, err)
		}
		s.world.ChangesBehindTheBack(room, seq, becomes)
	case "operator": // The operator moves message SEQ of ROOM to ROOM, or: the operator runs chatserver ARGS
		var seq int64
		var from, to string
		if args, runs := strings.CutPrefix(text, "runs chatserver "); runs {
			s.world.Operator(strings.Fields(args)...)
			return
		}
		if _, err := fmt.Sscanf(text, "moves message %d of %s to %s", &seq, &from, &to); err != nil {
			s.t.Fatalf("%s: %v", line, err)
		}
		s.world.MovesMessages(from, to, seq)
	case "opens":
		world, path := s.at(text)
		conn, _, err := websocket.Dial(ctx, "ws://"+world.Address()+path, &websocket.DialOptions{Subprotocols: []string{"chat.v1"}})
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
		if !matches(s.t, text, string(got)) {
			s.t.Fatalf("the example has\n%s\nbut the server sent\n%s ← %s", line, name, got)
		}
	default:
		s.t.Fatalf("not a line of a story: %q", line)
	}
}

// matches compares JSON; a text "…" matches every text.
func matches(t *testing.T, want, got string) bool {
	t.Helper()
	var a, b any
	if err := json.Unmarshal([]byte(want), &a); err != nil {
		t.Fatalf("the example %s is not JSON: %v", want, err)
	}
	if err := json.Unmarshal([]byte(got), &b); err != nil {
		t.Fatalf("the event %s is not JSON: %v", got, err)
	}
	return reflect.DeepEqual(a, fillWildcards(a, b))
}

// fillWildcards replaces texts in b by "…" where a has "…".
func fillWildcards(a, b any) any {
	switch b := b.(type) {
	case string:
		if a == "…" && b != "" {
			return a
		}
	case map[string]any:
		with, _ := a.(map[string]any)
		for key := range b {
			b[key] = fillWildcards(with[key], b[key])
		}
	case []any:
		if with, _ := a.([]any); len(with) == len(b) {
			for i := range b {
				b[i] = fillWildcards(with[i], b[i])
			}
		}
	}
	return b
}
