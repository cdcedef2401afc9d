package markdown_test

import (
	"bytes"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/yuin/goldmark"

	"chatserver/markdown"
)

// Emphasis matches that of another CommonMark implementation, except for texts with Chinese,
// Japanese, or Korean, with numbers, or with names like Python's.
func TestEmphasisIsThatOfCommonMark(t *testing.T) {
	pieces := []string{"*", "*", "**", "***", "_", "_", "A", "A", " ", ",", "(", "`B`", "\\*"}
	random, r, other := rand.New(rand.NewPCG(3, 4)), markdown.New(), goldmark.New()
	for range 20_000 {
		typed := "x "
		for range 3 + random.IntN(12) {
			typed += pieces[random.IntN(len(pieces))]
		}
		typed += " x"
		var want bytes.Buffer
		if err := other.Convert([]byte(typed), &want); err != nil {
			t.Fatal(err)
		}
		got := strings.TrimSuffix(strings.TrimPrefix(r.Render(typed), p), "</p>")
		if got == "" {
			got = typed
		}
		if "<p>"+got+"</p>\n" != want.String() {
			t.Fatalf("%q becomes %s and not %s", typed, got, want.String())
		}
	}
}
