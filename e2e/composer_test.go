package e2e

import (
	"strings"
	"testing"

	"github.com/go-rod/rod/lib/input"
	"github.com/go-rod/rod/lib/proto"

	"chatserver/chattest"
	"chatserver/config"
)

// Touch makes the tab a touch screen.
func (tab *Tab) Touch() {
	tab.t.Helper()
	points := 5
	if err := (proto.EmulationSetTouchEmulationEnabled{Enabled: true, MaxTouchPoints: &points}).Call(tab.page); err != nil {
		tab.t.Fatal(err)
	}
	tab.Sees("a touch screen", `() => matchMedia('(pointer: coarse)').matches`)
}

// Fingers puts a finger on the screen, moves it there, or lifts it.
func (tab *Tab) Fingers(what proto.InputDispatchTouchEventType, x, y float64) {
	tab.t.Helper()
	event := proto.InputDispatchTouchEvent{Type: what, TouchPoints: []*proto.InputTouchPoint{}}
	if what != proto.InputDispatchTouchEventTypeTouchEnd {
		event.TouchPoints = append(event.TouchPoints, &proto.InputTouchPoint{X: x, Y: y})
	}
	if err := event.Call(tab.page); err != nil {
		tab.t.Fatal(err)
	}
}

// Chord presses a key while Ctrl is held.
func (tab *Tab) Chord(key input.Key) {
	tab.t.Helper()
	tab.page.KeyActions().Press(input.ControlLeft).Type(key).Release(input.ControlLeft).MustDo()
}

// Types types a text, key by key.
func (tab *Tab) Types(text string) {
	tab.t.Helper()
	for _, letter := range text {
		if err := (proto.InputDispatchKeyEvent{Type: proto.InputDispatchKeyEventTypeChar, Text: string(letter)}).Call(tab.page); err != nil {
			tab.t.Fatal(err)
		}
	}
}

// Selects selects a part of the draft.
func (tab *Tab) Selects(part string) {
	tab.t.Helper()
	tab.page.MustEval(`(part) => {
		const text = document.querySelector('[data-testid=message-input]');
		const at = text.value.indexOf(part);
		text.setSelectionRange(at, at + part.length);
	}`, part)
}

// Written waits until the composer has this text.
func (tab *Tab) Written(text string) {
	tab.t.Helper()
	tab.Sees("what is written, as "+text, `(text) => document.querySelector('[data-testid=message-input]').value === text`, text)
}

// Focused waits until a part has the focus.
func (tab *Tab) Focused(id string) {
	tab.t.Helper()
	tab.Sees("the focus at "+id, `(id) => document.activeElement?.dataset.testid === id`, id)
}

// together returns people in the lobby, each in a browser of their own.
func together(world *chattest.World, browser *Browser, names ...string) []*Tab {
	var tabs []*Tab
	for _, name := range names {
		tab := browser.Person()
		tab.Size(1280, 800)
		tab.Opens(world.URL("/"))
		tab.Connects(name, "")
		tabs = append(tabs, tab)
	}
	return tabs
}

func TestEnterSendsExceptOnTouchScreens(t *testing.T) {
	t.Parallel()
	world, browser := chattest.NewWorld(t), NewBrowser(t)
	people := together(world, browser, "Ann", "Bob")
	ann, bob := people[0], people[1]
	ann.Focused("message-input")
	ann.Types("two")
	ann.page.KeyActions().Press(input.ShiftLeft).Type(input.Enter).Release(input.ShiftLeft).MustDo()
	ann.Types("lines")
	ann.Written("two\nlines")
	ann.page.KeyActions().Type(input.Enter).MustDo()
	bob.Hears("Ann: two\nlines")
	ann.Written("")
	ann.Focused("message-input")
	ann.Types("by the button")
	ann.Button("Send").MustClick()
	bob.Hears("Ann: by the button")
	ann.Focused("message-input")

	ann.Touch()
	ann.page.MustEval(`() => document.querySelector('[data-testid=message-input]').addEventListener('blur', () => document.body.dataset.blurred = '')`)
	ann.Types("with")
	ann.page.KeyActions().Type(input.Enter).MustDo()
	ann.Types("a finger")
	ann.Written("with\na finger")
	ann.Button("Send").MustTap()
	bob.Hears("Ann: two\nlines", "Ann: by the button", "Ann: with\na finger")
	ann.Focused("message-input")
	ann.Sees("the keyboard, all the time", `() => !('blurred' in document.body.dataset)`)
	ann.Types("with keys beside the screen")
	ann.Chord(input.Enter)
	bob.Hears("Ann: with\na finger", "Ann: with keys beside the screen")
}

