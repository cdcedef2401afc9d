package e2e

import (
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/go-rod/rod/lib/input"
	"github.com/go-rod/rod/lib/proto"

	"chatserver/chattest"
)

// Fills gives a message the HTML that the server makes of its Markdown.
func (tab *Tab) Fills(text, html string) {
	tab.t.Helper()
	wrong := tab.Imports(fmt.Sprintf(`({ fillText }) => {
		const [text, html] = [%q, %q];
		const row = [...document.querySelectorAll('[data-testid=message]')].find(({ dataset }) => dataset.text === text);
		fillText(row, { text, html, rev: -1, me: 'Ann' });
		return row ? '' : 'no such message';
	}`, text, html), "elements/message-text.js")
	if wrong != "" {
		tab.t.Fatal(wrong)
	}
}

// Row returns the row of a message with a text.
func (tab *Tab) Row(text string) string {
	return fmt.Sprintf(`[...document.querySelectorAll('[data-testid=message]')].find(({ dataset }) => dataset.text === %q)`, text)
}

// KeepsCopies records what the page copies, because all tests share the system's
// clipboard.
func (tab *Tab) KeepsCopies() {
	tab.t.Helper()
	tab.Evaluates(`Clipboard.prototype.writeText = async (text) => { window.copied = text; };`)
}

// Copied waits until the last copied text is this.
func (tab *Tab) Copied(text string) {
	tab.t.Helper()
	tab.Sees(fmt.Sprintf("%q in the clipboard", text), `(text) => window.copied === text`, text)
}

// Messages of one author within five minutes form a group, also across
// pages. Each has a time, with the date on hover.
func TestMessagesAreGroupedWithTheirTimes(t *testing.T) {
	t.Parallel()
	world, browser := chattest.NewWorld(t), NewBrowser(t)
	bot := world.Connect("bot", "")
	sayLines(bot, 0, 119)
	ann := browser.Person()
	ann.Opens(world.URL("/"))
	ann.Connects("Ann", "")
	ann.Hears("bot: line 119")
	groups := `(rows, groups) => document.querySelectorAll('[data-testid=message]').length === rows
		&& document.querySelectorAll('[data-testid=message]:not([data-further])').length === groups`
	ann.Sees("one group", groups, 50, 1)
	ann.Sees("one group, with the pages above", `() => {
		document.querySelector('[data-testid=messages]').scrollTop = 0; // again and again
		const rows = document.querySelectorAll('[data-testid=message]');
		return rows.length === 120 && document.querySelectorAll('[data-testid=message]:not([data-further])').length === 1;
	}`)
	bob := world.Connect("Bob", "")
	bob.Says("me too")
	bob.Hears("Bob connected to chat", "Bob: me too")
	bot.Says("go on")
	ann.Hears("Bob: me too", "bot: go on")
	ann.Sees("three groups", groups, 122, 3)
	ann.Sees("times with a date to hover for", `() => [...document.querySelectorAll('[data-testid=message] time')].every((time) =>
		!Number.isNaN(Date.parse(time.dateTime)) && time.title.includes(String(new Date().getFullYear())) && /\d/.test(time.textContent) && getComputedStyle(time).visibility === 'visible')`)
}

// A right-to-left message is right to left in a left-to-right page;
// messages with emoji only are large.
func TestEveryTextHasItsOwnDirection(t *testing.T) {
	t.Parallel()
	world, browser := chattest.NewWorld(t), NewBrowser(t)
	sami := world.Connect("سامي", "")
	sami.Says("صور القوارب الجديدة جاهزة")
	sami.Says("hello")
	sami.Says("🎉")
	ann := browser.Person()
	ann.Opens(world.URL("/"))
	ann.Connects("Ann", "")
	ann.Hears("سامي: hello", "سامي: 🎉")
	ann.Fills("🎉", `<p dir="auto" class="emoji-only">🎉</p>`)
	ann.Sees("both ways", `() => {
		const ways = [...document.querySelectorAll('[data-testid=message-text] > p')].map((p) => getComputedStyle(p).direction);
		return ways[0] === 'rtl' && ways[1] === 'ltr';
	}`)
	ann.Sees("a large sign", `() => {
		const [, usual, large] = [...document.querySelectorAll('[data-testid=message-text] > p')].map((p) => parseFloat(getComputedStyle(p).fontSize));
		return large >= 2 * usual;
	}`)
}

