package e2e

import (
	"fmt"
	"testing"

	"chatserver/chattest"
)

// Unread waits until the list of rooms shows these, such as "Bookings 4"; a
// mention is marked as such: "Harbour map @2". The others have nothing unread.
func (tab *Tab) Unread(rooms ...string) {
	tab.t.Helper()
	tab.Sees(fmt.Sprintf("%q unread", rooms), `(rooms) => {
		const shown = [...document.querySelectorAll('[data-testid=room-link]')].filter((row) => row.querySelector('[data-testid=unread]').checkVisibility());
		const said = shown.map((row) => row.querySelector('.room-row-title').textContent + ' ' + (row.hasAttribute('data-mentioned') ? '@' : '') + row.querySelector('[data-testid=unread]').textContent);
		return JSON.stringify(said) === JSON.stringify(rooms);
	}`, append([]string{}, rooms...))
}

// Titled waits until the browser's tab says this.
func (tab *Tab) Titled(title string) {
	tab.t.Helper()
	tab.Sees("the title "+title, `(title) => document.title === title`, title)
}

// Reads does what the list does once the newest message was before the eyes.
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

// Checklist 13 (the mark), 73; wishes 2.
func TestUnreadIsWhatOthersSaidInOtherRooms(t *testing.T) {
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

	// Bob came into two rooms, which is nothing to read. What he says is, and what Ann says is not.
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
		t.Errorf("the dot is not there: %d", status)
	}

	// She comes back, with another tab: what is unread is unread there, too, until it is read in one.
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

