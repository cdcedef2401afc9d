package handlers_test

import (
	"strings"
	"testing"

	"github.com/google/uuid"

	"chatserver/chattest"
)

// Whatever its root and its replies are like, the page of a thread has the root, fits a frame,
// and leads to every reply. The members read frames of at most 32,000 bytes.
func TestTheThreadOfLargeMessagesHasItsRoot(t *testing.T) {
	t.Parallel()
	long, longer := strings.Repeat("a", 8192), strings.Repeat(`"`, 8192) // JSON escapes each of the second's bytes, and HTML too
	for name, test := range map[string]struct {
		root, reply string
		replies     int // in the first page
	}{
		"short":                  {"Tea?", "Yes", 1},
		"a large root":           {longer, "Yes", 1},
		"a large reply":          {long, longer, 1},
		"a large root and reply": {longer, longer, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := chattest.NewWorld(t)
			ann, bob := w.Join("Ann", "lobby"), w.Join("Bob", "lobby")
			root, _ := ann.SaysUntilAcknowledged("lobby", uuid.NewString(), test.root)
			reply, _ := bob.RepliesUntilAcknowledged("lobby", uuid.NewString(), test.reply, root)
			bob.Asks("thread", "room", "lobby", "seq", root)
			page := bob.HearsEvent("thread")
			if len(page.Messages) != 1+test.replies || page.Messages[0].Seq != root || page.Messages[0].Text != test.root || page.More != (test.replies == 0) {
				t.Fatalf("the page has %d messages, the first is %d, more is %v", len(page.Messages), page.Messages[0].Seq, page.More)
			}
			bob.Asks("thread", "room", "lobby", "seq", root, "before", page.Rev+1)
			if page = bob.HearsEvent("thread"); len(page.Messages) != 1 || page.Messages[0].Seq != reply || page.Messages[0].Text != test.reply || page.More {
				t.Errorf("the replies are %d messages, more is %v", len(page.Messages), page.More)
			}
		})
	}
}
