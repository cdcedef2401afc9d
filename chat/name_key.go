package chat

import (
	"strings"
	"unicode"

	"golang.org/x/text/cases"
	"golang.org/x/text/secure/precis"
	"golang.org/x/text/unicode/norm"
)

// nameKey returns what a canonical name is compared by: the same for the same name in
// capitals and in small letters, in whatever language. The comparison of the Nickname
// profile (RFC 8266) only makes small letters, so three things come after it:
//
//   - full case folding, in which ς is σ, ß is ss and ᾳ is αι, as in capitals;
//   - no accents on Greek letters, since Greek capitals are written without;
//   - one i: ı, i, I and İ are two letters in Turkish and one elsewhere, and which of them
//     is the capital of which depends on the language of who writes.
func nameKey(canonical string) (string, error) {
	key, err := precis.Nickname.CompareKey(canonical)
	if err != nil {
		return "", invalid("name", "This name contains characters that are not allowed in names.")
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

// formerNameKey is what nameKey was before it folded more than the profile does: hashes of
// it are in the store.
func formerNameKey(canonical string) string {
	key, err := precis.Nickname.CompareKey(canonical)
	if err != nil {
		return ""
	}
	return key
}
