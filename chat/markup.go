package chat

import (
	"regexp"
	"strings"
)

// linkAttributes are the attributes of every link in a message: it opens in a new tab, which
// learns nothing about this one.
const linkAttributes = ` target="_blank" rel="noopener noreferrer nofollow"`

// untranslated keeps browsers that translate a page from translating code and addresses.
const untranslated = ` translate="no"`

// WithPageAttributes returns the HTML of a message for a page that works without scripts. A
// Renderer omits the attributes that all links or code share, so that the HTML of a message
// does not become many times its text; the page's modules add them to live messages
// (static/js/elements/markup.js). In the HTML of a Renderer, every angle bracket belongs to a tag.
func WithPageAttributes(html string) string {
	if strings.Contains(html, "<a ") {
		html = link.ReplaceAllStringFunc(html, markAddress)
	}
	return pageAttributes.Replace(html)
}

// link matches a link that contains only text, with its URL and its text.
var link = regexp.MustCompile(`<a href="([^"]*)">([^<]+)</a>`)

// markAddress marks a link whose text is its address as not to be translated.
func markAddress(html string) string {
	if parts := link.FindStringSubmatch(html); strings.Contains(parts[1], parts[2]) {
		return `<a href="` + parts[1] + `"` + untranslated + `>` + parts[2] + `</a>`
	}
	return html
}

var pageAttributes = strings.NewReplacer("<a href=", "<a"+linkAttributes+" href=", "<code>", "<code"+untranslated+">", "<code class=", "<code"+untranslated+" class=")

// PlainHTML returns a text as one paragraph of HTML, as typed. It drops control characters,
// which no page shows, so paragraph and text never exceed MaxEncoded for a text of 32 kB.
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
