package chat

import "strings"

// EncodedSize returns how many bytes JSON takes for a text in UTF-8, without the quotes
// around it: most control characters, and either line separator, take six.
func EncodedSize(text string) int {
	size := len(text) + 3*(strings.Count(text, "\u2028")+strings.Count(text, "\u2029"))
	for i := Unescaped(text); i < len(text); i += 1 + Unescaped(text[i+1:]) {
		size += int(escapes[text[i]])
	}
	return size
}

// escapes is how many bytes JSON takes for a byte beyond the one.
var escapes = func() (more [256]uint8) {
	for b := range ' ' {
		more[b] = 5
	}
	for _, b := range "\"\\\n\t\r\b\f" {
		more[b] = 1
	}
	return more
}()

// Unescaped returns the length of the longest beginning of a text in which JSON escapes no
// byte: no quote, no backslash, no control character. The line separators U+2028 and U+2029
// do not end it, though encoding/json escapes them. Every message is looked at more than
// once, so it looks at eight bytes at a time.
func Unescaped(text string) (n int) {
	for n+8 <= len(text) && noneEscaped(text[n:n+8]) {
		n += 8
	}
	for n < len(text) && escapes[text[n]] == 0 {
		n++
	}
	return n
}

// noneEscaped reports whether JSON escapes none of eight bytes. Subtracting one from a byte
// that is zero borrows, which sets its highest bit, whatever the bytes above it are then; see
// H. S. Warren, Hacker's Delight, 2nd edition, §6-1.
func noneEscaped(s string) bool {
	_ = s[7] // one check of the bounds, and one load
	w := uint64(s[0]) | uint64(s[1])<<8 | uint64(s[2])<<16 | uint64(s[3])<<24 |
		uint64(s[4])<<32 | uint64(s[5])<<40 | uint64(s[6])<<48 | uint64(s[7])<<56
	const ones, highest = 0x0101010101010101, 0x8080808080808080
	quote, backslash := w^ones*'"', w^ones*'\\'
	return ((w-ones*' ')&^w|(quote-ones)&^quote|(backslash-ones)&^backslash)&highest == 0
}