// Code scrolls within its block and is copied unchanged, links
// open in a new tab, and neither makes the page wider.
func TestCodeAndLinksKeepToTheirPlace(t *testing.T) {
	t.Parallel()
	world, browser := chattest.NewWorld(t), NewBrowser(t)
	ann := browser.Person()
	ann.KeepsCopies()
	ann.Size(360, 740)
	ann.Opens(world.URL("/"))
	ann.Connects("Ann", "")
	ann.Says("code")
	ann.Says("link")
	ann.Hears("Ann: code", "Ann: link")
	long := strings.Repeat("veryLong", 60)
	ann.Fills("code", `<p dir="auto">So:</p><figure class="code"><figcaption>go</figcaption><pre dir="ltr" tabindex="0"><code><span class="kd">func</span> `+long+"()\n}\n</code></pre></figure>")
	ann.Fills("link", `<p dir="auto"><a href="https://example.com/`+long+`" target="_blank" rel="noopener noreferrer nofollow">https://example.com/`+long+`</a></p>`)
	ann.NoSideways()
	ann.Sees("code that scrolls", `() => { const pre = document.querySelector('pre'); pre.scrollLeft = 50; return pre.scrollLeft === 50 && getComputedStyle(pre).overflowX === 'auto' && getComputedStyle(pre).fontFamily.includes('mono'); }`)
	ann.Sees("a keyword in its colour", `() => getComputedStyle(document.querySelector('.kd')).color !== getComputedStyle(document.querySelector('pre code')).color`)
	before := ann.page.MustEval(`() => document.querySelector('.copy-code').getBoundingClientRect().width`).Num()
	ann.Sees("a target for a finger", `() => { const { width, height } = document.querySelector('.copy-code button').getBoundingClientRect(); return width >= 44 && height >= 44; }`)
	ann.Part("copy-code").MustElement("button").MustClick()
	ann.Sees("the word", `() => document.querySelector('.copy-code').hasAttribute('data-copied') && [...document.querySelectorAll('.copy-code .copy-words span')].at(-1).checkVisibility({ visibilityProperty: true })`)
	if after := ann.page.MustEval(`() => document.querySelector('.copy-code').getBoundingClientRect().width`).Num(); after != before {
		t.Errorf("Copied is wider than Copy by %v", after-before)
	}
	ann.Copied("func " + long + "()\n}")
}

// A message's actions work by pointer, keyboard and finger, and
// confirm in words.
func TestAMessageIsCopied(t *testing.T) {
	t.Parallel()
	world, browser := chattest.NewWorld(t), NewBrowser(t)
	ann := browser.Person()
	ann.KeepsCopies()
	ann.Size(1280, 800)
	ann.Opens(world.URL("/rooms/night-watch"))
	ann.Connects("Ann", "")
	ann.Says("first")
	ann.Says("take **this**")
	ann.Hears("Ann: first", "Ann: take **this**")
	row := ann.Row("take **this**")
	where := `() => JSON.stringify([...document.querySelectorAll('[data-testid=message]')].map((row) => row.getBoundingClientRect()))`
	before := ann.page.MustEval(where).Str()
	ann.Picks("take **this**", "Copy text")
	ann.Copied("take **this**")
	ann.Sees("the word", `() => [...document.querySelectorAll('[data-copy=message][data-copied] .copy-words span')].at(-1)?.checkVisibility({ visibilityProperty: true })`)
	ann.page.MustElement(`[data-copy=place] button`).MustClick()
	seq := ann.page.MustEval(`() => ` + row + `.dataset.seq`).Str()
	ann.Copied(world.URL("/rooms/night-watch/") + seq)
	ann.Presses(input.Escape)
	ann.page.MustEval(`() => document.activeElement.blur()`)
	if after := ann.page.MustEval(where).Str(); after != before {
		t.Errorf("the rows moved: %s, %s", before, after)
	}
	gone := `() => !document.querySelector('[data-testid=message-actions]')`
	ann.page.Mouse.MustMoveTo(5, 5)
	ann.Sees("nothing that is in the way", gone)

	// By keyboard: first the author's name, then the actions.
	ann.page.MustEval(`() => document.querySelector('[data-testid=message-author]').focus()`)
	ann.page.KeyActions().Press(input.Tab).MustDo()
	ann.Sees("the focus on React", `() => document.activeElement.matches('[data-testid=react]') && document.activeElement.closest('[data-testid=message]').dataset.text === 'first'`)
	ann.page.MustEval(`() => document.activeElement.blur()`)
	ann.Sees("nothing that is in the way", gone)
}

