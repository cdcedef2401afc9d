package e2e

import "fmt"

// OpensThread opens the thread below a message of the room.
func (tab *Tab) OpensThread(text string) {
	tab.t.Helper()
	tab.find("the thread of "+text, `(text) => [...document.querySelectorAll('room-links [data-testid=message]')].find(({ dataset }) => dataset.text === text)?.querySelector('[data-testid=thread-line]')`, text).MustClick()
	tab.Sees("the thread", `() => document.querySelector('thread-panel') !== null`)
}

// Replies types a reply in the open thread and presses Enter.
func (tab *Tab) Replies(text string) {
	tab.t.Helper()
	tab.Labelled("Reply").MustInput(text)
	tab.page.KeyActions().Press('\r').MustDo()
}

// Thread waits until these are the messages of the open thread, the root first.
func (tab *Tab) Thread(lines ...string) {
	tab.t.Helper()
	tab.Sees(fmt.Sprintf("%q in the thread", lines), `(lines) => {
		const rows = [...document.querySelectorAll('thread-panel :is([data-testid=message]:not([data-state]), [data-testid=gone])')];
		return JSON.stringify(rows.map(({ dataset }) => dataset.from ? dataset.from + ': ' + dataset.text : 'gone')) === JSON.stringify(lines);
	}`, append([]string{}, lines...))
}

// Room waits until these are the last messages of the room itself.
func (tab *Tab) Room(lines ...string) {
	tab.t.Helper()
	tab.Sees(fmt.Sprintf("%q in the room", lines), `(lines) => {
		const heard = [...document.querySelectorAll('room-links [data-testid=message]:not([data-state])')].map(({ dataset }) => dataset.from + ': ' + dataset.text);
		return JSON.stringify(heard.slice(-lines.length)) === JSON.stringify(lines);
	}`, append([]string{}, lines...))
}

// Line waits until the line below a root of the room says this.
func (tab *Tab) Line(root, want string) {
	tab.t.Helper()
	tab.Sees(fmt.Sprintf("%q below %s", want, root), `(root, want) => {
		const row = [...document.querySelectorAll('room-links [data-testid=message]')].find(({ dataset }) => dataset.text === root);
		const parts = [...row?.querySelectorAll('.thread-count, .thread-state') ?? []].map(({ textContent }) => textContent);
		return parts.join(' · ').startsWith(want);
	}`, root, want)
}
