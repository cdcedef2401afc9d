package pages

import (
	"cmp"
	"regexp"
	"strings"
)

// codeHole stands in for code, whose characters are no marks, while the marks are removed.
const codeHole = "\x00"

// cutFrom is the size in bytes from which on a quote is taken to be cut.
const cutFrom = 190

var (
	inlineCode = regexp.MustCompile("`+([^`\n]+)`+")

	// markdownRules are the marks to remove, in order; the replacement keeps the groups.
	markdownRules = []struct {
		mark  *regexp.Regexp
		words string
	}{
		{regexp.MustCompile("(?m)^ {0,3}```.*$"), ""},
		{regexp.MustCompile(`(?m)^(?: {0,3}> ?)+`), ""},
		{regexp.MustCompile(`(?m)^ *[-*+] +`), ""},
		{regexp.MustCompile(`\[([^\]\n]+)\]\([^)\s]*(?:\)|$)`), "$1"},
		{regexp.MustCompile(`\*\*(\S(?:[^\n]*?\S)?)\*\*`), "$1"},
		{regexp.MustCompile(`~~(\S(?:[^\n]*?\S)?)~~`), "$1"},
		{regexp.MustCompile(`(?m)(^|[^\p{L}\p{N}_])__((?:[^\s_a-z]|[a-z]+ )(?:[^\n]*?[^\s_])?)__`), "$1$2"},
		{regexp.MustCompile(`(?m)(^|[^\p{L}\p{N}*\\])\*([^\s*](?:[^*\n]*[^\s*])?)\*`), "$1$2"},
		{regexp.MustCompile(`(?m)(^|[^\p{L}\p{N}_\\])_([^\s_](?:[^_\n]*[^\s_])?)_`), "$1$2"},
		{regexp.MustCompile("\\\\([\\\\`*_~\\[\\]()>#+-])"), "$1"},
		{regexp.MustCompile(`\s+`), " "},
	}

	// cutMark is a mark whose end was cut off with the end of a quote.
	cutMark = regexp.MustCompile("(^|\\s)(?:\\*\\*|~~|`+)(\\S)")
)

// plainText returns the words of a message without its Markdown, in one line: for quotes.
// static/js/model/plain-text.js has the same rules; testdata/plain-text.json has their cases.
func plainText(text string) string {
	var codes []string
	plain := inlineCode.ReplaceAllStringFunc(strings.ReplaceAll(text, codeHole, ""), func(code string) string {
		codes = append(codes, strings.Trim(code, "`"))
		return codeHole
	})
	for _, rule := range markdownRules {
		plain = rule.mark.ReplaceAllString(plain, rule.words)
	}
	if len(text) >= cutFrom {
		plain = cutMark.ReplaceAllString(plain, "$1$2")
	}
	for _, code := range codes {
		plain = strings.Replace(plain, codeHole, code, 1)
	}
	return cmp.Or(strings.TrimSpace(plain), text) // of marks alone, the marks
}
