package markdown

import (
	"bytes"

	"github.com/yuin/goldmark/ast"
)

// textOf returns the text of a paragraph.
func textOf(n ast.Node, source []byte) []byte {
	lines := n.Lines()
	if lines.Len() == 1 {
		line := lines.At(0)
		return line.Value(source)
	}
	var text []byte
	for i := range lines.Len() {
		line := lines.At(i)
		text = append(text, line.Value(source)...)
	}
	return text
}

func (w *writer) paragraph(n *ast.Paragraph) {
	p := parseInline(textOf(n, w.source), &w.budget)
	start := `p dir="auto"`
	if alone(n) && onlyEmoji(p) {
		start += ` class="emoji-only"`
	}
	w.open(start)
	w.spans(p)
	w.shut("p")
}

// alone reports whether a node is the only one in its message.
func alone(n ast.Node) bool {
	return n.Parent().Kind() == ast.KindDocument && n.NextSibling() == nil && n.PreviousSibling() == nil
}

func (w *writer) spans(p *inline) {
	for _, s := range p.spans {
		if w.over() {
			return
		}
		shown := p.text[s.from:s.to]
		switch s.kind {
		case spanText:
			w.text(shown)
		case spanRun:
			w.run(&p.runs[s.index], shown)
		case spanCode:
			w.codeSpan(shown)
		case spanLink:
			w.linkTo(p.links[s.index].href)
			w.text(shown)
			w.linkEnd(p.links[s.index].host)
		case spanLinkStart:
			w.linkTo(p.links[s.index].href)
			w.link = true
		case spanLinkEnd:
			w.link = false
			w.linkEnd(p.links[s.index].host)
		case spanEmoji:
			w.text([]byte(p.emoji[s.index]))
		case spanBreak:
			w.out.WriteString("<br>")
		}
	}
}

var markNames = [...]string{markEm: "em", markStrong: "strong", markDel: "del"}

func (w *writer) run(r *run, typed []byte) {
	for i := range r.closes.count {
		w.shut(markNames[r.closes.at(i)])
	}
	w.text(typed[:r.left])
	for i := r.opens.count - 1; i >= 0; i-- {
		w.open(markNames[r.opens.at(i)])
	}
}

// codeSpan writes inline code; a line end in it becomes a space.
func (w *writer) codeSpan(code []byte) {
	w.open("code")
	w.text(bytes.ReplaceAll(code, []byte("\n"), []byte(" ")))
	w.shut("code")
}

// linkTo begins a link. Attributes that all links share are not written with each of them:
// pages add them (chat.WithPageAttributes).
func (w *writer) linkTo(href string) {
	if w.link {
		return
	}
	w.spend("a href=")
	w.depth++
	w.out.WriteString(`<a href="`)
	w.escaped([]byte(href))
	w.out.WriteString(`">`)
}

// linkEnd ends a link, after the host if its text does not name it.
func (w *writer) linkEnd(host string) {
	if w.link {
		return
	}
	if host != "" {
		w.text([]byte(" (" + host + ")"))
	}
	w.shut("a")
}
