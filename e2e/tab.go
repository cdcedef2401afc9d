package e2e

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/go-rod/rod"
	"github.com/go-rod/rod/lib/cdp"
	"github.com/go-rod/rod/lib/proto"

	"chatserver/chattest"
)

// Tab is a browser tab of one person.
type Tab struct {
	t     testing.TB
	page  *rod.Page
	words map[string][]string // by the English ones, if the page has another language: see Speaks
}

// in returns the possible translations of an English sentence into the tab's language.
func (tab *Tab) in(english string) []string {
	if words, known := tab.words[english]; known {
		return words
	}
	return []string{english}
}

// Size sets the tab's width and height.
func (tab *Tab) Size(width, height int) {
	tab.t.Helper()
	tab.page.MustSetViewport(width, height, 1, width < 768)
}

// Opens opens a URL and waits for the page.
func (tab *Tab) Opens(url string) {
	tab.t.Helper()
	if err := tab.page.Navigate(url); err != nil {
		tab.t.Fatalf("open %s: %v", url, err)
	}
	if err := tab.page.WaitLoad(); err != nil {
		tab.t.Fatalf("open %s: %v", url, err)
	}
}

// HasKey sets the tab's guest key before it opens the world's page.
func (tab *Tab) HasKey(world *chattest.World, key string) {
	tab.t.Helper()
	if err := tab.page.SetCookies([]*proto.NetworkCookieParam{{Name: "chat_guest", Value: key, URL: world.URL("/"), HTTPOnly: true}}); err != nil {
		tab.t.Fatal(err)
	}
}

// Reloads loads the page again.
func (tab *Tab) Reloads() {
	tab.t.Helper()
	if err := tab.page.Reload(); err != nil {
		tab.t.Fatalf("reload: %v", err)
	}
	if err := tab.page.WaitLoad(); err != nil {
		tab.t.Fatalf("reload: %v", err)
	}
}

// Labelled returns the field with a label, found by its words as people find it.
func (tab *Tab) Labelled(label string) *rod.Element {
	tab.t.Helper()
	return tab.find("the field "+label, `(labels) => {
		const fits = [...document.querySelectorAll('label')].filter((l) => labels.includes(l.textContent.replace(/\s+/g, ' ').trim()));
		return fits.length === 1 ? fits[0].control : null;
	}`, tab.in(label))
}

// Filled waits until the field with a label has this value.
func (tab *Tab) Filled(label, value string) {
	tab.t.Helper()
	field := tab.Labelled(label)
	if err := field.Timeout(chattest.Patience).Wait(rod.Eval(`(value) => this.value === value`, value)); err != nil {
		tab.t.Fatalf("%s is not %q: %v, but %q", label, value, err, field.MustProperty("value").Str())
	}
}

// Button returns the visible button with this name, which must be the only one.
func (tab *Tab) Button(name string) *rod.Element {
	tab.t.Helper()
	return tab.find("the button "+name, `(names) => {
		const shown = [...document.querySelectorAll('button')].filter((b) =>
			names.includes((b.ariaLabel ?? b.textContent).replace(/\s+/g, ' ').trim()) && b.checkVisibility({ visibilityProperty: true }));
		return shown.length === 1 ? shown[0] : null;
	}`, tab.in(name))
}

// Part returns the element with a test id.
func (tab *Tab) Part(id string) *rod.Element {
	tab.t.Helper()
	return tab.find(id, `(id) => document.querySelector('[data-testid="' + id + '"]')`, id)
}

func (tab *Tab) find(what, js string, args ...any) *rod.Element {
	tab.t.Helper()
	var found *rod.Element
	err := tab.persists(func(page *rod.Page) (err error) {
		found, err = page.ElementByJS(rod.Eval("(...args) => ("+js+")(...args) ?? null", args...)) // rod does not wait for undefined
		return err
	})
	if err != nil {
		tab.t.Fatalf("%s is not there: %v\n%s", what, err, tab.page.MustEval(`() => document.body.innerText`))
	}
	return found.CancelTimeout()
}

// persists waits for something in the page, and goes on waiting if another page takes its
// place: the browser then answers with an error what it was asked about the former one.
func (tab *Tab) persists(waits func(*rod.Page) error) error {
	page := tab.page.Timeout(chattest.Patience)
	for {
		err := waits(page)
		if err == nil || !strings.Contains(err.Error(), "Inspected target navigated or closed") && !errors.Is(err, cdp.ErrCtxDestroyed) && !errors.Is(err, cdp.ErrCtxNotFound) {
			return err
		}
	}
}

// Sees waits until a piece of JavaScript is true.
func (tab *Tab) Sees(what, js string, args ...any) {
	tab.t.Helper()
	if err := tab.persists(func(page *rod.Page) error { return page.Wait(rod.Eval(js, args...)) }); err != nil {
		tab.t.Fatalf("%s is not visible: %v\n%s", what, err, tab.page.MustEval(`() => document.body.innerText`))
	}
}

