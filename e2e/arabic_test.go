package e2e

import (
	"testing"

	"chatserver/chattest"
)

// A page has its reader's language and direction, independently of
// other readers.
func TestThePageSpeaksArabic(t *testing.T) {
	t.Parallel()
	world, browser := chattest.NewWorld(t), NewBrowser(t)
	browser.Expect("409")
	layla, ann := browser.Person(), browser.Person()
	layla.Size(360, 740)
	layla.Speaks("ar")
	ann.Opens(world.URL("/"))
	ann.Connects("Ann", "")

	layla.Opens(world.URL("/"))
	layla.Sees("a page from the right", `() => document.documentElement.lang === 'ar' && getComputedStyle(document.body).direction === 'rtl'`)
	layla.Labelled("Name").MustInput("Ann")
	layla.Button("Connect").MustClick()
	layla.Sees("in Arabic why she cannot be Ann", `() => /[\u0600-\u06FF]/.test(document.getElementById('name-error').textContent)`)
	layla.NoSideways()
	layla.Labelled("Name").MustSelectAllText().MustInput("ليلى")
	layla.Button("Connect").MustClick()
	layla.Labelled("Message").MustInput("مرحبا")
	layla.Part("send").MustClick()

	ann.Hears("ليلى: مرحبا")
	ann.Sees("a page from the left", `() => document.documentElement.lang === 'en' && getComputedStyle(document.body).direction === 'ltr'`)
	ann.Sees("an Arabic message from the right", `() => getComputedStyle(document.querySelector('.message-text > p')).direction === 'rtl'`)
	ann.Says("hello")
	layla.Hears("ليلى: مرحبا", "Ann: hello")
	layla.Sees("an English message from the left", `() => getComputedStyle([...document.querySelectorAll('.message-text > p')].at(-1)).direction === 'ltr'`)
	layla.Sees("the rooms at the right", `() => { const button = document.querySelector('.room-header-rooms').getBoundingClientRect(); return button.left > innerWidth / 2; }`)
	layla.NoSideways()
}

// Arabic has six plural forms in CLDR.
func TestArabicCountsInSixForms(t *testing.T) {
	t.Parallel()
	world, browser := chattest.NewWorld(t), NewBrowser(t)
	tab := browser.Person()
	tab.Speaks("ar")
	tab.Opens(world.URL("/"))
	wrong := tab.Imports(`({ say }) => {
		const forms = [0, 1, 2, 3, 11, 100].map((n) => say('header.count', { n }).replace(/[\d\u0660-\u0669]+/g, '#'));
		const names = say('notes.joined', { names: 'Ann', n: 1 });
		return [new Set(forms).size === 6 ? '' : forms.join(' / '), names.includes('\u2068Ann\u2069') ? '' : names].filter(Boolean).join('; ');
	}`, "lib/words.js")
	if wrong != "" {
		t.Error(wrong)
	}
}
