package e2e

import (
	"testing"

	"chatserver/chattest"
)

// The header counts the pinned messages of the room, also those too old to be loaded, and leads to
// them. The list follows what others pin and unpin while it is open, and says when it is empty.
func TestThePinsOfARoomAreCountedAndListed(t *testing.T) {
	t.Parallel()
	world, browser := chattest.NewWorld(t), NewBrowser(t)
	people := together(world, browser, "Ann", "Bob")
	ann, bob := people[0], people[1]
	for _, text := range []string{"the plan", "the map"} {
		ann.Says(text)
		bob.Hears("Ann: " + text)
	}
	bob.Sees("no button without pins", `() => !document.querySelector('[data-testid=pins-button]').checkVisibility()`)
	ann.Picks("the plan", "Pin")
	bob.Shows("pins-count", "1")
	talks(world, "bot", 60)
	bob.Reloads()
	bob.Shows("pins-count", "1")
	bob.Part("pins-button").MustClick()
	bob.Shows("pin", "the plan")
	ann.ScrollsTo(0)
	ann.Picks("the map", "Pin")
	bob.Sees("both, the newest first", `() => JSON.stringify([...document.querySelectorAll('.pin-text')].map(({ textContent }) => textContent)) === '["the map","the plan"]'`)
	bob.Shows("pins-count", "2")
	for range 2 {
		count := bob.page.MustEval(`() => document.querySelectorAll('[data-testid=pin]').length`).Int()
		bob.page.MustEval(`() => document.querySelector('[data-testid=pin] [data-action=pin]').click()`)
		bob.Sees("one less", `(count) => document.querySelectorAll('[data-testid=pin]').length === count - 1`, count)
	}
	bob.Shows("pins", "Nothing is pinned in this room.")
	bob.Sees("no count", `() => document.querySelector('[data-testid=pins-count]').textContent === ''`)
	ann.Sees("no button", `() => !document.querySelector('[data-testid=pins-button]').checkVisibility()`)
	bob.Closes()

	ann.Picks("the map", "Pin")
	ann.Part("pins-button").MustClick()
	ann.page.MustElement("[data-testid=pin] .pin-message").MustClick()
	ann.Sees("the message, lit", `() => document.querySelector('[data-found]')?.dataset.text === 'the map' && !document.querySelector('#pins').open`)
}