// holdsTimers makes a finger be held for long enough when the test calls window.held(),
// however slow the machine is.
const holdsTimers = `
	const [later, forget, held] = [window.setTimeout, window.clearTimeout, new Map()];
	window.setTimeout = (act, ms, ...rest) => {
		const timer = later(ms === 400 ? () => {} : act, ms, ...rest);
		if (ms === 400) held.set(timer, act);
		return timer;
	};
	window.clearTimeout = (timer) => { held.delete(timer); forget(timer); };
	window.held = () => { for (const act of held.values()) act(); held.clear(); };`

// Tapping a message shows the button of its actions, holding it opens them. Neither the tap
// nor the lifted finger reaches what has appeared under it.
func TestAFingerFindsTheActions(t *testing.T) {
	t.Parallel()
	world, browser := chattest.NewWorld(t), NewBrowser(t)
	ann := browser.Person()
	ann.Size(360, 740)
	if err := (proto.EmulationSetTouchEmulationEnabled{Enabled: true}).Call(ann.page); err != nil {
		t.Fatal(err)
	}
	ann.Evaluates(holdsTimers)
	ann.Opens(world.URL("/"))
	ann.Connects("Ann", "")
	ann.Labelled("Message").MustInput("tap me")
	ann.Button("Send").MustClick()
	ann.Hears("Ann: tap me")
	touch := func(kind proto.InputDispatchTouchEventType, points ...*proto.InputTouchPoint) {
		event := proto.InputDispatchTouchEvent{Type: kind, TouchPoints: append([]*proto.InputTouchPoint{}, points...)}
		if err := event.Call(ann.page); err != nil {
			t.Fatal(err)
		}
	}
	row := ann.page.MustElementByJS(`() => ` + ann.Row("tap me"))
	box := row.MustShape().Box()
	bar := &proto.InputTouchPoint{X: box.X + box.Width - 30, Y: box.Y + 14} // where the bar appears
	large := `(buttons) => {
		const shown = [...document.querySelectorAll(buttons)].filter((button) => button.checkVisibility());
		return shown.length > 0 && shown.every((button) => button.getBoundingClientRect().height >= 44 && button.getBoundingClientRect().width >= 44);
	}`
	goesAway := func() {
		t.Helper()
		ann.page.MustEval(`() => document.querySelector('.room-title').dispatchEvent(new PointerEvent('pointerdown', { bubbles: true, pointerType: 'touch' }))`)
		ann.Sees("nothing in the way", `() => !document.querySelector('[data-testid=message-actions], [data-testid=message-menu]:popover-open')`)
	}

	// A machine may be too slow for a tap, which becomes a long press: she taps again.
	ann.page.MustEval(`() => document.addEventListener('click', () => { window.tapped = true; }, true)`)
	for until := time.Now().Add(chattest.Patience); !ann.page.MustEval(`() => window.tapped ?? false`).Bool() && time.Now().Before(until); ann.settle() {
		touch(proto.InputDispatchTouchEventTypeTouchStart, bar)
		touch(proto.InputDispatchTouchEventTypeTouchEnd)
	}
	ann.Sees("the actions after a tap", large, "[data-testid=message-actions] button")
	if ann.page.MustEval(`() => document.querySelector('[data-testid=message-menu]').matches(':popover-open')`).Bool() {
		t.Error("the tap reached the bar that it showed")
	}
	goesAway()

	row.MustElement("p").MustEval(`() => this.addEventListener('touchend', (event) => setTimeout(() => { window.tapped = !event.defaultPrevented; }))`)
	text := row.MustElement("p").MustShape().OnePointInside()
	for _, redrawn := range []bool{false, true} {
		ann.page.MustEval(`() => { delete window.tapped; }`)
		touch(proto.InputDispatchTouchEventTypeTouchStart, &proto.InputTouchPoint{X: text.X, Y: text.Y})
		ann.page.MustEval(`() => window.held()`)
		ann.Sees("the actions of a held message", large, "[data-testid=message-menu] button")
		if redrawn {
			ann.Fills("tap me", `<p dir="auto">redrawn</p>`)
		}
		touch(proto.InputDispatchTouchEventTypeTouchEnd)
		ann.Sees("no tap when the finger is lifted", `() => window.tapped === false`)
		ann.Sees("the actions after the finger is lifted", `() => document.querySelector('[data-testid=message-menu]').matches(':popover-open')`)
		ann.NoSideways()
		goesAway()
	}
}

