package markdown

import (
	"bytes"
	"strconv"
	"strings"

	"github.com/yuin/goldmark/ast"
)

// maxDepth is the maximum nesting of elements: browsers parse at most 512 levels.
const maxDepth = 64

// writer writes the HTML of a parsed document. It adds no text of its own: all text is escaped,
// and every element is written in this file, in spans.go, or in code.go.
type writer struct {
	source []byte
	limit  int // in bytes of HTML
	budget int // of work, as spend counts it

	out           bytes.Buffer
	depth         int
	highlighted   int  // highlighted bytes of code
	unhighlighted bool // whether highlighting is off
	link          bool // within a link, because links do not nest
	shown         bool // whether anything is visible
}

// over reports whether the HTML is too large, too deeply nested, or too expensive, and must
// not be used.
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

// element writes start, the children of a node, and the end tag.
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

// list writes a list, and keeps its first number.
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

// text writes visible text.
func (w *writer) text(plain []byte) {
	w.shown = w.shown || len(bytes.TrimSpace(plain)) > 0
	w.escaped(plain)
}

// The work that a message may cost besides its bytes: lines, spans, and elements. Finding,
// writing, and checking one takes up to a microsecond, more with attributes, so they are
// counted, and so are marks of lists and quotes inside others. The limit affects no real text: at 8 kB it allows one element every six bytes.
// docs/reliability.md has the cost of the worst texts.
const (
	littleWork = 256 // a line, a span, or an element without attributes costs 1
	textOfWork = 8   // bytes of text per unit of additional work
)

// spend counts the cost of an element.
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