// Shows waits until a part shows a text.
func (tab *Tab) Shows(id, text string) {
	tab.t.Helper()
	tab.Sees(fmt.Sprintf("%q in %s", text, id), `(id, texts) => {
		const part = document.querySelector('[data-testid="' + id + '"]');
		return part !== null && part.checkVisibility() && texts.some((text) => part.innerText.replace(/\s+/g, ' ').includes(text));
	}`, id, tab.in(text))
}

// Hears waits until these are the last messages.
func (tab *Tab) Hears(lines ...string) {
	tab.t.Helper()
	tab.Sees(fmt.Sprintf("%q", lines), `(lines) => {
		const heard = [...document.querySelectorAll('[data-testid=message]:not([data-state])')].map(({ dataset }) => dataset.from + ': ' + dataset.text);
		return JSON.stringify(heard.slice(-lines.length)) === JSON.stringify(lines);
	}`, lines)
}

// Writes waits until these are the pending messages.
func (tab *Tab) Writes(texts ...string) {
	tab.t.Helper()
	tab.Sees(fmt.Sprintf("%q to be sent", texts), `(texts) => {
		const waiting = [...document.querySelectorAll('[data-testid=message][data-state]')].map((row) => row.querySelector('[data-testid=message-text]').textContent);
		return JSON.stringify(waiting) === JSON.stringify(texts);
	}`, append([]string{}, texts...))
}

// Members waits until these are in the room, in the order in which they joined.
func (tab *Tab) Members(names ...string) {
	tab.t.Helper()
	tab.Sees(fmt.Sprintf("%q as members", names), `(names) => {
		const members = [...document.querySelectorAll('[data-testid=member] .member-name')].map((name) => name.textContent);
		return JSON.stringify(members) === JSON.stringify(names);
	}`, names)
}

// Notes waits until this is the last join or leave notice.
func (tab *Tab) Notes(text string) {
	tab.t.Helper()
	tab.Sees(fmt.Sprintf("%q", text), `(text) => [...document.querySelectorAll('[data-testid=notes]')].at(-1)?.textContent === text`, text)
}

// Link returns the link to a room in the room list.
func (tab *Tab) Link(title string) *rod.Element {
	tab.t.Helper()
	return tab.find("the room "+title, `(title) => [...document.querySelectorAll('[data-testid=room-link]')].find((link) => link.querySelector('.room-row-title').textContent === title)`, title)
}

// Connects fills in the form and joins the room.
func (tab *Tab) Connects(name, age string) {
	tab.t.Helper()
	tab.Labelled("Name").MustSelectAllText().MustInput(name)
	tab.Labelled("Age (optional)").MustSelectAllText().MustInput(age)
	tab.Button("Connect").MustClick()
	tab.Shows("status", "Connected")
}

// Says types a message and presses Enter.
func (tab *Tab) Says(text string) {
	tab.t.Helper()
	tab.Labelled("Message").MustInput(text)
	tab.page.KeyActions().Press('\r').MustDo()
}

// NoSideways checks that nothing is wider than the screen.
func (tab *Tab) NoSideways() {
	tab.t.Helper()
	if !tab.page.MustEval(`() => document.documentElement.scrollWidth <= innerWidth`).Bool() {
		tab.t.Error("the page is wider than the screen")
	}
}

// Imports runs a JavaScript function with modules of the page, so that pure code is
// tested in a browser. A module with state is the one that the page runs, if js/app.js
// exports it; any other is loaded from its source.
func (tab *Tab) Imports(js string, modules ...string) string {
	tab.t.Helper()
	result, err := tab.page.Eval(`async (names) => {
		const { src } = document.querySelector('script[type=module]');
		const program = await import(src);
		const modules = await Promise.all(names.map((name) => program[name.replace(/.*\//, '').replace('.js', '').replace(/-(.)/g, (_, next) => next.toUpperCase())] ?? import(new URL(name, src))));
		return String(await (`+js+`)(...modules));
	}`, modules)
	if err != nil {
		tab.t.Fatalf("%v: %v", modules, err)
	}
	return result.Value.Str()
}

// part is a promise of the page's modules, as JavaScript that gets the modules and
// returns a description of what is wrong.
type part struct {
	name    string
	js      string
	modules []string
}

// keepTheirPromises checks parts of the page separately from it.
func keepTheirPromises(t *testing.T, parts []part) {
	t.Helper()
	world, browser := chattest.NewWorld(t), NewBrowser(t)
	tab := browser.Person()
	tab.Opens(world.URL("/"))
	for _, part := range parts {
		if wrong := tab.Imports(part.js, part.modules...); wrong != "" {
			t.Errorf("%s: %s", part.name, wrong)
		}
	}
}

// settle waits for a frame, because some things are drawn only once a frame.
func (tab *Tab) settle() {
	tab.page.MustEval(`() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))`)
}
