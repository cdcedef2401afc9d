package chatv1

import (
	"encoding/json"
	"fmt"
	"reflect"
	"testing"
	"time"

	"chatserver/chat"
	"chatserver/ws"
)

// appendString writes what encoding/json would write.
func TestStringsAreWrittenAsJSON(t *testing.T) {
	texts := []string{"", "hello", `a "quote"`, `back\slash`, "two\nlines", "tab\tbell\a", "Grüße 日本 🎉", "a\u2028b\u2029c", "<b>&</b>", `<p dir="auto">\</p>`, "<pre>\"a\"\r\n\tb\n</pre>", "a\"\x01\"", "\x7f", "not \xff UTF-8"}
	for b := range 256 {
		texts = append(texts, string(rune(b)), string([]byte{byte(b)}))
	}
	for _, text := range texts {
		got, want := appendString([]byte("before"), text), appendEncoded([]byte("before"), text)
		if string(got) != string(want) {
			t.Errorf("%q is written as %s and not as %s", text, got, want)
		}
	}
}

// Every event of a room becomes one JSON object with the values of its fields.
func TestEventsEncodeAllTheirFields(t *testing.T) {
	at := time.Date(2026, 11, 25, 1, 2, 3, 4_000_000, time.UTC)
	shortIDs := NewShortIDs([]byte("a secret"))
	message := chat.Message{Room: "lobby", Seq: 3, Rev: 4, ID: "id-1", AuthorID: "0123456789abcdef", From: `An"n`, Text: "hi\nthere", HTML: `<p dir="auto">hi<br>there</p>`, HTMLVersion: 1, At: at}
	plain := map[string]any{"id": "id-1", "seq": 3., "rev": 4., "from": `An"n`, "author": "759a42c7d5216f2a", "text": "hi\nthere", "html": `<p dir="auto">hi<br>there</p>`, "at": "2026-11-25T01:02:03.004Z"}
	with := func(m map[string]any, more map[string]any) map[string]any {
		all := map[string]any{}
		for _, part := range []map[string]any{m, more} {
			for k, v := range part {
				all[k] = v
			}
		}
		return all
	}
	ann := chat.User{Name: "Ann", Age: 25, ID: "fedcba9876543210"}
	list := []any{map[string]any{"name": "Ann", "age": 25., "id": "b446efb8dc834863"}}
	page := chat.Page{Since: 2, Rev: 4, Messages: []chat.Message{message, message}, More: true}
	for _, test := range []struct {
		event chat.Event
		want  map[string]any
	}{
		{chat.Said{Message: message}, with(plain, map[string]any{"event": "message", "room": "lobby"})},
		{chat.Backfill{Room: "lobby", Page: page}, map[string]any{"event": "changes", "room": "lobby", "since": 2., "rev": 4., "messages": []any{plain, plain}}},
		{
			chat.RoomSnapshot{Room: "lobby", Title: "Lobby", Page: page, Reset: true, Members: &chat.Members{Users: []chat.User{ann}}, Online: 7},
			map[string]any{
				"event": "room", "room": "lobby", "title": "Lobby", "since": 2., "rev": 4., "members": list, "online": 7.,
				"messages": []any{plain, plain}, "more": true, "reset": true,
			},
		},
		{
			chat.RoomSnapshot{Room: "lobby", Title: "Lobby", Members: &chat.Members{}},
			map[string]any{
				"event": "room", "room": "lobby", "title": "Lobby", "since": 0., "rev": 0., "members": []any{}, "online": 0.,
				"messages": []any{}, "more": false,
			},
		},
		{
			chat.Presence{Room: "lobby", Joined: []chat.User{ann}, Left: []chat.User{{Name: "Bob"}}, Online: 1},
			map[string]any{"event": "presence", "room": "lobby", "joined": list, "left": []any{map[string]any{"name": "Bob", "id": ""}}, "online": 1.},
		},
		{
			chat.Presence{Room: "lobby", Whole: true, Members: &chat.Members{Users: []chat.User{ann}}, Online: 1},
			map[string]any{"event": "presence", "room": "lobby", "members": list, "online": 1.},
		},
		{chat.Presence{Room: "lobby", Crowd: true, Online: 300}, map[string]any{"event": "presence", "room": "lobby", "online": 300.}},
		{
			chat.RoomSnapshot{Room: "lobby", Address: "hall", Title: "Hall", Members: &chat.Members{}},
			map[string]any{
				"event": "room", "room": "lobby", "address": "hall", "title": "Hall", "since": 0., "rev": 0., "members": []any{}, "online": 0.,
				"messages": []any{}, "more": false,
			},
		},
		{chat.Renamed{Room: "lobby", Address: "hall", Title: "Hall"}, map[string]any{"event": "renamed", "room": "lobby", "address": "hall", "title": "Hall"}},
		{chat.Typing{Room: "lobby", From: "Ann"}, map[string]any{"event": "typing", "room": "lobby", "from": "Ann"}},
		{chat.Joined{User: ann}, nil},
		{chat.Left{User: ann}, nil},
	} {
		frame := Frames{shortIDs, chat.FrameBytes}.Append(nil, test.event)
		if test.want == nil {
			if len(frame) > 0 {
				t.Errorf("%T is encoded as %q", test.event, frame)
			}
			continue
		}
		_, payload, size := cutServerFrame(frame)
		var got map[string]any
		if err := json.Unmarshal(payload, &got); err != nil || size != len(frame) || !reflect.DeepEqual(got, test.want) {
			t.Errorf("%T is encoded as %s, %v\nand not as %v", test.event, payload, err, fmt.Sprint(test.want))
		}
	}
}

// cutServerFrame returns the opcode and payload of the frame at the beginning of b, and its size.
func cutServerFrame(b []byte) (op byte, payload []byte, size int) {
	size = ws.FrameEnd(b, 1)
	head := 2
	if b[1] == 126 {
		head = 4
	}
	return b[0] & 0x0F, b[head:size], size
}
