package locales_test

import (
	"cmp"
	"encoding/json"
	"io/fs"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"golang.org/x/text/feature/plural"
	"golang.org/x/text/language"

	"chatserver/locales"
	"chatserver/static"
	"chatserver/views"
)

// catalogue is the file of a language.
type catalogue struct {
	Page   map[string]string          `json:"page"`
	Script map[string]json.RawMessage `json:"script"`
	Errors map[string]string          `json:"errors"`
}

func read(t *testing.T, l *locales.Locale) catalogue {
	t.Helper()
	content, err := fs.ReadFile(locales.Files, l.Tag+".json")
	if err != nil {
		t.Fatal(err)
	}
	var c catalogue
	if err := json.Unmarshal(content, &c); err != nil {
		t.Fatalf("%s: %v", l.Tag, err)
	}
	return c
}

// forms returns the forms of a text by plural category; a text without plurals has one form for all.
func forms(t *testing.T, raw json.RawMessage) map[string]string {
	t.Helper()
	var text string
	if json.Unmarshal(raw, &text) == nil {
		return map[string]string{"": text}
	}
	var several map[string]string
	if err := json.Unmarshal(raw, &several); err != nil {
		t.Fatalf("neither a sentence nor the forms of one: %s", raw)
	}
	return several
}

func TestReadersAreGivenTheirLanguage(t *testing.T) {
	for _, test := range []struct{ chosen, accepted, want string }{
		{"", "", "en"},
		{"", "xx", "en"},
		{"", "en-GB,en;q=0.9", "en"},
		{"klingon, I think", "en", "en"},
		{"en", "ar;q=1", "en"},
		{"", "ar-EG,ar;q=0.9,en;q=0.8", "ar"},
		{"", "fr;q=0.9,ar;q=0.5,en;q=0.1", "ar"},
		{"ar", "en-US", "ar"},
	} {
		if got := locales.Match(test.chosen, test.accepted).Tag; got != test.want {
			t.Errorf("%q chosen and %q accepted: %s instead of %s", test.chosen, test.accepted, got, test.want)
		}
	}
	if locales.All()[0].Tag != "en" {
		t.Error("English is not the first")
	}
}

func TestEveryLanguageSaysAllThatEnglishSays(t *testing.T) {
	english := read(t, locales.All()[0])
	for _, l := range locales.All() {
		other := read(t, l)
		same(t, l.Tag+" page", english.Page, other.Page)
		same(t, l.Tag+" script", english.Script, other.Script)
		for key, text := range english.Page {
			samePlaces(t, l.Tag+" "+key, text, other.Page[key])
			translated(t, l, key, text, other.Page[key])
		}
		for key, raw := range english.Script {
			said := forms(t, other.Script[key])
			samePlurals(t, l, key, forms(t, raw), said)
			for form, text := range said {
				translated(t, l, key+" "+form, cmp.Or(forms(t, raw)[form], forms(t, raw)["other"]), text)
			}
		}
		for format, text := range other.Errors {
			samePlaces(t, l.Tag+" "+format, format, text)
			translated(t, l, format, format, text)
		}
	}
}

func same[V any](t *testing.T, what string, english, other map[string]V) {
	t.Helper()
	for key := range english {
		if _, known := other[key]; !known {
			t.Errorf("%s: %q is not said", what, key)
		}
	}
	for key := range other {
		if _, known := english[key]; !known {
			t.Errorf("%s: %q is not said in English", what, key)
		}
	}
}

// samePlurals checks that a text has a form for each plural category of its language, and no
// others.
func samePlurals(t *testing.T, l *locales.Locale, key string, english, other map[string]string) {
	t.Helper()
	if _, single := english[""]; single {
		samePlaces(t, l.Tag+" "+key, english[""], other[""])
		return
	}
	want := slices.Sorted(maps.Keys(categories(l.Tag)))
	got := slices.Sorted(maps.Keys(other))
	if !slices.Equal(got, want) {
		t.Errorf("%s %s: has the forms %v; the language has %v", l.Tag, key, got, want)
	}
	numbers := categories(l.Tag)
	for category, text := range other {
		if numbers[category] == 1 && strings.Contains(english["other"], "{n}") && !strings.Contains(text, "{n}") {
			text += "{n}" // "two people" has the number without it
		}
		samePlaces(t, l.Tag+" "+key+" "+category, english["other"], text)
	}
}

// categories returns the plural categories of whole numbers according to CLDR, and how many of
// the numbers up to 200 are in each.
func categories(tag string) map[string]int {
	names := map[plural.Form]string{plural.Other: "other", plural.Zero: "zero", plural.One: "one", plural.Two: "two", plural.Few: "few", plural.Many: "many"}
	found := map[string]int{}
	for n := range 201 {
		found[names[plural.Cardinal.MatchPlural(language.MustParse(tag), n, 0, 0, 0, 0)]]++
	}
	return found
}

