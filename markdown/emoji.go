package markdown

import (
	"strings"
	"unicode"
)

// maxEmoji is the number of emoji up to which a paragraph without text is shown large.
const maxEmoji = 12

// maxEmojiBytes is more than maxEmoji emoji and the spaces between them can take.
const maxEmojiBytes = 1 << 10

// onlyEmoji reports whether a paragraph consists of emoji and spaces.
func onlyEmoji(p *inline) bool {
	count := 0
	for _, s := range p.spans {
		switch s.kind {
		case spanEmoji:
			count++
		case spanBreak:
		case spanText:
			found, nothingElse := countEmoji(string(p.text[s.from:s.to]))
			if !nothingElse {
				return false
			}
			count += found
		default:
			return false
		}
		if count > maxEmoji {
			return false
		}
	}
	return count > 0
}

// countEmoji counts the emoji of a text, up to maxEmoji+1, and reports whether the rest is
// only a few spaces.
func countEmoji(text string) (count int, nothingElse bool) {
	if len(text) > maxEmojiBytes {
		return 0, false
	}
	runes := []rune(text)
	for i := 0; i < len(runes) && count <= maxEmoji; {
		if unicode.IsSpace(runes[i]) {
			i++
			continue
		}
		length := emojiLength(runes[i:])
		if length == 0 {
			return count, false
		}
		i += length
		count++
	}
	return count, true
}

const (
	joiner    = '\u200D'     // joins two emoji into one
	asEmoji   = '\uFE0F'     // shows a symbol as an emoji
	keycap    = '\u20E3'     // shows a digit as a key
	lastOfTag = '\U000E007F' // in the flags of England, Scotland, and Wales
)

// emojiLength returns the number of characters of the emoji at the beginning of a text; 0 if
// there is none. The grammar is that of Unicode's report 51.
func emojiLength(text []rune) int {
	at := func(i int) rune {
		if i < len(text) {
			return text[i]
		}
		return 0
	}
	if isFlagLetter(at(0)) && isFlagLetter(at(1)) {
		return 2
	}
	if strings.ContainsRune("0123456789#*", at(0)) {
		switch {
		case at(1) == keycap:
			return 2
		case at(1) == asEmoji && at(2) == keycap:
			return 3
		}
		return 0
	}
	length := 0
	for {
		sign := at(length)
		if !unicode.Is(emojiSigns, sign) && (at(length+1) != asEmoji || !unicode.Is(otherSigns, sign)) && (length == 0 || !unicode.Is(otherSigns, sign)) {
			return 0
		}
		length++
		for r := at(length); r == asEmoji || unicode.Is(modifiers, r); r = at(length) {
			length++
		}
		if at(length) != joiner {
			return length
		}
		length++
	}
}

func isFlagLetter(r rune) bool { return r >= '\U0001F1E6' && r <= '\U0001F1FF' }

var (
	// emojiSigns are shown as emoji by default. They include the whole emoji planes, with
	// code points that Unicode has not assigned yet.
	emojiSigns = &unicode.RangeTable{
		R16: []unicode.Range16{
			{0x231A, 0x231B, 1},
			{0x23E9, 0x23EC, 1},
			{0x23F0, 0x23F3, 3},
			{0x25FD, 0x25FE, 1},
			{0x2614, 0x2615, 1},
			{0x2648, 0x2653, 1},
			{0x267F, 0x2693, 20},
			{0x26A1, 0x26AA, 9},
			{0x26AB, 0x26BD, 18},
			{0x26BE, 0x26C4, 6},
			{0x26C5, 0x26CE, 9},
			{0x26D4, 0x26EA, 22},
			{0x26F2, 0x26F3, 1},
			{0x26F5, 0x26FA, 5},
			{0x26FD, 0x2705, 8},
			{0x270A, 0x270B, 1},
			{0x2728, 0x274C, 36},
			{0x274E, 0x2753, 5},
			{0x2754, 0x2755, 1},
			{0x2757, 0x2795, 62},
			{0x2796, 0x2797, 1},
			{0x27B0, 0x27BF, 15},
			{0x2B1B, 0x2B1C, 1},
			{0x2B50, 0x2B55, 5},
		},
		R32: []unicode.Range32{{0x1F004, 0x1F0CF, 0xCB}, {0x1F18E, 0x1F191, 3}, {0x1F192, 0x1F19A, 1}, {0x1F201, 0x1F202, 1}, {0x1F21A, 0x1F22F, 21}, {0x1F232, 0x1F23A, 1}, {0x1F250, 0x1F251, 1}, {0x1F300, 0x1FAFF, 1}},
	}
	// otherSigns are emoji if asEmoji follows, or within a sequence.
	otherSigns = &unicode.RangeTable{
		R16: []unicode.Range16{
			{0x00A9, 0x00AE, 5},
			{0x203C, 0x2049, 13},
			{0x2122, 0x2139, 23},
			{0x2190, 0x21FF, 1},
			{0x2300, 0x27BF, 1},
			{0x2934, 0x2935, 1},
			{0x2B00, 0x2BFF, 1},
			{0x3030, 0x303D, 13},
			{0x3297, 0x3299, 2},
		},
		R32:         []unicode.Range32{{0x1F170, 0x1F171, 1}, {0x1F17E, 0x1F17F, 1}, {0x1F237, 0x1F23A, 1}},
		LatinOffset: 1,
	}
	// modifiers are skin tones, and the tags that make one flag of another.
	modifiers = &unicode.RangeTable{R32: []unicode.Range32{{0x1F3FB, 0x1F3FF, 1}, {0xE0020, lastOfTag, 1}}}
)
