package e2e

import (
	"testing"

	"github.com/go-rod/rod/lib/input"

	"chatserver/chattest"
)

const focusIsOn = `(name) => (document.activeElement?.ariaLabel ?? document.activeElement?.textContent.trim()) === name`

func TestTheQuestionMarkShowsTheKeysUnlessSomebodyWrites(t *testing.T) {
	t.Parallel()
	world, browser := chattest.NewWorld(t), NewBrowser(t)
	ann := browser.Person()
	ann.Size(1280, 800)
	ann.Opens(world.URL("/"))
	ann.Presses('?') // the first screen has no shortcuts
	ann.Connects("Ann", "")
	const closed = `() => !document.querySelector('dialog[open]')`
	ann.Labelled("Message").MustInput("what")
	ann.Presses('?')
	ann.Sees("a question", `() => document.querySelector('#message-input').value === 'what?'`)
	ann.Sees("no list", closed)

	ann.page.MustEval(`() => document.querySelector('[data-testid=messages]').focus()`)
	ann.Presses('?')
	ann.Shows("shortcuts", "Show keyboard shortcuts")
	ann.Presses(input.Escape)
	ann.Sees("no list", closed)
	ann.Sees("the focus where it was", `() => document.activeElement.dataset.testid === 'messages'`)

	ann.Chooses("Settings…")
	ann.Ticks("Keyboard shortcuts")
	ann.Presses(input.Escape)
	ann.page.MustEval(`() => document.querySelector('[data-testid=messages]').focus()`)
	ann.Presses('?')
	ann.settle()
	ann.Sees("no list, as she chose", closed)
	ann.Chooses("Keyboard shortcuts") // it is still there in the menu
	ann.Shows("shortcuts", "Show keyboard shortcuts")
}

func TestTheMenuAndTheDialogsWorkByKeyboard(t *testing.T) {
	t.Parallel()
	world, browser := chattest.NewWorld(t), NewBrowser(t)
	ann := browser.Person()
	ann.Size(1280, 800)
	ann.Opens(world.URL("/rooms/night-watch"))
	ann.Connects("Ann", "")
	ann.Says("hello")
	ann.Button("Room menu").MustFocus()
	ann.Presses(input.Enter)
	ann.Sees("the first item", focusIsOn, "Notifications Off")
	ann.Presses(input.ArrowUp)
	ann.Sees("the last item", focusIsOn, "Leave room")
	ann.Presses(input.Home, input.ArrowDown)
	ann.Sees("the second item", focusIsOn, "Invite people…")
	ann.Presses(input.Escape)
	ann.Sees("its button", focusIsOn, "Room menu")
	ann.Presses(input.Enter)
	ann.Presses(input.Tab)
	ann.Sees("no menu", `() => !document.querySelector('#room-menu:popover-open')`)

	ann.Button("Room menu").MustFocus()
	ann.Presses(input.Enter)
	ann.Presses(input.ArrowDown, input.ArrowDown, input.ArrowDown, input.ArrowDown)
	ann.Sees("the appearance", focusIsOn, "Appearance System")
	ann.Presses(input.Enter)
	ann.Sees("where the theme is chosen", `() => document.activeElement.name === 'theme' && document.activeElement.checked`)
	for range 12 {
		ann.Presses(input.Tab)
		ann.Sees("the focus inside", `() => document.activeElement === document.body || document.activeElement.closest('#settings') !== null`)
	}
	ann.Presses(input.Escape)
	ann.Sees("its button", focusIsOn, "Room menu")

	// The page's room list handles leave-room events.
	ann.page.MustEval(`() => document.addEventListener('leave-room', ({ detail }) => { window.left = detail; })`)
	ann.Chooses("Leave room")
	ann.Sees("the room's name", `() => window.left === 'night-watch'`)
	ann.Link("Lobby").MustClick()
	ann.Shows("room-title", "Lobby")
	ann.Button("Room menu").MustClick()
	ann.Sees("no way out of the lobby", `() => !document.querySelector('[data-testid=leave]').checkVisibility()`)
}

func TestEveryControlHasAName(t *testing.T) {
	t.Parallel()
	world, browser := chattest.NewWorld(t), NewBrowser(t)
	ann := browser.Person()
	ann.Opens(world.URL("/"))
	ann.Connects("Ann", "")
	ann.Says("hello")
	ann.Hears("Ann: hello")
	nameless := ann.page.MustEval(`() => {
		const name = (e) => e.ariaLabel ?? (e.getAttribute('aria-labelledby') ? document.getElementById(e.getAttribute('aria-labelledby'))?.textContent : null)
			?? (e.labels?.[0]?.textContent || e.textContent);
		const known = (e) => e.matches('.jump, .join-suggestion, [hidden]');
		return [...document.querySelectorAll('button, a, input, select, textarea, dialog, [popover], [role=menu]')]
			.filter((e) => e.type !== 'hidden' && !known(e) && !name(e)?.trim() && !e.matches('#room-menu, #message-menu, message-versions, person-card')).map((e) => e.outerHTML.slice(0, 100)).join('\n');
	}`).Str()
	if nameless != "" {
		t.Errorf("without a name:\n%s", nameless)
	}
}

// Esc closes only what is on top.
func TestEscClosesTheTopmostOnly(t *testing.T) {
	t.Parallel()
	world, browser := chattest.NewWorld(t), NewBrowser(t)
	ann := browser.Person()
	ann.Size(360, 740)
	ann.Opens(world.URL("/"))
	ann.Connects("Ann", "")
	ann.Button("Rooms and you").MustClick()
	ann.Sees("the drawer", `() => document.querySelector('#sidebar').matches(':popover-open')`)
	ann.Part("member").MustElement("button").MustFocus()
	ann.Presses(input.Enter)
	ann.Sees("the card above the drawer", `() => ['#sidebar', '#person-card'].every((id) => document.querySelector(id).matches(':popover-open'))`)
	ann.Presses(input.Escape)
	ann.Sees("the drawer alone", `() => document.querySelector('#sidebar').matches(':popover-open') && !document.querySelector('#person-card').matches(':popover-open')`)
	ann.Sees("the focus where it was", `() => document.activeElement.closest('[data-testid=member]') !== null`)
	ann.Presses(input.Escape)
	ann.Sees("the room alone", `() => !document.querySelector(':popover-open')`)
	ann.Sees("the focus at its button", focusIsOn, "Rooms and you")
}
