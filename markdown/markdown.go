// Package markdown makes safe HTML of messages as people write them. goldmark finds the
// blocks (grammar.go), inline.go the markup within a paragraph, writer.go writes what was
// found, and bluemonday lets through only what is allowed (policy.go): so two programs
// that know nothing of each other must both be wrong before a page shows what it must not.
//
// It is the Markdown that chats have: emphasis, code, quotes, lists, links, emoji. What is
// none shows as it was typed, above all HTML. Every text takes time that is linear in its
// length. docs/adr/0009-markdown.md and 0018-linear-markdown.md say why.
package markdown

import (
	"strings"
	"unicode"

	"github.com/microcosm-cc/bluemonday"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/text"

	"chatserver/chat"
)

// Version is another one whenever Render may make something else of a text: then
// what was stored before is made again. Whoever changes this package, or one of the
// libraries under it, counts it up.
const Version = 2

// Renderer makes safe HTML. It is safe for several goroutines.
type Renderer struct {
	parser parser.Parser
	policy *bluemonday.Policy
}

var _ chat.Renderer = (*Renderer)(nil)

// New makes a renderer. It is made once: it takes a while.
func New() *Renderer { return &Renderer{newParser(), newPolicy()} }

// Version implements chat.Renderer.
func (*Renderer) Version() int { return Version }

// Render implements chat.Renderer. A text of which the HTML would be too large or too
// deep, cost too much, or have nothing to see, becomes one paragraph of what was typed,
// and so does one that something goes wrong with. There is no HTML of such a paragraph:
// clients make it themselves, but for characters that no page can show.
func (r *Renderer) Render(typed string) (html string) {
	if simple(typed) {
		return ""
	}
	cleaned := clean(typed)
	html, fits := r.markup(cleaned, htmlLimit(typed))
	switch {
	case fits && !isParagraph(html, cleaned):
		return html
	case cleaned == typed:
		return ""
	}
	return chat.PlainHTML(typed)
}

// markup makes the HTML of a text, of at most limit bytes, and reports whether it fits.
func (r *Renderer) markup(typed string, limit int) (html string, fits bool) {
	defer func() {
		if recover() != nil {
			html, fits = "", false
		}
	}()
	w := writer{source: []byte(typed), limit: limit, budget: littleWork + len(typed)/textOfWork - strings.Count(typed, "\n")}
	if w.budget < 0 {
		return "", false
	}
	colourless := w
	document := r.parser.Parse(text.NewReader(w.source))
	html, fits = r.write(&w, document)
	if !fits && w.painted > 0 { // the colours may be what is too much
		colourless.colourless = true
		html, fits = r.write(&colourless, document)
	}
	return html, fits
}

// isParagraph reports whether HTML is a text as it was typed, in a paragraph.
func isParagraph(html, typed string) bool {
	if strings.Count(html, "<") > 2+strings.Count(typed, "\n") {
		return false
	}
	return html == chat.PlainHTML(typed) || html == chat.PlainHTML(strings.TrimRight(typed, " \t"))
}

// Simple implements chat.Renderer.
func (*Renderer) Simple(typed string) (html string, ok bool) {
	return "", simple(typed)
}

// write makes the HTML of what was parsed and reports whether it can be told.
func (r *Renderer) write(w *writer, document ast.Node) (html string, fits bool) {
	w.node(document)
	if w.over() || !w.shown {
		return "", false
	}
	html = unquoted(r.policy.Sanitize(w.out.String()))
	return html, chat.EncodedSize(html) <= w.limit
}

// How large HTML may become: so many times its text and a little more. Code with its
// colours is four times as large, a list of short links three times; what is larger is a
// bother and not a message.
const (
	timesText  = 5
	littleHTML = 4 << 10
)

// htmlLimit is how many bytes the HTML of a text may take in a frame, so that one event
// with both is never larger than chat.MaxEncoded.
func htmlLimit(typed string) int {
	encoded := chat.EncodedSize(typed)
	return min(timesText*len(typed)+littleHTML, chat.MaxEncoded-encoded)
}

// simple reports whether a text is words and little more, as most are: it becomes
// one paragraph, and nobody needs to look for Markdown. It begins with a letter, for
// a number could begin a list.
func simple(typed string) bool {
	last := ' '
	for i, r := range typed {
		switch {
		case unicode.IsLetter(r):
		case i == 0:
			return false
		case unicode.IsDigit(r), strings.ContainsRune(" ,?!'\"();/-", r):
		case r == '.' && last != 'w' && last != 'W': // of www.
		default:
			return false
		}
		last = r
	}
	return last != ' '
}

// clean leaves out what no page can show, and has every line end alike.
func clean(typed string) string {
	if !strings.ContainsFunc(typed, func(r rune) bool { return unshown(r) || r == unicode.ReplacementChar }) {
		return typed
	}
	typed = lineEnds.Replace(strings.ToValidUTF8(typed, "\uFFFD"))
	return strings.Map(func(r rune) rune {
		if unshown(r) {
			return -1
		}
		return r
	}, typed)
}

var lineEnds = strings.NewReplacer("\r\n", "\n", "\r", "\n")

// unshown are the control characters but for the two that people type.
func unshown(r rune) bool { return r < ' ' && r != '\n' && r != '\t' || r == 0x7F }
