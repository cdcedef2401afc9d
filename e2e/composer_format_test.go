package e2e

import (
	"strings"
	"testing"

	"github.com/go-rod/rod/lib/input"
	"github.com/go-rod/rod/lib/proto"

	"chatserver/chattest"
)

// Formatting a text. In the cases, | is the cursor, and the text between two of them is
// selected.
func TestFormattingPutsMarksAndTakesThemAway(t *testing.T) {
	t.Parallel()
	world, browser := chattest.NewWorld(t), NewBrowser(t)
	tab := browser.Person()
	tab.Opens(world.URL("/"))
	wrong := tab.Imports(`({ code, fence, inCode, link, quote, wrap }) => {
		const run = (format, marked, ...more) => {
			const [before, chosen, after] = marked.split('|').length === 3 ? marked.split('|') : [marked.split('|')[0], '', marked.split('|')[1]];
			const text = before + chosen + after;
			const edit = format(text, before.length, before.length + chosen.length, ...more);
			if (!edit) return 'nothing';
			const made = text.slice(0, edit.from) + edit.text + text.slice(edit.to);
			const [a, b] = edit.select;
			return made.slice(0, a) + '|' + (a === b ? '' : made.slice(a, b) + '|') + made.slice(b);
		};
		const bold = (marked) => run(wrap, marked, '**');
		const italic = (marked) => run(wrap, marked, '_');
		const typed = (marked) => run((text, at) => fence(text, at), marked);
		const inside = (marked) => String(inCode(marked.replace('|', ''), marked.indexOf('|')));
		const url = 'https://example.org/a_(b)';
		const cases = [
			[bold('so |very| good'), 'so **|very|** good'],
			[bold('so **|very|** good'), 'so |very| good'],
			[bold('so |**very**| good'), 'so |very| good'],
			[bold('so| very |good'), 'so **|very|** good'],        // a mark beside a blank marks nothing
			[bold('so ve|ry good'), 'so **ve|ry** good'],
			[bold('so **ve|ry** good'), 'so ve|ry good'],
			[bold('|'), '**|**'],
			[bold('**|**'), '|'],
			[bold('été|'), '**été|**'],
			[bold('日本|'), '**日本|**'],
			[italic('so |very| good'), 'so _|very|_ good'],
			[italic('_|very|_'), '|very|'],
			[run(code, 'call |f()| now'), 'call `+"`|f()|`"+` now'],
			[run(code, 'see |a\nb| ok'), 'see \n`+"```"+`\n|a\nb|\n`+"```"+`\n ok'],
			[run(quote, 'one\ntw|o\nthree'), 'one\n> two|\nthree'],
			[run(quote, 'on|e\ntw|o'), '> one\n> two|'],
			[run(quote, '> on|e\n>\n> tw|o'), 'one\n\ntwo|'],
			[run(quote, '>:(|'), '> >:(|'],                          // a face is no quote
			[run(quote, '|'), '> |'],
			[run(link, 'see |this| page', url), 'see [this](https://example.org/a_%28b%29)| page'],
			[run(link, '|a [b]|', ' http://x.org '), '[a \\[b\\]](http://x.org)|'],
			[run(link, 'see |this|', 'javascript:alert(1)'), 'nothing'],
			[run(link, 'see |this|', 'https://x.org and more'), 'nothing'],
			[run(link, 'see |', 'https://x.org'), 'nothing'],
			[run(link, '|https://old.org|', 'https://x.org'), 'nothing'], // one address in place of another
			[run(link, '|a\nb|', 'https://x.org'), 'nothing'],
			[typed('`+"```"+`|'), '`+"```|\\n```"+`'],
			[typed('so:\n`+"```"+`|\nmore'), 'so:\n`+"```|\\n```"+`\nmore'],
			[typed('so `+"```"+`|'), 'nothing'],
			[typed('`+"```"+`|go'), 'nothing'],
			[typed('`+"```\\na\\n```|\\n```"+`'), '`+"```\\na\\n```|"+`'], // the end is there already
			[typed('`+"```\\na\\n```|"+`'), 'nothing'],
			[inside('`+"```go|\\n```"+`'), 'true'],
			[inside('`+"```go\\na|\\n```"+`'), 'true'],
			[inside('`+"```go\\na\\n```|"+`'), 'false'],
			[inside('`+"```go\\na\\n```\\nb|"+`'), 'false'],
			[inside('`+"```go\\na|"+`'), 'true'],
			[inside('`+"```a``` |"+`'), 'false'],
			[inside('a|'), 'false'],
		];
		return cases.filter(([got, want]) => got !== want).map(([got, want]) => JSON.stringify(got) + ' instead of ' + JSON.stringify(want)).join('\n');
	}`, "model/composer-format.js")
	if wrong != "" {
		t.Error(wrong)
	}
}