func TestARoomThatIsOpenedAnewOrLeftIsNotUnread(t *testing.T) {
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

	// A room that she does not hear any more, because she visited others since: the list tells.
	ann.page.MustEval(`() => localStorage.setItem('chatserver.visited', '["lobby"]')`)
	ann.Reloads()
	ann.Shows("status", "Connected")
	ann.Unread("Old 1")
	ann.Sees("that she is in the lobby only", `() => document.querySelector('chat-room').socket.rooms.join() === 'lobby'`)
	ann.GoesTo("old")
	ann.GoesTo("lobby")
	ann.Unread("Old 1")

	// Many are only many.
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

// Whatever is said, edited, read and loaded: what is unread is what a reader
// who knows everything would count.
func TestUnreadIsCountedExactly(t *testing.T) {
	t.Parallel()
	keepTheirPromises(t, []part{
		{"unread is what others said after the read position", `({ standingOf }, { RoomRecord }) => {
			let state = 42;
			const random = (n) => (state = (state * 1103515245 + 12345) % 2147483648) % n;
			for (let round = 0; round < 300; round++) {
				const record = new RoomRecord();
				const all = [];
				let [rev, read] = [0, -1];
				record.begin({ rev, messages: [] });
				read = 0;
				for (let step = 0; step < 60; step++) {
					const what = random(10);
					if (what < 5) {
						const message = { id: 'm' + ++rev, seq: rev, rev, from: random(3) ? 'Bob' : 'Ann', text: random(4) ? 'x' : '@ann', at: '' };
						all.push(message);
						record.cover({ since: rev - 1, rev, messages: [message] });
					} else if (what === 5 && all.length) {
						const at = random(all.length);
						all[at] = { ...all[at], rev: ++rev, text: 'edited' };
						record.cover({ since: rev - 1, rev, messages: [all[at]] });
					} else if (what === 6) {
						read = Math.max(read, random(rev + 1));
					} else if (what === 7) {
						record.begin({ rev, messages: all.slice(-100) });
						if (all.length <= 100) record.floor = 1;
					} else if (what === 8 && record.older) {
						const above = all.filter(({ seq }) => seq < record.floor);
						record.reachBack({ before: record.floor, messages: above, more: false });
					}
					const got = standingOf(record, read, ({ from }) => from === 'Ann', ({ text }) => text === '@ann');
					const want = all.filter(({ seq, from }) => seq > read && from !== 'Ann');
					const called = want.filter(({ text }) => text === '@ann');
					if (got.count !== want.length || got.mentions !== called.length || got.mention?.id !== called.at(-1)?.id) {
						return 'round ' + round + ', step ' + step + ': ' + got.count + ' instead of ' + want.length;
					}
				}
			}
			const far = new RoomRecord();
			far.begin({ rev: 500, messages: [{ id: 'x', seq: 500, rev: 500, from: 'Bob', text: '', at: '' }] });
			const count = (read) => standingOf(far, read, () => false, () => false).count;
			return [count(490), count(499), count(500), count(-1)].join() === '10,1,0,0' ? '' : 'far: ' + [count(490), count(499), count(500), count(-1)];
		}`, []string{"page/unread.js", "model/room-record.js"}},
		{"who goes on counting counts as who begins anew", `({ Unread, standingOf }, { RoomRecord }, { ReadPositions }) => {
			localStorage.clear();
			let state = 7;
			const random = (n) => (state = (state * 1103515245 + 12345) % 2147483648) % n;
			for (let round = 0; round < 100; round++) {
				const record = new RoomRecord();
				const socket = Object.assign(new EventTarget(), { user: { name: 'Ann' }, room: () => ({ record }) });
				const positions = new ReadPositions();
				const unread = new Unread(socket, positions, new AbortController().signal);
				const hears = (reset) => socket.dispatchEvent(new CustomEvent('room', { detail: { room: 'r', reset } }));
				let rev = random(50);
				const said = (seq, at = seq) => ({ id: 'm' + seq, seq, rev: at, from: random(3) ? 'Bob' : 'Ann', text: random(4) ? 'x' : '@ann', at: '' });
				record.begin({ rev, messages: rev ? [said(rev)] : [] });
				positions.atMost('r', rev);
				hears(true);
				for (let step = 0; step < 60; step++) {
					const what = random(12);
					const since = rev;
					if (what < 5) record.cover({ since, rev: ++rev, messages: [said(rev)] });
					else if (what < 7) record.cover({ since, rev: rev += 3, messages: [said(rev - 2), said(rev - 1), said(rev)] });
					else if (what === 7 && record.messages.length) record.cover({ since, rev: ++rev, messages: [said(record.messages.at(-1 - random(record.messages.length)).seq, rev)] });
					else if (what === 8) record.cover({ since, rev: rev += 2, messages: [said(rev - 1, rev)] });
					else if (what === 9) record.put({ ...said(rev + 1), from: 'Ann' }); // acknowledged, and still on its way
					else if (what === 10) positions.read('r', random(rev + 1));
					else if (what === 11 && record.older) record.reachBack({ before: record.floor, messages: [], more: false });
					hears(false);
					const got = unread.of('r');
					const want = standingOf(record, positions.of('r'), ({ from }) => from === 'Ann', ({ text }) => text === '@ann');
					if (JSON.stringify(got) !== JSON.stringify(want)) return 'round ' + round + ', step ' + step + ': ' + JSON.stringify([got, want]);
				}
				positions.forget('r');
			}
			return '';
		}`, []string{"page/unread.js", "model/room-record.js", "model/read-positions.js"}},
		{"how far a room was read", `({ ReadPositions }) => {
			localStorage.clear();
			const positions = new ReadPositions();
			const heard = [];
			positions.addEventListener('change', ({ detail }) => heard.push(detail + positions.of(detail)));
			positions.read('a', 0);
			positions.read('a', 7);
			positions.read('a', 5);
			positions.atMost('a', 9);
			positions.atMost('a', 3); // the store was put back
			positions.read('a', 4);
			positions.forget('a');
			localStorage.setItem('chatserver.read.b-c', '8');
			positions.changedElsewhere('chatserver.read.b-c');
			positions.changedElsewhere('chatserver.draft.b-c');
			positions.changedElsewhere(null); // all may be another, and nothing is
			localStorage.setItem('chatserver.read.b-c', '12'); // by another tab, of which nothing is heard yet
			positions.read('b-c', 10);
			if (localStorage.getItem('chatserver.read.b-c') !== '12') return 'another tab had read more';
			positions.changedElsewhere(null);
			localStorage.clear();
			return heard.join() === 'a0,a7,a3,a4,a-1,b-c8,b-c12' ? '' : heard.join();
		}`, []string{"model/read-positions.js"}},
		{"the rooms that were visited", `({ VisitedRooms }) => {
			localStorage.clear();
			const visited = new VisitedRooms();
			const is = [visited.list.join()];
			for (let i = 1; i <= 30; i++) visited.visit('r' + i);
			visited.visit('r20');
			is.push(visited.list.length, visited.list.at(-1), visited.list.includes('lobby'), visited.list.includes('r5'));
			visited.leave('r20');
			visited.leave('lobby');
			is.push(visited.list.includes('r20'), visited.list.includes('lobby'));
			localStorage.setItem('chatserver.visited', '{half');
			is.push(visited.list.join());
			localStorage.clear();
			return is.join() === 'lobby,20,r20,true,false,false,true,lobby' ? '' : is.join();
		}`, []string{"model/visited-rooms.js"}},
	})
}

// Checklist 60.
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

	ann.presses(false, true, false, "ArrowDown")
	ann.Shows("room-title", "Atlas")
	ann.presses(false, true, false, "ArrowUp")
	ann.Shows("room-title", "Lobby")
	ann.presses(false, true, false, "ArrowUp") // there is none above
	ann.Shows("room-title", "Lobby")
	ann.presses(false, true, true, "ArrowDown")
	ann.Shows("room-title", "Chairs")
	ann.Hears("Bob: anybody?")

	// With something open Esc closes that, and marks nothing.
	position := `() => localStorage.getItem('chatserver.read.chairs')`
	ann.Button("Room menu").MustClick()
	ann.presses(false, false, false, "Escape")
	if got := ann.page.MustEval(position).Str(); got != "0" {
		t.Errorf("read up to %s before she read", got)
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
