// Package locales holds the product's texts for people, one file per language. A text has
// a key, and placeholders in braces; one that depends on a number has a form for each
// plural category of its language (CLDR):
//
//	"greeting": "Hello, {name}"
//	"new": {"one": "{n} new", "other": "{n} new"}
//
// English is the reference: a test compares the other languages with it.
package locales

import (
	"embed"
	"encoding/json"
	"fmt"
	"path"
	"slices"
	"strings"

	"golang.org/x/text/language"
	"golang.org/x/text/unicode/bidi"
)

// Files holds the catalogues as written, TAG.json.
//
//go:embed *.json
var Files embed.FS

// Locale is one language.
type Locale struct {
	Tag  string // BCP 47, such as en
	Name string // in the language itself
	Dir  string // ltr or rtl

	page   map[string]string
	script json.RawMessage
	errors map[string]string
}

// file is the format of a catalogue. Page has the texts of the templates, Script those of
// the modules, and Errors the translation of every sentence that a refusal may use, by the
// English format string.
type file struct {
	Name   string            `json:"name"`
	Dir    string            `json:"dir"`
	Page   map[string]string `json:"page"`
	Script map[string]any    `json:"script"`
	Errors map[string]string `json:"errors"`
}

// The isolates of UAX #9, which surround inserted values.
const firstStrongIsolate, popIsolate = "\u2068", "\u2069"

var (
	all     = load()
	matcher = newMatcher()
)

// load reads the catalogues. English comes first, as the fallback for languages that we do
// not have. It panics on an invalid file; the tests read the same embedded files.
func load() []*Locale {
	entries, err := Files.ReadDir(".")
	if err != nil {
		panic("locales: " + err.Error())
	}
	var list []*Locale
	for _, entry := range entries {
		l, err := read(entry.Name())
		if err != nil {
			panic(fmt.Sprintf("locales: read %s: %v", entry.Name(), err))
		}
		if l.Tag == "en" {
			list = append([]*Locale{l}, list...)
		} else {
			list = append(list, l)
		}
	}
	return list
}

func read(name string) (*Locale, error) {
	content, err := Files.ReadFile(name)
	if err != nil {
		return nil, err
	}
	var f file
	if err := json.Unmarshal(content, &f); err != nil {
		return nil, err
	}
	// The modules look up the server's refusals by their English text. Refusals with values
	// cannot be looked up, and stay in English.
	for format, translated := range f.Errors {
		if !strings.Contains(format, "%") {
			f.Script[format] = translated
		}
	}
	// Encoded without white space, and escaped so that it can be embedded in a page.
	script, err := json.Marshal(f.Script)
	if err != nil {
		return nil, err
	}
	return &Locale{
		Tag: strings.TrimSuffix(name, path.Ext(name)), Name: f.Name, Dir: f.Dir,
		page: f.Page, script: script, errors: f.Errors,
	}, nil
}

func newMatcher() language.Matcher {
	list := make([]language.Tag, len(all))
	for i, l := range all {
		list[i] = language.MustParse(l.Tag)
	}
	return language.NewMatcher(list)
}

// All returns all languages, English first.
func All() []*Locale { return all }

// Match returns the best language for a person: the one they chose, if it exists, otherwise
// the best match for their browser's Accept-Language (RFC 9110 §12.5.4), otherwise
// English.
func Match(chosen, accepted string) *Locale {
	_, i := language.MatchStrings(matcher, chosen, accepted)
	return all[i]
}

// Say returns a text of the page, with the values of pairs ("name", "Ann") inserted. An
// unknown key is an error, so that no page is served with a text missing.
func (l *Locale) Say(key string, pairs ...any) (string, error) {
	text, known := l.page[key]
	if !known {
		return "", fmt.Errorf("there is no sentence %q in %s", key, l.Tag)
	}
	return l.fill(text, pairs), nil
}

// Script returns the texts of the page's modules, as JSON that can be embedded in a page.
func (l *Locale) Script() string { return string(l.script) }

// Sentence returns a refusal in this language, by its English format string; in English if
// it is not translated.
func (l *Locale) Sentence(format string, args ...any) string {
	if translated, known := l.errors[format]; known {
		format = translated
	} else if l.Tag == PseudoTag {
		format = pseudoOf(format)
	}
	return fmt.Sprintf(format, args...)
}

// Named isolates every string among the values of a sentence (FSI and PDI of UAX #9), in any
// language: views and static/js/lib/sentence.js find names, addresses, and code in the
// sentence by these isolates.
func Named(args []any) []any {
	named := slices.Clone(args)
	for i, arg := range named {
		if text, is := arg.(string); is {
			named[i] = firstStrongIsolate + text + popIsolate
		}
	}
	return named
}

// fill inserts all values at once, so that braces in a value stay text.
func (l *Locale) fill(text string, pairs []any) string {
	instead := make([]string, 0, len(pairs))
	for i := 0; i+1 < len(pairs); i += 2 {
		instead = append(instead, fmt.Sprintf("{%v}", pairs[i]), l.isolated(fmt.Sprint(pairs[i+1])))
	}
	return strings.NewReplacer(instead...).Replace(text)
}

// isolated keeps a value of the opposite direction from moving the words around it (FSI
// and PDI of UAX #9), as static/js/lib/formats.js does.
func (l *Locale) isolated(value string) string {
	if l.Dir != "rtl" && !strings.ContainsFunc(value, isRightToLeft) {
		return value
	}
	return firstStrongIsolate + value + popIsolate
}

func isRightToLeft(r rune) bool {
	properties, _ := bidi.LookupRune(r)
	return properties.Class() == bidi.R || properties.Class() == bidi.AL
}
