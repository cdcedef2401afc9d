package e2e

import (
	"bytes"
	"fmt"
	"io"
	"math"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-rod/rod"
	"github.com/go-rod/rod/lib/proto"

	"chatserver/chattest"
)

// Begins opens a URL without waiting for the page.
func (tab *Tab) Begins(url string) {
	tab.t.Helper()
	if err := tab.page.Navigate(url); err != nil {
		tab.t.Fatalf("open %s: %v", url, err)
	}
}

// HoldsModules delays the page's modules until release is called: until then, the tab
// shows the first paint.
func (tab *Tab) HoldsModules() (release func()) {
	tab.t.Helper()
	held := make(chan struct{})
	if err := (proto.NetworkSetCacheDisabled{CacheDisabled: true}).Call(tab.page); err != nil { // cached files would not be delayed
		tab.t.Fatal(err)
	}
	router := tab.page.HijackRequests()
	router.MustAdd("*/js/app.js*", func(ctx *rod.Hijack) {
		<-held
		ctx.ContinueRequest(&proto.FetchContinueRequest{})
	})
	go router.Run()
	release = sync.OnceFunc(func() { close(held) })
	tab.t.Cleanup(func() {
		release()
		_ = router.Stop()
	})
	return release
}

// Evaluates runs JavaScript before any script of the next pages.
func (tab *Tab) Evaluates(js string) {
	tab.t.Helper()
	if _, err := tab.page.EvalOnNewDocument(js); err != nil {
		tab.t.Fatal(err)
	}
}

// atNewest is true when the newest message is visible.
const atNewest = `() => {
	const row = [...document.querySelectorAll('[data-testid=message]')].at(-1);
	const list = document.querySelector('[data-testid=messages]')?.getBoundingClientRect();
	const { top, bottom } = row?.getBoundingClientRect() ?? {};
	return document.readyState !== 'loading' && row?.checkVisibility() && top >= list.top && bottom <= list.bottom;
}`

// The first paint has the room's newest messages, before any module has
// run. Then the modules take over, and nothing moves.
func TestThePageTakesOverWithoutAFlicker(t *testing.T) {
	t.Parallel()
	world, browser := chattest.NewWorld(t), NewBrowser(t)
	bot := world.Connect("bot", "")
	for i := range 80 {
		bot.Says(fmt.Sprintf("line %d %s", i, strings.Repeat("word ", i%40)))
	}
	ann := browser.Person()
	ann.Size(1280, 800)
	ann.Opens(world.URL("/"))
	ann.Connects("Ann", "")
	ann.Hears("bot: line 79 " + strings.Repeat("word ", 39))

	ann.Evaluates(`
		window.sent = [];
		const { send } = WebSocket.prototype;
		WebSocket.prototype.send = function (text) { window.sent.push(JSON.parse(text)); return send.call(this, text); };
		window.shifts = [];
		new PerformanceObserver((list) => window.shifts.push(...list.getEntries().map(({ value, sources }) =>
			value + ' ' + sources.map(({ node, previousRect: a, currentRect: b }) => (node?.className || node?.parentElement?.className || node?.nodeName) +
				' ' + [a.x, a.y, a.width, a.height] + ' → ' + [b.x, b.y, b.width, b.height])))).observe({ type: 'layout-shift', buffered: true });`)
	release := ann.HoldsModules()
	ann.Begins(world.URL("/"))
	ann.Sees("the newest message", atNewest)
	ann.Shows("me", "Ann")
	ann.Sees("no join screen", `() => !document.querySelector('[data-testid=join]')?.checkVisibility()`)
	ann.page.MustEval(`() => {
		window.rows = [...document.querySelectorAll('[data-testid=message]')];
		window.painted = window.rows.map((row) => [row, row.querySelector('[data-testid=message-text]').firstChild, row.getBoundingClientRect().top]);
	}`)
	if n := ann.page.MustEval(`() => window.rows.length`).Int(); n != 50 {
		t.Errorf("the first paint has %d messages", n)
	}
	release()
	ann.Shows("status", "Connected")
	ann.Sees("times", `() => getComputedStyle(document.querySelector('time')).visibility === 'visible'`)
	ann.settle()
	wrong := ann.page.MustEval(`() => {
		const now = [...document.querySelectorAll('[data-testid=message]')];
		const wrong = [];
		if (now.length !== window.painted.length) wrong.push(now.length + ' rows');
		window.painted.forEach(([row, text, top], i) => {
			if (row !== now[i]) wrong.push('another node ' + i);
			if (text !== now[i].querySelector('[data-testid=message-text]').firstChild) wrong.push('another text ' + i);
			if (now[i].getBoundingClientRect().top !== top) wrong.push(i + ' moved by ' + (now[i].getBoundingClientRect().top - top));
		});
		if (window.shifts.length > 0) wrong.push('shifted: ' + window.shifts);
		if (window.sent.some(({ cmd }) => cmd === 'history')) wrong.push('asked for history');
		if (!window.sent.filter(({ cmd }) => cmd === 'join').every(({ since, epoch }) => since === 80 && epoch)) wrong.push('asked for all: ' + JSON.stringify(window.sent));
		return wrong.slice(0, 8).join('; ');
	}`).Str()
	if wrong != "" {
		t.Error(wrong)
	}

	// Messages sent while the page loads are there as well.
	release = ann.HoldsModules()
	ann.Begins(world.URL("/"))
	ann.Sees("the newest message", atNewest)
	bot.Says("while it was loading")
	bot.Says("and more")
	release()
	ann.Hears("bot: line 79 "+strings.Repeat("word ", 39), "bot: while it was loading", "bot: and more")
}

