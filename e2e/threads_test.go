package e2e

import (
	"testing"

	"github.com/go-rod/rod/lib/input"

	"chatserver/chattest"
)

// A reply in a thread is shown beside the room and not in it. The root says how many there are
// and how many are new; who takes part sees the count beside the room's name, others do not.
// Esc closes the thread and gives the focus back.
func TestAThreadStandsBesideTheRoom(t *testing.T) {
	t.Parallel()
	world, browser := chattest.NewWorld(t), NewBrowser(t)
	people := together(world, browser, "Ann", "Bob", "Cid")
	ann, bob, cid := people[0], people[1], people[2]
	for _, tab := range people {
		tab.Focus(true)
	}
	ann.Says("what is open?")
	bob.Hears("Ann: what is open?")
	bob.Picks("what is open?", "Reply in thread")
	bob.Focused("thread-message-input")
	bob.Replies("the map")
	bob.Thread("Ann: what is open?", "Bob: the map")
	for _, tab := range people {
		tab.Room("Ann: what is open?")
	}
	ann.Line("what is open?", "1 reply · 1 new")
	cid.Line("what is open?", "1 reply · 1 new")
	bob.Line("what is open?", "1 reply · Last one")
	ann.OpensThread("what is open?")
	ann.Thread("Ann: what is open?", "Bob: the map")
	ann.Sees("the divider", `() => document.querySelector('thread-panel [data-testid=divider]') !== null`)
	ann.Line("what is open?", "1 reply · Last one")
	ann.Replies("I send it")
	bob.Thread("Ann: what is open?", "Bob: the map", "Ann: I send it")
	cid.Line("what is open?", "2 replies · 2 new")

	bob.Sees("that he read it", `(text) => {
		const { seq } = document.querySelector('thread-panel [data-text="' + text + '"]').dataset;
		const [key] = Object.keys(localStorage).filter((key) => key.endsWith('.threads.lobby'));
		return Object.values(JSON.parse(localStorage.getItem(key)).at).includes(Number(seq));
	}`, "I send it")
	bob.Labelled("Reply").MustFocus()
	bob.Presses(input.Escape)
	bob.Sees("no thread, and the focus at the message", `() => !document.querySelector('thread-panel') && document.activeElement.closest('[data-id]')?.dataset.text === 'what is open?'`)
	bob.Sees("the room's address", `() => location.hash === '' && location.pathname === '/'`)

	// Bob takes part and Cid does not: only Bob's list of rooms counts the next reply.
	for _, tab := range []*Tab{bob, cid} {
		tab.GoesTo("harbour")
	}
	ann.Replies("sent")
	bob.Sees("one unread", `() => [...document.querySelectorAll('[data-testid=room-link]')].find((row) => row.textContent.includes('Lobby')).querySelector('.room-row-count').textContent === '1'`)
	ann.Says("a message of the room")
	cid.Sees("one unread, of the room", `() => [...document.querySelectorAll('[data-testid=room-link]')].find((row) => row.textContent.includes('Lobby')).querySelector('.room-row-count').textContent === '1'`)
	bob.GoesTo("lobby")
	bob.Line("what is open?", "3 replies · 1 new")
	bob.OpensThread("what is open?")
	bob.Line("what is open?", "3 replies · Last one")
}

// Replies that are written while the server is away wait in the thread, through a reload, and are
// sent once; the thread resumes with what it missed.
func TestAThreadSurvivesTheServer(t *testing.T) {
	t.Parallel()
	world, browser := chattest.NewWorld(t), NewBrowser(t)
	browser.ExpectsOutages()
	people := together(world, browser, "Ann", "Bob")
	ann, bob := people[0], people[1]
	ann.Keeps("/")
	ann.Says("root")
	bob.Hears("Ann: root")
	bob.Picks("root", "Reply in thread")
	bob.Replies("one")
	ann.Line("root", "1 reply")
	ann.OpensThread("root")
	ann.Thread("Ann: root", "Bob: one")
	ann.IsKept("/rooms/lobby", "one")
	world.Stop()
	ann.Shows("status", "Reconnecting")
	ann.Replies("two")
	ann.Writes("two")
	ann.Labelled("Reply").MustInput("not yet sent")
	ann.Reloads()
	ann.Sees("the thread again", `() => document.querySelector('thread-panel') !== null`)
	ann.Writes("two")
	ann.Sees("what she was writing", `() => document.querySelector('[data-testid=thread-message-input]').value === 'not yet sent'`)
	world.Start()
	for _, tab := range people {
		tab.Thread("Ann: root", "Bob: one", "Ann: two")
		tab.Room("Ann: root")
	}
}

