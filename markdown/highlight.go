package markdown

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// part is a run of code of one colour; without a class it has none.
type part struct{ class, code string }

// The classes of code in the style sheet, with the names that syntax highlighters
// use.
const (
	classComment  = "c"
	classKeyword  = "k"
	classString   = "s"
	classNumber   = "m"
	className     = "nf" // of a function, or a key
	classInserted = "gi"
	classDeleted  = "gd"
)

// language describes the tokens of a language: enough to highlight it, and nothing that would
// need a parser. More elaborate highlighters look back and ahead, and for most languages there
// is a text that takes them seconds; this one visits each byte
// once.
type language struct {
	comments []string    // the markers of comments to the end of the line
	block    [2]string   // the begin and end markers of block comments
	quotes   string      // the quotes of single-line strings, in which a backslash escapes
	long     [][2]string // the markers around multi-line strings
	keys     string      // the characters after a word or a string that make it a key
	keywords map[string]bool
	fold     bool // keywords are case-insensitive
	tags     bool // words after a < are keywords, and names within a tag
	lines    bool // the first character of a line decides its colour
}

// highlighter is the state of highlighting a piece of code.
type highlighter struct {
	*language
	code   string
	at     int
	parts  []part
	within bool // whether the position is in a tag
}

// highlight splits code into parts; nil if there are more than the given number.
func (l *language) highlight(code string, most int) []part {
	p := highlighter{language: l, code: code, parts: []part{}}
	for p.at < len(code) {
		if len(p.parts) > most {
			return nil
		}
		class, length := p.next()
		p.put(class, length)
	}
	return p.parts
}

// put adds the next bytes to the parts.
func (p *highlighter) put(class string, length int) {
	from := p.at
	p.at += length
	if last := len(p.parts) - 1; last >= 0 && p.parts[last].class == class {
		from -= len(p.parts[last].code)
		p.parts[last].code = p.code[from:p.at]
		return
	}
	p.parts = append(p.parts, part{class, p.code[from:p.at]})
}

// next returns the class and the length of the next token.
func (p *highlighter) next() (class string, length int) {
	rest := p.code[p.at:]
	if p.lines {
		return lineClass(rest), lineLength(rest)
	}
	for _, comment := range p.comments {
		if strings.HasPrefix(rest, comment) && (comment[0] != '#' || p.at == 0 || p.code[p.at-1] <= ' ') {
			return classComment, len(strings.TrimSuffix(rest[:lineLength(rest)], "\n"))
		}
	}
	if p.block[0] != "" && strings.HasPrefix(rest, p.block[0]) {
		return classComment, through(rest, p.block)
	}
	for _, marks := range p.long {
		if strings.HasPrefix(rest, marks[0]) {
			return classString, through(rest, marks)
		}
	}
	r, size := utf8.DecodeRuneInString(rest)
	switch {
	case p.tags && (r == '<' || r == '>'):
		p.within = r == '<'
		return "", size
	case strings.ContainsRune(p.quotes, r) && (!p.tags || p.within) && !(r == '\'' && p.inWord()):
		length = stringLength(rest, byte(r))
		return p.keyed(classString, length), length
	case unicode.IsDigit(r):
		return classNumber, wordLength(rest, ".")
	case unicode.IsLetter(r) || r == '_' || r == '@' || r == '$':
		length = size + wordLength(rest[size:], p.inWords())
		return p.word(rest[:length]), length
	}
	return "", size
}

func (p *highlighter) inWord() bool {
	r, _ := utf8.DecodeLastRuneInString(p.code[:p.at])
	return p.at > 0 && (unicode.IsLetter(r) || unicode.IsDigit(r))
}

// inWords returns the characters that are part of words besides letters and digits.
func (p *highlighter) inWords() string {
	if p.tags || p.keys != "" {
		return "-"
	}
	return ""
}

func (p *highlighter) word(word string) string {
	known := word
	if p.fold {
		known = strings.ToLower(word)
	}
	switch {
	case p.tags:
		return p.tagWord()
	case p.keywords[known]:
		return classKeyword
	case word[0] != '$' && strings.HasPrefix(p.code[p.at+len(word):], "("):
		return className
	}
	return p.keyed("", len(word))
}

func (p *highlighter) tagWord() string {
	switch before := strings.TrimSuffix(p.code[:p.at], "/"); {
	case strings.HasSuffix(before, "<"):
		return classKeyword
	case p.within:
		return className
	}
	return ""
}

// keyed returns the class of a key if the token is one, and otherwise the given class.
func (p *highlighter) keyed(class string, length int) string {
	if p.keys == "" {
		return class
	}
	rest := strings.TrimLeft(p.code[p.at+length:], " \t")
	if rest != "" && strings.IndexByte(p.keys, rest[0]) >= 0 {
		return classKeyword
	}
	return class
}

// lineLength returns the number of bytes of a line, including its end.
func lineLength(rest string) int {
	if end := strings.IndexByte(rest, '\n'); end >= 0 {
		return end + 1
	}
	return len(rest)
}

func lineClass(line string) string {
	switch {
	case strings.HasPrefix(line, "@@"), strings.HasPrefix(line, "diff "), strings.HasPrefix(line, "index "):
		return classComment
	case line[0] == '+', line[0] == '>':
		return classInserted
	case line[0] == '-', line[0] == '<':
		return classDeleted
	}
	return ""
}

// through returns the number of bytes up to and including an end marker; all if there is none.
func through(rest string, marks [2]string) int {
	if end := strings.Index(rest[len(marks[0]):], marks[1]); end >= 0 {
		return len(marks[0]) + end + len(marks[1])
	}
	return len(rest)
}

// stringLength returns the number of bytes of a single-line string.
func stringLength(rest string, quote byte) int {
	for i := 1; i < len(rest); i++ {
		switch rest[i] {
		case '\\':
			i++
		case quote:
			return i + 1
		case '\n':
			return i
		}
	}
	return len(rest)
}

// wordLength returns the number of leading bytes that are letters, digits, or some others.
func wordLength(rest, others string) int {
	for i, r := range rest {
		if !unicode.IsLetter(r) && !unicode.IsDigit(r) && r != '_' && !strings.ContainsRune(others, r) {
			return i
		}
	}
	return len(rest)
}
