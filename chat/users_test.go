package chat

import (
	"errors"
	"strings"
	"testing"
)

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
		if got, err := ParseName(name); err != nil || got != want {
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
		if _, err := ParseName(name); !errors.As(err, &invalid) || invalid.Field != "name" {
			t.Errorf("%s: %q is accepted or has no reason: %v", why, name, err)
		}
	}
}

func TestSpellingsOfOneNameAreEqual(t *testing.T) {
	key := func(name string) string {
		user, err := NewUser(name, 0, "")
		if err != nil {
			t.Fatal(err)
		}
		return user.nameKey
	}
	for _, alike := range []string{"ANN LEE", " ann  lee ", "Ａnn Lee"} {
		if key(alike) != key("Ann Lee") {
			t.Errorf("%q differs from Ann Lee", alike)
		}
	}
	if key("Ann Li") == key("Ann Lee") {
		t.Error("Ann Li is the same as Ann Lee")
	}
}

func TestAges(t *testing.T) {
	for text, want := range map[string]int{"": 0, "1": 1, "25": 25, "199": 199, "007": 7} {
		if got, err := ParseAge(text); err != nil || got != want {
			t.Errorf("%q is %d, %v", text, got, err)
		}
	}
	for _, text := range []string{"0", "-1", "+5", "200", "abc", "1.5", " 5", "5 ", "٥", "99999999999999999999", "1e2"} {
		var invalid *Invalid
		if got, err := ParseAge(text); !errors.As(err, &invalid) || invalid.Field != "age" {
			t.Errorf("%q is accepted as %d or has no reason: %v", text, got, err)
		}
	}
}

func FuzzParseName(f *testing.F) {
	f.Add("Ann")
	f.Add("Ann\u202e: hi")
	f.Fuzz(func(t *testing.T, name string) {
		canonical, err := ParseName(name)
		if err != nil {
			return
		}
		if strings.ContainsAny(canonical, ":/\\\n\r\x00") || canonical == "" {
			t.Errorf("%q became %q", name, canonical)
		}
		if again, err := ParseName(canonical); err != nil || again != canonical {
			t.Errorf("%q became %q, which became %q, %v", name, canonical, again, err)
		}
		if _, err := NewUser(name, 0, ""); err != nil {
			t.Errorf("%q is a valid name, but not for a user: %v", name, err)
		}
	})
}
