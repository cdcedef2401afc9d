package markdown

import (
	"bytes"
	"net/url"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/yuin/goldmark-emoji/definition"
)

// A span is a piece of a paragraph, in text order. The spans of a paragraph are properly
// nested: a link or a mark of emphasis that opens is closed by a later one. There may be
// thousands of them, so they are small and contain no pointers.
type span struct {
	kind     spanKind
	index    int32 // of its run, link or emoji
	from, to int32 // the visible part, in bytes of the text; nothing if they are equal
}

type spanKind uint8

const (
	spanText      spanKind = iota // shown as typed
	spanRun                       // of emphasis: *, _ or ~~
	spanCode                      // inline code
	spanLink                      // a link that is its own text
	spanLinkStart                 // of [text](href)
	spanLinkEnd
	spanEmoji
	spanBreak // the end of a line
)

// link is the target of a link, and its host if the text does not name it.
type link struct{ href, host string }

// inline finds the markup within a paragraph. Every step is linear in the text, whatever it
// contains; comments name the bound of each step. goldmark's own inline parsers are quadratic
// in runs of emphasis, brackets, and backticks.
type inline struct {
	text     []byte
	budget   *int // of work: each span except text costs 1
	spans    []span
	links    []link
	emoji    []string
	at       int // the next byte to parse
	from     int // the beginning of the text that is in no span yet
	runs     []run
	pending  []int32 // unmatched runs
	brackets []bracket
	inactive int           // the number of brackets, from the first, that can no longer open a link
	ticks    map[int][]int // the positions of runs of backticks, by length
	mails    []extent      // the mail addresses ahead
	stars    [2]bool       // whether ** and ~~ came before
	hostless int           // no host begins before this position
	lines    escapes
}

// extent is the part of a text from the byte from up to, but not including, the byte to.
type extent struct{ from, to int }

// parseInline parses a paragraph. It stops when its budget is spent; then its result must not
// be used.
func parseInline(text []byte, budget *int) *inline {
	p := &inline{text: text, budget: budget, mails: mailAddresses(text)}
	for p.at < len(text) && *budget >= 0 {
		if !p.special() {
			p.at++
		}
	}
	p.flush(p.at)
	p.match(p.pending)
	return p
}

// special parses markup at the current position. If there is none, it returns false and does
// not advance.
func (p *inline) special() bool {
	switch p.text[p.at] {
	case '\\':
		return p.backslash()
	case '`':
		return p.code()
	case '*', '_', '~':
		return p.emphasis()
	case '[':
		return p.openBracket()
	case ']':
		return p.closeBracket()
	case '<':
		return p.angle()
	case ':':
		return p.shortcode()
	case '\n':
		p.add(spanBreak, 0, 0, 0, p.at+1)
		return true
	case 'h', 'H', 'w', 'W':
		return p.bareMail() || p.bareURL()
	}
	return p.bareMail()
}

// flush makes a span of the pending text up to a position.
func (p *inline) flush(to int) {
	if p.from < to {
		p.spans = append(p.spans, span{kind: spanText, from: int32(p.from), to: int32(to)})
	}
	p.from = to
}

// add adds a span that shows a piece of the text, and continues at next.
func (p *inline) add(kind spanKind, index, from, to, next int) {
	p.flush(p.at)
	p.spans = append(p.spans, span{kind, int32(index), int32(from), int32(to)})
	p.at, p.from = next, next
	*p.budget--
}

// addLink adds a link whose text is the address itself.
func (p *inline) addLink(href string, to *url.URL, from, end, next int) {
	p.links = append(p.links, link{href, credentialHost(to)})
	p.add(spanLink, len(p.links)-1, from, end, next)
}

// before returns the character before a position; a space at the beginning.
func before(text []byte, at int) rune {
	if at == 0 {
		return ' '
	}
	r, _ := utf8.DecodeLastRune(text[:at])
	return r
}

// after returns the character at a position; a space at the end.
func after(text []byte, at int) rune {
	if at >= len(text) {
		return ' '
	}
	r, _ := utf8.DecodeRune(text[at:])
	return r
}

