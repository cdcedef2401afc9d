package markdown

import (
	"strings"
	"testing"

	"chatserver/chat"
)

// A failure costs the markup and nothing else.
func TestWhatFailsShowsAsItWasTyped(t *testing.T) {
	r := New()
	r.policy = nil // anything but plain text panics
	if got := r.Render("**<b>**"); got != "" {
		t.Errorf("it becomes %s", got)
	}
	if got, want := r.Render("**<b>**\x01"), chat.PlainHTML("**<b>**\x01"); got != want {
		t.Errorf("with a control character it becomes %s", got)
	}
}

func TestEmojiAreCounted(t *testing.T) {
	for text, want := range map[string]int{
		"": 0, " ": 0, "🎉": 1, "🎉 🎉\u00a0🎉": 3, "👍🏽": 1, "👩‍❤️‍👨": 1, "👨‍👩‍👧‍👦👨‍👩‍👧‍👦": 2, "🏳️‍🌈": 1, "🏴󠁧󠁢󠁥󠁮󠁧󠁿": 1, "🇩🇪🇫🇷": 2, "1️⃣2️⃣": 2, "#⃣": 1, "❤️": 1, "⌚⭐": 2, "©️": 1,
		"a": -1, "1": -1, "❤": -1, "🎉a": -1, "🇩": -1, "™": -1, "-": -1, "👍🏽!": -1, strings.Repeat(" ", 2000): -1,
	} {
		got, nothingElse := countEmoji(text)
		if !nothingElse {
			got = -1
		}
		if got != want {
			t.Errorf("%q has %d emoji and not %d", text, got, want)
		}
	}
}
