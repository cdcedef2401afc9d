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
	"strings"

	"golang.org/x/text/language"
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
	Script json.RawMessage   `json:"script"`
	Errors map[string]string `json:"errors"`
}

var (
	all     = load()
	matcher = language.NewMatcher(tags())
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

func tags() []language.Tag {
	list := make([]language.Tag, len(all))
	for i, l := range all {
		list[i] = language.MustParse(l.Tag)
	}
	return list
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
	return fill(text, pairs), nil
}

// Script is what the page's modules say, as JSON that may stand in a page.
func (l *Locale) Script() string { return string(l.script) }

// Sentence is a refusal in this language, by the English format that it is made
// of; English if nobody translated it.
func (l *Locale) Sentence(format string, args ...any) string {
	if translated, known := l.errors[format]; known {
		format = translated
	}
	return fmt.Sprintf(format, args...)
}

// fill puts in all at once: braces in what is put in are only text.
func fill(text string, pairs []any) string {
	instead := make([]string, 0, len(pairs))
	for i := 0; i+1 < len(pairs); i += 2 {
		instead = append(instead, fmt.Sprintf("{%v}", pairs[i]), fmt.Sprint(pairs[i+1]))
	}
	return strings.NewReplacer(instead...).Replace(text)
}