// Enter that accepts a composition of an input method must not send.
func TestTheEnterOfACompositionDoesNotSend(t *testing.T) {
	t.Parallel()
	world, browser := chattest.NewWorld(t), NewBrowser(t)
	people := together(world, browser, "Ann", "Bob")
	ann, bob := people[0], people[1]
	ann.page.MustEval(`() => document.querySelector('[data-testid=message-input]').addEventListener('keydown', (event) => {
		if (event.key === 'Enter') document.body.dataset.composing = event.isComposing;
	})`)
	ann.Focused("message-input")
	if err := (proto.InputImeSetComposition{Text: "にほん", SelectionStart: 3, SelectionEnd: 3}).Call(ann.page); err != nil {
		t.Fatal(err)
	}
	if err := (proto.InputDispatchKeyEvent{Type: proto.InputDispatchKeyEventTypeRawKeyDown, Key: "Enter", Code: "Enter", WindowsVirtualKeyCode: 13}).Call(ann.page); err != nil {
		t.Fatal(err)
	}
	ann.Sees("an Enter of the composition", `() => document.body.dataset.composing === 'true'`)
	ann.Written("にほん")
	if err := (proto.InputInsertText{Text: "日本"}).Call(ann.page); err != nil {
		t.Fatal(err)
	}
	ann.Written("日本")
	ann.page.KeyActions().Type(input.Enter).MustDo()
	bob.Hears("Ann: 日本")
	bob.Sees("one message", `() => document.querySelectorAll('[data-testid=message]').length === 1`)
}

func TestBlankMessagesAreNotSent(t *testing.T) {
	t.Parallel()
	world, browser := chattest.NewWorld(t), NewBrowser(t)
	people := together(world, browser, "Ann", "Bob")
	ann, bob := people[0], people[1]
	asleep := `() => document.querySelector('[data-testid=send]').disabled`
	ann.Sees("nothing to send", asleep)
	ann.Types("  ")
	ann.page.KeyActions().Press(input.ShiftLeft).Type(input.Enter).Release(input.ShiftLeft).Type(input.Enter).MustDo()
	ann.Sees("nothing to send", asleep)
	ann.Written("  \n")
	ann.Types("words")
	ann.Sees("something to send", `() => !document.querySelector('[data-testid=send]').disabled`)
	ann.page.KeyActions().Type(input.Enter).MustDo()
	bob.Sees("one message, the words", `() => document.querySelectorAll('[data-testid=message]').length === 1`)
	bob.Shows("message-text", "words")
}

// A pasted log may contain terminal escapes, which the server would always refuse.
func TestAPastedLogCanBeSent(t *testing.T) {
	t.Parallel()
	world, browser := chattest.NewWorld(t), NewBrowser(t)
	people := together(world, browser, "Ann", "Bob")
	ann, bob := people[0], people[1]
	write := `(text) => {
		const field = document.querySelector('[data-testid=message-input]');
		field.setRangeText(text, 0, field.value.length, 'end');
		field.dispatchEvent(new InputEvent('input', { bubbles: true }));
	}`
	ann.page.MustEval(write, "\x1b\x07\u009b")
	ann.Sees("nothing to send", `() => document.querySelector('[data-testid=send]').disabled`)
	ann.page.MustEval(write, "\x1b[31mred\x1b[0m\tend")
	ann.page.KeyActions().Type(input.Enter).MustDo()
	bob.Shows("message-text", "[31mred[0m end")
	ann.Sees("no failure", `() => document.querySelectorAll('[data-testid=message]').length === 1 && document.querySelectorAll('[data-testid=failed]:not([hidden])').length === 0`)
}

