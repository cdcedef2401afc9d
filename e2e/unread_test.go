package e2e

import (
	"fmt"
	"testing"

	"chatserver/chattest"
)

// Unread waits until the room list shows these counts, such as "Bookings 4", or "Harbour
// map @2" with a mention. Other rooms have nothing unread.
func (tab *Tab) Unread(rooms ...string) {
	tab.t.Helper()
	tab.Sees(fmt.Sprintf("%q unread", rooms), `(rooms) => {
		const shown = [...document.querySelectorAll('[data-testid=room-link]')].filter((row) => row.querySelector('[data-testid=unread]').checkVisibility());
		const said = shown.map((row) => row.querySelector('.room-row-title').textContent + ' ' + (row.hasAttribute('data-mentioned') ? '@' : '') + row.querySelector('[data-testid=unread]').textContent);
		return JSON.stringify(said) === JSON.stringify(rooms);
	}`, append([]string{}, rooms...))
}

// Titled waits until the page's title is this.
func (tab *Tab) Titled(title string) {
	tab.t.Helper()
	tab.Sees("the title "+title, `(title) => document.title === title`, title)
}

// Reads does what the list does after the newest message was visible long enough.
func (tab *Tab) Reads() {
	tab.t.Helper()
	tab.Imports(`({ readPositions }) => {
		const { socket, room } = document.querySelector('chat-room');
		readPositions.read(room, socket.room(room).record.last);
	}`, "model/read-positions.js")
}

// Again opens another tab of the same person.
func (b *Browser) Again(tab *Tab) *Tab {
	b.t.Helper()
	page, err := tab.page.Browser().Page(newTab)
	if err != nil {
		b.t.Fatal(err)
	}
	return b.watch(page)
}

// GoesTo opens a room, known or new, by its address.
func (tab *Tab) GoesTo(slug string) {
	tab.t.Helper()
	tab.page.MustEval(`(slug) => document.querySelector('chat-room').open(slug)`, slug)
	tab.Sees("the room "+slug, `(slug) => document.querySelector('chat-room').socket.room(slug)?.here`, slug)
}

func TestMessagesOfOthersInOtherRoomsAreUnread(t *testing.T) {
	t.Parallel()
	world, browser := chattest.NewWorld(t), NewBrowser(t)
	ann, bob := browser.Person(), browser.Person()
	ann.Size(1280, 800)
	ann.Opens(world.URL("/"))
	ann.Connects("Ann", "")
	ann.GoesTo("bookings")
	ann.GoesTo("map")
	bob.Opens(world.URL("/rooms/bookings"))
	bob.Connects("Bob", "")
	bob.GoesTo("map")
	bob.GoesTo("bookings")

	// Joins are not unread, and neither are Ann's own messages. Bob's messages are.
	ann.Members("Ann", "Bob")
	ann.Titled("Map · chatserver")
	ann.Unread()
	bob.Says("one")
	bob.Says("two")
	ann.Unread("Bookings 2")
	ann.Titled("(2) Map · chatserver")
	ann.Says("mine")
	ann.Hears("Ann: mine")
	ann.Labelled("Message").MustInput("half a sentence")
	ann.GoesTo("lobby")
	bob.Says("and `@ann` in code is nobody")
	ann.Unread("Bookings 3")
	bob.Says("but @ANN, look")
	ann.Unread("Bookings @4")
	ann.Sees("what it is called", `() => {
		const name = (room) => document.querySelector('.room-row[data-room=' + room + ']').ariaLabel;
		return name('bookings') === 'Bookings, 4 unread, you are mentioned' && name('map') === 'Map, with a draft' && name('lobby') === 'Lobby';
	}`)
	ann.Titled("(4) chatserver")
	ann.Sees("the dot", `() => document.querySelector('link[rel=icon]').href.endsWith('/favicon-dot.svg')`)
	if status := ann.page.MustEval(`async () => (await fetch(document.querySelector('link[rel=icon]').href)).status`).Int(); status != 200 {
		t.Errorf("the dot is missing: %d", status)
	}

	// She returns in another tab: what is unread is unread there as well, until it is read
	// in one of them.
	ann.Reloads()
	ann.Shows("status", "Connected")
	ann.Unread("Bookings @4")
	again := browser.Again(ann)
	again.Size(1280, 800)
	again.Opens(world.URL("/"))
	again.Shows("status", "Connected")
	again.Unread("Bookings @4")
	again.Link("Bookings").MustClick()
	again.Hears("Bob: one", "Bob: two", "Bob: and `@ann` in code is nobody", "Bob: but @ANN, look")
	again.Reads()
	again.Unread()
	ann.Unread()
	ann.Titled("chatserver")
	ann.Sees("no dot", `() => document.querySelector('link[rel=icon]').href.endsWith('/favicon.svg')`)
}

