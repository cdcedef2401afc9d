package markdown

import (
	"bytes"

	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"
)

// maxNested is how many quotes and lists (a list counts with its item) stand in each
// other. What is deeper shows as it was typed, and takes no time.
const maxNested = 16

// newParser finds the blocks of a message: paragraphs, lists, quotes, code. What else
// CommonMark has is text here: HTML, headings, lines across, tables, code by indenting,
// definitions of links. What stands in a paragraph is found by parseInline.
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

// lists begin with something to say: a lone dash is text, and so is a line across. A
// number is the mark of an item if it is short and a period follows it: 2026. is a year,
// and 8) somebody who smiles.
type lists struct{ parser.BlockParser }

// longestNumber is how many digits the number of an item has at most.
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

// quotes have a blank after their mark, for >:( and >_< are faces and >>> is a prompt,
// and are no deeper than maxNested.
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

// isQuote reports whether a line begins with the mark of a quote. Within one, a lone
// mark is an empty line of it.
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