// Holding a reaction shows who reacted. It neither opens the menu of the message nor toggles the
// reaction when the finger is lifted; a tap toggles.
func TestAFingerFindsWhoReacted(t *testing.T) {
	t.Parallel()
	world, browser := chattest.NewWorld(t), NewBrowser(t)
	ann := browser.Person()
	ann.Size(360, 740)
	ann.Touch()
	ann.Evaluates(holdsTimers)
	ann.Opens(world.URL("/"))
	ann.Connects("Ann", "")
	ann.Labelled("Message").MustInput("lunch?")
	ann.Button("Send").MustClick()
	ann.Hears("Ann: lunch?")
	ann.Runs(`(id) => document.querySelector('chat-room').dispatchEvent(new CustomEvent('react', { detail: { id, emoji: '🎉' } }))`, ann.page.MustEval(`() => `+ann.Row("lunch?")+`.dataset.id`).Str())
	ann.Reacted("lunch?", "🎉 1 mine")
	at := ann.Part("reaction").MustShape().OnePointInside()
	ann.page.MustEval(`() => document.querySelector('[data-testid=reaction]').addEventListener('touchend', (event) => setTimeout(() => { window.tapped = !event.defaultPrevented; }))`)
	ann.Fingers(proto.InputDispatchTouchEventTypeTouchStart, at.X, at.Y)
	ann.page.MustEval(`() => window.held()`)
	ann.Sees("the names", `() => {
		const { content, visibility, opacity } = getComputedStyle(document.querySelector('[data-testid=reaction]'), '::after');
		return content.includes('Ann') && visibility === 'visible' && opacity === '1';
	}`)
	ann.Fingers(proto.InputDispatchTouchEventTypeTouchEnd, 0, 0)
	ann.Sees("no tap when the finger is lifted", `() => window.tapped === false`)
	ann.Reacted("lunch?", "🎉 1 mine")
	ann.Sees("no menu", `() => !document.querySelector('[data-testid=message-menu]').matches(':popover-open')`)
	ann.page.MustEval(`() => document.querySelector('[data-testid=reaction]').click()`)
	ann.Reacted("lunch?")
}

