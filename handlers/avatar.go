package handlers

import (
	"hash/fnv"
	"strings"

	"github.com/rivo/uniseg"
	"golang.org/x/text/cases"
	"golang.org/x/text/language"
	"golang.org/x/text/unicode/norm"
)

// tones are the grounds of avatars in the order of static/js/elements/avatar.js, by whose
// rules the first paint has them: somebody looks the same before it runs and after.
var tones = [...]string{"clay", "ochre", "moss", "fjord", "slate", "heather", "rose", "stone"}

// initials are the first letters of the first and the last word of a name, at
// most two. A letter with its marks, or an emoji of several code points, is one.
func initials(name string) string {
	words := strings.Fields(name)
	var letters string
	switch len(words) {
	case 0:
	case 1:
		first, rest := firstLetter(words[0])
		second, _ := firstLetter(rest)
		letters = first + second
	default:
		first, _ := firstLetter(words[0])
		last, _ := firstLetter(words[len(words)-1])
		letters = first + last
	}
	return cases.Upper(language.Und).String(letters)
}

func firstLetter(word string) (letter, rest string) {
	letter, rest, _, _ = uniseg.FirstGraphemeClusterInString(word, -1)
	return letter, rest
}

// tone is drawn from who it is, an id or a name: FNV-1a, and then a stir.
func tone(who string) string {
	h := fnv.New32a()
	_, _ = h.Write([]byte(cases.Lower(language.Und).String(norm.NFKC.String(who)))) // never fails
	hash := h.Sum32()
	hash = (hash ^ hash>>16) * 0x85ebca6b
	return tones[(hash^hash>>15)%uint32(len(tones))]
}