// The address of a reply opens its thread beside its root. Back closes it on a phone, where it
// covers the room. A root that was deleted keeps its place and its thread.
func TestAReplyIsFoundByItsAddress(t *testing.T) {
	t.Parallel()
	world, browser := chattest.NewWorld(t), NewBrowser(t)
	people := together(world, browser, "Ann", "Bob")
	ann, bob := people[0], people[1]
	ann.Says("root")
	ann.Hears("Ann: root")
	ann.Picks("root", "Reply in thread")
	ann.Replies("first")
	ann.Thread("Ann: root", "Ann: first")
	seq := ann.page.MustEval(`() => document.querySelector('thread-panel [data-text=first]').dataset.seq`).Str()
	talks(world, "bot", 30)
	bob.Opens(world.URL("/rooms/lobby/") + seq)
	bob.Thread("Ann: root", "Ann: first")
	bob.Sees("the reply, lit", `() => document.querySelector('thread-panel [data-found]')?.dataset.text === 'first'`)

	bob.Opens(world.URL("/"))
	bob.Size(360, 740)
	bob.Hears("bot: line 30")
	bob.ScrollsTo(0)
	bob.OpensThread("root")
	bob.Sees("nothing but the thread", `() => {
		const { left, width } = document.querySelector('thread-panel').getBoundingClientRect();
		return left === 0 && width === innerWidth && document.querySelector('room-links').inert && location.hash === '#thread';
	}`)
	place := bob.page.MustEval(`() => document.querySelector('[data-testid=messages]').scrollTop`).Num()
	bob.page.MustNavigateBack()
	bob.Sees("the room where it was", `(place) => !document.querySelector('thread-panel') && !document.querySelector('room-links').inert && Math.abs(document.querySelector('[data-testid=messages]').scrollTop - place) < 2`, place)
	bob.page.MustNavigateForward()
	bob.Thread("Ann: root", "Ann: first")

	ann.Presses(input.Escape)
	ann.ScrollsTo(0)
	ann.Undoes(0)
	ann.Picks("root", "Delete")
	bob.Thread("gone", "Ann: first")
	bob.Reloads()
	bob.Thread("gone", "Ann: first")
	ann.Sees("the thread of the deleted root", `() => document.querySelector('.gone-thread [data-testid=thread-line]')?.checkVisibility()`)
	ann.page.MustElement(".gone-thread [data-testid=thread-line]").MustClick()
	ann.Thread("gone", "Ann: first")
	ann.Sees("nowhere to reply", `() => !document.querySelector('thread-panel message-composer').checkVisibility()`)
}

// What one does with a message in a thread is done as in the room: edit the last one, react,
// reply with a quote, delete; and what the server refuses is taken back with a sentence.
func TestRepliesAreMessages(t *testing.T) {
	t.Parallel()
	world, browser := chattest.NewWorld(t), NewBrowser(t)
	people := together(world, browser, "Ann", "Bob")
	ann, bob := people[0], people[1]
	ann.Says("root")
	bob.Hears("Ann: root")
	bob.Picks("root", "Reply in thread")
	bob.Replies("frist")
	bob.Thread("Ann: root", "Bob: frist")
	ann.Line("root", "1 reply")
	ann.OpensThread("root")
	bob.Labelled("Reply").MustFocus()
	bob.Presses(input.ArrowUp)
	bob.Sees("an editor in the thread", `() => document.activeElement.matches('thread-panel [data-testid=editor-text]')`)
	bob.page.MustElement("thread-panel [data-testid=editor-text]").MustSelectAllText().MustInput("first")
	bob.Presses(input.Enter)
	bob.Focused("thread-message-input")
	ann.Thread("Ann: root", "Bob: first")
	ann.Picks("first", "Reply")
	ann.Sees("the bar of the thread", `() => !document.querySelector('[data-testid=thread-reply-bar]').hidden && document.querySelector('[data-testid=reply-bar]').hidden`)
	ann.Replies("quoted")
	bob.Sees("the quote", `() => document.querySelector('thread-panel [data-testid=quote]')?.textContent.includes('first')`)
	id := bob.page.MustEval(`() => document.querySelector('thread-panel [data-text=quoted]').dataset.id`).Str()
	bob.Runs(`(id) => document.querySelector('thread-panel message-list').dispatchEvent(new CustomEvent('react', { bubbles: true, detail: { id, emoji: '🎉' } }))`, id)
	ann.Reacted("quoted", "🎉 1")
	bob.Runs(`(id) => document.querySelector('thread-panel message-list').dispatchEvent(new CustomEvent('react', { bubbles: true, detail: { id, emoji: 'abc' } }))`, id)
	bob.Sees("why it was taken back", `() => [...document.querySelectorAll('.trouble')].some(({ textContent }) => textContent.includes('A reaction is exactly one emoji'))`)
	bob.Reacted("quoted", "🎉 1 mine")
	ann.Undoes(0)
	ann.Picks("quoted", "Delete")
	for _, tab := range people {
		tab.Thread("Ann: root", "Bob: first", "gone")
	}
}