// Pending and failed messages have their own actions; over plain HTTP, copying is not
// offered.
func TestOnlyUsefulActionsAreOffered(t *testing.T) {
	t.Parallel()
	world, browser := chattest.NewWorld(t), NewBrowser(t)
	ann := browser.Person()
	ann.Size(1280, 800)
	ann.Evaluates(`Object.defineProperty(Navigator.prototype, 'clipboard', { value: undefined });`)
	ann.Opens(world.URL("/"))
	ann.Connects("Ann", "")
	ann.Says("hello")
	ann.Hears("Ann: hello")
	ann.Fills("hello", `<figure class="code"><figcaption></figcaption><pre dir="ltr" tabindex="0"><code>x</code></pre></figure>`)
	ann.page.MustElementByJS(`() => ` + ann.Row("hello")).MustHover()
	ann.settle()
	ann.Sees("no Copy", `() => ![...document.querySelectorAll('[data-testid=message] button')].some((button) => button.textContent.includes('Copy'))`)
}

// A message that mentions the reader is marked, in upper and lower case; code is not.
func TestMentionsAreMarked(t *testing.T) {
	t.Parallel()
	world, browser := chattest.NewWorld(t), NewBrowser(t)
	bot := world.Connect("bot", "")
	ann := browser.Person()
	ann.Opens(world.URL("/"))
	ann.Connects("Ann", "")
	bot.Says("over to you, @ann!")
	bot.Says("not @Anna")
	bot.Says("code")
	ann.Hears("bot: over to you, @ann!", "bot: not @Anna", "bot: code")
	ann.Fills("code", `<p dir="auto">see <code>@Ann</code></p>`)
	ann.Sees("one mention", `() => {
		const mentions = [...document.querySelectorAll('.mention')];
		return mentions.length === 1 && mentions[0].textContent === '@ann' && document.querySelectorAll('[data-mention]').length === 1;
	}`)
}

// The server and the modules show the same avatar for a person.
func TestAPersonLooksTheSameBeforeAndAfter(t *testing.T) {
	t.Parallel()
	world, browser := chattest.NewWorld(t), NewBrowser(t)
	for i, name := range []string{"ann", "Maud Lind", "Ana Maria de Souza", "X", "straße", "سامي حداد", "Наталья Орлова", "ΟΔΥΣΣΕΥΣ", "İpek", "🎉 Family", "日本 太郎", "user1", "user2", "ｗｉｄｅ"} {
		person := world.Connect(name, "")
		person.Says(fmt.Sprint("I am ", i))
		person.Leaves()
	}
	tab := browser.Person()
	tab.Opens(world.URL("/"))
	wrong := tab.Imports(`async ({ initials, tone }) => {
		const page = new DOMParser().parseFromString(await (await fetch('/')).text(), 'text/html');
		const rows = [...page.querySelectorAll('[role=log] .message')];
		if (rows.length !== 14) return rows.length + ' rows';
		return rows.flatMap((row) => {
			const { from, author } = row.dataset, avatar = row.querySelector('.avatar');
			return avatar.textContent === initials(from) && avatar.dataset.tone === tone(author || from) ? []
				: [from + ': ' + avatar.textContent + ' ' + avatar.dataset.tone + ' instead of ' + initials(from) + ' ' + tone(author || from)];
		}).join('; ');
	}`, "elements/avatar.js")
	if wrong != "" {
		t.Error(wrong)
	}
}

