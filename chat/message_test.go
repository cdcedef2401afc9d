package chat_test

import (
	"errors"
	"testing"

	"chatserver/chat"
)

// TestNobodyControlsTheTerminalsOfOthers refuses what terminals execute, and accepts what
// people write in any language.
func TestNobodyControlsTheTerminalsOfOthers(t *testing.T) {
	c, s := startTroubledChat(t)
	ann, _ := person(t, c, "Ann", 0)
	for what, text := range map[string]string{
		"an escape sequence":      "\x1b[2Jgone",
		"another at the end":      "red\x1b[0m\x1b",
		"a backspace":             "Bob\b\b\bEve",
		"a bell":                  "\a",
		"a form feed":             "a\fb",
		"a delete":                "a\x7f",
		"a return over the name":  "hi\rBob: I owe you",
		"a return at the begin":   "\rBob: I owe you",
		"two returns":             "hi\r\r\n",
		"the one-character CSI":   "\u009b2J",
		"the first of C1":         "a\u0080",
		"the last of C1":          "a\u009f",
		"a next line":             "hi\u0085Bob: I owe you",
		"controls and no message": "\x1b \x01",
	} {
		var invalid *chat.Invalid
		if err := compose(c, ann, chat.Lobby, "", text); !errors.As(err, &invalid) || invalid.Field != "text" {
			t.Errorf("%s, %q: %v", what, text, err)
		}
	}
	if s.commits != 0 {
		t.Errorf("the store was asked %d times", s.commits)
	}
	for what, text := range map[string]string{
		"lines and a tab":           "\ta\n\n\tb\n",
		"lines of Windows":          "a\r\nb\r\n",
		"a line of Windows":         "a\r",
		"Hebrew with its marks":     "\u200fשלום\u202a (hi) \u202c\u2067!\u2069",
		"an override":               "\u202eabc\u202c",
		"a family, joined":          "👩\u200d👩\u200d👧",
		"Persian with a non-joiner": "می\u200cخواهم",
		"the first after C1":        "\u00a0a\u00a0",
		"Â, whose bytes begin so":   "\u00c2",
		"soft hyphens and a BOM":    "\ufeffa\u00adb",
		"a line separator":          "a\u2028b",
	} {
		if err := compose(c, ann, chat.Lobby, "", text); err != nil {
			t.Errorf("%s, %q: %v", what, text, err)
		}
	}
}
