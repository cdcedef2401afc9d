package markdown

import (
	"bytes"

	"github.com/yuin/goldmark/util"
)

// escapes decides which backslashes are escapes. In a chat most are not: people type them in
// paths, patterns, and emoticons, where each one matters. So a backslash is an escape only
// before a character that could be markup here, and not in a line in which another backslash
// precedes a letter or a digit, as in C:\new, \\server\share, \d+ or \alpha: in such a line
// all backslashes are meant literally.
type escapes struct {
	end  int  // of the line that was inspected last
	keep bool // whether its backslashes are text
}

// escapable are the characters before which a backslash is an escape. Some of them are
// markup only in combination; a period is so only in a list, which never comes here.
const escapable = "\\`*_~[]()<>#+-.!:|"

// arm is the left hand of a shrug, which keeps its backslash.
const arm = '¯'

// backslash parses a backslash and the character that it applies to.
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
	p.from = p.at + (count+1)/2 // each pair shows one
	p.at = next + count%2
	return true
}

// look inspects the line at a position. Code in it is ignored.
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

// unescaped removes the backslashes that are escapes from the address of a link, by the
// rules of CommonMark: people do not read the address.
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
