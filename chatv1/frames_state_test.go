package chatv1

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"chatserver/chat"
)

// changedMost returns a message to which as much happened as can happen to one, with a long
// text that JSON escapes, and names that are as long as names can be.
func changedMost(text string) chat.Message {
	var users []chat.UserRef
	for i := range chat.MaxReactions {
		users = append(users, chat.UserRef{ID: fmt.Sprintf("%064d", i), Name: fmt.Sprintf("%s%04d", strings.Repeat("𠀀", 28), i)})
	}
	m := chat.Message{
		Room: strings.Repeat("r", 64), Seq: 1 << 60, Rev: 1 << 61, ID: uuid.NewString(), AuthorID: users[0].ID, From: users[0].Name,
		Text: text, HTML: "<p>" + text + "</p>", At: time.Now(), ReplyTo: 1 << 60,
		Quote: &chat.Quote{AuthorID: users[1].ID, From: users[1].Name, Text: strings.Repeat(`"`, chat.MaxQuote)},
		State: chat.State{
			EditedAt: time.Now(), TextRev: 1 << 60, Edits: 1 << 30, Versions: 1 << 30,
			Pinned:  &chat.PinMark{By: users[2], At: time.Now()},
			Replies: &chat.ThreadSummary{Count: 1 << 30, Last: time.Now(), Users: users[:chat.MaxParticipants]},
		},
	}
	for i := range chat.MaxEmoji {
		part := chat.MaxReactions / chat.MaxEmoji
		m.Reactions = append(m.Reactions, chat.Reaction{Emoji: "👩🏽‍❤️‍💋‍👨🏿", Users: users[i*part : (i+1)*part]})
	}
	return m
}

// Whatever happened to a message, each event with it fits a frame, and a text that needs no
// escapes is whole.
func TestAMessageFitsAFrameWhateverHappenedToIt(t *testing.T) {
	for _, size := range []int{chat.FrameBytes, chat.LargeFrameBytes} {
		f := Frames{NewShortIDs([]byte("secret")), size}
		for _, text := range []string{strings.Repeat("a", 8192), strings.Repeat(`"`, 8192), strings.Repeat("\n", 32_000)} {
			m := changedMost(text)
			conflict := f.ChangeRefusal(chat.Edit{Target: chat.Target{Room: m.Room, Seq: m.Seq}}, chat.Outcome{Message: m, Err: chat.ErrConflict})
			page := chat.Page{Rev: 1 << 61, Messages: []chat.Message{m}}
			for event, frame := range map[string][]byte{
				"message":  f.Append(nil, chat.Said{Message: m}),
				"changes":  f.Append(nil, chat.Backfill{Room: m.Room, Page: page}),
				"conflict": AppendEvent(nil, conflict),
				"thread":   call{room: m.Room, frames: f}.appendNewestThread(nil, chat.Page{Rev: 1 << 61, Messages: []chat.Message{m, m}}),
				"pins":     call{room: m.Room, frames: f}.appendPins(nil, page),
				"history":  f.appendHistory(nil, m.Room, 1<<61, page),
			} {
				decodeFrames(t, frame, size)
				if fit := m.Fit(size - aroundCurrent); text[0] == 'a' && fit.TextBytes > 0 {
					t.Errorf("the text of the %s is cut to %d bytes in frames of %d", event, len(fit.Text), size)
				}
			}
		}
	}
}
