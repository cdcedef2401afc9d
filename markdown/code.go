package markdown

import (
	"strings"
	"unicode/utf8"

	"github.com/yuin/goldmark/ast"
)

const (
	// maxLanguage is the number of bytes of a language's name to show.
	maxLanguage = 32
	// maxHighlighted is the number of bytes of code per message to highlight.
	maxHighlighted = 8 << 10
	// partWork is the cost of a highlighted part, as counted by writer.spend.
	partWork = 2
)

// code writes a code block. Its caption is the given name of the language. Code always runs
// from left to right, and is scrollable, by keyboard as well.
func (w *writer) code(n *ast.FencedCodeBlock) {
	language := string(n.Language(w.source))
	var code strings.Builder
	for i := range n.Lines().Len() {
		line := n.Lines().At(i)
		code.Write(line.Value(w.source))
	}
	w.open(`figure class="code"`)
	w.open("figcaption")
	w.escaped([]byte(cut(language, maxLanguage)))
	w.shut("figcaption")
	w.open(`pre dir="ltr" tabindex="0"`)
	w.open("code")
	for _, part := range w.parts(language, code.String()) {
		w.part(part)
	}
	w.shut("code")
	w.shut("pre")
	w.shut("figure")
}

// parts returns the code in highlighted parts, or in one plain part if it cannot be highlighted.
func (w *writer) parts(language, code string) []part {
	known := languageOf(cut(language, maxLanguage))
	if known == nil || w.unhighlighted || w.highlighted+len(code) > maxHighlighted {
		return []part{{code: code}}
	}
	parts := known.highlight(code, w.budget/partWork)
	if parts == nil {
		return []part{{code: code}}
	}
	w.highlighted += len(code)
	return parts
}

func (w *writer) part(p part) {
	if p.class == "" {
		w.text([]byte(p.code))
		return
	}
	w.open(`span class="` + p.class + `"`)
	w.text([]byte(p.code))
	w.shut("span")
}

// cut returns the beginning of a text: at most that many bytes, in whole characters.
func cut(text string, most int) string {
	if len(text) <= most {
		return text
	}
	for !utf8.RuneStart(text[most]) {
		most--
	}
	return text[:most]
}
