package e2e

import (
	"fmt"

	"github.com/go-rod/rod/lib/input"
)

// Points moves the pointer over a message.
func (tab *Tab) Points(text string) {
	tab.t.Helper()
	tab.find("the message "+text, `(text) => [...document.querySelectorAll('[data-testid=message]:not([data-state])')].find(({ dataset }) => dataset.text === text)`, text).MustHover()
}

// Picks chooses an action from the menu of a message.
func (tab *Tab) Picks(text, action string) {
	tab.t.Helper()
	tab.Points(text)
	tab.Part("more").MustClick()
	tab.Sees("the menu of "+text, `() => document.querySelector('[data-testid=message-menu]').matches(':popover-open')`)
	tab.find("the action "+action, `(names) => [...document.querySelectorAll('[data-testid=message-menu] [role=menuitem]')]
		.find((item) => item.checkVisibility() && names.some((name) => item.textContent.trim().startsWith(name)))`, tab.in(action)).MustClick()
}

// Edits opens the last own message from the empty composer, and replaces its text.
func (tab *Tab) Edits(text string) {
	tab.t.Helper()
	tab.Labelled("Message").MustFocus()
	tab.Presses(input.ArrowUp)
	tab.Sees("an editor with the focus", `() => document.activeElement.matches('[data-testid=editor-text]')`)
	tab.page.MustElement("[data-testid=editor-text]").MustSelectAllText().MustInput(text)
}

// Lacks waits until a text is nowhere on the page.
func (tab *Tab) Lacks(text string) {
	tab.t.Helper()
	tab.Sees("nothing of "+text, `(text) => !document.querySelector('chat-room').outerHTML.includes(text)`, text)
}

// Reacted waits until a message has these reactions: "👍 2" for two users, "👍 2 mine" if
// the reader is one of them.
func (tab *Tab) Reacted(text string, reactions ...string) {
	tab.t.Helper()
	tab.Sees(fmt.Sprintf("%q at %s", reactions, text), `(text, wanted) => {
		const row = [...document.querySelectorAll('[data-testid=message]')].find(({ dataset }) => dataset.text === text);
		const shown = [...row?.querySelectorAll('[data-testid=reaction]') ?? []].map((button) =>
			button.dataset.emoji + ' ' + button.querySelector('.reaction-count').textContent + (button.ariaPressed === 'true' ? ' mine' : ''));
		return JSON.stringify(shown) === JSON.stringify(wanted);
	}`, text, append([]string{}, reactions...))
}

// Undoes makes deletions final at once, or after so long that the test can undo them.
func (tab *Tab) Undoes(ms int) {
	tab.t.Helper()
	tab.Imports(fmt.Sprintf(`({ TIMES }) => { TIMES.undo = %d; }`, ms), "net/connection.js")
}