// holdsPages returns the address of a proxy that passes on the first half of each page, and
// the rest once release is called.
func holdsPages(t *testing.T, to string) (address string, release func()) {
	t.Helper()
	target, err := url.Parse(to)
	if err != nil {
		t.Fatal(err)
	}
	held := make(chan struct{})
	release = sync.OnceFunc(func() { close(held) })
	proxy := httptest.NewServer(&httputil.ReverseProxy{
		FlushInterval: -1,
		Rewrite: func(r *httputil.ProxyRequest) {
			r.SetURL(target)
			r.Out.Host = r.In.Host
			r.Out.Header.Del("Accept-Encoding")
		},
		ModifyResponse: func(r *http.Response) error {
			if !strings.HasPrefix(r.Header.Get("Content-Type"), "text/html") {
				return nil
			}
			page, err := io.ReadAll(r.Body)
			if err != nil {
				return err
			}
			half := len(page) / 2
			r.Body = struct {
				io.Reader
				io.Closer
			}{io.MultiReader(bytes.NewReader(page[:half]), readerFunc(func([]byte) (int, error) {
				<-held
				return 0, io.EOF
			}), bytes.NewReader(page[half:])), r.Body}
			return nil
		},
	})
	t.Cleanup(proxy.Close)
	t.Cleanup(release)
	return proxy.URL, release
}

type readerFunc func([]byte) (int, error)

func (f readerFunc) Read(p []byte) (int, error) { return f(p) }

// On a slow line, a page arrives in pieces.
func TestNothingMovesWhileThePageArrives(t *testing.T) {
	t.Parallel()
	world, browser := chattest.NewWorld(t), NewBrowser(t)
	bot := world.Connect("bot", "")
	for i := range 80 {
		bot.Says(fmt.Sprintf("line %d %s", i, strings.Repeat("word ", i%40)))
	}
	slow, release := holdsPages(t, world.URL("/"))
	ann := browser.Person()
	ann.Size(1280, 800)
	ann.Opens(world.URL("/"))
	ann.Connects("Ann", "")
	ann.Evaluates(`
		window.shifts = [];
		new PerformanceObserver((list) => window.shifts.push(...list.getEntries())).observe({ type: 'layout-shift', buffered: true });`)
	ann.Begins(slow)
	ann.Sees("some messages", `() => document.readyState === 'loading' && document.querySelectorAll('[data-testid=message]').length > 9`)
	// Enough time for a paint, if there is to be one.
	ann.page.MustEval(`async () => { for (let i = 0; i < 30; i++) await (await fetch('/version.json', { cache: 'no-store' })).text(); }`)
	release()
	ann.Sees("the newest message", atNewest)
	ann.Shows("status", "Connected")
	ann.settle()
	if shifts := ann.page.MustEval(`() => JSON.stringify(window.shifts)`).Str(); shifts != "[]" {
		t.Errorf("the page moved while it arrived: %s", shifts)
	}
}

