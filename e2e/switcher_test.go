package e2e

import (
	"fmt"
	"testing"

	"github.com/go-rod/rod/lib/input"
	"github.com/go-rod/rod/lib/proto"

	"chatserver/chattest"
)

var newTab = proto.TargetCreateTarget{URL: "about:blank"}

var keys = map[string]input.Key{
	"ArrowDown": input.ArrowDown, "ArrowUp": input.ArrowUp, "Escape": input.Escape, "Enter": input.Enter, "k": input.KeyK,
}

// presses presses a key while modifiers are held.
func (tab *Tab) presses(ctrl, alt, shift bool, key string) {
	tab.t.Helper()
	actions := tab.page.KeyActions()
	for _, held := range []struct {
		is  bool
		key input.Key
	}{{ctrl, input.ControlLeft}, {alt, input.AltLeft}, {shift, input.ShiftLeft}} {
		if held.is {
			actions = actions.Press(held.key)
		}
	}
	actions.Type(keys[key]).MustDo()
}

// Offers waits until the switcher offers these, with the first selected.
func (tab *Tab) Offers(names ...string) {
	tab.t.Helper()
	tab.Sees(fmt.Sprintf("%q to jump to", names), `(names) => {
		const rows = [...document.querySelectorAll('[data-testid=switcher-row]')].filter((row) => row.checkVisibility());
		return JSON.stringify(rows.map((row) => row.querySelector('.switcher-name').textContent)) === JSON.stringify(names)
			&& (rows.length === 0 || rows[0].ariaSelected === 'true' && document.activeElement.getAttribute('aria-activedescendant') === rows[0].id);
	}`, append([]string{}, names...))
}

func TestAFewLettersLeadToARoomOrAPerson(t *testing.T) {
	t.Parallel()
	world, browser := chattest.NewWorld(t), NewBrowser(t)
	ann, bob := browser.Person(), browser.Person()
	ann.Size(1280, 800)
	bob.Size(360, 740)
	ann.Opens(world.URL("/"))
	ann.Connects("Ann", "")
	for _, slug := range []string{"bookings", "night-watch", "lobby"} {
		ann.GoesTo(slug)
	}
	bob.Opens(world.URL("/"))
	bob.Connects("Bøb Ödegård", "")
	ann.Members("Ann", "Bøb Ödegård")
	ann.Labelled("Message").MustInput("half a sentence")

	// The most recent room comes first; the current one comes last.
	ann.presses(true, false, false, "k")
	ann.Offers("Night watch", "Bookings", "Lobby", "Ann", "Bøb Ödegård")
	ann.presses(false, false, false, "ArrowDown")
	ann.presses(false, false, false, "Enter")
	ann.Shows("room-title", "Bookings")
	ann.Sees("the focus where one writes", `() => document.activeElement.matches('[data-testid=message-input]')`)

	ann.presses(true, false, false, "k")
	ann.page.MustInsertText("nw")
	ann.Offers("Night watch", "Open room “nw”")
	ann.presses(false, false, false, "Escape")
	ann.Sees("that it is closed", `() => !document.querySelector('dialog[open]')`)
	ann.Shows("room-title", "Bookings")
	ann.presses(true, false, false, "k")
	ann.page.MustInsertText("New Boats")
	ann.Offers("Open room “new-boats”")
	ann.presses(false, false, false, "Enter")
	ann.Shows("room-title", "New boats")
	ann.GoesTo("lobby")
	ann.presses(true, false, false, "k")
	ann.page.MustInsertText("odeg")
	ann.Offers("Bøb Ödegård", "Open room “odeg”")
	ann.page.MustEval(`() => document.addEventListener('open-person', ({ detail }) => { window.person = detail.name; }, { once: true })`)
	ann.presses(false, false, false, "Enter")
	ann.Sees("that she wants to know who he is", `() => window.person === 'Bøb Ödegård'`)
	ann.presses(true, false, false, "k")
	ann.page.MustInsertText("???")
	ann.Sees("that there is nothing", `() => document.querySelector('.switcher-none').textContent === 'No matching rooms or people'`)
	ann.presses(false, false, false, "Escape")

	// On a phone, by touch.
	bob.Button("Rooms and you").MustClick()
	bob.Sees("the drawer in its place", `() => document.querySelector('[data-testid=jump-to]').getBoundingClientRect().left >= 12`)
	bob.Part("jump-to").MustClick()
	bob.Part("switcher-query").MustInput("lob")
	bob.Offers("Lobby", "Open room “lob”")
	bob.NoSideways()
	bob.Sees("that it is as wide as the phone", `() => document.querySelector('dialog[open]').getBoundingClientRect().width === innerWidth`)
	bob.Part("switcher-row").MustClick()
	bob.Sees("that all is closed", `() => !document.querySelector('dialog[open], :popover-open')`)
}

