package handlers_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/coder/websocket"

	"chatserver/chat"
	"chatserver/chattest"
	"chatserver/config"
)

// opensWithLimit opens a connection whose library closes it when a message has more than
// limit bytes.
func (s *story) opensWithLimit(name, query string, limit int) {
	s.t.Helper()
	conn, _, err := websocket.Dial(s.t.Context(), s.world.SocketURL(name, query), &websocket.DialOptions{Subprotocols: []string{"chat.v1"}}) //nolint:bodyclose // the library's
	if err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() { _ = conn.CloseNow() })
	conn.SetReadLimit(int64(limit))
	s.people[name] = conn
}

// longTexts exceed 32,000 bytes as JSON, at least together with their HTML.
var longTexts = []string{
	strings.Repeat("- `a`\n", 5000), strings.Repeat(`"`, 32_768), strings.Repeat("http://a.bc ", 2700), strings.Repeat("🎉", 8192), strings.Repeat("\u2028x", 8192), strings.Repeat("plain ", 3000),
}

// No client gets an event larger than it asked for, and every client gets every message:
// live, on joining, on resuming and in the history. Only texts that do not fit on their own
// are truncated, and never for clients that asked for larger events.
func TestNoEventIsLargerThanItsClientAskedFor(t *testing.T) {
	s := newStory(t, chattest.With(func(c *config.Config) { c.MaxText = 32_768 }))
	limits := map[string]int{
		"": chat.FrameBytes, "frame_bytes=32000": chat.FrameBytes, "frame_bytes=255999": chat.FrameBytes,
		"frame_bytes=256000": chat.LargeFrameBytes, "frame_bytes=9000000000": chat.LargeFrameBytes,
	}
	for query, limit := range limits {
		name := "Live" + strings.TrimPrefix(query, "frame_bytes=")
		s.opensWithLimit(name, query, limit)
		if welcome := s.hears(name, "welcome"); welcome["limits"].(map[string]any)["frame_bytes"] != float64(limit) {
			t.Errorf("%q is welcomed with the limits %v", query, welcome["limits"])
		}
		s.play(name + ` → {"cmd":"join","room":"lobby"}`)
		s.hears(name, "room")
	}
	for _, text := range longTexts {
		s.play("Live → " + sendOf(text))
		for query, limit := range limits {
			s.carries(s.hears("Live"+strings.TrimPrefix(query, "frame_bytes="), "message"), text, limit)
		}
	}
	for query, limit := range limits {
		name := "Late" + strings.TrimPrefix(query, "frame_bytes=")
		s.opensWithLimit(name, query, limit)
		s.resumesFromTheStart(name, limit)
		s.readsBack(name, limit)
	}
}

// carries checks a received message.
func (s *story) carries(message map[string]any, text string, limit int) {
	s.t.Helper()
	got, _ := message["text"].(string)
	full, cut := message["text_bytes"].(float64)
	mayBeCut := limit == chat.FrameBytes && len(jsonOf(text)) > 30_000
	if !strings.HasPrefix(text, got) || cut != (got != text) || cut && (int(full) != len(text) || !mayBeCut || len(got) < 4000) {
		s.t.Errorf("of %d bytes %.10q %d arrive; text_bytes: %v", len(text), text, len(got), message["text_bytes"])
	}
}

// carriesPage checks a page whose first message is the long text with index first.
func (s *story) carriesPage(page map[string]any, first, limit int) (n int) {
	s.t.Helper()
	messages := page["messages"].([]any)
	for i, message := range messages {
		s.carries(message.(map[string]any), longTexts[first+i], limit)
	}
	return len(messages)
}

// resumesFromTheStart requests all changes, page by page.
func (s *story) resumesFromTheStart(name string, limit int) {
	s.t.Helper()
	for since := 0; ; {
		s.play(fmt.Sprintf(`%s → {"cmd":"join","room":"lobby","since":%d}`, name, since))
		page := s.hears(name, "room")
		if got := int(page["since"].(float64)); got != since {
			s.t.Fatalf("%s asks for changes after %d and gets those after %d", name, since, got)
		}
		since += s.carriesPage(page, since, limit)
		if page["more"] == false {
			if since != len(longTexts) {
				s.t.Errorf("%s gets %d messages", name, since)
			}
			return
		}
	}
}

// readsBack reads the history back to the first message.
func (s *story) readsBack(name string, limit int) {
	s.t.Helper()
	for before := len(longTexts) + 1; before > 1; {
		s.play(fmt.Sprintf(`%s → {"cmd":"history","room":"lobby","before":%d}`, name, before))
		page := s.hears(name, "history")
		first := int(page["messages"].([]any)[0].(map[string]any)["seq"].(float64))
		if n := s.carriesPage(page, first-1, limit); n != before-first {
			s.t.Fatalf("%s gets %d messages before %d, from %d on", name, n, before, first)
		}
		before = first
	}
}

func jsonOf(v any) string {
	text, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return string(text)
}

// A user in a hundred rooms with the longest names can list them, and can ask for the rev of
// each.
func TestListsOfRoomsFitTheSmallestFrame(t *testing.T) {
	s := newStory(t, chattest.With(func(c *config.Config) { c.Rate = 0 }))
	s.opensWithLimit("Ann", "", chat.FrameBytes)
	for i := range 100 {
		room := fmt.Sprintf("%s%03d", strings.Repeat("r", 61), i)
		s.play(fmt.Sprintf(`Ann → {"cmd":"join","room":%q}`, room))
		s.play("Ann → " + strings.Replace(sendOf("hi"), `"lobby"`, jsonOf(room), 1))
		s.hears("Ann", "message")
	}
	s.play(`Ann → {"cmd":"rooms"}`)
	if rooms := s.hears("Ann", "rooms")["rooms"].([]any); len(rooms) != 100 {
		t.Errorf("%d rooms are listed", len(rooms))
	}
	s.play(`Ann → {"cmd":"ping"}`)
	if revs := s.hears("Ann", "pong")["revs"].(map[string]any); len(revs) != 100 {
		t.Errorf("%d rooms have a rev", len(revs))
	}
}

func TestInvalidFrameSizesAreRefused(t *testing.T) {
	w := chattest.NewWorld(t)
	for _, query := range []string{"frame_bytes=0", "frame_bytes=31999", "frame_bytes=-1", "frame_bytes=many", "frame_bytes=1e6", "frame_bytes=32000&frame_bytes=256000"} {
		_, response, err := websocket.Dial(t.Context(), w.SocketURL("Ann", query), &websocket.DialOptions{Subprotocols: []string{"chat.v1"}}) //nolint:bodyclose // the library's
		if err == nil || response == nil || response.StatusCode != 400 {
			t.Errorf("%s: %v, %v", query, response, err)
		}
	}
	w.Connect("Bob", "frame_bytes=many") // plain text ignores frame_bytes
}
