package chatv1

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"chatserver/chat"
	"chatserver/ws"
)

// The most that can happen to a message of the default size fits the smaller frames beside
// its whole text.
func TestTheLargestStateOfAMessageFitsItsFrame(t *testing.T) {
	at := time.Date(2026, 11, 29, 1, 2, 3, 4_000_000, time.UTC)
	user := chat.UserRef{ID: strings.Repeat("f", 32), Name: strings.Repeat("𠀀", 32)}
	m := chat.Message{
		Room: strings.Repeat("r", 64), ID: "0198c5a0-7f3e-7cc2-a1b2-3c4d5e6f7a8b", Seq: 1 << 50, Rev: 1 << 50, From: user.Name, AuthorID: user.ID, At: at,
		Text: strings.Repeat(`"`, 8192), HTML: strings.Repeat("<br>", 5000), ReplyTo: 1 << 49, Quote: &chat.Quote{AuthorID: user.ID, From: user.Name, Text: strings.Repeat(`"`, chat.MaxQuote)},
		State: chat.State{
			EditedAt: at, Versions: 1 << 20, Pinned: &chat.PinMark{By: user, At: at},
			Replies: &chat.ThreadSummary{Count: 1 << 20, Last: at, Users: []chat.UserRef{user, user, user, user, user, user, user, user, user, user}},
		},
	}
	for range chat.MaxEmoji {
		m.Reactions = append(m.Reactions, chat.Reaction{Emoji: "👩🏻\u200d❤️\u200d💋\u200d👨🏿", Users: []chat.UserRef{user, user, user, user}})
	}
	for _, size := range []int{chat.FrameBytes, chat.LargeFrameBytes} {
		frame := Frames{NewShortIDs([]byte("secret")), size}.Append(nil, chat.Said{Message: m})
		payload := frame[4:]
		if size == chat.LargeFrameBytes && len(frame) > 1<<16 {
			payload = frame[10:]
		}
		var event struct {
			Text      string
			TextBytes int `json:"text_bytes"`
			Reactions []struct {
				Count int
				Users []any
			}
		}
		if err := json.Unmarshal(payload, &event); err != nil || len(payload) > size {
			t.Fatalf("a frame of %d bytes, limit %d: %v", len(payload), size, err)
		}
		if event.Text != m.Text || event.TextBytes != 0 || len(event.Reactions) != chat.MaxEmoji || event.Reactions[0].Count != 4 || len(event.Reactions[0].Users) != m.ListedUsers() {
			t.Errorf("in a frame of %d the text has %d bytes, %d in full, and the first reaction is %+v", size, len(event.Text), event.TextBytes, event.Reactions[0])
		}
		if used := ws.FrameEnd(frame, 1); used != len(frame) {
			t.Errorf("it takes %d bytes of %d", used, len(frame))
		}
		if estimate := m.Fit(size); estimate.Size() < len(payload)-64 {
			t.Errorf("Size says %d bytes, and the frame has %d", estimate.Size(), len(payload))
		}
	}
}
