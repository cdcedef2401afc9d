package e2e

import (
	"testing"

	"github.com/go-rod/rod/lib/input"

	"chatserver/chattest"
)

// inPicker is JavaScript for the inside of the emoji picker.
const inPicker = `document.querySelector('emoji-picker')?.shadowRoot`

// SeesEmoji waits until the picker shows emoji.
func (tab *Tab) SeesEmoji() {
	tab.t.Helper()
	tab.Sees("emoji to choose from", `() => `+inPicker+`?.querySelectorAll('[role=menuitem]').length > 20`)
}

func TestAnEmojiIsInsertedAtTheCursor(t *testing.T) {
	t.Parallel()
	world, browser := chattest.NewWorld(t), NewBrowser(t)
	people := together(world, browser, "Ann", "Bob")
	ann, bob := people[0], people[1]
	loaded := `() => performance.getEntriesByType('resource').some(({ name }) => name.includes('emoji-picker'))`
	if ann.page.MustEval(loaded).Bool() {
		t.Error("the picker is loaded before it is needed")
	}
	ann.Types("good morning")
	ann.page.MustEval(`() => document.querySelector('[data-testid=message-input]').setSelectionRange(4, 4)`)
	ann.Button("Emoji").MustClick()
	ann.SeesEmoji()
	ann.Sees("all of it from our own server", `() => performance.getEntriesByType('resource').every(({ name }) => new URL(name).origin === location.origin)`)
	ann.Sees("the keys in its search", `() => `+inPicker+`.activeElement?.matches('input')`)
	ann.page.MustInsertText("joy")
	ann.Sees("what was looked for", `() => `+inPicker+`.querySelector('[role=option][id^=emo-]')?.id === 'emo-🤣'`)
	ann.page.KeyActions().Type(input.ArrowDown).Type(input.Enter).MustDo()
	ann.Written("good🤣 morning")
	ann.Focused("message-input")
	ann.Types("!")
	ann.Written("good🤣! morning")
	ann.Chord(input.KeyZ)
	ann.Chord(input.KeyZ)
	ann.Written("good morning")
	ann.Button("Emoji").MustClick()
	ann.Sees("it again, at once", `() => document.querySelector('[data-testid=emoji-sheet]').matches(':popover-open')`)
	ann.page.KeyActions().Type(input.Escape).MustDo()
	ann.Sees("it closed", `() => !document.querySelector('[data-testid=emoji-sheet]').matches(':popover-open')`)
	ann.Focused("message-input")
	ann.page.KeyActions().Type(input.Enter).MustDo()
	bob.Hears("Ann: good morning")
}

// On a phone, the picker is a sheet below the text, which stays visible.
func TestThePickerOfAPhoneDoesNotCoverTheText(t *testing.T) {
	t.Parallel()
	world, browser := chattest.NewWorld(t), NewBrowser(t)
	ann := browser.Person()
	ann.Size(360, 740)
	ann.Opens(world.URL("/"))
	ann.Touch()
	ann.Connects("Ann", "")
	ann.Button("Emoji").MustTap()
	ann.SeesEmoji()
	ann.Sees("the text above the sheet", `() => {
		const text = document.querySelector('[data-testid=message-input]').getBoundingClientRect();
		const sheet = document.querySelector('[data-testid=emoji-sheet]').getBoundingClientRect();
		return text.bottom <= sheet.top && text.top > 0 && Math.round(sheet.bottom) === innerHeight && sheet.width === innerWidth;
	}`)
	ann.Sees("no keyboard of its own", `() => `+inPicker+`.activeElement === null`)
	ann.NoSideways()
	ann.page.MustElementByJS(`() => ` + inPicker + `.querySelector('[role=menuitem]')`).MustTap()
	ann.Sees("an emoji", `() => /\p{Extended_Pictographic}/u.test(document.querySelector('[data-testid=message-input]').value)`)
	ann.Sees("it closed", `() => !document.querySelector('[data-testid=emoji-sheet]').matches(':popover-open')`)
}

func TestTheNameOfAnEmojiIsCompleted(t *testing.T) {
	t.Parallel()
	world, browser := chattest.NewWorld(t), NewBrowser(t)
	people := together(world, browser, "Ann", "Bob")
	ann, bob := people[0], people[1]
	offered := `() => document.querySelector('[data-testid=suggestions]').checkVisibility()`
	ann.Types("so funny :jo")
	ann.Sees("the first, chosen", `() => {
		const [first] = document.querySelectorAll('[data-testid=suggestions] [role=option]');
		return first?.ariaSelected === 'true' && first.textContent === '😂 :joy:'
			&& document.querySelector('[data-testid=message-input]').getAttribute('aria-activedescendant') === first.id;
	}`)
	ann.page.KeyActions().Type(input.ArrowDown).Type(input.ArrowUp).Type(input.Enter).MustDo()
	ann.Written("so funny 😂")
	ann.Sees("nothing offered", `() => !(`+offered+`)()`)
	ann.Types(" :jo")
	ann.Sees("an offer", offered)
	ann.page.KeyActions().Type(input.Escape).MustDo()
	ann.Sees("nothing offered", `() => !(`+offered+`)()`)
	ann.Types("y at 10:30")
	ann.page.KeyActions().Type(input.Enter).MustDo()
	bob.Hears("Ann: so funny 😂 :joy at 10:30")
	ann.Types("`` :joy") // two backticks are not a block
	ann.Sees("an offer", offered)
	ann.page.MustElement("[data-testid=suggestions] [role=option]").MustClick()
	ann.Written("`` 😂")
	ann.Focused("message-input")
}
