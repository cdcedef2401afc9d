package chat

import (
	_ "embed"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// Unicode's table of characters that look like others; its head says of which
// version. To renew it, give the generator the newest confusables.txt.
//
//go:generate sh -c "go run confusables_gen.go < confusables.txt"
//go:embed confusables.dat
var confusables string

// prototypes is by character what it looks like. It is made when first needed.
var prototypes = sync.OnceValue(func() map[rune]string {
	_, entries, _ := strings.Cut(confusables, "\n\n")
	table := map[rune]string{}
	for entry := range strings.SplitSeq(strings.TrimSuffix(entries, "\n"), "\n") {
		from, size := utf8.DecodeRuneInString(entry)
		table[from] = entry[size:]
	}
	return table
})

// confusableSkeleton is what two names have in common that look alike: the skeleton of UTS 39
// §4 of a name's key. That of a small letter may be a capital (of 0 it is O), so it
// is made again in small letters; and i counts as l, since the capital of one is
// drawn like the other.
func confusableSkeleton(nameKey string) string {
	small := withoutDots(strings.ToLower(skeleton(nameKey)))
	return strings.ReplaceAll(skeleton(small), "i", "l")
}

// withoutDots drops each dot above a letter that has one anyway: nobody sees a second one,
// and of a dotless letter it makes a dotted one.
func withoutDots(small string) string {
	var b strings.Builder
	last := rune(0)
	for _, r := range small {
		if r == 'ȷ' { // the table has it for ı, and not for this
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
