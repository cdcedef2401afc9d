// Package emoji knows the emoji of Unicode: those that are recommended for general
// interchange (RGI, UTS 51), which are also those that the page's picker offers.
package emoji

import (
	_ "embed"
	"strings"
	"sync"
)

// table has one emoji a line, after a header that states the version of Unicode. To update
// it, update the picker first.
//
//go:generate node emoji_gen.mjs
//go:embed emoji.dat
var table string

const (
	// maxBytes is more than the longest emoji has: a family of four with skin tones.
	maxBytes = 64
	// asEmoji is the variation selector that shows a symbol as an emoji. Keyboards and
	// libraries disagree on where to write it.
	asEmoji = "\uFE0F"
)

// known maps each emoji without variation selectors to its recommended form. It is built on
// first use.
var known = sync.OnceValue(func() map[string]string {
	_, lines, _ := strings.Cut(table, "\n\n")
	emoji := make(map[string]string, strings.Count(lines, "\n"))
	for line := range strings.Lines(lines) {
		line = strings.TrimSuffix(line, "\n")
		emoji[strings.ReplaceAll(line, asEmoji, "")] = line
	}
	return emoji
})

// Parse returns the recommended form of a text that is exactly one emoji; ok is false for any
// other text. Skin tones are kept: an emoji of another tone is another emoji.
func Parse(text string) (emoji string, ok bool) {
	if len(text) > maxBytes {
		return "", false
	}
	emoji, ok = known()[strings.ReplaceAll(text, asEmoji, "")]
	return emoji, ok
}