func TestFormattingCanBeUndone(t *testing.T) {
	t.Parallel()
	world, browser := chattest.NewWorld(t), NewBrowser(t)
	people := together(world, browser, "Ann", "Bob")
	ann, bob := people[0], people[1]
	ann.Types("so very good")
	ann.Selects("very")
	ann.Button("Bold").MustClick()
	ann.Written("so **very** good")
	ann.Focused("message-input")
	ann.Selects("good")
	ann.Chord(input.KeyI)
	ann.Written("so **very** _good_")
	ann.Selects("so")
	ann.Chord(input.KeyE)
	ann.Written("`so` **very** _good_")
	ann.Button("Quote").MustClick()
	ann.Written("> `so` **very** _good_")
	for _, before := range []string{"`so` **very** _good_", "so **very** _good_", "so **very** good", "so very good"} {
		ann.Chord(input.KeyZ)
		ann.Written(before)
	}
	ann.Selects("very")
	ann.Chord(input.KeyB)
	ann.Written("so **very** good")
	ann.Chord(input.KeyB)
	ann.Written("so very good")
	ann.Selects("very")
	ann.Button("Code").MustClick()
	ann.page.KeyActions().Type(input.Enter).MustDo()
	bob.Hears("Ann: so `very` good")
	for _, name := range []string{"Bold", "Italic", "Code", "Quote"} {
		ann.Button(name) // has an accessible name
	}
}

// Pastes pastes what a page puts on the clipboard: text and markup.
func (tab *Tab) Pastes(text, html string) {
	tab.t.Helper()
	tab.page.MustEval(`async (text, html) => {
		const data = { 'text/plain': new Blob([text], { type: 'text/plain' }), 'text/html': new Blob([html], { type: 'text/html' }) };
		await navigator.clipboard.write([new ClipboardItem(data)]);
	}`, text, html)
	tab.page.KeyActions().Press(input.ControlLeft).MustDo()
	if err := (proto.InputDispatchKeyEvent{Type: proto.InputDispatchKeyEventTypeKeyDown, Key: "v", Code: "KeyV", WindowsVirtualKeyCode: 86, Modifiers: 2, Commands: []string{"paste"}}).Call(tab.page); err != nil {
		tab.t.Fatal(err)
	}
	tab.page.KeyActions().Release(input.ControlLeft).MustDo()
}

// Not in parallel: all people of one machine share a clipboard.
func TestPasteIsPlainTextAndAURLMakesALink(t *testing.T) {
	world, browser := chattest.NewWorld(t), NewBrowser(t)
	ann := together(world, browser, "Ann")[0]
	origin := strings.TrimSuffix(world.URL("/"), "/")
	if err := (proto.BrowserGrantPermissions{
		Permissions: []proto.BrowserPermissionType{proto.BrowserPermissionTypeClipboardReadWrite, proto.BrowserPermissionTypeClipboardSanitizedWrite},
		Origin:      origin, BrowserContextID: ann.page.Browser().BrowserContextID,
	}).Call(ann.page.Browser()); err != nil {
		t.Fatal(err)
	}
	ann.Pastes("big news", "<h1>big <b>news</b></h1>")
	ann.Written("big news")
	ann.Selects("news")
	ann.Pastes("https://example.org/news", "<a href='https://example.org/news'>news</a>")
	ann.Written("big [news](https://example.org/news)")
	ann.Chord(input.KeyZ)
	ann.Written("big news")
	ann.Selects("news")
	ann.Pastes("and more", "and more")
	ann.Written("big and more")
}

func TestThreeBackticksOpenABlockOfCode(t *testing.T) {
	t.Parallel()
	world, browser := chattest.NewWorld(t), NewBrowser(t)
	people := together(world, browser, "Ann", "Bob")
	ann, bob := people[0], people[1]
	enter := func() { ann.page.KeyActions().Type(input.Enter).MustDo() }
	ann.Types("```")
	ann.Written("```\n```")
	ann.Types("go")
	enter()
	ann.Types("a := 1")
	enter()
	ann.Types("b := 2")
	ann.Written("```go\na := 1\nb := 2\n```")
	enter()
	ann.Types("```") // typing goes over the end that is already there
	ann.Written("```go\na := 1\nb := 2\n```")
	enter() // after the block, Enter sends
	bob.Hears("Ann: ```go\na := 1\nb := 2\n```")

	ann.Types("```")
	ann.Chord(input.KeyZ)
	ann.Written("```")
	enter()
	ann.Types("sent from inside")
	ann.Chord(input.Enter)
	bob.Hears("Ann: ```go\na := 1\nb := 2\n```", "Ann: ```\nsent from inside")
}
