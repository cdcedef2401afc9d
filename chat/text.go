package chat

import (
	"strings"
	"unicode/utf8"
)

// checkText is Chat.checkText with a limit in bytes; 0 means no limit.
func checkText(text string, limit int) error {
	if limit > 0 && len(text) > limit {
		return &TooLong{Limit: limit, Size: len(text)}
	}
	if strings.IndexByte(text, 0) >= 0 || !utf8.ValidString(text) {
		return invalid("text", "A message must be valid UTF-8 and cannot contain the character U+0000.")
	}
	if controlsTerminal(text) {
		return invalid("text", "A message cannot contain control characters other than tabs and line breaks.")
	}
	if strings.TrimSpace(text) == "" {
		return ErrEmpty
	}
	return nil
}

// controlsTerminal reports whether a text contains a control character (Unicode's Cc: C0,
// DEL and C1) other than a tab or line break. Plain text is read in terminals, which execute
// them: an escape sequence clears the screen or writes somewhere else on it, and a carriage
// return overwrites the name at the start of the line. A carriage return is allowed only
// where nothing follows in its line: before a line feed, or at the end.
//
// Characters that change the direction of writing are not control characters and are
// allowed: Arabic and Hebrew need them, and every message is a paragraph of its own.
func controlsTerminal(text string) bool {
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case c == '\t', c == '\n':
		case c == '\r':
			if i+1 < len(text) && text[i+1] != '\n' {
				return true
			}
		case c < ' ', c == 0x7F:
			return true
		case c == 0xC2 && i+1 < len(text) && text[i+1] < 0xA0: // U+0080 to U+009F in UTF-8
			return true
		}
	}
	return false
}