// What people write is shown as text everywhere: a message, a name, a
// room, a form field, a cookie. The page's policy has nothing to block.
func TestFiveKindsOfTextStayText(t *testing.T) {
	t.Parallel()
	world, browser := chattest.NewWorld(t), NewBrowser(t)
	ann := browser.Person()
	var asked atomic.Int64
	go ann.page.EachEvent(func(*proto.PageJavascriptDialogOpening) {
		asked.Add(1)
		_ = proto.PageHandleJavaScriptDialog{Accept: true}.Call(ann.page)
	})()
	ann.Evaluates(`window.stopped = []; document.addEventListener('securitypolicyviolation', ({ violatedDirective }) => window.stopped.push(violatedDirective));`)
	const attack = `"><img src=x onerror=alert(1)><b>`
	eve := world.Connect(`<img src=x onerror=alert(1)>`, "")
	eve.Says(attack)
	eve.Says("[x](javascript:alert(1)) javascript:alert(1)")
	ann.Opens(world.URL("/?name=" + strings.ReplaceAll(attack, `"`, "%22") + "&age=%3Cscript%3E"))
	ann.Shows("join", "An age is a whole number")
	ann.Opens(world.URL("/"))
	ann.Connects(`<b onclick=alert(1)>A`, "")
	ann.Says(attack)
	ann.Hears("<b onclick=alert(1)>A: " + attack)
	ann.Labelled("New room").MustInput(attack)
	ann.page.KeyActions().Press('\r').MustDo()
	ann.Shows("new-room-error", "Use 1–64")
	ann.Opens(world.URL("/"))
	ann.Shows("status", "Connected")
	ann.Hears("<img src=x onerror=alert(1)>: "+attack, "<img src=x onerror=alert(1)>: [x](javascript:alert(1)) javascript:alert(1)", "<b onclick=alert(1)>A: "+attack)
	ann.page.MustEval(`() => { document.cookie = 'chat_page=' + new URLSearchParams({ name: '"><script>alert(1)</script>', age: '"><b>', theme: '"><b>', language: '<b>', zone: '../../etc/passwd' }) + ';path=/'; sessionStorage.clear(); }`)
	ann.page.MustEval(`() => document.querySelector('chat-room').remove()`)
	ann.Opens(world.URL("/"))
	ann.Shows("join", "Join the chat")
	wrong := ann.page.MustEval(`() => [...window.stopped, ...[...document.querySelectorAll('img:not([data-room-code]), script:not([src], #words), b, [onerror], [onclick], a[href^="javascript:"]')].map(({ outerHTML }) => outerHTML)].join()`).Str()
	if wrong != "" || asked.Load() > 0 {
		t.Errorf("a script ran, or only the policy stopped it: %s, %d dialogs", wrong, asked.Load())
	}
}

// The printed page has who said what and when, and no controls.
func TestTheTranscriptCanBePrinted(t *testing.T) {
	t.Parallel()
	world, browser := chattest.NewWorld(t), NewBrowser(t)
	ann := browser.Person()
	ann.Opens(world.URL("/"))
	ann.Connects("Ann", "")
	for i := range 40 {
		ann.Says(fmt.Sprint("line ", i))
	}
	ann.Hears("Ann: line 39")
	media := proto.EmulationSetEmulatedMedia{Media: "print", Features: []*proto.EmulationMediaFeature{{Name: "prefers-color-scheme", Value: "dark"}}}
	if err := media.Call(ann.page); err != nil {
		t.Fatal(err)
	}
	ann.Sees("nothing of the frame", `() => ![...document.querySelectorAll('.sidebar, .people, message-composer, .above-composer, .avatar, copy-button, .room-header button')].some((part) => part.checkVisibility())`)
	ann.Sees("all that is loaded, with authors and whole times", `() => {
		const rows = [...document.querySelectorAll('[data-testid=message]')];
		return rows.length === 40 && rows.every((row) => row.getBoundingClientRect().bottom <= document.documentElement.scrollHeight && row.querySelector('.message-author').getBoundingClientRect().width > 10
			&& getComputedStyle(row.querySelector('time'), '::after').content.includes(String(new Date().getFullYear())));
	}`)
	if ground := ann.page.MustEval(`() => getComputedStyle(document.querySelector('[data-testid=message]')).color`).Str(); ground != "rgb(37, 34, 29)" {
		t.Errorf("the ink is %s", ground)
	}
	if high := ann.page.MustEval(`() => document.documentElement.scrollHeight > innerHeight && document.querySelector('[data-testid=messages]').scrollHeight <= document.querySelector('[data-testid=messages]').clientHeight + 1`).Bool(); !high {
		t.Error("the list is cut off at the screen's height")
	}
}

