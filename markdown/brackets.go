package markdown

import "bytes"

// bracket is an opening square bracket that may begin the text of a link.
type bracket struct {
	span int // its position in the spans
	runs int // the number of unmatched runs of emphasis before it
}

func (p *inline) openBracket() bool {
	p.flush(p.at)
	p.brackets = append(p.brackets, bracket{span: len(p.spans), runs: len(p.pending)})
	p.add(spanText, 0, p.at, p.at+1, p.at+1)
	return true
}

// closeBracket parses the end of a link, [text](href "title"), if address accepts its
// target; any other pair of brackets is text. Links do not nest. An exclamation mark
// before a link has no meaning: there are no images.
func (p *inline) closeBracket() bool {
	last := len(p.brackets) - 1
	if last < 0 {
		return false
	}
	opener := p.brackets[last]
	p.brackets = p.brackets[:last]
	if last < p.inactive {
		p.inactive = last
		return false
	}
	typed, next := destination(p.text, p.at+1)
	if next == 0 {
		return false
	}
	href, to := address(string(unescaped(typed)))
	if to == nil {
		return false
	}
	p.flush(p.at)
	if len(p.spans) == opener.span+1 { // the text of the link is empty
		return false
	}
	p.match(p.pending[opener.runs:])
	p.pending = p.pending[:opener.runs]
	p.links = append(p.links, link{href, hostBeside(p.shown(opener.span+1), to)})
	index := len(p.links) - 1
	p.spans[opener.span] = span{kind: spanLinkStart, index: int32(index)}
	p.add(spanLinkEnd, index, 0, 0, next)
	p.inactive = last
	return true
}

// shown returns the visible text of the spans from an index on.
func (p *inline) shown(from int) string {
	var b bytes.Buffer
	for _, s := range p.spans[from:] {
		switch s.kind {
		case spanBreak:
			b.WriteByte('\n')
		case spanRun:
			b.Write(p.text[s.from : s.from+int32(p.runs[s.index].left)])
		default:
			b.Write(p.text[s.from:s.to])
		}
	}
	return b.String()
}

// Limits on the length and nesting of a link's target: browsers accept no longer addresses,
// and no real address nests parentheses more deeply. They keep the cost of a bracket
// independent of its position.
const (
	longestHref   = 4 << 10
	deepestParens = 32
)

// destination parses (href "title") and returns the address as typed, and the position
// after it; 0 if there is no destination.
func destination(text []byte, at int) (typed []byte, next int) {
	if at >= len(text) || text[at] != '(' {
		return nil, 0
	}
	begin := skipBlanks(text, at+1)
	end := hrefEnd(text, begin)
	if end == 0 {
		return nil, 0
	}
	typed = text[begin:end]
	if typed[0] == '<' {
		typed = typed[1 : len(typed)-1]
	}
	next = skipBlanks(text, end)
	if next > end {
		next = skipBlanks(text, titleEnd(text, next))
	}
	if next >= len(text) || text[next] != ')' {
		return nil, 0
	}
	return typed, next + 1
}

func skipBlanks(text []byte, at int) int {
	for at < len(text) && (text[at] == ' ' || text[at] == '\t') {
		at++
	}
	return at
}

// hrefEnd returns the end of an address; 0 if there is none.
func hrefEnd(text []byte, begin int) int {
	if begin < len(text) && text[begin] == '<' {
		end := bytes.IndexAny(text[begin+1:], "<>\n")
		if end < 0 || text[begin+1+end] != '>' {
			return 0
		}
		return begin + 1 + end + 1
	}
	depth, at := 0, begin
	for ; at < len(text) && at-begin < longestHref; at++ {
		switch b := text[at]; {
		case b == '\\' && at+1 < len(text) && text[at+1] > ' ':
			at++
		case b == '(':
			if depth++; depth > deepestParens {
				return 0
			}
		case b <= ' ', b == ')' && depth == 0:
			if at == begin || depth > 0 {
				return 0
			}
			return at
		case b == ')':
			depth--
		}
	}
	return 0
}

// titleEnd returns the end of the title of a link, which is not shown; if there is no title,
// the position where it could begin.
func titleEnd(text []byte, at int) int {
	if at >= len(text) {
		return at
	}
	closer := text[at]
	switch closer {
	case '"', '\'':
	case '(':
		closer = ')'
	default:
		return at
	}
	for i := at + 1; i < len(text) && text[i] != '\n' && i-at < longestHref; i++ {
		switch {
		case text[i] == '\\':
			i++
		case text[i] == closer:
			return i + 1
		case text[i] == '(' && closer == ')':
			return at
		}
	}
	return at
}