func TestAReopenedOrLeftRoomIsNotUnread(t *testing.T) {
	t.Parallel()
	world, browser := chattest.NewWorld(t), NewBrowser(t)
	ann, bob := browser.Person(), browser.Person()
	ann.Size(1280, 800)
	bob.Opens(world.URL("/rooms/old"))
	bob.Connects("Bob", "")
	for i := range 3 {
		bob.Says(fmt.Sprint("before ", i))
	}
	bob.Hears("Bob: before 0", "Bob: before 1", "Bob: before 2")
	ann.Opens(world.URL("/"))
	ann.Connects("Ann", "")
	ann.Link("Old").MustClick()
	ann.Hears("Bob: before 2")
	ann.Unread()
	ann.GoesTo("lobby")
	bob.Says("after")
	ann.Unread("Old 1")

	// She is no longer subscribed to a room, because she has visited others since: the room
	// list has its count.
	ann.page.MustEval(`() => localStorage.setItem('chatserver.visited', '["lobby"]')`)
	ann.Reloads()
	ann.Shows("status", "Connected")
	ann.Unread("Old 1")
	ann.Sees("that she is in the lobby only", `() => document.querySelector('chat-room').socket.rooms.join() === 'lobby'`)
	ann.GoesTo("old")
	ann.GoesTo("lobby")
	ann.Unread("Old 1")

	// Large counts are not exact.
	bot := world.Join("bot", "old")
	for i := range 100 {
		bot.SaysUntilAcknowledged("old", fmt.Sprintf("0198c5a0-7f3e-7cc2-a1b2-%012d", i), "again")
	}
	ann.Unread("Old 99+")

	ann.page.MustEval(`() => document.querySelector('room-list').dispatchEvent(new CustomEvent('leave-room', { bubbles: true, detail: 'old' }))`)
	ann.Unread()
	bob.Says("without her")
	bob.Members("Bob", "bot")
	ann.Reloads()
	ann.Shows("status", "Connected")
	ann.Unread()
	ann.Sees("that she is in the lobby only", `() => document.querySelector('chat-room').socket.rooms.join() === 'lobby'`)
}

func TestKeysLeadFromRoomToRoom(t *testing.T) {
	t.Parallel()
	world, browser := chattest.NewWorld(t), NewBrowser(t)
	ann, bob := browser.Person(), browser.Person()
	ann.Size(1280, 800)
	ann.Opens(world.URL("/"))
	ann.Connects("Ann", "")
	for _, slug := range []string{"atlas", "boats", "chairs", "lobby"} {
		ann.GoesTo(slug)
	}
	bob.Opens(world.URL("/rooms/chairs"))
	bob.Connects("Bob", "")
	bob.Says("anybody?")
	ann.Unread("Chairs 1")
	// For her page no time passes, so that nothing is read by being looked at.
	ann.page.MustEval(`() => { const now = performance.now(); performance.now = () => now; }`)

	ann.presses(false, true, false, "ArrowDown")
	ann.Shows("room-title", "Atlas")
	ann.presses(false, true, false, "ArrowUp")
	ann.Shows("room-title", "Lobby")
	ann.presses(false, true, false, "ArrowUp") // there is none above
	ann.Shows("room-title", "Lobby")
	ann.presses(false, true, true, "ArrowDown")
	ann.Shows("room-title", "Chairs")
	ann.Hears("Bob: anybody?")

	// While something is open, Esc only closes that, and marks nothing as read.
	position := `() => localStorage.getItem('chatserver.read.chairs')`
	ann.Button("Room menu").MustClick()
	ann.presses(false, false, false, "Escape")
	if got := ann.page.MustEval(position).Str(); got != "0" {
		t.Errorf("read up to %s before she read it", got)
	}
	ann.Sees("no menu", `() => !document.querySelector(':popover-open')`)
	ann.presses(false, false, false, "Escape")
	ann.Sees("that the room is read", `() => localStorage.getItem('chatserver.read.chairs') === '1'`)
	ann.presses(false, true, true, "ArrowUp") // nothing is unread
	ann.Shows("room-title", "Chairs")

	ann.Imports(`({ settings }) => { settings.set('shortcuts', 'off'); }`, "lib/settings.js")
	ann.presses(false, true, false, "ArrowUp")
	ann.Shows("room-title", "Chairs")
	ann.settle()
	ann.Shows("room-title", "Chairs")
}