// KeepsTints records in window.tinted the id of the message that was tinted last, because a
// tint is short.
func (tab *Tab) KeepsTints() {
	tab.t.Helper()
	tab.Evaluates(`new MutationObserver((changes) => {
		for (const { target } of changes) if (target.dataset.found !== undefined) window.tinted = target.dataset.id;
	}).observe(document, { attributeFilter: ['data-found'], subtree: true });`)
}

// Finds waits until a message was tinted and is visible; see KeepsTints.
func (tab *Tab) Finds(text string) {
	tab.t.Helper()
	tab.Sees("tinted and in view, "+text, `() => {
		const row = `+tab.Row(text)+`;
		const list = document.querySelector('[data-testid=messages]').getBoundingClientRect();
		const { top, bottom } = row?.getBoundingClientRect() ?? {};
		return row?.dataset.id === window.tinted && top >= list.top && bottom <= list.bottom;
	}`)
}

func TestAnAddressLeadsToTheMessage(t *testing.T) {
	t.Parallel()
	world, browser := chattest.NewWorld(t), NewBrowser(t)
	bot := world.Join("bot", "lobby")
	id := func(i int) string { return fmt.Sprintf("0198c5a0-7f3e-7cc2-a1b2-%012d", i) }
	for i := range 250 {
		bot.SaysUntilAcknowledged("lobby", id(i), fmt.Sprint("line ", i))
	}
	ann := browser.Person()
	ann.Size(1280, 800)
	found := `(id) => {
		const row = document.querySelector('[data-id="' + id + '"]');
		const list = document.querySelector('[data-testid=messages]').getBoundingClientRect();
		const { top, bottom } = row?.getBoundingClientRect() ?? {};
		return window.tinted === id && document.activeElement === row && Math.abs((top + bottom) / 2 - (list.top + list.bottom) / 2) < 40;
	}`

	ann.KeepsTints()

	// Into the page from a link; the message is two pages above the initial screen.
	ann.Opens(world.URL("/rooms/lobby#" + id(30)))
	ann.Connects("Ann", "")
	ann.Sees("line 30 in the middle", found, id(30))
	ann.Sees("that it is not tinted for long", `() => !document.querySelector('[data-found]')`)

	// By a link in a message, and back, without loading the page.
	ann.page.MustEval(`() => { window.sameLoad = true; }`)
	ann.GoesTo("other")
	ann.page.MustEval(`(id) => document.querySelector('chat-room').open('lobby', id)`, id(200))
	ann.Sees("line 200 in the middle", found, id(200))
	ann.Sees("its address", `(id) => location.pathname === '/' && location.hash === '#' + id`, id(200))
	ann.page.MustNavigateBack()
	ann.Shows("room-title", "Other")
	ann.page.MustEval(`() => { window.tinted = ''; }`)
	ann.page.MustNavigateForward()
	ann.Sees("line 200 again", found, id(200))

	ann.page.MustEval(`(id) => document.querySelector('chat-room').open('lobby', id)`, "0198c5a0-7f3e-7cc2-a1b2-999999999999")
	ann.Sees("that it is gone", `() => document.querySelector('.trouble').textContent === 'This message is no longer available.'`)
	ann.Sees("the page as it was loaded", `() => window.sameLoad`)
}
