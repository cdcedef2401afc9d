package markdown

import (
	"strings"
	"unicode/utf8"

	"github.com/yuin/goldmark/ast"
)

const (
	// maxLanguage is how many bytes of a language's name are shown.
	maxLanguage = 32
	// maxPainted is up to how many bytes the code of a message gets colours.
	maxPainted = 8 << 10
	// partWork is what a part costs, as writer.spend counts it.
	partWork = 2
)

// code writes a block of code. Its caption is the name that was given; code reads
// from left to right everywhere, and is scrolled, also by keyboard.
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

// parts are the code with its colours, or, if it cannot have any, as it is.
func (w *writer) parts(language, code string) []part {
	known := languageOf(cut(language, maxLanguage))
	if known == nil || w.colourless || w.painted+len(code) > maxPainted {
		return []part{{code: code}}
	}
	parts := known.paint(code, w.budget/partWork)
	if parts == nil {
		return []part{{code: code}}
	}
	w.painted += len(code)
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

// cut is the beginning of a text, at most so many bytes of whole characters.
func cut(text string, most int) string {
	if len(text) <= most {
		return text
	}
	for !utf8.RuneStart(text[most]) {
		most--
	}
	return text[:most]
}
