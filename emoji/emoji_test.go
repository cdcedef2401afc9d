package emoji_test

import (
	"encoding/json"
	"os"
	"strings"
	"testing"

	"chatserver/emoji"
)

func TestOneEmojiIsParsedAndNothingElse(t *testing.T) {
	for _, test := range []struct{ text, want string }{
		{"👍", "👍"},
		{"👍\uFE0F", "👍"}, // as the picker writes it
		{"👍🏽", "👍🏽"},
		{"❤", "❤\uFE0F"}, // as a keyboard may write it
		{"❤\uFE0F", "❤\uFE0F"},
		{"🇩🇪", "🇩🇪"},
		{"1\uFE0F⃣", "1\uFE0F⃣"},
		{"👨‍👩‍👧‍👦", "👨‍👩‍👧‍👦"},
		{"👩🏻‍🤝‍👨🏿", "👩🏻‍🤝‍👨🏿"},
		{"🏴󠁧󠁢󠁥󠁮󠁧󠁿", "🏴󠁧󠁢󠁥󠁮󠁧󠁿"},
		{"", ""},
		{"\uFE0F", ""},
		{"a", ""},
		{"1", ""},
		{"👍👍", ""},
		{"👍 ", ""},
		{"👍a", ""},
		{":+1:", ""},
		{"🇩", ""},
		{"🇽🇽", ""},                      // no region has this code
		{"😀\u200D😀", ""},                // joined, but no emoji of Unicode
		{"👍🏽🏽", ""},                     // two tones
		{"\u200D", ""},                  // only a joiner
		{"é", ""},                       // one grapheme
		{"日", ""},                       // one grapheme
		{strings.Repeat("👍", 1000), ""}, // long
	} {
		if got, ok := emoji.Parse(test.text); got != test.want || ok != (test.want != "") {
			t.Errorf("%q is parsed as %q, %t, and not as %q", test.text, got, ok, test.want)
		}
	}
}

// The page offers no emoji that the server refuses, and no two that are one to the server.
func TestEveryEmojiOfThePickerIsKnown(t *testing.T) {
	file, err := os.ReadFile("../static/vendor/emoji-picker/data.json")
	if err != nil {
		t.Fatal(err)
	}
	type offered struct{ Emoji string }
	var picker []struct {
		offered
		Skins []offered
	}
	if err := json.Unmarshal(file, &picker); err != nil {
		t.Fatal(err)
	}
	seen := map[string]string{}
	for _, each := range picker {
		for _, one := range append(each.Skins, each.offered) {
			parsed, ok := emoji.Parse(one.Emoji)
			if other := seen[parsed]; !ok || other != "" {
				t.Errorf("%q is parsed as %q, %t, as is %q", one.Emoji, parsed, ok, other)
			}
			seen[parsed] = one.Emoji
		}
	}
	if len(seen) < 3900 {
		t.Errorf("only %d emoji were checked", len(seen))
	}
}
