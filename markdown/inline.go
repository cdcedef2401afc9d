package markdown

import (
	"bytes"
	"net/url"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/yuin/goldmark-emoji/definition"
)

// A span is a piece of a paragraph, in the order of its text. The spans of a paragraph
// are properly nested: a link or a mark of emphasis that opens is closed by a later one.
// There may be thousands of them, so they are small, and hold no pointers.
type span struct {
	kind     spanKind
	index    int32 // of its run, link or emoji
	from, to int32 // what is shown, as bytes of the text; nothing if they are equal
}

type spanKind uint8

const (
	spanText      spanKind = iota // shown as it is
	spanRun                       // of emphasis: *, _ or ~~
	spanCode                      // code within a line
	spanLink                      // a link that is its own text
	spanLinkStart                 // of [text](href)
	spanLinkEnd
	spanEmoji
	spanBreak // the end of a line
)

// link is where a link leads, and the host that its text does not name.
type link struct{ href, host string }

// inline finds the markup within a paragraph. Every step takes time that is linear in
// the text, whatever it is; what bounds each of them is said there. goldmark's own
// inline parsers are quadratic in runs of emphasis, brackets and backticks.
type inline struct {
	text     []byte
	budget   *int // of work: each span but text costs 1
	spans    []span
	links    []link
	emoji    []string
	at       int // the next byte to look at
	from     int // where the text begins that no span holds yet
	runs     []run
	pending  []int32 // the runs that nothing has matched yet
	brackets []bracket
	inactive int           // so many brackets, from the first one, cannot open a link any more
	ticks    map[int][]int // where runs of backticks begin, by their length
	mails    []extent      // the mail addresses that are still ahead
	stars    [2]bool       // whether ** and ~~ came before
	hostless int           // no host begins before this place
	lines    escapes
}

// extent is a part of a text: the bytes from, up to but without to.
type extent struct{ from, to int }

// parseInline finds the markup of a paragraph. It stops where its budget ends, and then
// what it found is of no use.
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

// special reads what is more than a character; if there is nothing, it reports false
// and stays.
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

// flush makes a span of the text up to a place.
func (p *inline) flush(to int) {
	if p.from < to {
		p.spans = append(p.spans, span{kind: spanText, from: int32(p.from), to: int32(to)})
	}
	p.from = to
}

// add adds a span that shows a piece of the text, and stands for the text up to next.
func (p *inline) add(kind spanKind, index, from, to, next int) {
	p.flush(p.at)
	p.spans = append(p.spans, span{kind, int32(index), int32(from), int32(to)})
	p.at, p.from = next, next
	*p.budget--
}

// addLink adds a link that is its own text.
func (p *inline) addLink(href string, to *url.URL, from, end, next int) {
	p.links = append(p.links, link{href, credentialHost(to)})
	p.add(spanLink, len(p.links)-1, from, end, next)
}

// before is the character before a place; a blank at the beginning.
func before(text []byte, at int) rune {
	if at == 0 {
		return ' '
	}
	r, _ := utf8.DecodeLastRune(text[:at])
	return r
}

// after is the character at a place; a blank at the end.
func after(text []byte, at int) rune {
	if at >= len(text) {
		return ' '
	}
	r, _ := utf8.DecodeRune(text[at:])
	return r
}

// code reads a code span: between two runs of equally many backticks. The runs are
// found once, and each is passed once.
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

// runLength is how often the byte at a place is repeated there, itself included.
func runLength(text []byte, at int) int {
	end := at + 1
	for end < len(text) && text[end] == text[at] {
		end++
	}
	return end - at
}

func isBlank(b byte) bool { return b == ' ' || b == '\n' }

// angle reads a link in angle brackets. It stops at the next bracket of either kind.
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

// bareURL reads an address in the middle of a text.
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

// bareMail reads a mail address, with mailto: before it or without.
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

// longestShortcode is more than the longest name of an emoji has.
const longestShortcode = 64

var emojiByName = definition.Github()

// shortcode reads an emoji by name, of those that Unicode has, and not in the middle
// of a word or a number: 10:100:20 has none.
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