// The first paint has the chosen theme.
func TestNothingFlashesWhite(t *testing.T) {
	t.Parallel()
	world, browser := chattest.NewWorld(t), NewBrowser(t)
	ann := browser.Person()
	ann.Opens(world.URL("/"))
	ann.Connects("Ann", "")
	ann.Imports(`({ settings }) => { settings.set('theme', 'dark'); }`, "lib/settings.js")
	ann.HoldsModules()
	ann.Begins(world.URL("/"))
	ann.Shows("me", "Ann")
	if ground := ann.page.MustEval(`() => getComputedStyle(document.body).backgroundColor`).Str(); ground != "rgb(29, 27, 24)" {
		t.Errorf("the background of the first paint is %s", ground)
	}
}

// Without JavaScript a room can be read, others are a link away, and
// controls without a function are hidden.
func TestARoomIsReadWithoutJavaScript(t *testing.T) {
	t.Parallel()
	world, browser := chattest.NewWorld(t), NewBrowser(t)
	bot := world.Connect("bot", "")
	bot.Says("hello from before")
	bot.Hears("bot connected to chat", "bot: hello from before")
	watch := world.Connect("bot", "room=night-watch")
	watch.Says("all quiet")
	watch.Hears("bot connected to chat", "bot: all quiet")
	ann := browser.Person()
	ann.Size(360, 740)
	if err := (proto.EmulationSetScriptExecutionDisabled{Value: true}).Call(ann.page); err != nil {
		t.Fatal(err)
	}
	ann.Begins(world.URL("/"))
	ann.Shows("join", "Chatting needs JavaScript")
	ann.Shows("message-text", "hello from before")
	ann.Sees("a time that can be understood", `() => { const time = document.querySelector('time'); return time !== null && getComputedStyle(time).visibility === 'visible' && / UTC$/.test(time.textContent); }`)
	ann.Sees("no dead controls", `() => [...document.querySelectorAll('button, textarea, copy-button')].filter((control) => control.checkVisibility())
		.every((control) => control.closest('form') || control.matches('.message-author'))`)
	ann.NoSideways()
	// rod's click waits for animation frames, which a page without JavaScript does not
	// request.
	ann.Link("Night watch").MustEval(`() => this.click()`)
	ann.Shows("message-text", "all quiet")
	ann.Shows("room-title", "Night watch")
	ann.Labelled("Name").MustEval(`() => { this.value = 'a/b'; }`)
	ann.Button("Connect").MustEval(`() => this.click()`)
	ann.Shows("join", "A name cannot contain the characters : / or \\.")
}

// Opening the page again, in this tab or in another, does not sign people out.
// Disconnect does, and so does an address with a name.
func TestASignedInPersonComesBackIn(t *testing.T) {
	t.Parallel()
	world, browser := chattest.NewWorld(t), NewBrowser(t)
	ann := browser.Person()
	ann.Opens(world.URL("/"))
	ann.Shows("join", "Join the chat")
	ann.Connects("Ann", "25")
	ann.Opens(world.URL("/rooms/night-watch"))
	ann.Shows("status", "Connected")
	ann.Members("Ann")
	ann.Shows("member", "25")

	// A second tab is Ann as well, until somebody else signs in there; then each tab keeps
	// its user.
	second := browser.Another(ann)
	second.Opens(world.URL("/"))
	second.Shows("status", "Connected")
	second.Shows("me", "Ann")
	second.Button("Disconnect").MustClick()
	second.Shows("status", "Disconnected")
	second.Opens(world.URL("/"))
	second.Shows("join", "Join the chat")
	second.Opens(world.URL("/?name=Bob&age=30"))
	second.Shows("join", "Join the chat")
	second.Button("Connect").MustClick()
	second.Shows("me", "Bob")
	second.Sees("the address of the room alone", `() => location.pathname === '/' && location.search === ''`)
	second.Reloads()
	second.Shows("status", "Connected")
	second.Shows("me", "Bob")
	ann.Reloads() // the browser's cookie has changed to Bob
	ann.Shows("status", "Connected")
	ann.Shows("me", "Ann")
}

// After a reload, the first paint has the outbox before the server answers, and a
// message that was stored after all appears only once.
func TestTheFirstPaintShowsTheOutbox(t *testing.T) {
	t.Parallel()
	world, browser := chattest.NewWorld(t), NewBrowser(t)
	ann := browser.Person()
	ann.Opens(world.URL("/"))
	ann.Connects("Ann", "")
	ann.Says("stored")
	ann.Hears("Ann: stored")
	ann.page.MustEval(`() => {
		const { id } = document.querySelector('[data-testid=message]').dataset;
		const draft = { id, user: 'Ann', room: 'lobby', text: 'stored', at: 1, failed: '', final: false };
		localStorage.setItem('chatserver.outbox.' + id, JSON.stringify(draft)); // as if the answer had been lost
	}`)
	ann.Reloads()
	ann.Shows("status", "Connected")
	ann.Hears("Ann: stored")
	ann.Writes()
	ann.Sees("it once", `() => document.querySelectorAll('[data-testid=message]').length === 1`)
}

