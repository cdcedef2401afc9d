package markdown

import (
	"bytes"
	"strings"

	"github.com/yuin/goldmark/util"
)

// escapes decides which backslashes are escapes. In a chat most are not: people type them in
// paths, patterns, and emoticons, where each one matters. So a backslash is an escape only
// before a character that could be markup here (see isEscape), and not in a line in which
// another backslash precedes a letter or a digit, as in C:\new, \\server\share, \d+ or \alpha,
// or ends the first part of a path, as in C:\*.txt, ..\_docs or %TEMP%\_a: in such a line all
// backslashes are meant literally.
type escapes struct {
	end     int  // of the line that was inspected last
	markers int  // up to here it consists of markers of lines
	keep    bool // whether its backslashes are text
}

// escapable are the characters before which a backslash can be an escape.
const escapable = "\\`*_~[]()<>#+-.!:"

// lineMarkers are the characters of escapable that are markup only at the start of a line.
const lineMarkers = ">+-."

// isEscape reports whether the backslashes at a position, which end before next, can escape
// that character. Line markers are escaped in words (example\.com) and behind other markers;
// elsewhere the backslash belongs to a pattern, as in '\.go$'. So it does before |.
func (e *escapes) isEscape(text []byte, at, next int) bool {
	if strings.IndexByte(escapable, text[next]) < 0 {
		return false
	}
	return strings.IndexByte(lineMarkers, text[next]) < 0 || at <= e.markers || isAlphanumeric(before(text, at))
}

// beginsPath reports whether the backslash at a position ends the first part of a path in the
// syntax of Windows.
func beginsPath(text []byte, at int) bool {
	const longest = 32 // of that part
	from := at
	for from > 0 && at-from < longest && (util.IsAlphaNumeric(text[from-1]) || strings.IndexByte(`_.:~%`, text[from-1]) >= 0) {
		from--
	}
	part := text[from:at]
	if first := before(text, from); first > ' ' && !strings.ContainsRune(`"'([=`, first) {
		return false
	}
	switch string(part) {
	case ".", "..", "~":
		return true
	}
	last := len(part) - 1
	return last == 1 && isAlphanumeric(rune(part[0])) && part[1] == ':' || last > 1 && part[0] == '%' && part[last] == '%'
}

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
		p.at = next
		if next < len(p.text) && strings.IndexByte(escapable, p.text[next]) >= 0 {
			p.at++
		}
		return true
	case next == len(p.text) || !p.lines.isEscape(p.text, p.at, next):
		p.at = next
		return true
	case p.text[next] == '_' && before(p.text, p.at) == arm: // also in \\_, as in chats where one is lost
		p.flush(p.at)
		p.from, p.at = next-1, next+1
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
	e.markers = bytes.LastIndexByte(text[:at], '\n') + 1
	for e.markers < e.end && strings.IndexByte(" \t*\\0123456789"+lineMarkers, text[e.markers]) >= 0 {
		e.markers++
	}
	code := false
	for i := at; i+1 < e.end; i++ {
		switch {
		case text[i] == '`':
			code = !code
		case text[i] == '\\' && !code && (util.IsAlphaNumeric(text[i+1]) || beginsPath(text, i)):
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
