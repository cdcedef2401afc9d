package markdown

import (
	"bytes"

	"github.com/yuin/goldmark/util"
)

// escapes decides which backslashes are marks. In a chat most are not: they are typed
// in paths, patterns and faces, where each of them counts. So a backslash is one only
// before a character that could be markup here, and not in a line in which another
// stands before a letter or a digit, as in C:\new, \\server\share, \d+ or \alpha: who
// writes such a line means all of its backslashes.
type escapes struct {
	end  int  // of the line that was looked at last
	keep bool // its backslashes are text
}

// escapable are the characters before which a backslash is a mark: those of which some
// are markup. The period is none but in a list, where it never comes to this.
const escapable = "\\`*_~[]()<>#+-.!:|"

// arm is the left hand of a shrug, which its backslash belongs to.
const arm = '¯'

// backslash reads a backslash, and what it takes its meaning from.
func (p *inline) backslash() bool {
	if p.at >= p.lines.end {
		p.lines.look(p.text, p.at)
	}
	count := runLength(p.text, p.at)
	next := p.at + count
	switch {
	case p.lines.keep:
		p.at = min(next+1, len(p.text))
		if next < len(p.text) && p.text[next] == '\n' {
			p.at = next
		}
		return true
	case next == len(p.text) || bytes.IndexByte([]byte(escapable), p.text[next]) < 0:
		p.at = next
		return true
	case count == 1 && p.text[next] == '_' && before(p.text, p.at) == arm:
		p.at = next + 1
		return true
	}
	p.flush(p.at)
	p.from = p.at + (count+1)/2 // of each pair one is shown
	p.at = next + count%2
	return true
}

// look reads the line that holds a place. Code within it does not count.
func (e *escapes) look(text []byte, at int) {
	end := bytes.IndexByte(text[at:], '\n')
	if end < 0 {
		end = len(text) - at
	}
	e.end, e.keep = at+end, false
	code := false
	for i := at; i+1 < e.end; i++ {
		switch {
		case text[i] == '`':
			code = !code
		case text[i] == '\\' && !code && util.IsAlphaNumeric(text[i+1]):
			e.keep = true
			return
		}
	}
}

// unescaped is the address of a link without the backslashes that are marks in it, by
// the rules of CommonMark: there it is nothing that somebody typed for people.
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
