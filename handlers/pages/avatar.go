package pages

import (
	"hash/fnv"
	"strings"

	"github.com/rivo/uniseg"
	"golang.org/x/text/cases"
	"golang.org/x/text/language"
	"golang.org/x/text/unicode/norm"
)

// tones are the background colours of avatars, in the order of static/js/elements/avatar.js.
// The server-side render follows its rules, so that avatars do not change when it runs.
var tones = [...]string{"clay", "ochre", "moss", "fjord", "slate", "heather", "rose", "stone"}

// initials returns the first letters of the first and the last word of a name, or the first
// two letters of a single word. A letter is a grapheme cluster, such as an emoji.
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

// tone picks a user's tone by their id or name: FNV-1a, followed by a mixing step.
func tone(who string) string {
	h := fnv.New32a()
	_, _ = h.Write([]byte(cases.Lower(language.Und).String(norm.NFKC.String(who)))) // never fails
	hash := h.Sum32()
	hash = (hash ^ hash>>16) * 0x85ebca6b
	return tones[(hash^hash>>15)%uint32(len(tones))]
}
