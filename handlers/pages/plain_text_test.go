package pages

import (
	"encoding/json"
	"os"
	"testing"
)

// A quote shows words, not Markdown. The page's modules have the same cases
// (e2e/quotes_test.go).
func TestAQuoteShowsWordsAndNoMarkdown(t *testing.T) {
	content, err := os.ReadFile("testdata/plain-text.json")
	if err != nil {
		t.Fatal(err)
	}
	var cases []struct{ Text, Plain string }
	if err := json.Unmarshal(content, &cases); err != nil || len(cases) < 10 {
		t.Fatalf("%d cases: %v", len(cases), err)
	}
	for _, c := range cases {
		if got := plainText(c.Text); got != c.Plain {
			t.Errorf("%q is %q instead of %q", c.Text, got, c.Plain)
		}
	}
}
