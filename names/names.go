// Package names decides which names people may have, and which names are the same or look
// the same: by Unicode's properties and tables, without a list of words. It needs nothing of
// the chat.
package names

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/secure/precis"
)

// MaxLength is the maximum length of a canonical name in Unicode code points.
const MaxLength = 32

// maxBytes bounds the input that is parsed at all: no name of MaxLength characters needs
// more.
const maxBytes = 512

// Parse returns the canonical form of a name: that of the PRECIS Nickname profile (RFC
// 8266), in which spaces at the ends are removed, runs of spaces become one, and
// compatibility characters are replaced. The error is an *Invalid.
func Parse(name string) (string, error) {
	if strings.TrimSpace(name) == "" {
		return "", refuseName("Enter a name.")
	}
	if !utf8.ValidString(name) {
		return "", refuseName("A name must be valid UTF-8 text.")
	}
	if len(name) > maxBytes {
		return "", refuseName("A name has at most %d characters.", MaxLength)
	}
	canonical, err := precis.Nickname.String(name)
	if err != nil {
		return "", refuseName("A name cannot contain control characters, invisible characters or characters that change the direction of writing.")
	}
	if strings.IndexFunc(canonical, isVisible) < 0 {
		return "", refuseName("A name must contain at least one visible character.")
	}
	if err := checkCharacters(canonical); err != nil {
		return "", err
	}
	if strings.ContainsAny(canonical, `:/\`) {
		return "", refuseName(`A name cannot contain the characters : / or \.`)
	}
	if canonical == "." || canonical == ".." {
		// As a segment of /chat/{name}, browsers remove it from the URL, even if it is escaped.
		return "", refuseName("A name cannot be . or .. alone.")
	}
	if n := utf8.RuneCountInString(canonical); n > MaxLength {
		return "", refuseName("A name has at most %d characters; this one has %d.", MaxLength, n)
	}
	return canonical, nil
}

// isVisible reports whether a character is visible on its own, unlike an accent, which needs
// a letter.
func isVisible(r rune) bool { return unicode.IsGraphic(r) && !unicode.IsMark(r) && !unicode.IsSpace(r) }
