package markdown

import (
	"bytes"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/width"
)

// run is a run of *, _ or ~ that may open emphasis, close it, or both. Characters of it that
// do neither are shown as typed.
type run struct {
	index             int32 // in inline.runs
	place             int   // its position in the list of runs to match
	char              byte
	length            int // as typed
	left              int // the number of unmatched characters
	canOpen, canClose bool
	closes, opens     marks // in the order of matching, from the inside out
	prev, next        int32 // the neighbours that can still match; -1: none
}

// mark is an element of emphasis.
type mark uint8

const (
	markEm mark = iota + 1
	markStrong
	markDel
)

// marks holds the marks that a run stands for, two bits each.
type marks struct {
	bits  uint64
	count int
}

// mostMarks is the maximum number of marks of a run; maxDepth would not allow more of
// them.
const mostMarks = 32

func (m *marks) add(made mark) {
	m.bits |= uint64(made) << (2 * m.count)
	m.count++
}

func (m *marks) at(i int) mark { return mark(m.bits >> (2 * i) & 3) }

// emphasis parses a run. Only two tildes strike text out: one means "about", and nothing in
// "from 3~5 to 10~20" should be struck out.
func (p *inline) emphasis() bool {
	char, length := p.text[p.at], runLength(p.text, p.at)
	next := p.at + length
	if char != '_' && length >= 2 {
		p.stars[b2i(char == '~')] = true
	}
	if char == '~' && length != 2 {
		p.at = next
		return true
	}
	if end := nameEnd(p.text, p.at, length); end > 0 {
		p.at = end
		return true
	}
	if length == 1 && char == '*' && isProduct(before(p.text, p.at), after(p.text, next)) {
		p.at = next
		return true
	}
	canOpen, canClose := flanks(p.text, p.at, next)
	if !canOpen && !canClose {
		p.at = next
		return true
	}
	index := len(p.runs)
	p.runs = append(p.runs, run{index: int32(index), char: char, length: length, left: length, canOpen: canOpen, canClose: canClose})
	p.pending = append(p.pending, int32(index))
	p.add(spanRun, index, p.at, next, next)
	return true
}

// longestName is more than the length of any name that begins and ends with underscores.
const longestName = 64

// nameEnd returns the end of a name such as __init__, which is not meant to be bold; 0 if
// there is none.
func nameEnd(text []byte, at, length int) int {
	if text[at] != '_' || length != 2 || at+2 == len(text) || text[at+2] < 'a' || text[at+2] > 'z' {
		return 0
	}
	end := at + 2
	for end < len(text) && end-at < longestName && (text[end] == '_' || text[end] < 'A' && isAlphanumeric(rune(text[end])) || text[end] >= 'a' && text[end] <= 'z') {
		end++
	}
	if !bytes.HasSuffix(text[at+3:end], []byte("__")) || isAlphanumeric(after(text, end)) {
		return 0
	}
	return end
}

// isProduct reports whether an asterisk between two characters is a multiplication sign.
func isProduct(before, after rune) bool {
	return isAlphanumeric(before) && isAlphanumeric(after) && (unicode.IsDigit(before) || unicode.IsDigit(after))
}

func b2i(b bool) int {
	if b {
		return 1
	}
	return 0
}

// flanks reports whether a run can open and whether it can close emphasis: CommonMark
// 0.31 §6.2, with the amendment for Chinese, Japanese, and Korean, in which words are not
// separated by spaces (https://github.com/commonmark/commonmark-spec/pull/839).
func flanks(text []byte, from, to int) (canOpen, canClose bool) {
	left, right := leftOf(text, from), rightOf(text, to)
	isLeft := !right.blank && (!right.foreign || left.blank || left.foreign || left.wide)
	isRight := !left.blank && (!left.foreign || right.blank || right.foreign || right.wide)
	if text[from] == '_' {
		return isLeft && (!isRight || left.punct), isRight && (!isLeft || right.punct)
	}
	return isLeft, isRight
}

// beside describes the character beside a run. Foreign is punctuation that is not Chinese,
// Japanese, or Korean; wide is a character of these languages.
type beside struct{ blank, punct, foreign, wide bool }

func rightOf(text []byte, at int) beside { return besides(after(text, at)) }

