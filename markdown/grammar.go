package markdown

import (
	"bytes"
	"strings"

	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"
)

// maxNested is the maximum nesting of quotes and lists (a list counts with its item). Deeper
// markup is shown as typed, and costs nothing.
const maxNested = 16

// newParser returns a parser for the blocks of a message: paragraphs, lists, quotes, code. The
// rest of CommonMark is text here: HTML, headings, thematic breaks, tables, indented code, link
// reference definitions. parseInline parses the contents of paragraphs.
func newParser() parser.Parser {
	return parser.NewParser(
		parser.WithBlockParsers(
			util.Prioritized(lists{parser.NewListParser()}, 300),
			util.Prioritized(parser.NewListItemParser(), 400),
			util.Prioritized(parser.NewFencedCodeBlockParser(), 700),
			util.Prioritized(quotes{parser.NewBlockquoteParser()}, 800),
			util.Prioritized(paragraphs{parser.NewParagraphParser()}, 1000),
		),
	)
}

// blockWork returns the work of a text's blocks: 1 for each line, and 1 for each mark of a list
// or quote that begins inside another one on the same line. Such a mark costs far more than its
// bytes, because each opens and closes blocks.
func blockWork(typed string) (work int) {
	for line := range strings.Lines(typed) {
		marks := 0
		for rest, is := cutMark(line); is && marks < maxNested; rest, is = cutMark(rest) {
			marks++
		}
		work += max(1, marks)
	}
	return work
}

// cutMark returns what follows a mark of a list or quote at the beginning of a text, and
// whether there is one.
func cutMark(text string) (rest string, is bool) {
	text = strings.TrimLeft(text, " \t")
	number := len(text) - len(strings.TrimLeft(text, "0123456789"))
	switch {
	case text == "":
		return "", false
	case number > 0:
		return strings.CutPrefix(text[min(number, longestNumber):], ". ")
	case text[0] == '>':
		return text[1:], true
	case text[0] == '-' || text[0] == '*' || text[0] == '+':
		return strings.CutPrefix(text[1:], " ")
	}
	return "", false
}

// lists parses lists, which must begin with content: a lone dash is text, and so is a thematic
// break. A number begins an item only if it is short and followed by a period: 2026. is a year,
// and 8) is a smiley.
type lists struct{ parser.BlockParser }

// longestNumber is the maximum number of digits of an item.
const longestNumber = 3

// Open implements parser.BlockParser.
func (l lists) Open(parent ast.Node, reader text.Reader, pc parser.Context) (ast.Node, parser.State) {
	line, _ := reader.PeekLine()
	marks := bytes.TrimSpace(line)
	if len(pc.OpenedBlocks()) >= maxNested || len(marks) == 0 || len(bytes.Trim(marks, string(marks[:1])+" \t")) == 0 {
		return nil, parser.NoChildren
	}
	mark, said, _ := bytes.Cut(marks, []byte(" "))
	if len(said) == 0 || mark[len(mark)-1] == ')' || len(mark) > longestNumber+1 {
		return nil, parser.NoChildren
	}
	return l.BlockParser.Open(parent, reader, pc)
}

// quotes parses quotes, which need a space after the mark, because >:( and >_< are emoticons
// and >>> is a prompt. They nest no deeper than maxNested.
type quotes struct{ parser.BlockParser }

// Open implements parser.BlockParser.
func (q quotes) Open(parent ast.Node, reader text.Reader, pc parser.Context) (ast.Node, parser.State) {
	if len(pc.OpenedBlocks()) >= maxNested || !isQuote(reader, false) {
		return nil, parser.NoChildren
	}
	return q.BlockParser.Open(parent, reader, pc)
}

// Continue implements parser.BlockParser.
func (q quotes) Continue(node ast.Node, reader text.Reader, pc parser.Context) parser.State {
	if !isQuote(reader, true) {
		return parser.Close
	}
	return q.BlockParser.Continue(node, reader, pc)
}

// isQuote reports whether a line begins with a quote mark. Within a quote, a lone mark is an
// empty line of it.
func isQuote(reader text.Reader, within bool) bool {
	line, _ := reader.PeekLine()
	_, at := util.IndentWidth(line, reader.LineOffset())
	if at >= len(line) || line[at] != '>' {
		return false
	}
	rest := line[at+1:]
	if len(bytes.TrimSpace(rest)) == 0 {
		return within
	}
	return rest[0] == ' ' || rest[0] == '\t'
}

// paragraphs parses everything else, indented or not, and keeps the spaces at the beginning
// of lines.
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
