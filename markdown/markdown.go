// Package markdown renders messages as safe HTML. goldmark parses the blocks (grammar.go),
// inline.go the markup within a paragraph, writer.go writes the result, and bluemonday removes
// everything that is not allowed (policy.go): two independent programs must both be wrong
// before a page shows what it must not.
//
// The dialect is that of chats: emphasis, code, quotes, lists, links, emoji. Everything else is
// shown as typed, above all HTML. The rendering time of every text is linear in its length.
// docs/adr/0009-markdown.md and 0018-linear-markdown.md give the reasons.
package markdown

import (
	"strings"
	"unicode"

	"github.com/microcosm-cc/bluemonday"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/text"

	"chatserver/chat"
	"chatserver/jsonstring"
)

// Version identifies the output of Render. If it differs from that of stored HTML, the HTML is
// rendered again. Increment it with every change of the output, by this package or one of the
// libraries under it.
const Version = 4

// Renderer renders safe HTML. It is safe for concurrent use.
type Renderer struct {
	parser parser.Parser
	policy *bluemonday.Policy
}

var _ chat.Renderer = (*Renderer)(nil)

// New returns a renderer. It takes a while, so make one and share it.
func New() *Renderer { return &Renderer{newParser(), newPolicy()} }

// Version implements chat.Renderer.
func (*Renderer) Version() int { return Version }

// Render implements chat.Renderer. A text becomes one paragraph of plain text if its HTML would
// be too large, too deeply nested, or too expensive, would show nothing, or if rendering fails.
// Such a paragraph has no HTML, because clients build it themselves, unless the text has
// characters that no page can show.
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

// markup returns the HTML of a text, of at most limit bytes, and reports whether it fits.
func (r *Renderer) markup(typed string, limit int) (html string, fits bool) {
	defer func() {
		if recover() != nil {
			html, fits = "", false
		}
	}()
	w := writer{source: []byte(typed), limit: limit, budget: littleWork + len(typed)/textOfWork - blockWork(typed)}
	if w.budget < 0 {
		return "", false
	}
	plain := w
	document := r.parser.Parse(text.NewReader(w.source))
	html, fits = r.write(&w, document)
	if !fits && w.highlighted > 0 { // without highlighting it may fit
		plain.unhighlighted = true
		html, fits = r.write(&plain, document)
	}
	return html, fits
}

// isParagraph reports whether HTML is just the typed text in a paragraph.
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

// write writes the HTML of a parsed document, and reports whether it can be used.
func (r *Renderer) write(w *writer, document ast.Node) (html string, fits bool) {
	w.node(document)
	if w.over() || !w.shown {
		return "", false
	}
	html = unquoted(r.policy.Sanitize(w.out.String()))
	return html, jsonstring.Size(html) <= w.limit
}

// The maximum size of HTML: a multiple of the text's size, and a constant. Highlighted code
// takes four times its size, a list of short links three times; anything larger is abuse, not a
// message.
const (
	timesText  = 5
	littleHTML = 4 << 10
)

// htmlLimit returns the maximum number of bytes of a text's HTML in a frame, so that one event
// with both never exceeds chat.MaxEncoded.
func htmlLimit(typed string) int {
	encoded := jsonstring.Size(typed)
	return min(timesText*len(typed)+littleHTML, chat.MaxEncoded-encoded)
}

// simple reports whether a text is just words, like most messages: it is one paragraph, and
// need not be parsed. It must begin with a letter, because a number could begin a
// list.
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

// clean removes characters that no page can show, and normalizes line ends.
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

// unshown reports whether a character is a control character other than the two that people type.
func unshown(r rune) bool { return r < ' ' && r != '\n' && r != '\t' || r == 0x7F }