// word matches an English word. Names of products and input of programs are the same in every
// language.
var word = regexp.MustCompile(`[A-Za-z]{2,}`)

// untranslated lists what is the same everywhere: the product, names of keys and formats, fields of chat.v1, and settings.
var untranslated = []string{
	"chatserver", "QR", "Shift", "Enter", "JavaScript", "WebSockets", "HTTPS", "HTTP", "UTF", "UUID",
	"before", "seq", "seqs", "rooms", "since", "rev", "hosts", "frame", "bytes", "thread", "reply", "to", "version", "on", "true", "false", "changes",
}

// translated fails if a text has an English word left in it.
func translated(t *testing.T, l *locales.Locale, key, english, other string) {
	t.Helper()
	if l.Tag == "en" {
		return
	}
	text := place.ReplaceAllString(other, " ")
	if strings.Contains(key, "UUID, like") {
		text = text[:strings.Index(text, "0198")] // the rest is an example of a name
	}
	for _, found := range word.FindAllString(text, -1) {
		if !slices.Contains(untranslated, found) || !strings.Contains(english, found) {
			t.Errorf("%s %s: %q is English: %s", l.Tag, key, found, other)
		}
	}
}

var place = regexp.MustCompile(`\{\w+\}|%[a-z]`)

func samePlaces(t *testing.T, what, english, other string) {
	t.Helper()
	want, got := place.FindAllString(english, -1), place.FindAllString(other, -1)
	slices.Sort(want)
	slices.Sort(got)
	if !slices.Equal(want, got) {
		t.Errorf("%s: puts in %v instead of %v", what, got, want)
	}
}

var (
	inViews = regexp.MustCompile(`\b(?:t|strong|named) "([\w.]+)"`)
	// Matches say('key') and say('begin.' + …), which stands for every key with that prefix.
	inScript = regexp.MustCompile(`\bsay\(\s*'([\w.]+)'`)
)

func TestWhatThePageSaysIsInTheCatalogueAndNothingElse(t *testing.T) {
	english := read(t, locales.All()[0])
	check(t, "views", english.Page, used(t, views.FS, ".", inViews))
	check(t, "static/js", english.Script, used(t, static.FS, "js", inScript))
}

func used(t *testing.T, files fs.FS, root string, pattern *regexp.Regexp) map[string]bool {
	t.Helper()
	keys := map[string]bool{}
	err := fs.WalkDir(files, root, func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		content, err := fs.ReadFile(files, name)
		for _, found := range pattern.FindAllStringSubmatch(string(content), -1) {
			keys[found[1]] = true
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return keys
}

func check[V any](t *testing.T, where string, catalogue map[string]V, used map[string]bool) {
	t.Helper()
	for key := range used {
		if _, known := catalogue[key]; !known && !strings.HasSuffix(key, ".") {
			t.Errorf("%s: %q is not in the catalogue", where, key)
		}
	}
	for key := range catalogue {
		begin := key[:strings.LastIndexByte(key, '.')+1]
		if !used[key] && !used[begin] {
			t.Errorf("%s: nobody says %q", where, key)
		}
	}
}

func TestASentenceIsFilledIn(t *testing.T) {
	l := locales.All()[0]
	if _, err := l.Say("no.such.sentence"); err == nil {
		t.Error("an unknown sentence is said")
	}
	if got := l.Sentence("A name has at most %d characters.", 32); got != "A name has at most 32 characters." {
		t.Errorf("a refusal: %q", got)
	}
}

// Inserted values are text: a person whose name looks like a placeholder changes nothing.
func TestBracesInANameAreOnlyBraces(t *testing.T) {
	got, err := locales.All()[0].Say("bring.code", "room", "{room} and {name}", "name", "Eve")
	if err != nil || got != "QR code of the link to {room} and {name}" {
		t.Errorf("got %q, %v", got, err)
	}
}

// A name of the opposite direction stays in one piece in its sentence.
func TestANameMovesNoWordsAroundIt(t *testing.T) {
	for _, test := range []struct{ tag, name, want string }{
		{"en", "Eve", "Use Eve"},
		{"en", "دالية", "Use \u2068دالية\u2069"},
		{"ar", "Eve (2)", "استخدام \u2068Eve (2)\u2069"},
	} {
		got, err := locales.Match(test.tag, "").Say("join.use", "name", test.name)
		if err != nil || got != test.want {
			t.Errorf("%s: %q, %v; want %q", test.tag, got, err, test.want)
		}
	}
}

// The modules find the translation of a refusal by the server's English text.
func TestThePagesModulesCanSayWhatTheServerRefusesWith(t *testing.T) {
	arabic := locales.Match("ar", "")
	if !strings.Contains(arabic.Script(), `"not allowed":"غير مسموح"`) {
		t.Error("a refusal is not among what the modules say")
	}
}
