package markdown

import (
	"strings"

	"github.com/yuin/goldmark/ast"
)

// maxLanguage is how many bytes of a language's name are shown.
const maxLanguage = 32

// code writes a block of code. Its caption is the name that was given; code reads
// from left to right everywhere, and is scrolled, also by keyboard.
func (w *writer) code(n *ast.FencedCodeBlock) {
	language := string(n.Language(w.source))
	var code strings.Builder
	for i := range n.Lines().Len() {
		line := n.Lines().At(i)
		code.Write(line.Value(w.source))
	}
	w.out.WriteString(`<figure class="code"><figcaption>`)
	w.escaped([]byte(cut(language, maxLanguage)))
	w.out.WriteString(`</figcaption><pre dir="ltr" tabindex="0"><code>`)
	for _, part := range w.parts(language, code.String()) {
		w.part(part)
	}
	w.out.WriteString("</code></pre></figure>")
}

// parts are the code with its colours, or, if it cannot have any, as it is.
func (w *writer) parts(language, code string) []part {
	if w.painter != nil && w.painted+len(code) <= maxPainted {
		w.painted += len(code)
		if parts, ok := w.painter.paint(language, code); ok {
			return parts
		}
	}
	return []part{{code: code}}
}

// part is a run of code of one colour; without a class it has none.
type part struct{ class, code string }

func (w *writer) part(p part) {
	if p.class == "" {
		w.text([]byte(p.code))
		return
	}
	w.out.WriteString(`<span class="` + p.class + `">`)
	w.text([]byte(p.code))
	w.out.WriteString("</span>")
}
