package names

import (
	"strings"
	"unicode"

	"golang.org/x/text/cases"
	"golang.org/x/text/secure/precis"
	"golang.org/x/text/unicode/norm"
)

// Key returns the key by which canonical names are compared: it is the same in upper and
// lower case, in every language. The comparison of the Nickname profile (RFC 8266) only maps
// to lower case, so three steps follow:
//
//   - full case folding, in which ς is σ, ß is ss and ᾳ is αι, as in capitals;
//   - no accents on Greek letters, because Greek capitals are written without them;
//   - a single i: ı, i, I and İ are two letters in Turkish and one in other languages, and
//     which one is the capital of which depends on the writer's language.
//
// The error is an *Invalid.
func Key(canonical string) (string, error) {
	key, err := precis.Nickname.CompareKey(canonical)
	if err != nil {
		return "", refuseName("This name contains characters that are not allowed in names.")
	}
	var b strings.Builder
	base := rune(0)
	for _, r := range norm.NFD.String(cases.Fold().String(key)) {
		switch {
		case !unicode.IsMark(r):
			if base = r; r == 'ı' {
				base = 'i'
			}
			b.WriteRune(base)
		case unicode.Is(unicode.Greek, base), base == 'i' && r == dotAbove:
		default:
			b.WriteRune(r)
		}
	}
	return norm.NFC.String(b.String()), nil
}

// FormerKey returns the key as it was before Key folded more than the profile does:
// the store contains hashes of it.
func FormerKey(canonical string) string {
	key, err := precis.Nickname.CompareKey(canonical)
	if err != nil {
		return ""
	}
	return key
}
