package e2e

import (
	"testing"

	"github.com/go-rod/rod/lib/input"

	"chatserver/chattest"
)

// PastesFile pastes a file, with or without a text.
func (tab *Tab) PastesFile(text string) {
	tab.t.Helper()
	tab.page.MustEval(`(text) => {
		const clipboardData = new DataTransfer();
		clipboardData.items.add(new File(['x'], 'picture.png', { type: 'image/png' }));
		if (text) clipboardData.setData('text/plain', text);
		document.querySelector('#message-input').dispatchEvent(new ClipboardEvent('paste', { clipboardData, bubbles: true, cancelable: true }));
	}`, text)
}

// hasNoNote waits until the composer shows no note.
func (tab *Tab) hasNoNote() {
	tab.t.Helper()
	tab.Sees("no note", `() => !document.querySelector('[data-testid=composer-note]').checkVisibility()`)
}

const noFiles = "Files can’t be sent here. Paste a link instead."

// A pasted picture gets an explanation, and a dropped one does not replace the chat.
func TestAFileThatCannotBeSentIsExplained(t *testing.T) {
	t.Parallel()
	world, browser := chattest.NewWorld(t), NewBrowser(t)
	ann := together(world, browser, "Ann")[0]
	ann.Types("see this")
	ann.PastesFile("")
	ann.Shows("composer-note", noFiles)
	ann.Written("see this")
	ann.Types("!")
	ann.hasNoNote()
	if stays := ann.page.MustEval(`() => {
		const dropped = (type, what) => {
			const dataTransfer = new DataTransfer();
			if (what === 'file') dataTransfer.items.add(new File(['x'], 'report.pdf', { type: 'application/pdf' }));
			else dataTransfer.setData('text/plain', 'words');
			return !document.querySelector('.sidebar').dispatchEvent(new DragEvent(type, { dataTransfer, bubbles: true, cancelable: true }));
		};
		return [dropped('dragover', 'file'), dropped('drop', 'file'), dropped('dragover', 'text'), dropped('drop', 'text')].join();
	}`).Str(); stays != "true,true,false,false" {
		t.Errorf("the page keeps a dragged and a dropped file, a dragged and a dropped text from the browser: %s", stays)
	}
	ann.Shows("composer-note", noFiles)
	ann.Written("see this!")
	// Office programs put a picture next to the text on the clipboard: the text is what is
	// meant.
	ann.Types("?")
	ann.PastesFile("words")
	ann.settle()
	ann.hasNoNote()
}

// A text that looks like a command is posted only when it is sent a second time.
func TestAnUnknownCommandNeedsConfirmation(t *testing.T) {
	t.Parallel()
	world, browser := chattest.NewWorld(t), NewBrowser(t)
	people := together(world, browser, "Ann", "Bob")
	ann, bob := people[0], people[1]
	ann.Says("/help me")
	ann.Shows("composer-note", "/help isn’t a command. Send again to post it as text.")
	ann.Written("/help me")
	ann.Types("!")
	ann.hasNoNote()
	ann.page.KeyActions().Type(input.Enter).MustDo()
	ann.Shows("composer-note", "/help isn’t a command")
	ann.Written("/help me!") // another text asks again
	ann.page.KeyActions().Type(input.Enter).MustDo()
	ann.Written("")
	bob.Hears("Ann: /help me!")
	for _, text := range []string{"/etc/hosts is a file", "/ 2", "1/2", "//server"} { // not commands
		ann.Says(text)
		bob.Hears("Ann: " + text)
	}
}

// A second click on Send, which is disabled by then, leaves the focus in the composer.
func TestADoubleClickOnSendKeepsTheFocus(t *testing.T) {
	t.Parallel()
	world, browser := chattest.NewWorld(t), NewBrowser(t)
	people := together(world, browser, "Ann", "Bob")
	ann, bob := people[0], people[1]
	ann.Types("once")
	send := ann.Button("Send").MustShape().OnePointInside()
	mouse := ann.page.Mouse.MustMoveTo(send.X, send.Y)
	mouse.MustDown("left").MustUp("left")
	ann.Written("")
	mouse.MustDown("left").MustUp("left")
	ann.Focused("message-input")
	ann.Types("and again")
	ann.page.KeyActions().Type(input.Enter).MustDo()
	bob.Hears("Ann: once", "Ann: and again")
}

// An empty field of a right-to-left page is right to left.
func TestThePlaceholderHasThePagesDirection(t *testing.T) {
	t.Parallel()
	world, browser := chattest.NewWorld(t), NewBrowser(t)
	for _, language := range []struct{ tag, direction string }{{"ar", "rtl"}, {"en", "ltr"}} {
		ann := browser.Person()
		if language.tag != "en" {
			ann.Speaks(language.tag)
		}
		ann.Size(1280, 800)
		ann.Opens(world.URL("/"))
		ann.ConnectsInAnyLanguage("Ann " + language.tag)
		direction := `() => [...new Set([...document.querySelectorAll('#message-input, [name=title]')].map((field) => getComputedStyle(field).direction))].join()`
		if got := ann.page.MustEval(direction).Str(); got != language.direction {
			t.Errorf("in %s empty fields run %s", language.tag, got)
		}
		ann.page.MustEval(`() => { document.querySelector('#message-input').value = 'hello'; }`)
		if got := ann.page.MustEval(`() => getComputedStyle(document.querySelector('#message-input')).direction`).Str(); got != "ltr" {
			t.Errorf("in %s an English text runs %s", language.tag, got)
		}
	}
}
