package chat

import (
	"cmp"
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

const (
	// maxMarks is how many combining marks one letter carries in a name: UTS 39 §5.4 takes
	// more for an attack. The stacks of Tibetan and the vowels of Myanmar need so many.
	maxMarks = 4
	// maxBorrowed is how many of them may be accents that letters of several scripts have:
	// Vietnamese needs two.
	maxBorrowed = 2
)

// fewerMarks is how many marks a letter carries, own or borrowed, in the scripts that need
// fewer than maxMarks: ᾍ has a breathing, an accent and an iota.
var fewerMarks = map[string]int{"Latn": 2, "Cyrl": 2, "Grek": 3}

// Canonical combining classes, UAX 44 §5.7.4.
const (
	classOverlay     = 1   // strikes the letter through
	classAbove       = 230 // sits on top of it
	classDoubleBelow = 233 // from here on: spans two letters, or belongs to a Greek vowel
)

const (
	dotAbove = '\u0307'
	keycap   = '\u20E3' // the one enclosing mark of emoji
)

// pictographs are the blocks beyond the BMP that Unicode keeps for emoji. Whatever else is
// there and belongs to no script is notation, some of it without ink.
var pictographs = &unicode.RangeTable{R32: []unicode.Range32{{Lo: 0x1F000, Hi: 0x1FAFF, Stride: 1}}}

// specials is the block of characters that stand for what is missing.
var specials = &unicode.RangeTable{R16: []unicode.Range16{{Lo: 0xFFF0, Hi: 0xFFFF, Stride: 1}}}

// invisibleStackers are the marks that join two letters and show nothing themselves
// (Indic_Syllabic_Category=Invisible_Stacker), of the living scripts.
var invisibleStackers = &unicode.RangeTable{
	R16: []unicode.Range16{
		{Lo: 0x1039, Hi: 0x1039, Stride: 1},
		{Lo: 0x17D2, Hi: 0x17D2, Stride: 1},
		{Lo: 0x1A60, Hi: 0x1A60, Stride: 1},
		{Lo: 0x1BAB, Hi: 0x1BAB, Stride: 1},
		{Lo: 0xAAF6, Hi: 0xAAF6, Stride: 1},
	},
	R32: []unicode.Range32{{Lo: 0x11133, Hi: 0x11133, Stride: 1}},
}

// checkCharacters refuses a name with characters that show nothing, that pass for others,
// or that sit where nobody writes them. It goes by the properties of Unicode, so what it
// says of a character holds for all that are like it. The name is in NFC; it is looked at
// in NFD, where a letter and its marks are apart.
func checkCharacters(name string) error {
	var letter letterInName
	zero := rune(-1) // of the digits that the name uses
	for _, r := range norm.NFD.String(name) {
		if unicode.IsMark(r) {
			if err := letter.addMark(r); err != nil {
				return err
			}
			continue
		}
		if unicode.Is(unicode.Join_Control, r) { // the profile takes it where RFC 5892 does
			continue
		}
		if err := letter.end(r); err != nil {
			return err
		}
		letter = letterInName{base: r, script: scriptOf(r)}
		if letter.script == noScript || !isDrawn(r, letter.script) {
			return invalid("name", "A name cannot contain the character U+%04X: use letters of a modern script, or emoji.", r)
		}
		if unicode.Is(unicode.Nd, r) {
			if zero >= 0 && zeroOf(r) != zero {
				return invalid("name", "A name cannot mix the digits of two scripts.")
			}
			zero = zeroOf(r)
		}
	}
	return letter.end(0)
}

// isDrawn reports whether a character of a script is more than notation or a stand-in. Unicode
// deprecates characters that look like others.
func isDrawn(r rune, script string) bool {
	if unicode.In(r, unicode.Other_Default_Ignorable_Code_Point, unicode.Deprecated, specials, unicode.IDS_Binary_Operator, unicode.IDS_Trinary_Operator) {
		return false
	}
	return script != commonScript || r <= 0xFFFF || unicode.Is(pictographs, r)
}

// zeroOf is the zero of the digits to which a decimal digit belongs: Unicode keeps the ten
// of a script together, so 0 to 9 are the only ten in a row that begin a run.
func zeroOf(digit rune) rune {
	for _, run := range unicode.Nd.R16 {
		if lo, hi := rune(run.Lo), rune(run.Hi); lo <= digit && digit <= hi {
			return digit - (digit-lo)%10
		}
	}
	for _, run := range unicode.Nd.R32 {
		if lo, hi := rune(run.Lo), rune(run.Hi); lo <= digit && digit <= hi { //nolint:gosec // code points
			return digit - (digit-lo)%10
		}
	}
	return digit
}

// letterInName is a character of a name with the marks that it carries so far.
type letterInName struct {
	base     rune // 0 before the first
	script   string
	last     rune // mark
	marks    int
	borrowed int
	above    bool // one sits on top
}

// addMark puts a mark on the letter.
func (l *letterInName) addMark(mark rune) error {
	if mark == keycap && strings.ContainsRune("0123456789#*", l.base) && l.marks == 0 {
		l.marks, l.last = 1, mark
		return nil
	}
	scripts, own := scriptsOf(mark)
	if !unicode.IsLetter(l.base) || !slices.Contains(scripts, l.script) || unicode.Is(unicode.Me, mark) {
		return invalid("name", "In a name, an accent or a vowel sign must follow a letter of its own script.")
	}
	if l.marks++; !own {
		l.borrowed++
	}
	if l.marks > cmp.Or(fewerMarks[l.script], maxMarks) || l.borrowed > maxBorrowed || mark == l.last {
		return invalid("name", "This name has too many accents on one letter.")
	}
	class := norm.NFD.PropertiesString(string(mark)).CCC()
	if class == classOverlay {
		return invalid("name", "A name cannot contain struck-through letters.")
	}
	if mark == dotAbove && !l.above && unicode.Is(unicode.Soft_Dotted, l.base) {
		return invalid("name", "A name cannot have a second dot above a letter.")
	}
	l.above, l.last = l.above || class == classAbove, mark
	return nil
}

// end is called with the character after the letter and its marks, or 0.
func (l *letterInName) end(next rune) error {
	if unicode.Is(invisibleStackers, l.last) && (!unicode.IsLetter(next) || scriptOf(next) != l.script) {
		return invalid("name", "In a name, a sign that joins two letters must stand between two letters.")
	}
	return nil
}