// All loaded messages are printed, although the screen shows only some, and the print
// says if there are more. Nothing overlaps in the compact layout.
func TestAllLoadedMessagesArePrinted(t *testing.T) {
	t.Parallel()
	world, browser := chattest.NewWorld(t), NewBrowser(t)
	ann := browser.Person()
	ann.Size(1280, 800)
	talks(world, "bot", 400)
	ann.Opens(world.URL("/"))
	ann.Connects("Ann", "")
	rows := `() => document.querySelectorAll('[data-testid=message]').length`
	prints := func() (n int, cut string) {
		ann.page.MustEval(`() => dispatchEvent(new Event('beforeprint'))`)
		if err := (proto.EmulationSetEmulatedMedia{Media: "print"}).Call(ann.page); err != nil {
			t.Fatal(err)
		}
		n = ann.page.MustEval(rows).Int()
		cut = ann.page.MustEval(`() => document.querySelector('.messages-cut').checkVisibility() ? document.querySelector('.messages-cut').textContent : 'nothing'`).Str()
		if wrong := ann.page.MustEval(overlapping, ".messages-log").Str(); wrong != "" {
			t.Errorf("printed on top of each other:\n%.300s", wrong)
		}
		if err := (proto.EmulationSetEmulatedMedia{}).Call(ann.page); err != nil {
			t.Fatal(err)
		}
		ann.page.MustEval(`() => dispatchEvent(new Event('afterprint'))`)
		return n, cut
	}
	if n, cut := prints(); n >= 400 || cut != "Earlier messages were not loaded and are not printed." {
		t.Errorf("the newest %d are printed, followed by %q", n, cut)
	}
	first := `() => document.querySelector('.message-text').textContent === 'line 1'`
	for until := time.Now().Add(chattest.Patience); !ann.page.MustEval(first).Bool() && time.Now().Before(until); {
		ann.readsOn(`(list) => { list.scrollTop = 30; }`)
	}
	ann.page.MustEval(`() => { document.documentElement.dataset.density = 'compact'; }`)
	where := ann.InView()
	ann.Stays(where, func() {
		if n, cut := prints(); n != 400 || cut != "" {
			t.Errorf("all %d are printed, followed by %q", n, cut)
		}
	})
	ann.Sees("no more than before on the screen", `() => document.querySelectorAll('[data-testid=message]').length <= 150`)
}

// A message has the same avatar and time while it is being sent as afterwards.
func TestAMessageLooksTheSameWhileItIsSent(t *testing.T) {
	t.Parallel()
	world, browser := chattest.NewWorld(t), NewBrowser(t)
	wire := newWire(t, world.Address())
	ann := browser.Person()
	ann.Opens(wire.URL("/"))
	ann.Connects("Ann", "")
	look := `(n) => { const row = [...document.querySelectorAll('[data-testid=message]')][n]; return row.querySelector('.avatar').dataset.tone + ' ' + row.querySelector('time').textContent.replace(/\d/g, '0'); }`
	wire.Hold(true)
	ann.Says("one")
	ann.Says("two")
	ann.Writes("one", "two")
	before := []string{ann.page.MustEval(look, 0).Str(), ann.page.MustEval(look, 1).Str()}
	wire.Hold(false)
	ann.Hears("Ann: one", "Ann: two")
	for i, was := range before {
		if is := ann.page.MustEval(look, i).Str(); is != was || is != before[0] {
			t.Errorf("message %d looked like %q, and looks like %q, the first of its group like %q", i, was, is, before[0])
		}
	}
}

// Selected and copied text has people's words, and no button labels.
func TestSelectedTextHasNoButtonLabels(t *testing.T) {
	t.Parallel()
	world, browser := chattest.NewWorld(t), NewBrowser(t)
	ann := together(world, browser, "Ann")[0]
	world.Connect("bot", "").Says("see:\n```go\nx := 1\n```\ndone")
	ann.Sees("the button of the code", `() => document.querySelector('[data-testid=copy-code]') !== null`)
	selected := ann.page.MustEval(`() => { getSelection().selectAllChildren(document.querySelector('[role=log]')); return getSelection().toString(); }`).Str()
	if strings.Contains(selected, "Copy") || !strings.Contains(selected, "x := 1") || !strings.Contains(selected, "done") {
		t.Errorf("selected is %q", selected)
	}
}
