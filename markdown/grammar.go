package markdown

import (
	"bytes"
	"net/url"
	"regexp"
	"strings"
	"unicode"

	emoji "github.com/yuin/goldmark-emoji"
	emojiast "github.com/yuin/goldmark-emoji/ast"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"
)

// maxNested is how many quotes and lists (a list counts with its item) stand in each
// other. What is deeper shows as it was typed, and takes no time.
const maxNested = 16

// newParser knows the Markdown of chats. What it does not know is text: HTML,
// headings, lines across, tables, images, code by indenting, definitions of links.
func newParser() parser.Parser {
	return parser.NewParser(
		parser.WithBlockParsers(
			util.Prioritized(lists{parser.NewListParser()}, 300),
			util.Prioritized(parser.NewListItemParser(), 400),
			util.Prioritized(parser.NewFencedCodeBlockParser(), 700),
			util.Prioritized(quotes{parser.NewBlockquoteParser()}, 800),
			util.Prioritized(paragraphs{parser.NewParagraphParser()}, 1000),
		),
		parser.WithInlineParsers(
			util.Prioritized(parser.NewCodeSpanParser(), 100),
			util.Prioritized(links{parser.NewLinkParser().(closing)}, 200),
			util.Prioritized(bracketed{parser.NewAutoLinkParser()}, 300),
			util.Prioritized(parser.NewEmphasisParser(), 500),
			util.Prioritized(extension.NewStrikethroughParser(), 500),
			util.Prioritized(shortcodes{emoji.NewParser()}, 998),
			util.Prioritized(extension.NewLinkifyParser(extension.WithLinkifyURLRegexp(bareURL)), 999),
		),
	)
}

// lists begin with something to say: a lone dash is one, and so is a line across.
type lists struct{ parser.BlockParser }

// Open implements parser.BlockParser.
func (l lists) Open(parent ast.Node, reader text.Reader, pc parser.Context) (ast.Node, parser.State) {
	line, _ := reader.PeekLine()
	marks := bytes.TrimSpace(line)
	if len(pc.OpenedBlocks()) >= maxNested || len(marks) == 0 || len(bytes.Trim(marks, string(marks[:1])+" \t")) == 0 {
		return nil, parser.NoChildren
	}
	if _, said, _ := bytes.Cut(marks, []byte(" ")); len(said) == 0 {
		return nil, parser.NoChildren
	}
	return l.BlockParser.Open(parent, reader, pc)
}

// quotes are no deeper than maxNested.
type quotes struct{ parser.BlockParser }

// Open implements parser.BlockParser.
func (q quotes) Open(parent ast.Node, reader text.Reader, pc parser.Context) (ast.Node, parser.State) {
	if len(pc.OpenedBlocks()) >= maxNested {
		return nil, parser.NoChildren
	}
	return q.BlockParser.Open(parent, reader, pc)
}

// paragraphs are whatever is nothing else, indented or not, and keep the blanks that
// their lines begin with.
type paragraphs struct{ parser.BlockParser }

// CanAcceptIndentedLine implements parser.BlockParser.
func (paragraphs) CanAcceptIndentedLine() bool { return true }

// Close implements parser.BlockParser.
func (paragraphs) Close(node ast.Node, reader text.Reader, _ parser.Context) {
	lines := node.Lines()
	if last := lines.Len() - 1; last >= 0 {
		line := lines.At(last)
		lines.Set(last, line.TrimRightSpace(reader.Source()))
	}
}

// closing is a parser that is told when a block ends.
type closing interface {
	parser.InlineParser
	parser.CloseBlocker
}

// maxBrackets is how many square brackets of a message may be those of a link: each
// of them may look through all of it.
const maxBrackets = 512

var bracketsSeen = parser.NewContextKey()

// tail is the attribute of a link that is none: what was typed after its text.
const tail = "tail"

// links lead to what address lets through; the others show as they were typed. An
// exclamation mark before one means nothing: there are no images.
type links struct{ closing }

// Trigger implements parser.InlineParser.
func (links) Trigger() []byte { return []byte{'[', ']'} }

// Parse implements parser.InlineParser.
func (l links) Parse(parent ast.Node, block text.Reader, pc parser.Context) ast.Node {
	brackets, _ := pc.Get(bracketsSeen).(int)
	if brackets == maxBrackets {
		return nil
	}
	pc.Set(bracketsSeen, brackets+1)
	_, from := block.PeekLine()
	node := l.closing.Parse(parent, block, pc)
	link, is := node.(*ast.Link)
	if !is {
		return node
	}
	to, known := address(string(unescaped(link.Destination)))
	if known && link.HasChildren() {
		link.Destination = []byte(to)
		return link
	}
	_, rest := block.Position()
	link.SetAttributeString(tail, block.Source()[from.Start:max(rest.Start, from.Start)])
	return link
}

// bracketed are links in angle brackets.
type bracketed struct{ parser.InlineParser }

// Parse implements parser.InlineParser.
func (b bracketed) Parse(parent ast.Node, block text.Reader, pc parser.Context) ast.Node {
	link, is := b.InlineParser.Parse(parent, block, pc).(*ast.AutoLink)
	if !is {
		return nil
	}
	if _, known := autoAddress(link, block.Source()); !known {
		return nil
	}
	return link
}

// autoAddress is where a link leads that is its own text.
func autoAddress(link *ast.AutoLink, source []byte) (to string, known bool) {
	if link.AutoLinkType == ast.AutoLinkEmail {
		label := string(link.Label(source))
		if len(label) < len(mailto) || !strings.EqualFold(label[:len(mailto)], mailto) {
			label = mailto + label
		}
		return address(label)
	}
	return address(string(link.URL(source)))
}

const mailto = "mailto:"

// bareURL is one in the middle of a text. Its host may be any name, as localhost is.
var bareURL = regexp.MustCompile(`^https?://[\pL\pN][-\pL\pN@:%._+~=]*(?:[/?#][^\s<>]*)?`)

// address is where a link may lead: to the web, or to somebody's mail. Everything else
// is no link, above all what a browser would run.
func address(typed string) (to string, known bool) {
	if len(typed) > 4 && strings.EqualFold(typed[:4], "www.") {
		typed = "http://" + typed
	}
	u, err := url.Parse(typed)
	if err != nil || strings.ContainsFunc(typed, unicode.IsSpace) {
		return "", false
	}
	switch u.Scheme { // which is in lower case
	case "http", "https":
		return typed, u.Host != "" && u.Opaque == ""
	case "mailto":
		return typed, u.Opaque != ""
	}
	return "", false
}

// shortcodes are emoji by name, those that Unicode has, and not in the middle of a
// word or a number: 10:100:20 is none.
type shortcodes struct{ parser.InlineParser }

// Parse implements parser.InlineParser.
func (s shortcodes) Parse(parent ast.Node, block text.Reader, pc parser.Context) ast.Node {
	if before := block.PrecendingCharacter(); unicode.IsLetter(before) || unicode.IsDigit(before) {
		return nil
	}
	found, is := s.InlineParser.Parse(parent, block, pc).(*emojiast.Emoji)
	if !is || !found.Value.IsUnicode() {
		return nil
	}
	return found
}

// unescaped is a text without the backslashes that make what comes after them text.
func unescaped(typed []byte) []byte {
	if bytes.IndexByte(typed, '\\') < 0 {
		return typed
	}
	plain := make([]byte, 0, len(typed))
	for i := 0; i < len(typed); i++ {
		if typed[i] == '\\' && i+1 < len(typed) && util.IsPunct(typed[i+1]) {
			i++
		}
		plain = append(plain, typed[i])
	}
	return plain
}
