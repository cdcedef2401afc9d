package markdown

import (
	"strings"
	"testing"
)

// Code that is longer than chats need is not highlighted, but shown.
func TestLongCodeHasNoColours(t *testing.T) {
	r := New()
	if got := r.Render("```go\nreturn 1\n```"); !strings.Contains(got, "<span") {
		t.Fatalf("code has no colours: %s", got)
	}
	if long := r.Render("```go\n" + strings.Repeat("for range 10 { x = 1000000000 }\n", maxHighlighted/32+1) + "```"); strings.Contains(long, "<span") || !strings.Contains(long, "<code>for") {
		t.Errorf("long code becomes %.200s", long)
	}
}

// In every language, highlighted code is the code as typed.
func TestHighlightedCodeIsTheCode(t *testing.T) {
	code := "a = \"b\" // c\n<d e='f'> 'g' /* h\n i */ # j -- k\n+l \"m\\\" `n` 1.5e3 o(p) q: r\n'''s''' \"\"\"t <!-- u --> 日本 don't \xff"
	for name, l := range languagesByName() {
		for i := range code {
			var got strings.Builder
			for _, part := range l.highlight(code[i:], len(code)) {
				got.WriteString(part.code)
			}
			if got.String() != code[i:] {
				t.Fatalf("%q in %s becomes %q", code[i:], name, got.String())
			}
		}
	}
	if languageOf("nonsense") != nil {
		t.Error("nonsense has colours")
	}
}

// Commonly pasted code is highlighted as people expect.
func TestCodeHasItsColours(t *testing.T) {
	for _, test := range []struct{ language, code, want string }{
		{"Go", "func f() { return \"a\\\"b\" } // c\n", "[k func] [nf f]() { [k return] [s \"a\\\"b\"] } [c // c]\n"},
		{"go", "x := `a\nb` + 'c' + 0x1F", "x := [s `a\nb`] + [s 'c'] + [m 0x1F]"},
		{"python", "def f(a): # c\n    \"\"\"d\n    e\"\"\"\n    return None", "[k def] [nf f](a): [c # c]\n    [s \"\"\"d\n    e\"\"\"]\n    [k return] [k None]"},
		{"sh", "for i in $(ls); do echo \"$i\" # c\ndone; echo a#b", "[k for] i [k in] $(ls); [k do] echo [s \"$i\"] [c # c]\n[k done]; echo a#b"},
		{"json", "{\"a\": \"b\", \"c\": [1, true]}", "{[k \"a\"]: [s \"b\"], [k \"c\"]: [[m 1], [k true]]}"},
		{"yaml", "a-b: don't # c", "[k a-b]: don't [c # c]"},
		{"SQL", "SELECT a FROM b WHERE c = 'd' -- e", "[k SELECT] a [k FROM] b [k WHERE] c = [s 'd'] [c -- e]"},
		{"html", "<!-- a --><b c=\"d\">it's</b>", "[c <!-- a -->]<[k b] [nf c]=[s \"d\"]>it's</[k b]>"},
		{"rust", "fn f<'a>(x: &'a str) { \"s\" }", "[k fn] f<'a>(x: &'a [k str]) { [s \"s\"] }"},
		{"diff", "@@ -1 +1 @@\n-a\n+b\n c", "[c @@ -1 +1 @@\n][gd -a\n][gi +b\n] c"},
		{"js", "const a = 'b", "[k const] a = [s 'b]"},
	} {
		var got strings.Builder
		for _, p := range languageOf(test.language).highlight(test.code, len(test.code)) {
			if p.class == "" {
				got.WriteString(p.code)
			} else {
				got.WriteString("[" + p.class + " " + p.code + "]")
			}
		}
		if got.String() != test.want {
			t.Errorf("%s %q becomes\n%s\nand not\n%s", test.language, test.code, got.String(), test.want)
		}
	}
}
