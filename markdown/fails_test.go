package markdown

import (
	"strings"
	"testing"
	"time"

	"chatserver/chat"
)

// Whatever goes wrong costs the markup and nothing else.
func TestWhatFailsShowsAsItWasTyped(t *testing.T) {
	r := New()
	r.policy = nil // everything that is no simple text panics
	if got, want := r.Render("**<b>**"), chat.PlainHTML("**<b>**"); got != want {
		t.Errorf("it becomes %s", got)
	}
}

// Who sends code that takes too long has none of the colours, and neither have the
// others for a while; the code itself is there.
func TestCodeThatTakesTooLongHasNoColours(t *testing.T) {
	r := New()
	coloured := func() bool { return strings.Contains(r.Render("```go\nreturn 1\n```"), "<span") }
	r.painter.patience = time.Minute
	if !coloured() {
		t.Fatal("code has no colours")
	}
	r.painter.patience = -1
	if got := r.Render("```go\nreturn 1\n```"); strings.Contains(got, "<span") || !strings.Contains(got, "<code>return 1\n</code>") {
		t.Errorf("it becomes %s", got)
	}
	r.painter.patience = time.Minute
	r.painter.rested = time.Now().Add(time.Minute)
	if coloured() {
		t.Error("there is no rest")
	}
	r.painter.rested = time.Time{}
	if !coloured() {
		t.Error("there are no colours after the rest")
	}
	if long := r.Render("```go\n" + strings.Repeat("x = 1\n", maxPainted/6+1) + "```"); strings.Contains(long, "<span") {
		t.Error("long code has colours")
	}
}

// Every language that is named is one, and gives back the code it was given.
func TestEveryLanguageIsKnown(t *testing.T) {
	p := newPainter()
	p.patience = time.Minute
	for _, language := range append(languages, "js", "ts", "py", "rb", "sh", "yml", "rs", "cs", "jsx", "tf") {
		if _, ok := p.paint(language, "a = \"b\" // c\n<d> 'e'\n"); !ok {
			t.Errorf("%s has no colours", language)
		}
	}
	if _, ok := p.paint("nonsense", "a"); ok {
		t.Error("nonsense has colours")
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