// The limit is in bytes, and é has two.
func TestATextThatIsTooLongIsCountedAndKept(t *testing.T) {
	t.Parallel()
	world, browser := chattest.NewWorld(t, chattest.With(func(c *config.Config) { c.MaxText = 100 })), NewBrowser(t)
	people := together(world, browser, "Ann", "Bob")
	ann, bob := people[0], people[1]
	ann.Labelled("Message").MustInput(strings.Repeat("é", 44))
	ann.Sees("no count", `() => !document.querySelector('[data-testid=count]').checkVisibility()`)
	ann.Types("éé")
	ann.Shows("count", "92 of 100 bytes")
	ann.Types("éééé")
	ann.Shows("count", "100 of 100 bytes")
	ann.Sees("a way to send it", `() => !document.querySelector('[data-testid=send]').disabled`)
	ann.Types("!")
	ann.Shows("count", "101 of 100 bytes")
	ann.Sees("danger, and no way to send", `() => {
		const probe = document.body.appendChild(document.createElement('i'));
		probe.style.color = 'var(--danger)';
		const danger = getComputedStyle(probe).color;
		probe.remove();
		return getComputedStyle(document.querySelector('[data-testid=count]')).color === danger &&
			document.querySelector('[data-testid=send]').disabled && document.querySelector('[data-testid=message-input]').ariaInvalid === 'true';
	}`)
	ann.page.KeyActions().Type(input.Enter).MustDo()
	ann.Chord(input.Enter)
	ann.Written(strings.Repeat("é", 50) + "!")
	ann.page.KeyActions().Type(input.Backspace).Type(input.Enter).MustDo()
	bob.Hears("Ann: " + strings.Repeat("é", 50))
	bob.Sees("one message", `() => document.querySelectorAll('[data-testid=message]').length === 1`)
	ann.Sees("no count", `() => !document.querySelector('[data-testid=count]').checkVisibility()`)
}

func TestTheComposerGrowsToTenLinesAndMovesNothing(t *testing.T) {
	t.Parallel()
	world, browser := chattest.NewWorld(t), NewBrowser(t)
	people := together(world, browser, "Ann")
	ann := people[0]
	bot := world.Connect("bot", "")
	for range 40 {
		bot.Says("a line\nand another")
	}
	ann.Sees("all", `() => document.querySelectorAll('[data-testid=message]').length === 40`)
	height := func() float64 {
		return ann.page.MustEval(`() => document.querySelector('[data-testid=message-input]').getBoundingClientRect().height`).Num()
	}
	atBottom := `() => { const m = document.querySelector('[data-testid=messages]'); return m.scrollHeight - m.scrollTop - m.clientHeight < 2; }`
	one := height()
	ann.Labelled("Message").MustInput("1\n2\n3\n4\n5")
	five := height()
	ann.settle()
	ann.Sees("the newest", atBottom)
	ann.Labelled("Message").MustInput("\n6\n7\n8\n9\n10")
	ten := height()
	ann.settle()
	ann.Sees("the newest", atBottom)
	ann.Labelled("Message").MustInput("\n11\n12\n13")
	if more := height(); one >= five || five >= ten || more != ten {
		t.Errorf("with 1, 5, 10 and 13 lines it is %v, %v, %v and %v px high", one, five, ten, more)
	}
	ann.Sees("the rest by scrolling", `() => { const text = document.querySelector('[data-testid=message-input]'); return text.scrollHeight > text.clientHeight; }`)

	// When the composer shrinks, the messages do not move for a reader further up.
	ann.page.MustEval(`() => { document.querySelector('[data-testid=messages]').scrollTop = 300; }`)
	ann.settle()
	where := `() => [...document.querySelectorAll('[data-testid=message]')].map((m) => m.getBoundingClientRect().top).find((top) => top > 100)`
	before := ann.page.MustEval(where).Num()
	ann.Labelled("Message").MustSelectAllText().MustInput("1")
	ann.settle()
	if after := ann.page.MustEval(where).Num(); after != before {
		t.Errorf("what she reads moved by %v px", after-before)
	}
	ann.Labelled("Message").MustInput("\n2\n3")
	ann.page.KeyActions().Type(input.Enter).MustDo()
	ann.Written("")
	ann.Sees("the newest", atBottom)
	if after := height(); after != one {
		t.Errorf("after she sent it is %v px high, before %v", after, one)
	}
}
