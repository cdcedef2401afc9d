package markdown

import (
	"bytes"
	"strconv"
	"unicode/utf8"

	emojiast "github.com/yuin/goldmark-emoji/ast"
	"github.com/yuin/goldmark/ast"
	extensionast "github.com/yuin/goldmark/extension/ast"
)

// maxDepth is how many elements stand in each other: a browser reads at most 512.
const maxDepth = 64

// writer writes the HTML of what was parsed. It says nothing of its own: whatever is
// text is escaped, whatever is an element stands in this file or in code.go.
type writer struct {
	source  []byte
	limit   int      // bytes of HTML
	painter *painter // nil = code has no colours

	out     bytes.Buffer
	depth   int
	painted int  // bytes of code that may have colours
	link    bool // within one, and there are none in each other
	shown   bool // there is something to see
	over    bool // it is too large or too deep, and of no use
}

func (w *writer) node(n ast.Node) {
	if w.over = w.over || w.depth > maxDepth || w.out.Len() > w.limit; w.over {
		return
	}
	switch n := n.(type) {
	case *ast.Paragraph:
		if onlyEmoji(n, w.source) {
			w.element(`p dir="auto" class="emoji-only"`, "p", n)
		} else {
			w.element(`p dir="auto"`, "p", n)
		}
	case *ast.Blockquote:
		w.element(`blockquote dir="auto"`, "blockquote", n)
	case *ast.List:
		w.list(n)
	case *ast.ListItem:
		w.element(`li dir="auto"`, "li", n)
	case *ast.FencedCodeBlock:
		w.code(n)
	default:
		w.inline(n)
	}
}

func (w *writer) inline(n ast.Node) {
	switch n := n.(type) {
	case *ast.Text:
		w.text(unescaped(n.Value(w.source)))
		if n.SoftLineBreak() || n.HardLineBreak() {
			w.out.WriteString("<br>")
		}
	case *ast.Emphasis:
		w.emphasis(n)
	case *extensionast.Strikethrough:
		w.element("del", "del", n)
	case *ast.CodeSpan:
		w.codeSpan(n)
	case *ast.Link:
		w.linkTo(n)
	case *ast.AutoLink:
		w.autoLink(n)
	case *emojiast.Emoji:
		w.text([]byte(string(n.Value.Unicode)))
	default:
		w.children(n)
	}
}

func (w *writer) children(n ast.Node) {
	w.depth++
	for child := n.FirstChild(); child != nil; child = child.NextSibling() {
		w.node(child)
	}
	w.depth--
}

// element writes what begins with start, has the children of a node in it, and ends.
func (w *writer) element(start, name string, n ast.Node) {
	w.out.WriteString("<" + start + ">")
	w.children(n)
	w.out.WriteString("</" + name + ">")
}

func (w *writer) emphasis(n *ast.Emphasis) {
	if n.Level == 2 {
		w.element("strong", "strong", n)
	} else {
		w.element("em", "em", n)
	}
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

// codeSpan writes code within a line; a line that ends in it is a blank.
func (w *writer) codeSpan(n *ast.CodeSpan) {
	w.out.WriteString("<code>")
	for child := n.FirstChild(); child != nil; child = child.NextSibling() {
		if part, is := child.(*ast.Text); is {
			w.text(bytes.ReplaceAll(part.Value(w.source), []byte("\n"), []byte(" ")))
		}
	}
	w.out.WriteString("</code>")
}

func (w *writer) linkTo(n *ast.Link) {
	if rest, is := n.AttributeString(tail); is {
		w.text([]byte("["))
		w.children(n)
		w.text(rest.([]byte))
		return
	}
	if w.link {
		w.children(n)
		return
	}
	w.beginLink(string(n.Destination))
	w.children(n)
	w.endLink()
}

// autoLink writes a link that is its own text, or the text if it cannot be one.
func (w *writer) autoLink(n *ast.AutoLink) {
	to, known := autoAddress(n, w.source)
	if w.link || !known {
		w.text(n.Label(w.source))
		return
	}
	w.beginLink(to)
	w.text(n.Label(w.source))
	w.endLink()
}

func (w *writer) beginLink(to string) {
	w.link = true
	w.out.WriteString(`<a href="`)
	w.escaped([]byte(to))
	w.out.WriteString(`" target="_blank" rel="noopener noreferrer nofollow">`)
}

func (w *writer) endLink() {
	w.out.WriteString("</a>")
	w.link = false
}

// text writes what is to be seen.
func (w *writer) text(plain []byte) {
	w.shown = w.shown || len(bytes.TrimSpace(plain)) > 0
	w.escaped(plain)
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
