package e2e

import (
	"encoding/json"
	"io/fs"
	"testing"

	"github.com/go-rod/rod/lib/proto"

	"chatserver/locales"
)

// Speaks sets the browser's language. Tests continue to name labels and buttons in
// English.
func (tab *Tab) Speaks(tag string) {
	tab.t.Helper()
	version, err := proto.BrowserGetVersion{}.Call(tab.page)
	if err != nil {
		tab.t.Fatal(err)
	}
	if err := (proto.EmulationSetUserAgentOverride{UserAgent: version.UserAgent, AcceptLanguage: tag}).Call(tab.page); err != nil {
		tab.t.Fatal(err)
	}
	tab.words = translations(tab.t, tag)
}

// ConnectsInAnyLanguage connects without an age.
func (tab *Tab) ConnectsInAnyLanguage(name string) {
	tab.t.Helper()
	tab.Labelled("Name").MustSelectAllText().MustInput(name)
	tab.Button("Connect").MustClick()
	tab.Sees("a connection", `() => document.querySelector('connection-status').dataset.state === 'connected'`)
}

// translations maps the English sentences of the page to a language's; an English one
// may have several.
func translations(t testing.TB, tag string) map[string][]string {
	t.Helper()
	words := map[string][]string{}
	english, other := locales.Match("en", ""), locales.Match(tag, "")
	if other.Tag != tag {
		t.Fatalf("there is no language %s", tag)
	}
	content, err := fs.ReadFile(locales.Files, "en.json")
	if err != nil {
		t.Fatal(err)
	}
	var catalogue struct {
		Page map[string]string `json:"page"`
	}
	if err := json.Unmarshal(content, &catalogue); err != nil {
		t.Fatal(err)
	}
	for key, text := range catalogue.Page {
		said, err := other.Say(key)
		if err != nil {
			t.Fatal(err)
		}
		words[text] = append(words[text], said)
	}
	from, to := script(t, english), script(t, other)
	for key, text := range from {
		if english, ok := text.(string); ok {
			said, _ := to[key].(string)
			words[english] = append(words[english], said)
		}
	}
	return words
}

func script(t testing.TB, l *locales.Locale) map[string]any {
	t.Helper()
	var words map[string]any
	if err := json.Unmarshal([]byte(l.Script()), &words); err != nil {
		t.Fatal(err)
	}
	return words
}
