package markdown

import (
	"bytes"
	"strings"
	"unicode"
	"unicode/utf8"
)

// What a character does to the address that it stands in: the property Link_Term of UTS
// #58. Beyond it, these end an address in a chat, because they end it where people write:
//   - wide punctuation (，。、！), the ellipsis, and a closing quotation mark whose opening
//     one stands before the address: Chinese and Japanese put no blank after them;
//   - " < > \ ` and invisible characters, which no address has (RFC 3986, appendix C), and
//     code, JSON and HTML have around them;
//   - * _ ~ and | at its end.
type linkTerm uint8

const (
	termInclude linkTerm = iota
	termSoft             // belongs to it if more follows
	termHard             // ends it
	termOpen             // a bracket
	termClose            // a bracket: belongs to it if it was opened there
)

// linkBrackets are the pairs of UTS #58, LinkBracket.txt, and quotation marks that are
// not written as apostrophes.
const linkBrackets = "()[]{}“”«»‹›༺༻༼༽᚛᚜⁅⁆⁽⁾₍₎⌈⌉⌊⌋❨❩❪❫❬❭❮❯❰❱❲❳❴❵⟅⟆⟦⟧⟨⟩⟪⟫⟬⟭⟮⟯⦃⦄⦅⦆⦇⦈⦉⦊⦋⦌⦗⦘⧘⧙⧚⧛⧼⧽⸢⸣⸤⸥⸦⸧⸨⸩〈〉《》「」『』【】〔〕〖〗〘〙〚〛﹙﹚﹛﹜﹝﹞（）［］｛｝｟｠｢｣"

// openerOf has the opening bracket of each closing one, and 0 of each opening one.
var openerOf = func() map[rune]rune {
	openers, runes := map[rune]rune{}, []rune(linkBrackets)
	for i := 0; i < len(runes); i += 2 {
		openers[runes[i]], openers[runes[i+1]] = 0, runes[i]
	}
	return openers
}()

// asciiTerms are the terms of ASCII; of control characters and the blank it is hard.
var asciiTerms = func() (terms [utf8.RuneSelf]linkTerm) {
	for b := range terms {
		switch {
		case b <= ' ' || b == 0x7F || strings.IndexByte("\"<>\\`", byte(b)) >= 0:
			terms[b] = termHard
		case strings.IndexByte("!',.:;?*_~|", byte(b)) >= 0:
			terms[b] = termSoft
		case strings.IndexByte("([{", byte(b)) >= 0:
			terms[b] = termOpen
		case strings.IndexByte(")]}", byte(b)) >= 0:
			terms[b] = termClose
		}
	}
	return terms
}()

func termOf(r rune) linkTerm {
	if r < utf8.RuneSelf {
		return asciiTerms[r]
	}
	if opener, is := openerOf[r]; is {
		if opener == 0 {
			return termOpen
		}
		return termClose
	}
	switch {
	case r == '\u200C' || r == joiner:
		return termInclude
	case r == '…' || !unicode.In(r, unicode.L, unicode.M, unicode.N, unicode.P, unicode.S):
		return termHard
	case unicode.In(r, unicode.Terminal_Punctuation, unicode.Quotation_Mark, unicode.Pi, unicode.Pf):
		if isWide(r) {
			return termHard
		}
		return termSoft
	}
	return termInclude
}

// closers are the marks that end an address before which their openers stand.
var closers = map[rune]string{'\'': "'", '‘': "’", '‚': "‘’", '„': "“”", '*': "*"}

// deepestBrackets is how many brackets stand in each other in an address.
const deepestBrackets = 32

// linkEnd is where an address ends whose host, and port, end at a place.
func linkEnd(text []byte, begin, at int, stars [2]bool) int {
	if at >= len(text) || strings.IndexByte("/?#", text[at]) < 0 {
		return at
	}
	closer := closers[before(text, begin)]
	parts := linkParts{part: '/'}
	end := at
	for at < len(text) {
		r, size := utf8.DecodeRune(text[at:])
		next := at + size
		if r == utf8.RuneError && size == 1 || endsBefore(text, at, r, closer, stars) {
			return end
		}
		switch term := termOf(r); {
		case parts.begin(r):
			if r != '?' {
				end = next
			}
		case term == termHard:
			return end
		case term == termOpen:
			if !parts.open(r) {
				return end
			}
		case term == termClose:
			if !parts.close(r) {
				return end
			}
			end = next
		case term == termInclude:
			end = next
		case isQuotationMark(r) && isWide(after(text, next)):
			return end
		}
		at = next
	}
	return end
}

func isQuotationMark(r rune) bool {
	return r == '\'' || r >= utf8.RuneSelf && unicode.Is(unicode.Quotation_Mark, r)
}

// endsBefore reports whether an address ends before a character because of what stands
// before the address: the quotation mark or asterisk that this one closes, or ** and ~~.
func endsBefore(text []byte, at int, r rune, closer string, stars [2]bool) bool {
	if closer != "" && strings.ContainsRune(closer, r) {
		return true
	}
	return stars[0] && bytes.HasPrefix(text[at:], []byte("**")) || stars[1] && bytes.HasPrefix(text[at:], []byte("~~"))
}

// linkParts is what an address is made of: brackets are paired within a step of its path,
// a parameter of its query, or its fragment.
type linkParts struct {
	part  rune // the character that its present part began with
	stack []rune
}

// begin reports whether a character begins another part, or another piece of this one.
func (p *linkParts) begin(r rune) bool {
	switch {
	case p.part == '/' && (r == '?' || r == '#'), p.part == '?' && r == '#':
		p.part = r
	case p.part == '/' && r == '/', p.part == '?' && (r == '&' || r == '='):
	default:
		return false
	}
	p.stack = p.stack[:0]
	return true
}

func (p *linkParts) open(r rune) bool {
	p.stack = append(p.stack, r)
	return len(p.stack) <= deepestBrackets
}

func (p *linkParts) close(r rune) bool {
	last := len(p.stack) - 1
	if last < 0 || p.stack[last] != openerOf[r] {
		return false
	}
	p.stack = p.stack[:last]
	return true
}
