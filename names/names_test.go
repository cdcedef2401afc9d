package names

import (
	"errors"
	"strings"
	"testing"
)

// keyOf returns the key of a name that is valid.
func keyOf(t *testing.T, name string) string {
	t.Helper()
	canonical, err := Parse(name)
	if err != nil {
		t.Fatalf("%q: %v", name, err)
	}
	key, err := Key(canonical)
	if err != nil {
		t.Fatalf("%q: %v", canonical, err)
	}
	return key
}

func TestPeoplesNamesAreAccepted(t *testing.T) {
	for name, want := range map[string]string{
		"Ann":                        "Ann",
		"  Ann   Lee  ":              "Ann Lee",
		"Наталья Орлова":             "Наталья Орлова",
		"سامي حداد":                  "سامي حداد",
		"たなか":                        "たなか",
		"Zoe\u0308":                  "Zoë",
		"Ａnn":                        "Ann",
		"O'Brien-Smith Jr.":          "O'Brien-Smith Jr.",
		"😀":                          "😀",
		strings.Repeat("é", 32):      strings.Repeat("é", 32),
		"Ann left the chat":          "Ann left the chat",
		"Ann\u00a0Lee":               "Ann Lee",
		"<script>alert</script>"[:8]: "<script>",
	} {
		if got, err := Parse(name); err != nil || got != want {
			t.Errorf("%q becomes %q, %v; want %q", name, got, err, want)
		}
	}
}

func TestInvalidNamesAreRefused(t *testing.T) {
	for why, name := range map[string]string{
		"empty":                    "",
		"blank":                    " \t ",
		"too long":                 strings.Repeat("a", 33),
		"a colon":                  "Ann: hi",
		"a fullwidth colon":        "Ann\uff1a hi",
		"a slash":                  "a/b",
		"a dot":                    " . ",
		"two dots":                 "..",
		"a wide dot":               "．",
		"a two dot leader":         "‥",
		"a backslash":              `a\b`,
		"a line break":             "Ann\nBob",
		"a NUL":                    "Ann\x00",
		"an escape":                "\x1b[31mAnn",
		"a bidi override":          "Ann\u202e",
		"a bidi isolate":           "\u2066Ann",
		"a zero-width space":       "A\u200bnn",
		"a byte order mark":        "\ufeffAnn",
		"a soft hyphen":            "A\u00adnn",
		"not UTF-8":                "Ann\xff",
		"a lone zero-width joiner": "A\u200dnn",
		"a private character":      "\ue000",
		"a tag":                    "Ann\U000e0041",
		"dots only, a path":        "../etc",
		"a Hangul filler":          "\u3164",
		"a halfwidth filler":       "\uffa0",
		"blank Braille":            "\u2800",
		"blank Braille in a name":  "Ann\u2800",
		"marks without a letter":   "\u0301\u0308",
		"a variation selector":     "Ann\ufe0f",
		"a line separator":         "Ann\u2028Bob",
	} {
		var invalid *Invalid
		if _, err := Parse(name); !errors.As(err, &invalid) {
			t.Errorf("%s: %q is accepted or has no reason: %v", why, name, err)
		}
	}
}

func TestSpellingsOfOneNameAreEqual(t *testing.T) {
	for _, alike := range []string{"ANN LEE", " ann  lee ", "Ａnn Lee"} {
		if keyOf(t, alike) != keyOf(t, "Ann Lee") {
			t.Errorf("%q differs from Ann Lee", alike)
		}
	}
	if keyOf(t, "Ann Li") == keyOf(t, "Ann Lee") {
		t.Error("Ann Li is the same as Ann Lee")
	}
}

func FuzzParse(f *testing.F) {
	f.Add("Ann")
	f.Add("Ann\u202e: hi")
	f.Fuzz(func(t *testing.T, name string) {
		canonical, err := Parse(name)
		if err != nil {
			return
		}
		if strings.ContainsAny(canonical, ":/\\\n\r\x00") || canonical == "" {
			t.Errorf("%q became %q", name, canonical)
		}
		if again, err := Parse(canonical); err != nil || again != canonical {
			t.Errorf("%q became %q, which became %q, %v", name, canonical, again, err)
		}
		if _, err := Key(canonical); err != nil {
			t.Errorf("%q is a valid name without a key: %v", name, err)
		}
	})
}