// code parses a code span: text between two runs of equally many backticks. The runs are
// located once, and each is visited once.
func (p *inline) code() bool {
	if p.ticks == nil {
		p.ticks = backticks(p.text)
	}
	length := runLength(p.text, p.at)
	begin, starts := p.at+length, p.ticks[length]
	for len(starts) > 0 && starts[0] < begin {
		starts = starts[1:]
	}
	p.ticks[length] = starts
	if len(starts) == 0 {
		p.at = begin
		return true
	}
	end := starts[0]
	next := end + length
	if inner := p.text[begin:end]; len(bytes.TrimSpace(inner)) > 0 && isBlank(inner[0]) && isBlank(inner[len(inner)-1]) {
		begin, end = begin+1, end-1
	}
	p.add(spanCode, 0, begin, end, next)
	return true
}

func backticks(text []byte) map[int][]int {
	found := map[int][]int{}
	for i := bytes.IndexByte(text, '`'); i >= 0; {
		length := runLength(text, i)
		found[length] = append(found[length], i)
		more := bytes.IndexByte(text[i+length:], '`')
		if more < 0 {
			break
		}
		i += length + more
	}
	return found
}

// runLength returns how often the byte at a position is repeated, including itself.
func runLength(text []byte, at int) int {
	end := at + 1
	for end < len(text) && text[end] == text[at] {
		end++
	}
	return end - at
}

func isBlank(b byte) bool { return b == ' ' || b == '\n' }

// angle parses a link in angle brackets. It stops at the next bracket of either kind.
func (p *inline) angle() bool {
	length := bytes.IndexAny(p.text[p.at+1:], "<> \t\n")
	if length <= 0 || p.text[p.at+1+length] != '>' {
		return false
	}
	begin := p.at + 1
	typed := string(p.text[begin : begin+length])
	if mails := mailAddresses([]byte(typed)); len(mails) == 1 && mails[0] == (extent{0, len(typed)}) {
		typed = withMailto(typed)
	} else if !strings.Contains(typed, ":") {
		return false
	}
	href, to := address(typed)
	if to == nil {
		return false
	}
	p.addLink(href, to, begin, begin+length, begin+length+1)
	return true
}

// bareURL parses a URL within a text.
func (p *inline) bareURL() bool {
	if p.at < p.hostless {
		return false
	}
	end := bareURL(p.text, p.at, p.stars)
	if end <= 0 {
		p.hostless = -end
		return false
	}
	href, to := address(string(p.text[p.at:end]))
	if to == nil {
		return false
	}
	p.addLink(href, to, p.at, end, end)
	return true
}

// bareMail parses a mail address, with or without mailto:.
func (p *inline) bareMail() bool {
	for len(p.mails) > 0 && p.mails[0].from < p.at {
		p.mails = p.mails[1:]
	}
	if len(p.mails) == 0 || p.mails[0].from > p.at {
		return false
	}
	end := p.mails[0].to
	href, to := address(withMailto(string(p.text[p.at:end])))
	if to == nil {
		return false
	}
	p.addLink(href, to, p.at, end, end)
	return true
}

// longestShortcode is more than the length of any emoji name.
const longestShortcode = 64

var emojiByName = definition.Github()

// shortcode parses an emoji by its Unicode name, but not in the middle of a word or a
// number: 10:100:20 has none.
func (p *inline) shortcode() bool {
	if r := before(p.text, p.at); unicode.IsLetter(r) || unicode.IsDigit(r) {
		return false
	}
	name := p.text[p.at+1:]
	end := bytes.IndexByte(name[:min(len(name), longestShortcode)], ':')
	if end <= 0 {
		return false
	}
	found, is := emojiByName.Get(string(name[:end]))
	if !is || !found.IsUnicode() {
		return false
	}
	p.emoji = append(p.emoji, string(found.Unicode))
	p.add(spanEmoji, len(p.emoji)-1, 0, 0, p.at+1+end+1)
	return true
}
