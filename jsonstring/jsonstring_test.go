package jsonstring_test

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"testing/quick"

	"chatserver/jsonstring"
)

// encoded returns the number of bytes that encoding/json needs for a text, without quotes.
func encoded(t *testing.T, text string) int {
	t.Helper()
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(text); err != nil {
		t.Fatal(err)
	}
	return out.Len() - len("\"\"\n")
}

func TestTheSizeIsThatOfJSON(t *testing.T) {
	for _, special := range []string{"\"", "\\", "\n", "\t", "\r", "\b", "\f", "\x00", "\x1f", "\x7f", " ", "!", "#", "[", "]", "é", "\u2027", "\u2028", "\u2029", "\u202a", "漢", "🙂"} {
		for before := range 17 {
			text := strings.Repeat("x", before) + special + strings.Repeat("y", 16-before)
			if got, want := jsonstring.Size(text), encoded(t, text); got != want {
				t.Errorf("%q takes %d bytes, not %d", text, want, got)
			}
		}
	}
	if err := quick.Check(func(text string) bool { return jsonstring.Size(text) == encoded(t, text) }, nil); err != nil {
		t.Error(err)
	}
}
