package markdown

import (
	"bytes"
	"strings"
	"unicode"
	"unicode/utf8"
)

// The effect of a character on an address: the property Link_Term of UTS #58. In addition,
// these end an address, because people end addresses with them in a chat:
//   - wide punctuation (，。、！), the ellipsis, and a closing quotation mark whose opening
//     mark precedes the address: Chinese and Japanese put no space after addresses;
//   - " < > \ ` and invisible characters, which no address contains (RFC 3986, appendix C),
//     and which surround addresses in code, JSON, and HTML;
//   - * _ ~ and | at its end.
type linkTerm uint8

const (
	termInclude linkTerm = iota
	termSoft             // part of it if more follows
	termHard             // ends it
	termOpen             // a bracket
	termClose            // a bracket: part of it if the address has its opening bracket
)

// linkBrackets are the pairs of UTS #58, LinkBracket.txt, and those quotation marks that are
// not used as apostrophes.
const linkBrackets = "()[]{}“”«»‹›༺༻༼༽᚛᚜⁅⁆⁽⁾₍₎⌈⌉⌊⌋❨❩❪❫❬❭❮❯❰❱❲❳❴❵⟅⟆⟦⟧⟨⟩⟪⟫⟬⟭⟮⟯⦃⦄⦅⦆⦇⦈⦉⦊⦋⦌⦗⦘⧘⧙⧚⧛⧼⧽⸢⸣⸤⸥⸦⸧⸨⸩〈〉《》「」『』【】〔〕〖〗〘〙〚〛﹙﹚﹛﹜﹝﹞（）［］｛｝｟｠｢｣"

// openerOf maps each closing bracket to its opening one, and each opening bracket to 0.
var openerOf = func() map[rune]rune {
	openers, runes := map[rune]rune{}, []rune(linkBrackets)
	for i := 0; i < len(runes); i += 2 {
		openers[runes[i]], openers[runes[i+1]] = 0, runes[i]
	}
	return openers
}()

// asciiTerms are the terms of ASCII characters; control characters and the space are hard.
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

// closers maps the opening marks before an address to the closing marks that end it.
var closers = map[rune]string{'\'': "'", '‘': "’", '‚': "‘’", '„': "“”", '*': "*"}

// deepestBrackets is the maximum nesting of brackets in an address.
const deepestBrackets = 32

// linkEnd returns the end of an address, given the end of its host and port.
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

// endsBefore reports whether an address ends before a character because of the text before
// the address: the character closes a quotation mark or asterisk, or ** or ~~.
func endsBefore(text []byte, at int, r rune, closer string, stars [2]bool) bool {
	if closer != "" && strings.ContainsRune(closer, r) {
		return true
	}
	return stars[0] && bytes.HasPrefix(text[at:], []byte("**")) || stars[1] && bytes.HasPrefix(text[at:], []byte("~~"))
}

// linkParts tracks the parts of an address. Brackets are paired within a path segment, a query
// parameter, or the fragment.
type linkParts struct {
	part  rune // the character with which the current part begins
	stack []rune
}

// begin reports whether a character begins another part.
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
