package chat

import (
	"regexp"
	"strings"
)

// Renderer makes the HTML of messages, which pages show as it is: so it is safe,
// whatever was typed. It is made when a message is sent and stored with it.
type Renderer interface {
	// Render makes the HTML of a text. It is empty if the text as it is, in a paragraph,
	// is all there is to show: then it is not stored, nor sent. It cannot fail, is called
	// by several goroutines at once, takes time that is linear in the text, and what it
	// returns takes at most MaxEncoded bytes in JSON together with the text.
	Render(text string) string
	// Simple makes the same HTML of a text that is words and little more, in about the
	// time of copying it; ok is false for all other texts, which take a Render.
	Simple(text string) (html string, ok bool)
	// Version is another one whenever Render would make something else of a text, and
	// never 0: that is the version of messages without HTML.
	Version() int
}

// MaxEncoded is how many bytes the text of a message and its HTML may take in JSON,
// so that it fits the queue of a connection that is a little behind. A text of 32 kB
// alone may take as much; the rest is for the tags of a paragraph.
const MaxEncoded = 192<<10 + 32

// linkAttributes are what every link of a message has: it opens in another tab, which
// learns nothing of this one.
const linkAttributes = ` target="_blank" rel="noopener noreferrer nofollow"`

// untranslated keeps browsers that translate a page from translating code and addresses.
const untranslated = ` translate="no"`

// WithPageAttributes is the HTML of a message for a page that no script completes. A
// Renderer writes links and code without what they have in common, so that a message of
// them is not many times its text; the modules of the page add it to what comes live
// (static/js/markup.js). In the HTML of a Renderer, angle brackets are those of tags.
func WithPageAttributes(html string) string {
	if strings.Contains(html, "<a ") {
		html = link.ReplaceAllStringFunc(html, leaveAddress)
	}
	return pageAttributes.Replace(html)
}

// link is a link of a Renderer that has only text in it: where it leads, and the text.
var link = regexp.MustCompile(`<a href="([^"]*)">([^<]+)</a>`)

// leaveAddress marks a link whose text is an address.
func leaveAddress(html string) string {
	if parts := link.FindStringSubmatch(html); strings.Contains(parts[1], parts[2]) {
		return `<a href="` + parts[1] + `"` + untranslated + `>` + parts[2] + `</a>`
	}
	return html
}

var pageAttributes = strings.NewReplacer("<a href=", "<a"+linkAttributes+" href=", "<code>", "<code"+untranslated+">", "<code class=", "<code"+untranslated+" class=")

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

// Simple implements Renderer.
func (plain) Simple(text string) (html string, ok bool) { return PlainHTML(text), true }

// Version implements Renderer.
func (plain) Version() int { return -1 }
