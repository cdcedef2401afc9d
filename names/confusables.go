package names

import (
	_ "embed"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// confusables is Unicode's table of characters that look like others; its header states the
// version. To update it, give the generator the latest confusables.txt.
//
//go:generate sh -c "go run confusables_gen.go < confusables.txt"
//go:embed confusables.dat
var confusables string

// prototypes maps a character to what it looks like. The map is built on first use.
var prototypes = sync.OnceValue(func() map[rune]string {
	_, entries, _ := strings.Cut(confusables, "\n\n")
	table := map[rune]string{}
	for entry := range strings.SplitSeq(strings.TrimSuffix(entries, "\n"), "\n") {
		from, size := utf8.DecodeRuneInString(entry)
		table[from] = entry[size:]
	}
	return table
})

// Skeleton returns a string that is equal for names that look alike: the skeleton
// (UTS 39 §4) of a name's Key. The skeleton of a lower-case letter may be a capital (0
// becomes O), so it is mapped to lower case and skeletonized again; i becomes l, because a
// capital i looks like l.
func Skeleton(key string) string {
	small := withoutDots(strings.ToLower(skeleton(key)))
	return strings.ReplaceAll(skeleton(small), "i", "l")
}

// withoutDots drops a dot above a letter that already has one: a second dot is invisible,
// and on a dotless letter it makes a dotted one.
func withoutDots(small string) string {
	var b strings.Builder
	last := rune(0)
	for _, r := range small {
		if r == 'ȷ' { // the table has ı, but not this
			r = 'j'
		}
		if r == dotAbove && unicode.Is(unicode.Soft_Dotted, last) {
			continue
		}
		b.WriteRune(r)
		last = r
	}
	return b.String()
}

func skeleton(text string) string {
	var b strings.Builder
	for _, r := range norm.NFD.String(text) {
		switch prototype, is := prototypes()[r]; {
		case unicode.Is(unicode.Other_Default_Ignorable_Code_Point, r), unicode.Is(unicode.Variation_Selector, r), unicode.Is(unicode.Cf, r):
		case is:
			b.WriteString(prototype)
		default:
			b.WriteRune(r)
		}
	}
	return norm.NFD.String(b.String())
}