// leftOf looks past a variation selector, which has no class of its own; ideographic ones
// follow ideographs only.
func leftOf(text []byte, at int) beside {
	r := before(text, at)
	if r >= '\U000E0100' && r <= '\U000E01EF' {
		return beside{wide: true}
	}
	if r < '\uFE00' || r >= asEmoji {
		return besides(r)
	}
	at -= utf8.RuneLen(r)
	left := besides(before(text, at))
	if r == '\uFE01' && left.punct { // selects the fullwidth form of a quotation mark
		left.foreign, left.wide = false, true
	}
	return left
}

func besides(r rune) beside {
	punct := unicode.IsPunct(r) || unicode.IsSymbol(r)
	wide := isWide(r)
	return beside{blank: unicode.IsSpace(r), punct: punct, foreign: punct && !wide, wide: wide}
}

// isWide reports whether a character is Chinese, Japanese, or Korean: wide, or one of the
// halfwidth exceptions, and not an emoji.
func isWide(r rune) bool {
	if r < 0x1100 {
		return false
	}
	switch width.LookupRune(r).Kind() {
	case width.EastAsianWide, width.EastAsianFullwidth, width.EastAsianHalfwidth:
		return !unicode.Is(emojiSigns, r)
	}
	return unicode.Is(unicode.Hangul, r)
}

// match finds which runs open and close each other: the algorithm of CommonMark 0.31,
// appendix A. It is linear: after a search that finds nothing, later searches of the same
// kind (there are 18) stop where it began, and a search that finds something removes
// everything it passed.
func (p *inline) match(pending []int32) {
	if len(pending) == 0 || *p.budget < 0 {
		return
	}
	p.chain(pending)
	var searched [3][2][3]int // the positions below which there is no opener
	for at := pending[0]; at >= 0; {
		closer := &p.runs[at]
		if !closer.canClose {
			at = closer.next
			continue
		}
		bottom := &searched[charIndex(closer.char)][b2i(closer.canOpen)][closer.length%3]
		if opener := p.findOpener(closer, *bottom); opener != nil {
			at = p.pair(opener, closer)
			continue
		}
		*bottom = closer.place
		if at = closer.next; !closer.canOpen {
			p.remove(closer)
		}
	}
}

// chain makes a linked list of runs.
func (p *inline) chain(pending []int32) {
	for i, at := range pending {
		r := &p.runs[at]
		r.place, r.prev, r.next = i, -1, -1
		if i > 0 {
			r.prev, p.runs[pending[i-1]].next = pending[i-1], at
		}
	}
}

// findOpener returns the nearest run, from a position on, that a closer matches, or nil.
func (p *inline) findOpener(closer *run, bottom int) *run {
	for at := closer.prev; at >= 0; at = p.runs[at].prev {
		opener := &p.runs[at]
		if opener.place < bottom {
			return nil
		}
		if matches(opener, closer) {
			return opener
		}
	}
	return nil
}

func charIndex(char byte) int {
	switch char {
	case '*':
		return 0
	case '_':
		return 1
	}
	return 2
}

func matches(opener, closer *run) bool {
	if !opener.canOpen || opener.char != closer.char || opener.opens.count == mostMarks || closer.closes.count == mostMarks {
		return false
	}
	both := opener.canClose || closer.canOpen
	return opener.char == '~' || !both || (opener.length+closer.length)%3 != 0 || closer.length%3 == 0
}

// pair matches what two runs have in common, and returns the run to continue with.
func (p *inline) pair(opener, closer *run) int32 {
	made, taken := markEm, 1
	if opener.left >= 2 && closer.left >= 2 {
		made, taken = markStrong, 2
	}
	if closer.char == '~' {
		made = markDel
	}
	opener.opens.add(made)
	closer.closes.add(made)
	opener.left, closer.left = opener.left-taken, closer.left-taken
	opener.next, closer.prev = closer.index, opener.index
	if opener.left == 0 {
		p.remove(opener)
	}
	if closer.left > 0 {
		return closer.index
	}
	next := closer.next
	p.remove(closer)
	return next
}

func (p *inline) remove(r *run) {
	if r.prev >= 0 {
		p.runs[r.prev].next = r.next
	}
	if r.next >= 0 {
		p.runs[r.next].prev = r.prev
	}
}
