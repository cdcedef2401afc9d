// Package locales holds what the product says to people, one file a language. A sentence has
// a key; what is put into it stands in braces, and one that depends on a number has a form
// for each plural category of its language (CLDR):
//
//	"greeting": "Hello, {name}"
//	"new": {"one": "{n} new", "other": "{n} new"}
//
// English is the one that is complete by definition: a test compares the others with it.
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

// Files are the catalogues as they are written, TAG.json.
//
//go:embed *.json
var Files embed.FS

// Locale is one language.
type Locale struct {
	Tag  string // BCP 47, such as en
	Name string // in its own language
	Dir  string // ltr or rtl

	page   map[string]string
	script json.RawMessage
	errors map[string]string
}

// file is how a locale is written. The words of page are for the templates,
// those of script for the modules, and errors has the translation of every
// sentence that a door may refuse with, by the English format that made it.
type file struct {
	Name   string            `json:"name"`
	Dir    string            `json:"dir"`
	Page   map[string]string `json:"page"`
	Script map[string]any    `json:"script"`
	Errors map[string]string `json:"errors"`
}

// The isolates of UAX #9 around what is put into a sentence.
const firstStrongIsolate, popIsolate = "\u2068", "\u2069"

var (
	all     = load()
	matcher = newMatcher()
)

// load reads the files; English comes first, as what is spoken to whoever has
// none of the others. A broken file is a broken build, and a test sees it.
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
	// The modules look up what the server refuses with as it comes. What is made
	// of values they cannot find, and the server says it in English.
	for format, translated := range f.Errors {
		if !strings.Contains(format, "%") {
			f.Script[format] = translated
		}
	}
	// Written anew without blanks, and so that it can stand inside a page.
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

// All are the languages there are, English first.
func All() []*Locale { return all }

// Match is the language for somebody: the one they chose, if there is such a
// one, else the best for what their browser accepts (RFC 9110 §12.5.4), else
// English.
func Match(chosen, accepted string) *Locale {
	_, i := language.MatchStrings(matcher, chosen, accepted)
	return all[i]
}

// Say is a sentence of the page, with the values of pairs ("name", "Ann") put
// in. An unknown key is an error, so that no page is shown with a hole.
func (l *Locale) Say(key string, pairs ...any) (string, error) {
	text, known := l.page[key]
	if !known {
		return "", fmt.Errorf("there is no sentence %q in %s", key, l.Tag)
	}
	return l.fill(text, pairs), nil
}

// Script is what the page's modules say, as JSON that may stand in a page.
func (l *Locale) Script() string { return string(l.script) }

// Sentence is a refusal in this language, by the English format that it is made
// of; English if nobody translated it.
func (l *Locale) Sentence(format string, args ...any) string {
	if translated, known := l.errors[format]; known {
		format = translated
	} else if l.Tag == PseudoTag {
		format = pseudoOf(format)
	}
	return fmt.Sprintf(format, args...)
}

// Named returns what is put into a sentence with every string isolated (FSI and PDI of
// UAX #9), in any language: views and static/js/lib/sentence.js find names, addresses, and code in
// the sentence by that.
func Named(args []any) []any {
	named := slices.Clone(args)
	for i, arg := range named {
		if text, is := arg.(string); is {
			named[i] = firstStrongIsolate + text + popIsolate
		}
	}
	return named
}

// fill puts in all at once: braces in what is put in are only text.
func (l *Locale) fill(text string, pairs []any) string {
	instead := make([]string, 0, len(pairs))
	for i := 0; i+1 < len(pairs); i += 2 {
		instead = append(instead, fmt.Sprintf("{%v}", pairs[i]), l.isolated(fmt.Sprint(pairs[i+1])))
	}
	return strings.NewReplacer(instead...).Replace(text)
}

// isolated keeps a name that is written the other way from moving the words
// around it (FSI and PDI of UAX #9), as static/js/lib/formats.js does.
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