// The page arrives in parts. The composer, which comes before the list, is painted at
// its final place, even before the list has arrived.
func TestTheComposerStaysInItsPlaceWhileThePageArrives(t *testing.T) {
	t.Parallel()
	world, browser := chattest.NewWorld(t), NewBrowser(t)
	ann := browser.Person()
	ann.Opens(world.URL("/"))
	ann.Connects("Ann", "")
	ann.HoldsModules()
	if err := (proto.NetworkSetBypassServiceWorker{Bypass: true}).Call(ann.page); err != nil {
		t.Fatal(err)
	}
	for _, screen := range [][2]int{{1280, 800}, {800, 600}, {360, 640}} {
		ann.Size(screen[0], screen[1])
		ann.Begins(world.URL("/"))
		ann.Sees("the whole page", `() => document.readyState !== 'loading'`)
		if wrong := ann.page.MustEval(`() => {
			const composer = document.querySelector('message-composer');
			const place = () => { const { top, height } = composer.getBoundingClientRect(); return 'at ' + top + ', ' + height + ' high'; };
			const whole = place();
			for (let part = composer; part !== document.body; part = part.parentElement) {
				for (let next = part.nextElementSibling; next; next = next.nextElementSibling) next.style.display = 'none'; // it has not arrived
			}
			return document.querySelector('message-list').checkVisibility() ? 'with the list' : place() === whole ? '' : place() + ' instead of ' + whole;
		}`).Str(); wrong != "" {
			t.Errorf("at %v, when only the first part of the page has arrived, the composer is %s", screen, wrong)
		}
	}
}

// A slow network delays a reader by less than a second.
func TestASlowNetworkDelaysAReaderLessThanASecond(t *testing.T) {
	t.Parallel()
	world, browser := chattest.NewWorld(t), NewBrowser(t)
	bot := world.Connect("bot", "")
	for i := range 50 {
		bot.Says(fmt.Sprintf("line %d %s", i, strings.Repeat("word ", i%40)))
	}
	ann := browser.Person()
	ann.Size(360, 740)
	ann.Opens(world.URL("/"))
	ann.Connects("Ann", "")
	ann.Hears("bot: line 49 word word word word word word word word word ")
	ann.Evaluates(`window.largest = 0; new PerformanceObserver((list) => { for (const { startTime } of list.getEntries()) window.largest = startTime; }).observe({ type: 'largest-contentful-paint', buffered: true });`)
	// The emulated network applies to the page, not to its worker.
	if err := (proto.NetworkSetBypassServiceWorker{Bypass: true}).Call(ann.page); err != nil {
		t.Fatal(err)
	}
	// The machine's own time does not count.
	unhurried := ann.quickestPaint(world.URL("/"))
	if err := (proto.NetworkSetCacheDisabled{CacheDisabled: true}).Call(ann.page); err != nil {
		t.Fatal(err)
	}
	slow := proto.NetworkEmulateNetworkConditions{Latency: 150, DownloadThroughput: 1.6e6 / 8, UploadThroughput: 750e3 / 8}
	if err := (proto.NetworkEnable{}).Call(ann.page); err != nil {
		t.Fatal(err)
	}
	if err := slow.Call(ann.page); err != nil {
		t.Fatal(err)
	}
	hurried := ann.quickestPaint(world.URL("/"))
	chattest.Figure(t, "page", "largest paint on a slow line after %.0f ms, without the line after %.0f", hurried, unhurried)
	if added := hurried - unhurried; chattest.Exceeds(time.Duration(added)*time.Millisecond, time.Second) {
		t.Errorf("the slow network delays the largest paint by %.0f ms", added)
	}
}

// quickestPaint returns the time of a page's largest paint in ms, the smallest of
// several: a busy machine can only increase it.
func (tab *Tab) quickestPaint(url string) float64 {
	tab.t.Helper()
	quickest := math.Inf(1)
	for range 3 {
		tab.Opens(url)
		tab.Shows("status", "Connected")
		tab.Sees("a paint", `() => window.largest > 0`)
		quickest = min(quickest, tab.page.MustEval(`() => window.largest`).Num())
	}
	return quickest
}
