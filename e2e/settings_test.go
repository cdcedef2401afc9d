package e2e

import (
	"testing"

	"github.com/go-rod/rod/lib/input"
	"github.com/go-rod/rod/lib/proto"

	"chatserver/chattest"
)

// Another opens a second tab of the same person.
func (b *Browser) Another(tab *Tab) *Tab {
	b.t.Helper()
	page, err := tab.page.Browser().Page(proto.TargetCreateTarget{URL: "about:blank"})
	if err != nil {
		b.t.Fatal(err)
	}
	return b.watch(page)
}

// Front brings the tab to the front: hidden tabs draw nothing.
func (tab *Tab) Front() {
	tab.t.Helper()
	if _, err := tab.page.Activate(); err != nil {
		tab.t.Fatal(err)
	}
}

// LoadsAnew waits until an action has reloaded the page.
func (tab *Tab) LoadsAnew(act func()) {
	tab.t.Helper()
	wait := tab.page.WaitNavigation(proto.PageLifecycleEventNameLoad)
	act()
	wait()
}

// Chooses clicks an item of the room's menu.
func (tab *Tab) Chooses(item string) {
	tab.t.Helper()
	tab.Button("Room menu").MustClick()
	tab.Button(item).MustClick()
}

// Ticks clicks the control with a label.
func (tab *Tab) Ticks(label string) {
	tab.t.Helper()
	tab.find("the choice "+label, `(label) => [...document.querySelectorAll('dialog[open] label')].find((l) => l.textContent.trim() === label)`, label).MustClick()
}

// Presses presses keys without modifiers.
func (tab *Tab) Presses(keys ...input.Key) {
	tab.t.Helper()
	tab.page.KeyActions().Type(keys...).MustDo()
}

const storageIsFull = `() => { Storage.prototype.setItem = () => { throw new DOMException('full', 'QuotaExceededError'); }; }`

func TestSettingsApplyAtOnceInEveryTab(t *testing.T) {
	t.Parallel()
	world, browser := chattest.NewWorld(t), NewBrowser(t)
	ann := browser.Person()
	ann.Size(1280, 800)
	ann.Opens(world.URL("/"))
	ann.Connects("Ann", "")
	ann.Says("hello")
	ann.Hears("Ann: hello")
	beside := browser.Another(ann)
	beside.Opens(world.URL("/"))
	ann.Front()

	ann.Chooses("Settings…")
	ann.Ticks("Dark")
	ann.Sees("that it is saved, in its place", `() => {
		const said = document.querySelector('[data-says=theme]');
		return said.innerText === 'Saved' && said.tagName === 'OUTPUT' && document.querySelector('[data-says=density]').innerText === '';
	}`)
	const isDark = `() => getComputedStyle(document.body).backgroundColor === 'rgb(29, 27, 24)'
		&& [...document.querySelectorAll('meta[name=theme-color]')].every((meta) => meta.content === '#1d1b18')
		&& document.querySelector('meta[name=color-scheme]').content === 'dark'`
	ann.Sees("the dark", isDark)
	beside.Sees("the dark", isDark)
	if !ann.page.MustEval(`async () => {
		const page = new DOMParser().parseFromString(await (await fetch('/')).text(), 'text/html');
		return page.documentElement.dataset.bsTheme === 'dark' && page.querySelector('meta[name=color-scheme]').content === 'dark'
			&& [...page.querySelectorAll('meta[name=theme-color]')].every((meta) => meta.content === '#1d1b18');
	}`).Bool() {
		t.Error("before any script has run it is not dark")
	}
	ann.Ticks("System")
	ann.Sees("the system's own", `() => document.documentElement.dataset.bsTheme === undefined && document.querySelector('meta[name=color-scheme]').content === 'light dark'`)

	ann.Ticks("Compact")
	ann.Sees("smaller pictures", `() => document.querySelector('.message .avatar').getBoundingClientRect().width === 28`)
	ann.Ticks("Cosy")
	ann.Sees("larger pictures", `() => document.querySelector('.message .avatar').getBoundingClientRect().width === 36`)
	ann.Ticks("Show join and leave messages")
	ann.Button("Close").MustClick()
	ann.Sees("the same in the menu", `() => document.querySelector('[data-testid=hide-notes]').ariaChecked === 'true'`)
	ann.Chooses("Hide join and leave messages")
	ann.Sees("them shown again", `() => document.querySelector('#setting-notes').checked && document.querySelector('[data-testid=hide-notes]').ariaChecked === 'false'`)
}

// No setting looks changed that could not be stored.
func TestASettingThatCannotBeStoredIsReverted(t *testing.T) {
	t.Parallel()
	world, browser := chattest.NewWorld(t), NewBrowser(t)
	ann := browser.Person()
	ann.Size(1280, 800)
	ann.Opens(world.URL("/"))
	ann.Connects("Ann", "")
	ann.page.MustEval(storageIsFull)
	ann.Chooses("Settings…")
	ann.Ticks("Dark")
	ann.Shows("settings", "Couldn’t save.")
	ann.Sees("what was chosen before", `() => document.querySelector('[name=theme]:checked').value === 'system' && !document.documentElement.dataset.bsTheme`)
	ann.Ticks("Keyboard shortcuts")
	ann.Sees("them still on", `() => document.querySelector('#setting-shortcuts').checked`)
	ann.Button("Close").MustClick()
	ann.Chooses("Hide join and leave messages")
	ann.Shows("menu-trouble", "Couldn’t save")
	ann.Sees("them not hidden", `() => document.querySelector('[data-testid=hide-notes]').ariaChecked === 'false'`)
}

func TestAnotherLanguageLoadsThePageAndKeepsWhatIsWritten(t *testing.T) {
	t.Parallel()
	world, browser := chattest.NewWorld(t), NewBrowser(t)
	ann := browser.Person()
	ann.Opens(world.URL("/"))
	ann.Connects("Ann", "")
	ann.Labelled("Message").MustInput("half a sentence")
	ann.Chooses("Settings…")
	ann.LoadsAnew(func() { ann.Labelled("Language").MustSelect("English") })
	ann.Sees("what was chosen, for the server", `() => document.cookie.includes('language=en')`)
	ann.Shows("status", "Connected")
	ann.Written("half a sentence")
}
