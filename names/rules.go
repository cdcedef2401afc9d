package names

import (
	"cmp"
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

const (
	// maxMarks is the maximum number of combining marks on one letter of a name: UTS 39 §5.4
	// treats more as an attack. Tibetan stacks and Myanmar vowels need that many.
	maxMarks = 4
	// maxBorrowed is how many of these may be accents shared by letters of several scripts:
	// Vietnamese needs two.
	maxBorrowed = 2
)

// fewerMarks is the maximum number of marks in scripts that need fewer than maxMarks: ᾍ has
// a breathing, an accent and an iota.
var fewerMarks = map[string]int{"Latn": 2, "Cyrl": 2, "Grek": 3}

// Canonical combining classes, UAX 44 §5.7.4.
const (
	classOverlay = 1   // strikes the letter through
	classAbove   = 230 // sits on top of the letter
)

const (
	dotAbove = '\u0307'
	keycap   = '\u20E3' // the only enclosing mark in emoji
)

// pictographs are the blocks beyond the BMP that Unicode reserves for emoji. Everything else
// there without a script is notation, some of it invisible.
var pictographs = &unicode.RangeTable{R32: []unicode.Range32{{Lo: 0x1F000, Hi: 0x1FAFF, Stride: 1}}}

// specials is the Unicode block of placeholder characters.
var specials = &unicode.RangeTable{R16: []unicode.Range16{{Lo: 0xFFF0, Hi: 0xFFFF, Stride: 1}}}

// invisibleStackers are marks of modern scripts that join two letters and are invisible
// themselves (Indic_Syllabic_Category=Invisible_Stacker).
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

// checkCharacters refuses names with characters that are invisible, that imitate others, or
// that stand where no one writes them. It uses Unicode properties, so a rule covers all
// characters of a kind. The name is in NFC; the check runs on NFD, where letters and marks
// are separate.
func checkCharacters(name string) error {
	var letter letterInName
	zero := rune(-1) // of the digits used in the name
	for _, r := range norm.NFD.String(name) {
		if unicode.IsMark(r) {
			if err := letter.addMark(r); err != nil {
				return err
			}
			continue
		}
		if unicode.Is(unicode.Join_Control, r) { // the profile allows it where RFC 5892 does
			continue
		}
		if err := letter.end(r); err != nil {
			return err
		}
		letter = letterInName{base: r, script: scriptOf(r)}
		if letter.script == noScript || !isDrawn(r, letter.script) {
			return refuseName("A name cannot contain the character U+%04X: use letters of a modern script, or emoji.", r)
		}
		if unicode.Is(unicode.Nd, r) {
			if zero >= 0 && zeroOf(r) != zero {
				return refuseName("A name cannot mix the digits of two scripts.")
			}
			zero = zeroOf(r)
		}
	}
	return letter.end(0)
}

// isDrawn reports whether a character of a script is visible and not mere notation or a
// placeholder. Unicode deprecates characters that look like others.
func isDrawn(r rune, script string) bool {
	if unicode.In(r, unicode.Other_Default_Ignorable_Code_Point, unicode.Deprecated, specials, unicode.IDS_Binary_Operator, unicode.IDS_Trinary_Operator) {
		return false
	}
	return script != commonScript || r <= 0xFFFF || unicode.Is(pictographs, r)
}

// zeroOf returns the zero of the script of a decimal digit. Unicode lists the ten digits of
// a script in order, so each group of ten in a run starts with a zero.
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

// letterInName is a letter of a name and the marks on it so far.
type letterInName struct {
	base     rune // 0 before the first letter
	script   string
	last     rune // the latest mark
	marks    int
	borrowed int
	above    bool // a mark sits on top
}

// addMark adds a mark to the letter, or returns an error if the letter cannot have it.
func (l *letterInName) addMark(mark rune) error {
	if mark == keycap && strings.ContainsRune("0123456789#*", l.base) && l.marks == 0 {
		l.marks, l.last = 1, mark
		return nil
	}
	scripts, own := scriptsOf(mark)
	if !unicode.IsLetter(l.base) || !slices.Contains(scripts, l.script) || unicode.Is(unicode.Me, mark) {
		return refuseName("In a name, an accent or a vowel sign must follow a letter of its own script.")
	}
	if l.marks++; !own {
		l.borrowed++
	}
	if l.marks > cmp.Or(fewerMarks[l.script], maxMarks) || l.borrowed > maxBorrowed || mark == l.last {
		return refuseName("This name has too many accents on one letter.")
	}
	class := norm.NFD.PropertiesString(string(mark)).CCC()
	if class == classOverlay {
		return refuseName("A name cannot contain struck-through letters.")
	}
	if mark == dotAbove && !l.above && unicode.Is(unicode.Soft_Dotted, l.base) {
		return refuseName("A name cannot have a second dot above a letter.")
	}
	l.above, l.last = l.above || class == classAbove, mark
	return nil
}

// end checks the letter when the next character, or 0 at the end, is known.
func (l *letterInName) end(next rune) error {
	if unicode.Is(invisibleStackers, l.last) && (!unicode.IsLetter(next) || scriptOf(next) != l.script) {
		return refuseName("In a name, a sign that joins two letters must stand between two letters.")
	}
	return nil
}
