// Package jsonstring says how JSON encodes a text, without encoding it. Sizes of frames depend
// on it: a quote takes two bytes, a control character six.
package jsonstring

import "strings"

// Size returns the size in bytes of a UTF-8 text in JSON, without the quotes around
// it. Most control characters and both line separators take six bytes.
func Size(text string) int {
	size := len(text)
	if HasLineSeparator(text) {
		size += 3 * (strings.Count(text, "\u2028") + strings.Count(text, "\u2029"))
	}
	for i := Unescaped(text); i < len(text); i += 1 + Unescaped(text[i+1:]) {
		size += int(escapes[text[i]])
	}
	return size
}

// HasLineSeparator reports whether a text has U+2028 or U+2029. They may stand in JSON but
// not in JavaScript, so encoding/json escapes them. Most texts lack their first byte, which
// is found faster.
func HasLineSeparator(text string) bool {
	i := strings.IndexByte(text, "\u2028"[0])
	return i >= 0 && strings.ContainsAny(text[i:], "\u2028\u2029")
}

// escapes is the number of additional bytes that JSON needs for a byte.
var escapes = func() (more [256]uint8) {
	for b := range ' ' {
		more[b] = 5
	}
	for _, b := range "\"\\\n\t\r\b\f" {
		more[b] = 1
	}
	return more
}()

// Unescaped returns the length of the longest prefix of a text in which JSON escapes no
// byte: no quote, backslash or control character. It does not stop at the line separators
// U+2028 and U+2029, although encoding/json escapes them. Every message is scanned more than
// once, so it checks eight bytes at a time.
func Unescaped(text string) (n int) {
	for n+8 <= len(text) && noneEscaped(text[n:n+8]) {
		n += 8
	}
	for n < len(text) && escapes[text[n]] == 0 {
		n++
	}
	return n
}

// noneEscaped reports whether JSON escapes none of eight bytes. Subtracting one from a zero
// byte borrows, which sets its highest bit whatever the bytes above contain; see H. S.
// Warren, Hacker's Delight, 2nd edition, §6-1.
func noneEscaped(s string) bool {
	_ = s[7] // a single bounds check, and a single load
	w := uint64(s[0]) | uint64(s[1])<<8 | uint64(s[2])<<16 | uint64(s[3])<<24 |
		uint64(s[4])<<32 | uint64(s[5])<<40 | uint64(s[6])<<48 | uint64(s[7])<<56
	const ones, highest = 0x0101010101010101, 0x8080808080808080
	quote, backslash := w^ones*'"', w^ones*'\\'
	return ((w-ones*' ')&^w|(quote-ones)&^quote|(backslash-ones)&^backslash)&highest == 0
}
