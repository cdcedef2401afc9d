package markdown

import (
	"regexp"
	"strings"

	"github.com/microcosm-cc/bluemonday"
)

// newPolicy allows what the writer writes, and nothing more.
func newPolicy() *bluemonday.Policy {
	p := bluemonday.NewPolicy()
	p.AllowElements("p", "br", "em", "strong", "del", "code", "blockquote", "ul", "ol", "li", "a", "figure", "figcaption", "pre", "span")
	only := func(attribute, value string, elements ...string) {
		p.AllowAttrs(attribute).Matching(regexp.MustCompile("^(?:" + value + ")$")).OnElements(elements...)
	}
	only("dir", "auto", "p", "li", "blockquote")
	only("dir", "ltr", "pre")
	only("class", "emoji-only", "p")
	only("class", "code", "figure")
	only("class", "c|k|s|m|nf|gi|gd", "span")
	only("tabindex", "0", "pre")
	only("start", "[0-9]{1,9}", "ol")
	p.AllowAttrs("href").OnElements("a")
	p.AllowURLSchemes("http", "https", "mailto")
	p.RequireParseableURLs(true)
	return p
}

// unquoted restores quotes in text: they have a meaning only within a tag, where they stay
// escaped. In the policy's output, all angle brackets are those of
// tags.
func unquoted(html string) string {
	if !strings.Contains(html, "&#3") {
		return html
	}
	var b strings.Builder
	for len(html) > 0 {
		text, rest, _ := strings.Cut(html, "<")
		_, _ = asTyped.WriteString(&b, text) // never fails
		tag, after, is := strings.Cut(rest, ">")
		if is {
			b.WriteString("<" + tag + ">")
		}
		html = after
	}
	return b.String()
}

var asTyped = strings.NewReplacer("&#34;", `"`, "&#39;", "'")
