package chatv1

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"

	"chatserver/chat"
	"chatserver/ws"
)

// jsonUser holds the field of a user that these tests check.
type jsonUser struct{ Name string }

// decodedEvent holds the fields of an event that these tests check.
type decodedEvent struct {
	Event                 string
	Members, Joined, Left []jsonUser
	Online                int
	Messages              []struct{ ID string }
}

// decodeFrames decodes frames whose payloads may have at most size bytes.
func decodeFrames(t *testing.T, frames []byte, size int) (events []decodedEvent) {
	t.Helper()
	for at := 0; at < len(frames); {
		end := ws.FrameEnd(frames, at+1)
		head := 2 + map[byte]int{126: 2, 127: 8}[frames[at+1]]
		payload := frames[at+head : end]
		var e decodedEvent
		if err := json.Unmarshal(payload, &e); err != nil || len(payload) > size {
			t.Fatalf("a frame of %d bytes, limit %d: %v", len(payload), size, err)
		}
		events, at = append(events, e), end
	}
	return events
}

// longNamed returns n users with the longest names.
func longNamed(n int) (users []chat.User) {
	for i := range n {
		users = append(users, chat.User{Name: fmt.Sprintf("%s%03d", strings.Repeat("𠀀", 29), i), Age: 199, ID: strings.Repeat("f", 64)})
	}
	return users
}

func names[T any](users []T, name func(T) string) (all []string) {
	for _, user := range users {
		all = append(all, name(user))
	}
	slices.Sort(all)
	return all
}

// fullPage returns a page that is as large as the smaller frames allow, of short
// messages with the longest numbers and a name that JSON escapes.
func fullPage() (page chat.Page) {
	limit := chat.JSON.PageLimit()
	message := chat.Message{ID: uuid.NewString(), Seq: 1 << 50, Rev: 1 << 50, AuthorID: strings.Repeat("f", 64), From: strings.Repeat(`"`, 32), Text: "hi", HTML: "<p>hi</p>"}
	for size := message.Size(); size <= limit.Bytes && len(page.Messages) < limit.Messages; size += message.Size() {
		page.Messages = append(page.Messages, message)
	}
	return page
}

// A client that joins gets all members of the room, in as many frames as necessary, and changes
// of the list arrive completely as well.
func TestAllMembersAreListedInFramesThatFit(t *testing.T) {
	long := chat.Page{Rev: 99, Messages: []chat.Message{{ID: "a", Rev: 99, Text: strings.Repeat("\n", 16_000)}}}
	for _, size := range []int{chat.FrameBytes, chat.LargeFrameBytes} {
		for _, n := range []int{0, 1, 100, chat.MaxListed} {
			users, room := longNamed(n), strings.Repeat("r", 64)
			want := names(users, func(u chat.User) string { return u.Name })
			f, members := Frames{NewShortIDs([]byte("secret")), size}, &chat.Members{Users: users}
			for _, event := range []chat.Event{
				chat.RoomSnapshot{Room: room, Title: room, Page: long, Reset: true, Members: members, Online: n},
				chat.RoomSnapshot{Room: room, Title: room, Page: fullPage(), Members: members, Online: n},
				chat.RoomSnapshot{Room: room, Title: room, Members: members, Online: n},
				chat.Presence{Room: room, Whole: true, Members: members, Online: n},
				chat.Presence{Room: room, Joined: users, Left: users, Online: n},
			} {
				var there, left []jsonUser
				events := decodeFrames(t, f.Append([]byte(nil), event), size)
				for i, e := range events {
					if i > 0 && (e.Event != "presence" || len(e.Members) > 0) || e.Online != n {
						t.Errorf("%T of %d in frames of %d continues with %+v", event, n, size, e)
					}
					there, left = append(append(there, e.Members...), e.Joined...), append(left, e.Left...)
				}
				name := func(u jsonUser) string { return u.Name }
				if p, changes := event.(chat.Presence); !slices.Equal(names(there, name), want) || changes && !p.Whole && !slices.Equal(names(left, name), want) {
					t.Errorf("%T of %d in frames of %d lists %d, and %d who left", event, n, size, len(there), len(left))
				}
				if size == chat.LargeFrameBytes && len(events) != 1 {
					t.Errorf("%T of %d takes %d large frames", event, n, len(events))
				}
			}
		}
	}
}
