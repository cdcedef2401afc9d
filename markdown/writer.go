package markdown

import (
	"bytes"
	"strconv"
	"strings"

	"github.com/yuin/goldmark/ast"
)

// maxDepth is how many elements stand in each other: a browser reads at most 512.
const maxDepth = 64

// writer writes the HTML of what was parsed. It says nothing of its own: whatever is
// text is escaped, whatever is an element stands in this file, in spans.go or in code.go.
type writer struct {
	source []byte
	limit  int // bytes of HTML
	budget int // of work, as spend counts it

	out        bytes.Buffer
	depth      int
	painted    int  // bytes of code that have colours
	colourless bool // code has none
	link       bool // within one, and there are none in each other
	shown      bool // there is something to see
}

// over reports whether the HTML is too large or too deep, or costs too much, and is of
// no use.
func (w *writer) over() bool {
	return w.depth > maxDepth || w.out.Len() > w.limit || w.budget < 0
}

func (w *writer) node(n ast.Node) {
	if w.over() {
		return
	}
	switch n := n.(type) {
	case *ast.Paragraph:
		w.paragraph(n)
	case *ast.TextBlock:
		w.spans(parseInline(textOf(n, w.source), &w.budget))
	case *ast.Blockquote:
		w.element(`blockquote dir="auto"`, "blockquote", n)
	case *ast.List:
		w.list(n)
	case *ast.ListItem:
		w.element(`li dir="auto"`, "li", n)
	case *ast.FencedCodeBlock:
		w.code(n)
	default:
		w.children(n)
	}
}

func (w *writer) children(n ast.Node) {
	for child := n.FirstChild(); child != nil; child = child.NextSibling() {
		w.node(child)
	}
}

// element writes what begins with start, has the children of a node in it, and ends.
func (w *writer) element(start, name string, n ast.Node) {
	w.open(start)
	w.children(n)
	w.shut(name)
}

func (w *writer) open(start string) {
	w.spend(start)
	w.out.WriteString("<" + start + ">")
	w.depth++
}

func (w *writer) shut(name string) {
	w.out.WriteString("</" + name + ">")
	w.depth--
}

// list keeps the number that somebody began with.
func (w *writer) list(n *ast.List) {
	switch {
	case !n.IsOrdered():
		w.element("ul", "ul", n)
	case n.Start == 1:
		w.element("ol", "ol", n)
	default:
		w.element(`ol start="`+strconv.Itoa(n.Start)+`"`, "ol", n)
	}
}

// text writes what is to be seen.
func (w *writer) text(plain []byte) {
	w.shown = w.shown || len(bytes.TrimSpace(plain)) > 0
	w.escaped(plain)
}

// What a message may cost beside its bytes: lines, spans and elements. To find, write and
// check one takes up to a microsecond, and more with attributes, so they count. Nobody
// misses the markup of a text that has more: of 8 kB it would be one every six bytes.
// docs/reliability.md has what the worst costs.
const (
	littleWork = 256 // a line, a span, and an element without attributes cost 1
	textOfWork = 8   // bytes of text that 1 more comes with
)

// spend counts an element.
func (w *writer) spend(start string) {
	w.budget -= 1 + strings.Count(start, "=")
}

func (w *writer) escaped(plain []byte) {
	from := 0
	for i, b := range plain {
		var instead string
		switch b {
		case '&':
			instead = "&amp;"
		case '<':
			instead = "&lt;"
		case '>':
			instead = "&gt;"
		case '"':
			instead = "&#34;"
		default:
			continue
		}
		w.out.Write(plain[from:i])
		w.out.WriteString(instead)
		from = i + 1
	}
	w.out.Write(plain[from:])
}
