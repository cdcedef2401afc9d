package chat

import (
	"slices"
	"strings"
)

// Renderer makes the HTML of messages, which pages show as it is: so it is safe,
// whatever was typed. It is made when a message is sent and stored with it.
type Renderer interface {
	// Render makes the HTML of a text. It cannot fail, is called by several goroutines
	// at once, and what it returns takes at most MaxEncoded bytes in JSON together with
	// the text.
	Render(text string) string
	// Version is another one whenever Render would make something else of a text, and
	// never 0: that is the version of messages without HTML.
	Version() int
}

// MaxEncoded is how many bytes the text of a message and its HTML may take in JSON,
// so that it fits the queue of a connection that is a little behind. A text of 32 kB
// alone may take as much; the rest is for the tags of a paragraph.
const MaxEncoded = 192<<10 + 32

// EncodedSize is about how many bytes JSON takes for a text: it writes most
// control characters, and either line separator, in six.
func EncodedSize(text string) int {
	size := len(text) + 3*strings.Count(text, "\u2028") + 3*strings.Count(text, "\u2029")
	for _, b := range []byte(text) {
		switch {
		case b == '"', b == '\\', b == '\n', b == '\t', b == '\r':
			size++
		case b < ' ':
			size += 5
		}
	}
	return size
}

// PlainHTML is a paragraph of a text as it was typed. Control characters, which no
// page shows, are left out: the paragraph and the text never take more than
// MaxEncoded if the text has 32 kB.
func PlainHTML(text string) string {
	if strings.ContainsFunc(text, isMarkup) {
		text = plainHTML.Replace(text)
	}
	return `<p dir="auto">` + text + `</p>`
}

func isMarkup(r rune) bool { return r < ' ' || r == '&' || r == '<' || r == '>' || r == 0x7F }

var plainHTML = func() *strings.Replacer {
	instead := []string{"&", "&amp;", "<", "&lt;", ">", "&gt;", "\r\n", "<br>", "\n", "<br>", "\r", "<br>", "\x7F", ""}
	for control := range byte(' ') {
		if control != '\t' && control != '\n' && control != '\r' {
			instead = append(instead, string(rune(control)), "")
		}
	}
	return strings.NewReplacer(instead...)
}()

// plain is the renderer of a chat that has none.
type plain struct{}

// Render implements Renderer.
func (plain) Render(text string) string { return PlainHTML(text) }

// Version implements Renderer.
func (plain) Version() int { return -1 }

// rendered returns the messages of a page with the HTML of this renderer. Those that
// were stored with that of another version are rendered again, and others not: a
// message is read far more often than the renderer changes. Nothing is stored.
func rendered(messages []Message, by Renderer) []Message {
	version, own := by.Version(), false
	for i := range messages {
		if messages[i].HTMLVersion == version {
			continue
		}
		if !own {
			messages, own = slices.Clone(messages), true // the store may keep those that it gave
		}
		m := &messages[i]
		m.HTML, m.HTMLVersion = by.Render(m.Text), version
	}
	return messages
}

// renderChanges renders a page of changes. What is rendered again may be larger than
// the store counted: what does not fit the limit any more is left for the next page.
func renderChanges(page Page, by Renderer, limit Limit) Page {
	page.Messages = rendered(page.Messages, by)
	if fit := fitting(slices.All(page.Messages), limit); fit < len(page.Messages) {
		page.Messages = page.Messages[:fit]
		page.Rev, page.More = page.Messages[fit-1].Rev, true
	}
	return page
}

// renderBefore renders a page that goes back: its oldest messages are left out if
// they do not fit.
func renderBefore(page Page, by Renderer, limit Limit) Page {
	page.Messages = rendered(page.Messages, by)
	if fit := fitting(slices.Backward(page.Messages), limit); fit < len(page.Messages) {
		page.Messages = page.Messages[len(page.Messages)-fit:]
		page.More = true
	}
	return page
}

// fitting is how many messages fit a limit, at least one.
func fitting(messages func(func(int, Message) bool), limit Limit) (fit int) {
	bytes := 0
	for _, m := range messages {
		bytes += m.Size()
		if fit > 0 && limit.Bytes > 0 && bytes > limit.Bytes {
			break
		}
		fit++
	}
	return fit
}
